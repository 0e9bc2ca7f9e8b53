"""Numbers, limits and checks in the words of every report."""

from __future__ import annotations

from collections.abc import Iterable

from mnvalidate.verdicts import Conclusion, Verdict


def number(value: float | None) -> str:
    """Four significant digits, or nothing."""
    return "" if value is None else f"{value:.4g}"


def limits(lower: float | None, upper: float | None) -> str:
    """Both limits, or the one there is."""
    if lower is None and upper is None:
        return ""
    if lower is None:
        return f"<= {upper:g}"
    if upper is None:
        return f">= {lower:g}"
    return f"{lower:.4g} to {upper:.4g}"


def with_unit(text: str, unit: str) -> str:
    """Append a unit, if there is one."""
    return text if not text or unit in ("", "1") else f"{text} {unit}"


def status(verdict: Verdict) -> str:
    """How it ended, as one word or two that stand for themselves without colour."""
    return verdict.status


def relative_margin(verdict: Verdict) -> float:
    """How far outside its limits a value lies, as a fraction of the limit; the measure of what is worst."""
    if verdict.value is None or not verdict.margin:
        return 0.0
    limit = verdict.lower if verdict.lower is not None and verdict.value < verdict.lower else verdict.upper
    return verdict.margin / abs(limit) if limit else float("inf")


def cropped(text: str, most: int) -> str:
    """One line of at most `most` characters without control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else line[: most - 3] + "..."


def counted(number: int, what: str) -> str:
    """Return a number of things, which are several unless it is 1."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


RANK = {
    "error": 0,
    "warning": 1,
    "info": 2,
    "excused": 3,
    "not judged": 4,
    "conforms": 5,
    "not applicable": 6,
}
"""Order in which statuses are listed."""


def worst_first(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Errors before warnings, and those farthest outside first."""
    return sorted(
        verdicts,
        key=lambda v: (
            RANK[status(v)],
            v.conclusion is not Conclusion.NOT_MEASURED,
            -relative_margin(v),
            v.check,
        ),
    )
