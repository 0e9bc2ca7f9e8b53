"""What was found, as one sentence for all that is alike: the same in terminal, page and Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from mnvalidate.report.kinds import Kind, short
from mnvalidate.report.wording import number, status, with_unit
from mnvalidate.verdicts import Conclusion, Verdict

_BARE = ("range", "type_range")


def sentence(kind: Kind) -> str:
    """Say what was found: ``rate_min below 4 Hz in 18 of 20 neurons (3.2 to 3.9 Hz, worst n01)``.

    Why several neurons have no value is not repeated for each criterion: every report lists the reasons once.
    """
    worst = kind.worst
    found = [verdict for verdict in kind.verdicts if verdict.found and status(verdict) == kind.status]
    if worst.conclusion is Conclusion.NOT_MEASURED and not worst.accident and len(kind.verdicts) > 1:
        return f"{_subject(kind)} not measured{_where(kind, found)}"
    if worst.conclusion is not Conclusion.DEVIATES or worst.accident or worst.value is None:
        return f"{_subject(kind)}{_where(kind, found)}: {worst.message or kind.status}"
    if worst.subject.neuron is None:
        is_named = worst.family.endswith(kind.family.value)
        value = kind.seen if is_named else f"{kind.family.value} {kind.seen}"
        return f"{_subject(kind)}: {with_unit(value, worst.unit)}, {_side(found)}"
    seen = _span([verdict.value for verdict in found if verdict.value is not None])
    span = with_unit(seen, worst.unit)
    if len(kind.verdicts) > 1:
        span += f", worst {_label(worst)}"
    return f"{_subject(kind)} {_side(found)}{_where(kind, found)} ({span})"


def _subject(kind: Kind) -> str:
    """What is judged, without units; by which family, where that is not the range of a quantity."""
    worst = kind.worst
    what = f"{short(kind.quantities)} of type {worst.scope}" if worst.scope else short(kind.quantities)
    return what if worst.family in _BARE else f"{worst.family.replace('_', ' ')} {what}"


def _side(found: Sequence[Verdict]) -> str:
    """On which side of which limit the values lie."""
    below = {v.lower for v in found if _is_below(v)}
    above = {v.upper for v in found if not _is_below(v)}
    unit = found[0].unit
    sides = [
        f"{word} {with_unit(number(next(iter(limits))), unit) if len(limits) == 1 else 'its limit'}"
        for word, limits in (("below", below), ("above", above))
        if limits
    ]
    return " or ".join(sides)


def _is_below(verdict: Verdict) -> bool:
    return verdict.lower is not None and verdict.value is not None and verdict.value < verdict.lower


def _where(kind: Kind, found: Sequence[Verdict]) -> str:
    if kind.worst.subject.neuron is None:
        return ""
    if len(kind.verdicts) == 1:
        return f" in {_label(kind.worst)}"
    return f" in {len(found)} of {len(kind.verdicts)} neurons"


def _label(verdict: Verdict) -> str:
    """Short name of a neuron in its pool: ``n03``."""
    return verdict.subject.label.removeprefix(f"{verdict.subject.name}-")


def _span(values: Sequence[float]) -> str:
    low, high = number(min(values)), number(max(values))
    return low if low == high else f"{low} to {high}"
