"""Names that were nearly right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MOST = 30
"""Names that a sentence can hold where none is near."""


def close_names(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that an unknown one was probably meant for, nearest first."""
    return difflib.get_close_matches(name, list(known), n=2, cutoff=0.75)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names what is nearest to an unknown name, or all if they are few."""
    by_lower = {other.lower(): other for other in sorted(known)}
    near = [by_lower[match] for match in difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.4)]
    names = near or sorted(by_lower.values())
    if not names or len(names) > _MOST:
        return ""
    return f"; {'the nearest are' if near else 'there are'} {', '.join(names)}"
