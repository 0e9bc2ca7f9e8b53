"""How much each quantity varies over the pool, against what a pool plausibly varies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnvalidate.checks.check import Chapter, Family, Planning, PoolOutline
from mnvalidate.checks.pool_statistics import log_spread, not_positive, too_few
from mnvalidate.checks.subjects import PoolCheck
from mnvalidate.checks.values import inside, miss, predicted_by, sample, title
from mnvalidate.literature.criteria import Criterion, Statistics
from mnvalidate.literature.predictions import Prediction
from mnvalidate.literature.sampling import Columns
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True, kw_only=True)
class FoldCriterion(Criterion):
    """How much a quantity varies over the pool: the standard deviation of its natural logarithm.

    The ratio of the extremes would grow with the size of the pool, and rest on two of its neurons.

    Parameters
    ----------
    quantity : str
        Quantity.
    scope : {"plausible", "typical"}
        Which of the two sets of limits.
    """

    quantity: str
    scope: str

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity,)

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return f"{self.scope} standard deviation of the logarithm over the pool"

    @property
    def is_predicted(self) -> bool:
        """See `Criterion.is_predicted`."""
        return True

    def statistics(self, columns: Columns) -> Statistics:
        """See `Criterion.statistics`."""
        spread = log_spread(columns[self.quantity])
        return spread, spread


@dataclass(frozen=True)
class FoldCheck(PoolCheck[FoldCriterion]):
    """Standard deviation of a quantity's logarithm over the pool against the plausible one.

    Parameters
    ----------
    predicted : Prediction
        What pools of the species reach.
    """

    family: ClassVar[str] = "fold"
    predicted: Prediction

    def judge(self, records: Sequence[Record]) -> Verdict:
        """See `PoolCheck.judge`."""
        criterion = self.criterion
        name = criterion.quantity
        found = sample(records, (name,), self.pool.n_neurons)
        if reason := too_few(found) or not_positive(found):
            message = f"the fold of {title(name)} is not judged: {reason}"
            return self.conclude(Conclusion.NOT_JUDGED, message)
        values = found.columns[name]
        fold = max(values) / min(values)
        spread = float(log_spread(np.array([values]))[0])
        limits = self.predicted.either(found.size)
        unit = QUANTITIES[name].unit
        stated = (
            f"{title(name)} spans {min(values):.4g} to {max(values):.4g} {unit}, "
            f"a fold of {fold:.3g}; the SD of its logarithm is {spread:.3g} ({found.coverage})"
        )
        demanded = f"{criterion.scope}: {predicted_by(criterion, limits, found.size)}"
        if inside(spread, *limits):
            return self.conclude(Conclusion.CONFORMS, f"{stated}; {demanded}", spread, limits)
        message = f"{stated}, {miss(spread, *limits, '1')}; {demanded}"
        return self.conclude(Conclusion.DEVIATES, message, spread, limits)


def plan(planning: Planning) -> Iterable[FoldCheck]:
    """One check for each pool and each plausible fold."""
    return [FoldCheck(*arguments) for arguments in with_scope(planning, "plausible")]


def with_scope(planning: Planning, scope: str) -> Iterable[tuple[PoolOutline, FoldCriterion, Prediction]]:
    """Pools, the criteria of a scope, and what these predict."""
    reference, species = planning.reference, planning.species
    criteria = [c for c in reference.of_kind(species, FoldCriterion) if c.scope == scope]
    return [
        (pool, criterion, prediction)
        for pool in planning.pools
        for criterion in criteria
        if (prediction := reference.predicted(species, criterion.id)) is not None
    ]


FAMILY = Family(
    name=FoldCheck.family,
    title="Plausible spreads over the pool",
    statement="A quantity varies over the pool as much as is plausible.",
    chapter=Chapter.TRENDS,
    plan=plan,
    value="SD of ln",
    section="folds",
    criterion=FoldCriterion,
)
