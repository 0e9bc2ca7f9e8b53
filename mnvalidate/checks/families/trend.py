"""The direction of each quantity along recruitment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.pool_statistics import rank_correlations, tied, too_few
from mnvalidate.checks.subjects import PoolCheck
from mnvalidate.checks.values import cited, inside, interval, miss, sample, title
from mnvalidate.literature.criteria import Criterion
from mnvalidate.literature.limits import Limit
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict

_WORDS = {"up": "rise", "down": "fall"}
_SIGNS = {"up": 1.0, "down": -1.0, "none": 0.0}


@dataclass(frozen=True, kw_only=True)
class TrendCriterion(Criterion):
    """Direction of a quantity along recruitment.

    Parameters
    ----------
    quantity : str
        Quantity.
    direction : {"up", "down", "none"}
        From the first recruited neuron to the last; ``none`` demands nothing.
    floor : Limit, optional
        Smallest rank correlation (Spearman) in that direction.
    """

    quantity: str
    direction: str
    floor: Limit | None = None

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity,)

    def demand(self) -> str:
        """See `Criterion.demand`."""
        demanded = "no trend demanded" if self.direction == "none" else f"goes {self.direction}"
        return f"{demanded} along recruitment"

    def problems(self) -> Iterable[str]:
        """See `Criterion.problems`."""
        directions = [fact for fact in self.facts if fact.statistic == "direction"]
        for fact in directions:
            if fact.mean != _SIGNS[self.direction]:
                yield f"direction: is {self.direction!r}, {fact.id} says otherwise"
        if not directions:
            yield "facts: none of them states a direction"
        if (self.direction == "none") is not (self.floor is None):
            yield "floor: must be there exactly when a direction is demanded"


@dataclass(frozen=True)
class TrendCheck(PoolCheck[TrendCriterion]):
    """Rank correlation of a quantity with the order of recruitment.

    Spearman's coefficient is judged, Kendall's reported beside it.
    """

    family: ClassVar[str] = "trend"

    def judge(self, records: Sequence[Record]) -> Verdict:
        """See `PoolCheck.judge`."""
        criterion = self.criterion
        name = criterion.quantity
        found = sample(records, (name,), self.pool.n_neurons)
        if reason := too_few(found) or tied(found, name):
            message = f"the trend of {title(name)} is not judged: {reason}"
            return self.conclude(Conclusion.NOT_JUDGED, message)
        rho, tau, ties = rank_correlations(found.thresholds, found.columns[name])
        stated = (
            f"{title(name)} along recruitment: Spearman {rho:+.3f}, Kendall {tau:+.3f}"
            f"{ties} ({found.coverage})"
        )
        if criterion.floor is None:
            message = f"{stated}; no trend demanded: the literature finds none ({cited(criterion)})"
            return self.conclude(Conclusion.NOT_JUDGED, message, rho)
        floor = criterion.floor.value
        lower, upper = (floor, None) if criterion.direction == "up" else (None, -floor)
        limits = f"Spearman {interval(lower, upper, '1')} ({criterion.species}; {cited(criterion)})"
        demanded = f"it must {_WORDS[criterion.direction]} with {limits}"
        if inside(rho, lower, upper):
            return self.conclude(Conclusion.CONFORMS, f"{stated}; {demanded}", rho, (lower, upper))
        message = f"{stated} is {miss(rho, lower, upper, '1')}; {demanded}"
        return self.conclude(Conclusion.DEVIATES, message, rho, (lower, upper))


def plan(planning: Planning) -> Iterable[TrendCheck]:
    """One check for each pool and each criterion."""
    criteria = planning.reference.of_kind(planning.species, TrendCriterion)
    return [TrendCheck(pool, criterion) for pool in planning.pools for criterion in criteria]


FAMILY = Family(
    name=TrendCheck.family,
    title="Trends along recruitment",
    statement="A quantity rises or falls along recruitment as the literature finds.",
    chapter=Chapter.TRENDS,
    plan=plan,
    value="rho",
    signed=True,
    section="trends",
    criterion=TrendCriterion,
)
