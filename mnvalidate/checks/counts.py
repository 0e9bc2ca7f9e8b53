"""How many checks were expected, measured, judged and excused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mnvalidate.checks.base import Check
from mnvalidate.verdicts import Conclusion, Severity, Verdict


@dataclass(frozen=True, slots=True)
class Count:
    """Checks of one quantity of one model.

    Parameters
    ----------
    model, quantity : str
        What was checked.
    expected : int
        Checks with a verdict, whatever it is.
    measured : int
        Those whose value exists.
    judged : int
        Those whose value was compared with limits.
    deviating : int
        Those outside, excused or not.
    excused : int
        Those outside that are known.
    errors, warnings : int
        Those that are outside or not measured, not excused, by severity.
    """

    model: str
    quantity: str
    expected: int
    measured: int
    judged: int
    deviating: int
    excused: int
    errors: int
    warnings: int


def count_verdicts(verdicts: Iterable[Verdict]) -> tuple[Count, ...]:
    """Count verdicts by model and quantity, in the order in which these first appear."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault((verdict.model, verdict.quantity), []).append(verdict)
    return tuple(_count(model, quantity, group) for (model, quantity), group in groups.items())


def unjudged(checks: Iterable[Check], verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """Full ids of the checks that were planned and have no verdict."""
    concluded = {verdict.check for verdict in verdicts}
    return tuple(check.full_id for check in checks if check.full_id not in concluded)


def _count(model: str, quantity: str, verdicts: Sequence[Verdict]) -> Count:
    bad = [
        v
        for v in verdicts
        if v.conclusion in (Conclusion.DEVIATES, Conclusion.NOT_MEASURED) and not v.excused
    ]
    return Count(
        model=model,
        quantity=quantity,
        expected=len(verdicts),
        measured=sum(v.conclusion is not Conclusion.NOT_MEASURED for v in verdicts),
        judged=sum(v.judged for v in verdicts),
        deviating=sum(v.conclusion is Conclusion.DEVIATES for v in verdicts),
        excused=sum(bool(v.excused) for v in verdicts),
        errors=sum(v.severity is Severity.ERROR for v in bad),
        warnings=sum(v.severity is Severity.WARNING for v in bad),
    )
