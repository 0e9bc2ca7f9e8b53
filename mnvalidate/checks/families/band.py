"""Power laws between quantities: every neuron against the band of single cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

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
from mnvalidate.literature.predictions import Prediction
from mnvalidate.literature.sampling import Array, Columns
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict

SI: Mapping[str, float] = {"MOhm": 1e6, "nA": 1e-9, "ms": 1e-3, "nF": 1e-9, "m/s": 1.0, "mm2": 1e-6}
"""Factors from the units of power laws to SI units."""


@dataclass(frozen=True, kw_only=True)
class BandCriterion(Criterion):
    """Band about a power law in SI units that holds all neurons of a pool.

    Parameters
    ----------
    quantity, against : str
        ``quantity = coefficient * against ** exponent``, both in SI units.
    coefficient, exponent : Limit
        The power law.
    """

    quantity: str
    against: str
    coefficient: Limit
    exponent: Limit

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return self.quantity, self.against

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return f"{self.quantity} = coefficient * {self.against} ** exponent in SI units, every neuron"

    def expected(self, against: float | Array) -> Array:
        """Values of `quantity`, in its unit, on the power law at values of `against` in its unit."""
        si = self.coefficient.value * (against * SI[QUANTITIES[self.against].unit]) ** self.exponent.value
        return np.asarray(si / SI[QUANTITIES[self.quantity].unit])

    @property
    def is_predicted(self) -> bool:
        """See `Criterion.is_predicted`."""
        return True

    def statistics(self, columns: Columns) -> Statistics:
        """See `Criterion.statistics`: the factors by which the outermost neurons lie off the power law."""
        factors = columns[self.quantity] / self.expected(columns[self.against])
        return factors.min(axis=1), factors.max(axis=1)


@dataclass(frozen=True)
class BandCheck(NeuronCheck[BandCriterion]):
    """One neuron against the band of single cells about a power law.

    Parameters
    ----------
    predicted : Prediction
        Factors by which the outermost neurons of a pool lie off the power law.
    """

    family: ClassVar[str] = "band"
    predicted: Prediction

    @property
    def unit(self) -> str:
        """See `CriterionCheck.unit`."""
        return QUANTITIES[self.criterion.quantity].unit

    def judge(self, record: Record, records: Sequence[Record]) -> Verdict:
        """See `NeuronCheck.judge`."""
        criterion = self.criterion
        y, x = criterion.quantity, criterion.against
        values: dict[str, float] = {}
        for name in (y, x):
            value = measured(record, name)
            if isinstance(value, Missing):
                message = f"{title(y)} against {x}: {missing_text(name, value)}"
                return self.conclude(value.conclusion, message)
            values[name] = value
        if values[x] <= 0:
            message = f"{title(y)} against {x} is not judged: {x} = {values[x]:.4g} is not above 0"
            return self.conclude(Conclusion.NOT_JUDGED, message)
        middle = float(criterion.expected(values[x]))
        n = self.pool.n_neurons
        lower, upper = (
            None if factor is None else middle * factor for factor in self.predicted.scattered.at(n)
        )
        unit = self.unit
        stated = (
            f"{title(y)} = {with_unit(values[y], unit)} at {x} = {with_unit(values[x], QUANTITIES[x].unit)}"
        )
        band = (
            f"{interval(lower, upper, unit)} (extremes of {n} motoneurons of the {criterion.about} about "
            f"{with_unit(middle, unit)}; {cited(criterion)})"
        )
        if inside(values[y], lower, upper):
            message = f"{stated} lies within {band}"
            return self.conclude(Conclusion.CONFORMS, message, values[y], (lower, upper))
        message = f"{stated} is {miss(values[y], lower, upper, unit)}; the band is {band}"
        return self.conclude(Conclusion.DEVIATES, message, values[y], (lower, upper))


def plan(planning: Planning) -> Iterable[BandCheck]:
    """One check for each neuron and each criterion."""
    reference, species = planning.reference, planning.species
    criteria = reference.of_kind(species, BandCriterion)
    return [
        BandCheck(pool, criterion, neuron, prediction)
        for pool in planning.pools
        for neuron in range(pool.n_neurons)
        for criterion in criteria
        if (prediction := reference.predicted(species, criterion.id)) is not None
    ]


FAMILY = Family(
    name=BandCheck.family,
    title="Bands of single cells about relations",
    statement="One neuron lies within the band of single neurons about a power law.",
    chapter=Chapter.RELATIONS,
    plan=plan,
    section="bands",
    criterion=BandCriterion,
)
