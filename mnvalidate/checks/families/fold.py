"""The fold of each quantity over the pool, against the plausible one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.pool_statistics import not_positive, too_few
from mnvalidate.checks.subjects import PoolCheck
from mnvalidate.checks.values import cited, inside, interval, miss, sample, title
from mnvalidate.literature.criteria import Criterion
from mnvalidate.literature.limits import Limit
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True, kw_only=True)
class FoldCriterion(Criterion):
    """Ratio of the largest to the smallest value in the pool.

    Parameters
    ----------
    quantity : str
        Quantity.
    scope : {"plausible", "typical"}
        Which of the two sets of limits.
    lower, upper : Limit
        Limits of the fold.
    """

    quantity: str
    scope: str
    lower: Limit
    upper: Limit

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity,)

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return f"{self.scope} fold over the pool"


@dataclass(frozen=True)
class FoldCheck(PoolCheck[FoldCriterion]):
    """Ratio of the largest to the smallest value of a quantity against the plausible fold."""

    family: ClassVar[str] = "fold"

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
        lower, upper = criterion.lower.value, criterion.upper.value
        unit = QUANTITIES[name].unit
        stated = (
            f"{title(name)} spans {min(values):.4g} to {max(values):.4g} {unit}, "
            f"a fold of {fold:.3g} ({found.coverage})"
        )
        limits = (
            f"{criterion.scope} is {interval(lower, upper, '1')} ({criterion.species}; {cited(criterion)})"
        )
        if inside(fold, lower, upper):
            return self.conclude(Conclusion.CONFORMS, f"{stated}; {limits}", fold, (lower, upper))
        message = f"{stated}, {miss(fold, lower, upper, '1')}; {limits}"
        return self.conclude(Conclusion.DEVIATES, message, fold, (lower, upper))


def plan(planning: Planning) -> Iterable[FoldCheck]:
    """One check for each pool and each plausible fold."""
    criteria = planning.reference.of_kind(planning.species, FoldCriterion)
    return [FoldCheck(pool, c) for pool in planning.pools for c in criteria if c.scope == "plausible"]


FAMILY = Family(
    name=FoldCheck.family,
    title="Plausible folds over the pool",
    statement="The fold range of a quantity over the pool is plausible.",
    chapter=Chapter.TRENDS,
    plan=plan,
    value="fold",
    section="folds",
    criterion=FoldCriterion,
)
