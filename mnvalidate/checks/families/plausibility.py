"""What a neuron cannot be, whatever its species: single values and ratios far beyond any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.subjects import NeuronCheck
from mnvalidate.checks.values import Missing, inside, interval, measured, miss, missing_text, with_unit
from mnvalidate.literature.criteria import ConsistencyCriterion
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True, kw_only=True)
class PlausibilityCriterion(ConsistencyCriterion):
    """Limits of a quantity, or of a product of powers of some, that no neuron lies beyond.

    Parameters
    ----------
    title : str
        What the product is.
    powers : mapping of str to int
        Power of each quantity.
    unit : str
        Unit of the product.
    scale : float
        Number by which it is multiplied.
    voltage_frame : {"any", "absolute"}
        ``absolute`` if it means nothing where the model counts voltage from rest.
    lower, upper : float, optional
        Limits, included in what is possible.
    """

    title: str
    powers: Mapping[str, int]
    unit: str
    scale: float = 1.0
    voltage_frame: str = "any"
    lower: float | None = None
    upper: float | None = None

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return tuple(self.powers)

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return f"{self.title}, {interval(self.lower, self.upper, self.unit)}, every neuron"

    def problems(self) -> Iterable[str]:
        """See `Criterion.problems`."""
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            yield f"lower: {self.lower:g} is not below upper {self.upper:g}"
        if self.scale == 1.0 and list(self.powers.values()) == [1]:
            unit = QUANTITIES[next(iter(self.powers))].unit
            if self.unit != unit:
                yield f"unit: is {self.unit!r}, must be {unit!r}"


@dataclass(frozen=True)
class PlausibilityCheck(NeuronCheck[PlausibilityCriterion]):
    """A quantity, or a product of powers of some, of one neuron against what is possible at all."""

    family: ClassVar[str] = "plausibility"

    @property
    def unit(self) -> str:
        """See `CriterionCheck.unit`."""
        return self.criterion.unit

    def judge(self, record: Record, records: Sequence[Record]) -> Verdict:
        """See `NeuronCheck.judge`: where a quantity has no value, its own range tells."""
        criterion = self.criterion
        if criterion.voltage_frame == "absolute" and record.voltage_frame == "relative":
            reason = f"{criterion.title} is not judged: the model counts voltage from rest"
            return self.conclude(Conclusion.NOT_JUDGED, reason)
        product, stated = criterion.scale, []
        for name, power in criterion.powers.items():
            value = measured(record, name)
            if isinstance(value, Missing):
                return self.conclude(Conclusion.NOT_JUDGED, missing_text(name, value))
            if value == 0 and power < 0:
                return self.conclude(Conclusion.NOT_JUDGED, f"{criterion.title} is not judged: {name} is 0")
            product *= value**power
            stated.append(f"{name} = {with_unit(value, QUANTITIES[name].unit)}")
        lower, upper = criterion.lower, criterion.upper
        what = f"{criterion.title} = {with_unit(product, self.unit)}"
        if len(stated) > 1:
            what += f" ({', '.join(stated)})"
        possible = f"possible is {interval(lower, upper, self.unit)}"
        if inside(product, lower, upper):
            return self.conclude(Conclusion.CONFORMS, f"{what}; {possible}", product, (lower, upper))
        message = f"{what} is {miss(product, lower, upper, self.unit)}; {possible}. {criterion.why}"
        return self.conclude(Conclusion.DEVIATES, message, product, (lower, upper))


def plan(planning: Planning) -> Iterable[PlausibilityCheck]:
    """One check for each neuron and each rule."""
    criteria = planning.reference.of_kind(planning.species, PlausibilityCriterion)
    return [
        PlausibilityCheck(pool, criterion, neuron)
        for pool in planning.pools
        for neuron in range(pool.n_neurons)
        for criterion in criteria
    ]


FAMILY = Family(
    name=PlausibilityCheck.family,
    title="Plausibility of a neuron's quantities",
    statement="What was measured of one neuron is possible in a neuron of some vertebrate.",
    chapter=Chapter.RANGES,
    plan=plan,
    section="plausibility",
    criterion=PlausibilityCriterion,
)
