"""Every neuron against the range of the species' motoneurons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.subjects import NeuronCheck
from mnvalidate.checks.values import (
    Missing,
    cited,
    inside,
    interval,
    measured,
    miss,
    missing_text,
    title,
    with_unit,
)
from mnvalidate.literature.criteria import Criterion, Statistics
from mnvalidate.literature.limits import Limit
from mnvalidate.literature.predictions import Limits, Prediction
from mnvalidate.literature.sampling import Columns
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True, kw_only=True)
class RangeCriterion(Criterion):
    """Limits of a quantity of one neuron.

    Parameters
    ----------
    quantity, unit : str
        Quantity and its unit.
    scope : {"pool", "S", "FR", "FF"}
        Every neuron, or those of one motor-unit type.
    voltage_frame : {"any", "absolute"}
        ``absolute`` if the quantity means nothing where the model counts voltage from rest.
    lower, upper : Limit, optional
        Limits that hold for pools of any size, each included in the range. Without them, the range is that of
        the extremes of as many motoneurons as the pool has.
    """

    quantity: str
    unit: str
    scope: str
    voltage_frame: str = "any"
    lower: Limit | None = None
    upper: Limit | None = None

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity,)

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return f"{'every neuron' if self.scope == 'pool' else f'type {self.scope}'}, in {self.unit}"

    @property
    def is_predicted(self) -> bool:
        """See `Criterion.is_predicted`."""
        return self.scope == "pool" and not self.limits

    def statistics(self, columns: Columns) -> Statistics:
        """See `Criterion.statistics`: the extremes of a pool."""
        values = columns[self.quantity]
        return values.min(axis=1), values.max(axis=1)

    def problems(self) -> Iterable[str]:
        """See `Criterion.problems`."""
        wanted = QUANTITIES[self.quantity].unit
        if self.unit != wanted:
            yield f"unit: is {self.unit!r}, must be {wanted!r}"
        if self.scope != "pool" and not self.limits:
            yield "lower, upper: a motor-unit type needs limits"


@dataclass(frozen=True)
class RangeCheck(NeuronCheck[RangeCriterion]):
    """One quantity of one neuron against the range for every neuron.

    Parameters
    ----------
    predicted : Prediction, optional
        Extremes of pools of the species; None where the criterion gives limits.
    """

    family: ClassVar[str] = "range"
    predicted: Prediction | None

    @property
    def unit(self) -> str:
        """See `CriterionCheck.unit`."""
        return self.criterion.unit

    def judge(self, record: Record, records: Sequence[Record]) -> Verdict:
        """See `NeuronCheck.judge`."""
        about = self.criterion.about
        if self.predicted is None:
            return self.judge_by(self.criterion, f"{about}, any motoneuron", record)
        n = self.pool.n_neurons
        many = "any motoneuron" if n == 1 else f"extremes of {n} motoneurons"
        return self.judge_by(self.criterion, f"{about}, {many}", record, self.predicted.scattered.at(n))

    def judge_by(
        self, criterion: RangeCriterion, scope: str, record: Record, predicted: Limits = (None, None)
    ) -> Verdict:
        """Judge the neuron's record by a range that holds for neurons of this scope."""
        what = title(criterion.quantity)
        value = measured(record, criterion.quantity)
        if isinstance(value, Missing):
            return self.conclude(value.conclusion, missing_text(what, value), rule=criterion)
        if criterion.voltage_frame == "absolute" and record.voltage_frame == "relative":
            reason = f"{what} is not judged: the model counts voltage from rest"
            return self.conclude(Conclusion.NOT_JUDGED, reason, rule=criterion)
        lower = predicted[0] if criterion.lower is None else criterion.lower.value
        upper = predicted[1] if criterion.upper is None else criterion.upper.value
        stated = f"{what} = {with_unit(value, self.unit)}"
        limits = f"{interval(lower, upper, self.unit)} ({scope}; {cited(criterion)})"
        if inside(value, lower, upper):
            conclusion, message = Conclusion.CONFORMS, f"{stated} lies within {limits}"
        else:
            missed = miss(value, lower, upper, self.unit)
            conclusion, message = Conclusion.DEVIATES, f"{stated} is {missed}; the range is {limits}"
        return self.conclude(conclusion, message, value, (lower, upper), rule=criterion)


def plan(planning: Planning) -> Iterable[RangeCheck]:
    """One check for each neuron and each quantity that has a range for any motoneuron."""
    reference, species = planning.reference, planning.species
    criteria = reference.of_kind(species, RangeCriterion)
    return [
        RangeCheck(pool, criterion, neuron, reference.predicted(species, criterion.id))
        for pool in planning.pools
        for neuron in range(pool.n_neurons)
        for criterion in criteria
        if criterion.scope == "pool"
    ]


FAMILY = Family(
    name=RangeCheck.family,
    title="Ranges of any motoneuron",
    statement="A quantity of one neuron lies within the range of the species' motoneurons.",
    chapter=Chapter.RANGES,
    plan=plan,
    section="ranges",
    criterion=RangeCriterion,
)
