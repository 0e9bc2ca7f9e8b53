"""The summary at the end of a pytest run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mnvalidate.records import Outcome, Record
from mnvalidate.verdicts import Conclusion, Severity, Verdict


def summary_lines(
    model: str, records: Sequence[Record], verdicts: Iterable[Verdict], expected: int
) -> list[str]:
    """Describe what was seen in one pool.

    Parameters
    ----------
    model : str
        Name of the model.
    records : sequence of Record
        The pool's records.
    verdicts : iterable of Verdict
        Verdicts on this pool.
    expected : int
        Number of checks planned for it.

    Returns
    -------
    list of str
        Lines of at most 80 characters, long reasons excepted.
    """
    verdicts = list(verdicts)
    lines = [f"{model}: {_measured(records)}"]
    ranges = _by_quantity(v for v in verdicts if v.check.startswith("range["))
    if ranges:
        lines.append(f"  {'quantity':<28}{'seen':<20}{'literature':<16}{'deviating':>9}")
        lines += [_range_line(quantity, group) for quantity, group in ranges.items()]
    lines += [f"  {v.check}: {v.message}" for v in verdicts if v.check.startswith("trend[")]
    lines += _unmeasured(records)
    lines.append(f"  {counts(verdicts, expected)}")
    return lines


def counts(verdicts: Sequence[Verdict], expected: int) -> str:
    """Count checks by how they ended."""
    deviating = [v for v in verdicts if v.conclusion is Conclusion.DEVIATES]
    warnings = sum(v.severity is not Severity.ERROR for v in deviating)
    unmeasured = sum(v.conclusion is Conclusion.NOT_MEASURED for v in verdicts)
    judged = sum(v.judged for v in verdicts)
    return (
        f"checks: {expected} expected, {len(verdicts)} run, {len(verdicts) - unmeasured} measured, "
        f"{judged} judged, {len(deviating)} deviating" + (f" ({warnings} as warnings)" if warnings else "")
    )


def _measured(records: Sequence[Record]) -> str:
    complete = sum(record.provenance is not None for record in records)
    return f"{complete} of {len(records)} neurons measured"


def _by_quantity(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.quantity, []).append(verdict)
    return groups


def _range_line(quantity: str, verdicts: Sequence[Verdict]) -> str:
    values = [v.value for v in verdicts if v.value is not None]
    seen = f"{min(values):.4g} - {max(values):.4g}" if values else "-"
    limits = next(((v.lower, v.upper) for v in verdicts if (v.lower, v.upper) != (None, None)), (None, None))
    band = " - ".join("" if limit is None else f"{limit:g}" for limit in limits)
    deviating = sum(v.conclusion is Conclusion.DEVIATES for v in verdicts)
    judged = sum(v.judged for v in verdicts)
    return f"  {quantity:<28}{seen:<20}{band:<16}{f'{deviating}/{judged}':>9}"


def _unmeasured(records: Sequence[Record]) -> list[str]:
    """Crashes and timeouts by neuron, each with the end of what its process printed."""
    lines = []
    for record in records:
        failed = [
            m for m in record.measurements.values() if m.outcome in (Outcome.CRASHED, Outcome.TIMED_OUT)
        ]
        if failed:
            lines.append(f"  neuron {record.neuron}: {failed[0].reason}")
            lines += [f"    | {line}" for line in record.stderr_tail.splitlines()[-3:]]
    return lines
