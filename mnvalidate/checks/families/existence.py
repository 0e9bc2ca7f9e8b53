"""What every motoneuron has: where it cannot be measured, whatever else was is not of a motoneuron."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.subjects import NeuronCheck
from mnvalidate.checks.values import Missing, measured, missing_text, title, with_unit
from mnvalidate.literature.criteria import ConsistencyCriterion
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True, kw_only=True)
class ExistenceCriterion(ConsistencyCriterion):
    """A quantity has a value in every neuron.

    Parameters
    ----------
    quantity : str
        The quantity.
    """

    quantity: str

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity,)

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return "every neuron has a value"


@dataclass(frozen=True)
class ExistenceCheck(NeuronCheck[ExistenceCriterion]):
    """Whether a quantity of one neuron could be measured."""

    family: ClassVar[str] = "existence"

    @property
    def unit(self) -> str:
        """See `CriterionCheck.unit`."""
        return QUANTITIES[self.criterion.quantity].unit

    def judge(self, record: Record, records: Sequence[Record]) -> Verdict:
        """See `NeuronCheck.judge`."""
        what = title(self.criterion.quantity)
        value = measured(record, self.criterion.quantity)
        if isinstance(value, Missing):
            message = f"{missing_text(what, value)}. {self.criterion.why}"
            return self.conclude(value.conclusion, message)
        return self.conclude(Conclusion.CONFORMS, f"{what} = {with_unit(value, self.unit)} exists", value)


def plan(planning: Planning) -> Iterable[ExistenceCheck]:
    """One check for each neuron and each rule."""
    criteria = planning.reference.of_kind(planning.species, ExistenceCriterion)
    return [
        ExistenceCheck(pool, criterion, neuron)
        for pool in planning.pools
        for neuron in range(pool.n_neurons)
        for criterion in criteria
    ]


FAMILY = Family(
    name=ExistenceCheck.family,
    title="What every motoneuron has",
    statement="What makes a neuron a motoneuron could be measured of it.",
    chapter=Chapter.RANGES,
    plan=plan,
    section="existence",
    criterion=ExistenceCriterion,
)
