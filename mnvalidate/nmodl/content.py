"""What of an NMODL text reaches the compiler: comments, TITLE and white space do not."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from mnvalidate.nmodl.text import without_comments

_VERBATIM = re.compile(r"(\bVERBATIM\b.*?\bENDVERBATIM\b)", re.DOTALL)
_TOKEN = re.compile(r"\w+|[^\w\s]")


@lru_cache(maxsize=1024)
def compiled_content(text: str) -> str:
    """Return the same for two texts that compile to the same.

    Lines of C in VERBATIM count as they are, since line ends matter to its preprocessor.
    """
    parts = _VERBATIM.split(without_comments(text))
    return "\n".join(
        part if index % 2 else " ".join(_TOKEN.findall(part)) for index, part in enumerate(parts)
    )


def content_digest(text: str) -> str:
    """SHA-256 of `compiled_content`."""
    return hashlib.sha256(compiled_content(text).encode("utf-8", errors="surrogateescape")).hexdigest()
