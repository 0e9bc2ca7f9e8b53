"""Text in which nothing is Markdown."""

from __future__ import annotations

import re

from mnvalidate.report.wording import cropped

MOST_ROWS = 40
"""Rows that a table of a summary may have."""

_LONGEST_TEXT = 300
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~&$@])")


def escaped(text: str) -> str:
    """Return one line of text in which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", cropped(text, _LONGEST_TEXT))
