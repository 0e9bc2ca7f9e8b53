"""Quantities that are definitions of one property, and what a verdict owes to the one that it judges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from mnvalidate.checks.values import title, with_unit
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict

DEFINITIONS: tuple[tuple[str, ...], ...] = (
    ("Rin_50ms__MOhm", "Rin_rest__MOhm", "Rin__MOhm"),
    ("AHPdur_5pct__ms", "AHPdur__ms"),
    ("FI_primary_gain__Hz_per_nA", "FI_gain__Hz_per_nA"),
    ("tau__ms", "tau_single_exp__ms"),
    ("Ir__nA", "I_repetitive__nA"),
)
"""Definitions of input resistance, AHP duration, F-I gain, time constant and rheobase. The first of each is
what experiments used: pulses of 50 ms within the linear range, return to within a small part of the AHP, the
primary range, equalisation taken off, the pulse of 50 ms."""

_WOULD = {Conclusion.CONFORMS: "conform", Conclusion.DEVIATES: "deviate"}


def other_definitions(quantity: str) -> tuple[str, ...]:
    """Other quantities that are definitions of the same property."""
    group = next((names for names in DEFINITIONS if quantity in names), ())
    return tuple(name for name in group if name != quantity)


def same_property(quantity: str, other: str) -> bool:
    """Whether two quantities are one, or definitions of the same property."""
    return other == quantity or other in other_definitions(quantity)


def by_definition(record: Record, quantity: str, other: str) -> Record:
    """Return the record with a quantity measured by another definition of it."""
    measurement = record.measurements.get(other)
    if measurement is None:
        return record
    taken = replace(measurement, quantity=quantity)
    results = tuple(
        replace(
            result,
            measurements=tuple(taken if m.quantity == quantity else m for m in result.measurements),
        )
        for result in record.results
    )
    return replace(record, results=results)


def what_definitions_decide(
    verdict: Verdict,
    needs: Iterable[str],
    records: Sequence[Record],
    judge: Callable[[Sequence[Record]], Verdict],
) -> str:
    """Say which other definition of a quantity would turn a verdict, and by how much it differs.

    Parameters
    ----------
    verdict : Verdict
        The verdict.
    needs : iterable of str
        Quantities that it rests on.
    records : sequence of Record
        What was judged.
    judge : callable
        Judges such records again.

    Returns
    -------
    str
        A clause for each such definition; empty where none would turn the verdict.
    """
    if not verdict.judged:
        return ""
    said = []
    for quantity in needs:
        for other in other_definitions(quantity):
            if all(record.value(other) is None for record in records):
                continue
            turned = judge([by_definition(record, quantity, other) for record in records])
            if turned.judged and turned.conclusion is not verdict.conclusion:
                said.append(f"; {_clause(other, turned, verdict)}")
    return "".join(said)


def _clause(other: str, turned: Verdict, verdict: Verdict) -> str:
    found = f"the definition decides: by {title(other)} it would {_WOULD[turned.conclusion]}"
    if turned.value is None or verdict.value is None:
        return found
    difference = turned.value - verdict.value
    share = f" ({100 * abs(difference / verdict.value):.3g} %)" if verdict.value else ""
    by = f"{with_unit(abs(difference), verdict.unit)}{share} {'more' if difference > 0 else 'less'}"
    return f"{found}, with {with_unit(turned.value, verdict.unit)}, {by}"
