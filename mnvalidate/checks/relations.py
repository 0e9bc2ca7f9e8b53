"""Power laws between quantities: their exponents over the pool, and every neuron against their bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import correlation, linear_regression
from typing import ClassVar

from mnvalidate.checks.base import PoolOutline
from mnvalidate.checks.subjects import CriterionCheck, NeuronCheck, PoolCheck
from mnvalidate.checks.trends import not_positive, too_few
from mnvalidate.checks.values import (
    Missing,
    cited,
    inside,
    interval,
    measured,
    miss,
    sample,
    title,
    with_unit,
)
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.reference import BandCriterion, ExponentCriterion, Reference
from mnvalidate.verdicts import Conclusion, Verdict

# Over less than this fold of the abscissa, an exponent says little.
_NARROWEST_FOLD = 1.25


@dataclass(frozen=True)
class ExponentCheck(CriterionCheck):
    """Exponent of the power law between two quantities, least squares of their logarithms over the pool.

    Parameters
    ----------
    criterion : ExponentCriterion
        Quantities and limits.
    """

    family: ClassVar[str] = "relation"
    criterion: ExponentCriterion

    @property
    def id(self) -> str:
        """See `Check.id`."""
        return f"{self.model}-{self.criterion.quantity}~{self.criterion.against}"

    @property
    def rule(self) -> ExponentCriterion:
        """See `CriterionCheck.rule`."""
        return self.criterion

    def __call__(self, records: Sequence[Record]) -> Verdict:
        """See `Check.__call__`."""
        criterion = self.criterion
        y, x = criterion.quantity, criterion.against
        what = f"{title(y)} against {x}"
        found = sample(records, (y, x), self.pool.n_neurons)
        if reason := too_few(found) or not_positive(found) or _too_narrow(x, found.columns[x]):
            return self.conclude(Conclusion.NOT_JUDGED, f"{what} is not judged: {reason}")
        exponent, r2 = power_law(found.columns[x], found.columns[y])
        lower, upper = criterion.lower.value, criterion.upper.value
        stated = f"{what}: exponent {exponent:+.3f}, r² {r2:.3f} ({found.coverage})"
        limits = f"published {interval(lower, upper, '1')} ({criterion.species}; {cited(criterion)})"
        if inside(exponent, lower, upper):
            return self.conclude(Conclusion.CONFORMS, f"{stated}; {limits}", exponent, (lower, upper))
        message = f"{stated} is {miss(exponent, lower, upper, '1')}; {limits}"
        return self.conclude(Conclusion.DEVIATES, message, exponent, (lower, upper))


@dataclass(frozen=True)
class BandCheck(NeuronCheck):
    """One neuron against the band of single cells about a power law.

    Parameters
    ----------
    criterion : BandCriterion
        Power law and band.
    """

    family: ClassVar[str] = "band"
    criterion: BandCriterion

    @property
    def id(self) -> str:
        """See `Check.id`."""
        return f"{self.label}-{self.criterion.quantity}~{self.criterion.against}"

    @property
    def rule(self) -> BandCriterion:
        """See `NeuronCheck.rule`."""
        return self.criterion

    @property
    def unit(self) -> str:
        """See `NeuronCheck.unit`."""
        return QUANTITIES[self.criterion.quantity].unit

    def judge(self, record: Record) -> Verdict:
        """See `NeuronCheck.judge`."""
        criterion = self.criterion
        y, x = criterion.quantity, criterion.against
        values: dict[str, float] = {}
        for name in (y, x):
            value = measured(record, name)
            if isinstance(value, Missing):
                message = f"{title(y)} against {x}: {name} was not measured: {value.reason}"
                return self.conclude(record, Conclusion.NOT_MEASURED, message)
            values[name] = value
        if values[x] <= 0:
            message = f"{title(y)} against {x} is not judged: {x} = {values[x]:.4g} is not above 0"
            return self.conclude(record, Conclusion.NOT_JUDGED, message)
        middle = criterion.expected(values[x])
        lower, upper = middle / criterion.below.value, middle * criterion.above.value
        unit = self.unit
        stated = (
            f"{title(y)} = {with_unit(values[y], unit)} at {x} = {with_unit(values[x], QUANTITIES[x].unit)}"
        )
        band = (
            f"{interval(lower, upper, unit)} (95 % of single {criterion.species} cells about "
            f"{with_unit(middle, unit)}; {cited(criterion)})"
        )
        if inside(values[y], lower, upper):
            message = f"{stated} lies within {band}"
            return self.conclude(record, Conclusion.CONFORMS, message, values[y], (lower, upper))
        message = f"{stated} is {miss(values[y], lower, upper, unit)}; the band is {band}"
        return self.conclude(record, Conclusion.DEVIATES, message, values[y], (lower, upper))


def relation_checks(reference: Reference, species: str, pool: PoolOutline) -> tuple[PoolCheck, ...]:
    """Exponents of the pool, and every neuron against the bands."""
    criteria = reference.of_species(species)
    exponents = [ExponentCheck(pool, c) for c in criteria if isinstance(c, ExponentCriterion)]
    bands = [
        BandCheck(pool, neuron, c)
        for neuron in range(pool.n_neurons)
        for c in criteria
        if isinstance(c, BandCriterion)
    ]
    return (*exponents, *bands)


def power_law(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Exponent and r squared of ``y = k * x ** exponent``, by least squares of the logarithms."""
    log_x, log_y = [math.log(v) for v in x], [math.log(v) for v in y]
    explained = correlation(log_x, log_y) ** 2 if len(set(log_y)) > 1 else 0.0
    return linear_regression(log_x, log_y).slope, explained


def _too_narrow(name: str, values: Sequence[float]) -> str:
    fold = max(values) / min(values)
    if fold >= _NARROWEST_FOLD:
        return ""
    return f"{name} varies only {fold:.3g}-fold over the pool, an exponent needs {_NARROWEST_FOLD:g}-fold"
