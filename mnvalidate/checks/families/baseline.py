"""Every quantity of every neuron against the baseline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mnvalidate.baseline.comparison import (
    NO_LIMITS,
    Change,
    Direction,
    Kind,
    Limits,
    compare_measurements,
)
from mnvalidate.baseline.state import FAMILY_NAME, THRESHOLD
from mnvalidate.baseline.tolerance import Tolerance, shipped_tolerance, threshold_measurement
from mnvalidate.checks.check import Chapter, Check, Family, Planning, PoolOutline
from mnvalidate.checks.families.range import RangeCriterion
from mnvalidate.checks.values import measured, missing_text, record_of, with_unit
from mnvalidate.literature.criteria import Reference
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Measurement, Record
from mnvalidate.verdicts import Conclusion, Severity, Subject, Verdict

_CONCLUSIONS = {
    Kind.SAME: Conclusion.CONFORMS,
    Kind.MOVED: Conclusion.DEVIATES,
    Kind.CAME: Conclusion.DEVIATES,
    Kind.OTHERWISE: Conclusion.DEVIATES,
    Kind.WENT: Conclusion.NOT_MEASURED,
    Kind.UNKNOWN: Conclusion.NOT_JUDGED,
}


@dataclass(frozen=True)
class BaselineCheck(Check):
    """One quantity of one neuron, as it was and as it is.

    Parameters
    ----------
    pool : PoolOutline
        The pool.
    neuron : int
        Index of the neuron.
    quantity : str
        The quantity, or ``recruitment_threshold``.
    before : Measurement or None
        What the baseline has of it; None for a quantity that its mnvalidate did not measure.
    tolerance : Tolerance
        What is no change.
    limits : tuple of float or None
        The literature's range for any motoneuron.
    """

    family: ClassVar[str] = FAMILY_NAME
    pool: PoolOutline
    neuron: int
    quantity: str
    before: Measurement | None
    tolerance: Tolerance
    limits: Limits = NO_LIMITS

    @property
    def subject(self) -> Subject:
        """See `Check.subject`."""
        return self.pool.neuron(self.neuron)

    @property
    def id(self) -> str:
        """See `Check.id`."""
        return f"{self.subject.label}-{self.quantity}"

    @property
    def needs(self) -> tuple[str, ...]:
        """See `Check.needs`."""
        return (self.quantity,)

    def __call__(self, evidence: Sequence[Record]) -> Verdict:
        """See `Check.__call__`: without a record something has gone wrong that no child could tell."""
        record = record_of(evidence, self.neuron)
        name = f"{self.pool.model} neuron {self.neuron}"
        if record is None:
            return self._accident(self.subject, f"{name}: there is no record of this neuron")
        threshold = record.recruitment_threshold
        name = f"{name} (recruitment threshold {threshold:.4g})"
        subject = replace(self.subject, recruitment_threshold=threshold)
        after = _now(record, self.quantity)
        if after is not None and after.outcome.is_accident:
            said = missing_text(self.quantity, measured(record, self.quantity))
            return self._accident(subject, f"{name}: {said}")
        place = (self.pool.model, self.neuron)
        if after is None and self.before is None:
            change = Change(*place, self.quantity, _unit(self.quantity), Kind.UNKNOWN)
        else:
            change = compare_measurements(place, self.before, after, self.tolerance, self.limits)
        lower = upper = None
        if change.before is not None and change.after is not None:
            lower, upper = change.before - change.allowed, change.before + change.allowed
        return Verdict(
            check=self.full_id,
            family=self.family,
            subject=subject,
            quantity=self.quantity,
            conclusion=_CONCLUSIONS[change.kind],
            severity=Severity.ERROR,
            message=f"{name}: {change_text(change)}",
            value=change.after,
            unit=_unit(self.quantity),
            lower=lower,
            upper=upper,
            before=change.before,
        )

    def _accident(self, subject: Subject, message: str) -> Verdict:
        return Verdict(
            check=self.full_id,
            family=self.family,
            subject=subject,
            quantity=self.quantity,
            conclusion=Conclusion.NOT_MEASURED,
            severity=Severity.ERROR,
            message=message,
            accident=True,
            unit=_unit(self.quantity),
            before=None if self.before is None else self.before.value,
        )


def change_text(change: Change) -> str:
    """Say what a quantity was, what it is, and what was allowed."""
    name, unit = change.quantity, change.unit
    if change.kind is Kind.UNKNOWN:
        where = "the baseline" if change.outcome_after else "this run"
        return f"{name} is not compared: {where} does not have it"
    if change.kind is Kind.WENT:
        return f"{name} was {with_unit(change.before or 0.0, unit)} and has no value now: {change.reason}"
    if change.kind is Kind.CAME:
        return f"{name} had no value and is {with_unit(change.after or 0.0, unit)} now ({change.reason} then)"
    if change.kind is Kind.OTHERWISE:
        before, after = (o.replace("_", " ") for o in (change.outcome_before, change.outcome_after))
        return f"{name} was {before} and is {after} now: {change.reason}"
    if change.before is None or change.after is None:
        return f"{name} has no value, as in the baseline: {change.reason}"
    percent = f", {100 * change.relative:+.3g} %" if change.before else ""
    moved = f"from {change.before:.6g} to {change.after:.6g}"
    allowed = f"allowed is {with_unit(change.allowed, unit)}"
    if change.kind is Kind.SAME:
        return f"{name} = {change.after:.6g} as in the baseline ({change.before:.6g}{percent}; {allowed})"
    direction = f", {change.direction}" if change.direction is not Direction.NOWHERE else ""
    difference = with_unit(change.difference, unit)
    sign = "+" if change.difference > 0 else ""
    return f"{name} moved {moved} ({sign}{difference}{percent}){direction}; {allowed}"


def literature_limits(reference: Reference, species: str) -> dict[str, Limits]:
    """Return the range of any motoneuron of each quantity that has one."""
    found: dict[str, Limits] = {}
    for c in reference.of_kind(species, RangeCriterion):
        if c.scope == "pool":
            predicted = reference.predicted(species, c.id)
            lower, upper = NO_LIMITS if predicted is None else predicted.scattered.at(1)
            found[c.quantity] = (
                lower if c.lower is None else c.lower.value,
                upper if c.upper is None else c.upper.value,
            )
    return found


def plan(planning: Planning) -> Iterable[BaselineCheck]:
    """One check for each neuron and each quantity, the recruitment threshold among them."""
    if planning.baseline is None:
        return []
    limits = literature_limits(planning.reference, planning.species)
    tolerance = replace(shipped_tolerance(), widened=planning.baseline.widened)
    checks = []
    for pool in planning.pools:
        state = planning.baseline.pool(pool.model)
        for old in () if state is None else state.neurons:
            known = {THRESHOLD: threshold_measurement(old.recruitment_threshold), **old.measurements}
            checks += [
                BaselineCheck(pool, old.neuron, name, known.get(name), tolerance, limits.get(name, NO_LIMITS))
                for name in dict.fromkeys((THRESHOLD, *QUANTITIES, *old.measurements))
            ]
    return checks


def _now(record: Record, quantity: str) -> Measurement | None:
    if quantity == THRESHOLD:
        return threshold_measurement(record.recruitment_threshold)
    return record.measurement(quantity)


def _unit(quantity: str) -> str:
    return QUANTITIES[quantity].unit if quantity in QUANTITIES else "1"


FAMILY = Family(
    name=BaselineCheck.family,
    title="Changes since the baseline",
    statement="A quantity of one neuron is what it was when the baseline was saved, within its resolution.",
    chapter=Chapter.BASELINE,
    plan=plan,
)
