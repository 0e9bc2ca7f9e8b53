"""The direction of each quantity along recruitment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.pool_statistics import (
    along_recruitment,
    random_correlation,
    rank_correlations,
    tied,
    too_few,
)
from mnvalidate.checks.subjects import PoolCheck
from mnvalidate.checks.values import Sample, cited, predicted_by, sample, title
from mnvalidate.literature.criteria import Criterion, Statistics
from mnvalidate.literature.predictions import Limits, Prediction
from mnvalidate.literature.sampling import Columns
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict

_WORDS = {"up": "rise", "down": "fall"}
_SIGNS = {"up": 1.0, "down": -1.0, "none": 0.0}
_LARGEST_POOL = 1000


@dataclass(frozen=True, kw_only=True)
class TrendCriterion(Criterion):
    """Direction of a quantity along recruitment.

    Parameters
    ----------
    quantity : str
        Quantity.
    direction : {"up", "down", "none"}
        From the first recruited neuron to the last; ``none`` demands nothing.
    """

    quantity: str
    direction: str

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity,)

    @property
    def sign(self) -> float:
        """Sign of the rank correlation that is demanded, 0 for none."""
        return _SIGNS[self.direction]

    def demand(self) -> str:
        """See `Criterion.demand`."""
        demanded = "no trend demanded" if self.direction == "none" else f"goes {self.direction}"
        return f"{demanded} along recruitment"

    @property
    def is_predicted(self) -> bool:
        """See `Criterion.is_predicted`."""
        return self.direction != "none"

    def statistics(self, columns: Columns) -> Statistics:
        """See `Criterion.statistics`: Spearman's coefficient with the order of recruitment."""
        rho = along_recruitment(columns[self.quantity])
        return (rho, None) if self.sign > 0 else (None, rho)

    def problems(self) -> Iterable[str]:
        """See `Criterion.problems`."""
        directions = [fact for fact in self.facts if fact.statistic == "direction"]
        for fact in directions:
            if fact.mean != self.sign:
                yield f"direction: is {self.direction!r}, {fact.id} says otherwise"
        if not directions:
            yield "facts: none of them states a direction"


@dataclass(frozen=True)
class TrendCheck(PoolCheck[TrendCriterion]):
    """Rank correlation of a quantity with the order of recruitment.

    Spearman's coefficient is judged, Kendall's reported beside it. It conforms where a random order would get
    there in less than 5 %, and deviates where a pool of the species hardly would.

    Parameters
    ----------
    predicted : Prediction, optional
        What pools of the species reach; None where no direction is demanded.
    """

    family: ClassVar[str] = "trend"
    predicted: Prediction | None

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
        if self.predicted is None:
            message = f"{stated}; no trend demanded: the literature finds none ({cited(criterion)})"
            return self.conclude(Conclusion.NOT_JUDGED, message, rho)
        return self._judged(rho, stated, found, self.predicted)

    def _judged(self, rho: float, stated: str, found: Sample, predicted: Prediction) -> Verdict:
        sign, n = self.criterion.sign, found.size
        limits = predicted.scattered.at(n)
        demanded = (
            f"it must {_WORDS[self.criterion.direction]}: {predicted_by(self.criterion, limits, n)}, "
            f"a random order {sign * random_correlation(n):+.2f} in 5 %"
        )
        decided = _decided(sign * rho, sign, limits, n)
        if decided is not None:
            return self.conclude(decided, f"{stated}; {demanded}", rho, limits)
        enough = next(
            (
                size
                for size in range(n + 1, _LARGEST_POOL + 1)
                if _decided(sign * rho, sign, predicted.scattered.at(size), size)
            ),
            None,
        )
        could = "no pool of up to 1000" if enough is None else f"a pool of {enough} with the same correlation"
        message = f"{stated}: N = {n} cannot tell, {could} could; {demanded}"
        return self.conclude(Conclusion.NOT_JUDGED, message, rho, limits)


def _decided(rho: float, sign: float, limits: Limits, n_neurons: int) -> Conclusion | None:
    """What a correlation in the demanded direction says about a pool; None if it is too small to tell."""
    limit = limits[0] if sign > 0 else limits[1]
    if limit is not None and rho < sign * limit:
        return Conclusion.DEVIATES
    return Conclusion.CONFORMS if rho >= random_correlation(n_neurons) else None


def plan(planning: Planning) -> Iterable[TrendCheck]:
    """One check for each pool and each criterion."""
    reference, species = planning.reference, planning.species
    criteria = reference.of_kind(species, TrendCriterion)
    return [
        TrendCheck(pool, criterion, reference.predicted(species, criterion.id))
        for pool in planning.pools
        for criterion in criteria
    ]


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
