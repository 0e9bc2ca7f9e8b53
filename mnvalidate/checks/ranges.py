"""Every neuron against the ranges of the literature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.base import PoolOutline
from mnvalidate.checks.subjects import NeuronCheck
from mnvalidate.checks.values import Missing, cited, inside, interval, measured, miss, title, with_unit
from mnvalidate.records import Record
from mnvalidate.reference import ProductCriterion, RangeCriterion, Reference
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True)
class RangeCheck(NeuronCheck):
    """One quantity of one neuron against the range for every neuron.

    Parameters
    ----------
    criterion : RangeCriterion
        The range.
    """

    family: ClassVar[str] = "range"
    criterion: RangeCriterion

    @property
    def id(self) -> str:
        """See `Check.id`."""
        return f"{self.label}-{self.criterion.quantity}"

    @property
    def rule(self) -> RangeCriterion:
        """See `NeuronCheck.rule`."""
        return self.criterion

    @property
    def unit(self) -> str:
        """See `NeuronCheck.unit`."""
        return self.criterion.unit

    @property
    def scope(self) -> str:
        """Which neurons the range is for, in words."""
        return f"{self.criterion.species}, any motoneuron"

    def judge(self, record: Record) -> Verdict:
        """See `NeuronCheck.judge`."""
        criterion = self.criterion
        what = title(criterion.quantity)
        if criterion.voltage_frame == "absolute" and record.voltage_frame != "absolute":
            reason = "the model counts voltage from rest"
            return self.conclude(record, Conclusion.NOT_JUDGED, f"{what} is not judged: {reason}")
        value = measured(record, criterion.quantity)
        if isinstance(value, Missing):
            return self.conclude(record, Conclusion.NOT_MEASURED, f"{what} was not measured: {value.reason}")
        lower = None if criterion.lower is None else criterion.lower.value
        upper = None if criterion.upper is None else criterion.upper.value
        stated = f"{what} = {with_unit(value, self.unit)}"
        limits = f"{interval(lower, upper, self.unit)} ({self.scope}; {cited(criterion)})"
        if inside(value, lower, upper):
            message = f"{stated} lies within {limits}"
            return self.conclude(record, Conclusion.CONFORMS, message, value, (lower, upper))
        message = f"{stated} is {miss(value, lower, upper, self.unit)}; the range is {limits}"
        return self.conclude(record, Conclusion.DEVIATES, message, value, (lower, upper))


@dataclass(frozen=True)
class TypeRangeCheck(RangeCheck):
    """One quantity of one neuron against the range of its motor-unit type."""

    family: ClassVar[str] = "type_range"

    @property
    def scope(self) -> str:
        """Which neurons the range is for, in words."""
        return f"{self.criterion.species}, type {self.criterion.scope} by order of recruitment"


@dataclass(frozen=True)
class ProductCheck(NeuronCheck):
    """A product of powers of one neuron's quantities, such as a ratio, against its limits.

    Parameters
    ----------
    criterion : ProductCriterion
        The product and its limits.
    """

    family: ClassVar[str] = "product"
    criterion: ProductCriterion

    @property
    def id(self) -> str:
        """See `Check.id`."""
        return f"{self.label}-{'~'.join(self.criterion.quantities)}"

    @property
    def rule(self) -> ProductCriterion:
        """See `NeuronCheck.rule`."""
        return self.criterion

    @property
    def unit(self) -> str:
        """See `NeuronCheck.unit`."""
        return "1"

    def judge(self, record: Record) -> Verdict:
        """See `NeuronCheck.judge`."""
        criterion = self.criterion
        product = criterion.scale
        for name, power in criterion.powers.items():
            value = measured(record, name)
            if isinstance(value, Missing):
                message = f"{criterion.title} needs {name}, which was not measured: {value.reason}"
                return self.conclude(record, Conclusion.NOT_MEASURED, message)
            if value <= 0:
                message = f"{criterion.title} is not judged: {name} = {value:.4g} is not above 0"
                return self.conclude(record, Conclusion.NOT_JUDGED, message)
            product *= value**power
        lower, upper = criterion.lower.value, criterion.upper.value
        limits = f"{interval(lower, upper, self.unit)} ({criterion.species}; {cited(criterion)})"
        stated = f"{criterion.title} = {product:.4g}"
        if inside(product, lower, upper):
            message = f"{stated} lies within {limits}"
            return self.conclude(record, Conclusion.CONFORMS, message, product, (lower, upper))
        message = f"{stated} is {miss(product, lower, upper, self.unit)}; the range is {limits}"
        return self.conclude(record, Conclusion.DEVIATES, message, product, (lower, upper))


def range_checks(reference: Reference, species: str, pool: PoolOutline) -> tuple[RangeCheck, ...]:
    """Every neuron against the ranges for any motoneuron and for its motor-unit type."""
    criteria = [c for c in reference.of_species(species) if isinstance(c, RangeCriterion)]
    types = [motor_unit_type(reference, species, pool, neuron) for neuron in range(pool.n_neurons)]
    whole = [
        RangeCheck(pool, neuron, criterion)
        for neuron in range(pool.n_neurons)
        for criterion in criteria
        if criterion.scope == "pool"
    ]
    by_type = [
        TypeRangeCheck(pool, neuron, criterion)
        for neuron in range(pool.n_neurons)
        for criterion in criteria
        if criterion.scope == types[neuron]
    ]
    return (*whole, *by_type)


def product_checks(reference: Reference, species: str, pool: PoolOutline) -> tuple[ProductCheck, ...]:
    """Every neuron against the products of its quantities."""
    criteria = [c for c in reference.of_species(species) if isinstance(c, ProductCriterion)]
    return tuple(
        ProductCheck(pool, neuron, criterion) for neuron in range(pool.n_neurons) for criterion in criteria
    )


def motor_unit_type(reference: Reference, species: str, pool: PoolOutline, neuron: int) -> str | None:
    """Motor-unit type of a neuron by its place in the order of recruitment, None where types are unknown.

    The middle of the neuron's share of the pool decides.
    """
    place = (neuron + 0.5) / pool.n_neurons
    reached = 0.0
    for share in reference.type_fractions.get(species, ()):
        reached += share.fraction
        if place < reached:
            return share.type
    return None
