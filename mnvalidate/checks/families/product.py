"""Ratios and products of one neuron's quantities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.subjects import NeuronCheck
from mnvalidate.checks.values import Missing, cited, inside, interval, measured, miss, missing_text
from mnvalidate.literature.criteria import Criterion
from mnvalidate.literature.limits import Limit
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True, kw_only=True)
class ProductCriterion(Criterion):
    """Limits of a product of powers of quantities of one neuron, for example a ratio.

    Parameters
    ----------
    title : str
        What the product is.
    scale : float
        Number by which it is multiplied.
    powers : mapping of str to float
        Power of each quantity.
    lower, upper : Limit
        Limits.
    """

    title: str
    scale: float
    powers: Mapping[str, float]
    lower: Limit
    upper: Limit

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return tuple(self.powers)

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return self.title


@dataclass(frozen=True)
class ProductCheck(NeuronCheck[ProductCriterion]):
    """A product of powers of one neuron's quantities, such as a ratio, against its limits."""

    family: ClassVar[str] = "product"

    @property
    def unit(self) -> str:
        """See `CriterionCheck.unit`."""
        return "1"

    def judge(self, record: Record, records: Sequence[Record]) -> Verdict:
        """See `NeuronCheck.judge`."""
        criterion = self.criterion
        product = criterion.scale
        for name, power in criterion.powers.items():
            value = measured(record, name)
            if isinstance(value, Missing):
                message = f"{criterion.title} needs {missing_text(name, value)}"
                return self.conclude(value.conclusion, message)
            if value <= 0:
                message = f"{criterion.title} is not judged: {name} = {value:.4g} is not above 0"
                return self.conclude(Conclusion.NOT_JUDGED, message)
            product *= value**power
        lower, upper = criterion.lower.value, criterion.upper.value
        limits = f"{interval(lower, upper, self.unit)} ({criterion.species}; {cited(criterion)})"
        stated = f"{criterion.title} = {product:.4g}"
        if inside(product, lower, upper):
            message = f"{stated} lies within {limits}"
            return self.conclude(Conclusion.CONFORMS, message, product, (lower, upper))
        message = f"{stated} is {miss(product, lower, upper, self.unit)}; the range is {limits}"
        return self.conclude(Conclusion.DEVIATES, message, product, (lower, upper))


def plan(planning: Planning) -> Iterable[ProductCheck]:
    """One check for each neuron and each criterion."""
    criteria = planning.reference.of_kind(planning.species, ProductCriterion)
    return [
        ProductCheck(pool, criterion, neuron)
        for pool in planning.pools
        for neuron in range(pool.n_neurons)
        for criterion in criteria
    ]


FAMILY = Family(
    name=ProductCheck.family,
    title="Ratios of quantities",
    statement="A ratio or product of one neuron's quantities lies within its limits.",
    chapter=Chapter.RANGES,
    plan=plan,
    value="ratio",
    section="products",
    criterion=ProductCriterion,
)
