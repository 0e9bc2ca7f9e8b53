"""Rules that any excitable cell obeys: what breaks one is a fault of the model or of the measurement."""

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
class OrderCriterion(ConsistencyCriterion):
    """One quantity of a neuron is smaller than another.

    Parameters
    ----------
    smaller, larger : str
        The quantities; both have the same unit.
    """

    smaller: str
    larger: str

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return self.smaller, self.larger

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return f"{self.smaller} is below {self.larger}"

    def problems(self) -> Iterable[str]:
        """See `Criterion.problems`."""
        units = [QUANTITIES[name].unit for name in self.quantities]
        if len(set(units)) > 1:
            yield f"larger: is in {units[1]}, must be in {units[0]}"


@dataclass(frozen=True)
class ConsistencyCheck(NeuronCheck[OrderCriterion]):
    """One quantity of a neuron against another of the same neuron."""

    family: ClassVar[str] = "consistency"

    @property
    def unit(self) -> str:
        """See `CriterionCheck.unit`."""
        return QUANTITIES[self.criterion.smaller].unit

    def judge(self, record: Record, records: Sequence[Record]) -> Verdict:
        """See `NeuronCheck.judge`: where one of them has no value, its own range tells."""
        values: list[float] = []
        for name in self.needs:
            value = measured(record, name)
            if isinstance(value, Missing):
                return self.conclude(Conclusion.NOT_JUDGED, missing_text(name, value))
            values.append(value)
        smaller, larger = values
        stated = (
            f"{title(self.criterion.smaller)} = {with_unit(smaller, self.unit)}, "
            f"{self.criterion.larger} = {with_unit(larger, self.unit)}"
        )
        if smaller < larger:
            return self.conclude(
                Conclusion.CONFORMS, f"{stated}: the first is smaller", smaller, (None, larger)
            )
        message = f"{stated}: the first must be smaller. {self.criterion.why}"
        return self.conclude(Conclusion.DEVIATES, message, smaller, (None, larger))


def plan(planning: Planning) -> Iterable[ConsistencyCheck]:
    """One check for each neuron and each rule."""
    criteria = planning.reference.of_kind(planning.species, OrderCriterion)
    return [
        ConsistencyCheck(pool, criterion, neuron)
        for pool in planning.pools
        for neuron in range(pool.n_neurons)
        for criterion in criteria
    ]


FAMILY = Family(
    name=ConsistencyCheck.family,
    title="Consistency of a neuron's quantities",
    statement="The quantities of one neuron do not contradict each other.",
    chapter=Chapter.RANGES,
    plan=plan,
    section="consistency",
    criterion=OrderCriterion,
)
