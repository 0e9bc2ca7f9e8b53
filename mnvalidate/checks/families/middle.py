"""The middle of each quantity over the pool: whether its neurons together are those of the species."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.pool_statistics import log_mean, not_positive, too_few
from mnvalidate.checks.subjects import PoolCheck
from mnvalidate.checks.values import inside, miss, predicted_by, sample, title, with_unit
from mnvalidate.literature.criteria import Criterion, Statistics
from mnvalidate.literature.predictions import Prediction
from mnvalidate.literature.sampling import Columns
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True, kw_only=True)
class MiddleCriterion(Criterion):
    """Geometric mean of a quantity over the pool.

    Parameters
    ----------
    quantity : str
        Quantity.
    """

    quantity: str

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity,)

    @property
    def is_predicted(self) -> bool:
        """See `Criterion.is_predicted`."""
        return True

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return f"geometric mean over the pool, in {QUANTITIES[self.quantity].unit}"

    def statistics(self, columns: Columns) -> Statistics:
        """See `Criterion.statistics`."""
        middle = log_mean(columns[self.quantity])
        return middle, middle


@dataclass(frozen=True)
class MiddleCheck(PoolCheck[MiddleCriterion]):
    """Geometric mean of a quantity over the pool.

    Parameters
    ----------
    predicted : Prediction
        What pools of the species have.
    """

    family: ClassVar[str] = "middle"
    predicted: Prediction

    @property
    def unit(self) -> str:
        """See `CriterionCheck.unit`."""
        return QUANTITIES[self.criterion.quantity].unit

    def judge(self, records: Sequence[Record]) -> Verdict:
        """See `PoolCheck.judge`."""
        criterion = self.criterion
        name = criterion.quantity
        found = sample(records, (name,), self.pool.n_neurons)
        if reason := too_few(found) or not_positive(found):
            message = f"the middle of {title(name)} is not judged: {reason}"
            return self.conclude(Conclusion.NOT_JUDGED, message)
        middle = float(log_mean(np.array([found.columns[name]]))[0])
        limits = self.predicted.either(found.size)
        stated = f"the geometric mean of {title(name)} is {with_unit(middle, self.unit)} ({found.coverage})"
        demanded = predicted_by(criterion, limits, found.size)
        if inside(middle, *limits):
            return self.conclude(Conclusion.CONFORMS, f"{stated}; {demanded}", middle, limits)
        message = f"{stated}, {miss(middle, *limits, self.unit)}; {demanded}"
        return self.conclude(Conclusion.DEVIATES, message, middle, limits)


def plan(planning: Planning) -> Iterable[MiddleCheck]:
    """One check for each pool and each criterion."""
    reference, species = planning.reference, planning.species
    criteria = reference.of_kind(species, MiddleCriterion)
    return [
        MiddleCheck(pool, criterion, prediction)
        for pool in planning.pools
        for criterion in criteria
        if (prediction := reference.predicted(species, criterion.id)) is not None
    ]


FAMILY = Family(
    name=MiddleCheck.family,
    title="Middles of the pool",
    statement="The neurons of a pool, taken together, are those of the species.",
    chapter=Chapter.TRENDS,
    plan=plan,
    value="geometric mean",
    section="middles",
    criterion=MiddleCriterion,
)
