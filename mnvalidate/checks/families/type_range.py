"""Every neuron against the range of its motor-unit type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.families.range import RangeCheck, RangeCriterion
from mnvalidate.checks.values import in_order_of_recruitment
from mnvalidate.literature.criteria import TypeFraction
from mnvalidate.records import MotorUnitType, Record
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True)
class TypeRangeCheck(RangeCheck):
    """One quantity of one neuron against the range of its motor-unit type.

    Parameters
    ----------
    by_type : tuple of RangeCriterion
        Ranges of the types that have one; `criterion` is the first of them.
    shares : tuple of TypeFraction
        Shares of the types, in order of recruitment.
    """

    family: ClassVar[str] = "type_range"
    by_type: tuple[RangeCriterion, ...]
    shares: tuple[TypeFraction, ...]

    def judge(self, record: Record, records: Sequence[Record]) -> Verdict:
        """See `NeuronCheck.judge`."""
        unit_type, how = record.motor_unit_type, "as the model states it"
        if unit_type is None:
            place = [r.neuron for r in in_order_of_recruitment(records)].index(record.neuron)
            unit_type, how = (
                motor_unit_type(self.shares, place, self.pool.n_neurons),
                "by order of recruitment",
            )
        if unit_type is None:
            reason = f"a pool of {self.pool.n_neurons} is too small to be divided into motor-unit types"
            return self.conclude(Conclusion.NOT_JUDGED, f"{self.criterion.quantity} by type: {reason}")
        criterion = next((c for c in self.by_type if c.scope == unit_type), None)
        if criterion is None:
            message = f"{self.criterion.quantity} by type: no reference for type {unit_type}"
            return self.conclude(Conclusion.NOT_JUDGED, message)
        verdict = self.judge_by(criterion, f"{criterion.species}, type {unit_type} {how}", record)
        return replace(verdict, scope=unit_type)


def motor_unit_type(shares: Sequence[TypeFraction], place: int, n_neurons: int) -> MotorUnitType | None:
    """Motor-unit type of a neuron by its place in the order of recruitment.

    The middle of the neuron's share of the pool decides. None where types are unknown, and in a pool so
    small that a type would have no neuron.
    """
    if any(share.fraction * n_neurons < 1 for share in shares):
        return None
    middle = (place + 0.5) / n_neurons
    reached = 0.0
    for share in shares:
        reached += share.fraction
        if middle < reached:
            return share.type
    return None


def plan(planning: Planning) -> Iterable[TypeRangeCheck]:
    """One check for each neuron and each quantity that has a range for some type."""
    by_quantity: dict[str, list[RangeCriterion]] = {}
    for criterion in planning.reference.of_kind(planning.species, RangeCriterion):
        if criterion.scope != "pool":
            by_quantity.setdefault(criterion.quantity, []).append(criterion)
    shares = planning.reference.type_fractions.get(planning.species, ())
    return [
        TypeRangeCheck(pool, criteria[0], neuron, None, tuple(criteria), shares)
        for pool in planning.pools
        for neuron in range(pool.n_neurons)
        for criteria in by_quantity.values()
    ]


FAMILY = Family(
    name=TypeRangeCheck.family,
    title="Ranges of motor-unit types",
    statement="A quantity of one neuron lies within the range of its motor-unit type.",
    chapter=Chapter.RANGES,
    plan=plan,
)
