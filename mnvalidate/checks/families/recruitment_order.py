"""The order that recruitment thresholds state against the order of measured rheobases."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from statistics import NormalDist
from typing import ClassVar

import numpy as np

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.pool_statistics import rank_correlations, too_few
from mnvalidate.checks.subjects import PoolCheck
from mnvalidate.checks.values import FEWEST_NEURONS, inside, sample, title, with_unit
from mnvalidate.literature.criteria import ConsistencyCriterion
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict

_LARGEST_EXACT = 8
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class RecruitmentOrderCriterion(ConsistencyCriterion):
    """The order of recruitment that a pool states is the one that a quantity has.

    Parameters
    ----------
    quantity : str
        What measures the order.
    false_alarm : float
        Share of random orders that may be called an order.
    """

    quantity: str
    false_alarm: float

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity,)

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return f"recruitment thresholds have the order of {self.quantity}"


@dataclass(frozen=True)
class RecruitmentOrderCheck(PoolCheck[RecruitmentOrderCriterion]):
    """Rank correlation (Spearman) of the stated thresholds with rheobase: reversed, in order, or neither."""

    family: ClassVar[str] = "recruitment_order"

    def judge(self, records: Sequence[Record]) -> Verdict:
        """See `PoolCheck.judge`: an order that is no more than noise is not judged."""
        name = self.criterion.quantity
        found = sample(records, (name,), self.pool.n_neurons)
        stated_thresholds = len(set(found.thresholds))
        reason = too_few(found)
        if not reason and stated_thresholds < FEWEST_NEURONS:
            reason = f"only {stated_thresholds} different recruitment thresholds among {found.size} neurons"
        if reason:
            return self.conclude(Conclusion.NOT_JUDGED, f"the order of recruitment is not judged: {reason}")
        values, unit = found.columns[name], QUANTITIES[name].unit
        if max(values) - min(values) <= found.resolutions[name]:
            message = (
                f"{stated_thresholds} different recruitment thresholds are stated, and {title(name)} is "
                f"{with_unit(values[0], unit)} in all {found.size} neurons. {self.criterion.why}"
            )
            return self.conclude(Conclusion.DEVIATES, message)
        rho, _, ties = rank_correlations(found.thresholds, values)
        critical = smallest_order(found.size, self.criterion.false_alarm)
        stated = f"{title(name)} along the stated order: Spearman {rho:+.3f}{ties} ({found.coverage})"
        limits = (-critical + _ROUNDING, None)
        if not inside(rho, *limits):
            message = f"{stated}, the reverse of what is stated. {self.criterion.why}"
            return self.conclude(Conclusion.DEVIATES, message, rho, limits)
        if rho < critical - _ROUNDING:
            message = (
                f"{stated} is not judged: of random orders of {found.size} neurons, more than "
                f"{self.criterion.false_alarm:.0%} reach {abs(rho):.3f} in that direction"
            )
            return self.conclude(Conclusion.NOT_JUDGED, message, rho)
        return self.conclude(Conclusion.CONFORMS, f"{stated}, as stated", rho, limits)


@cache
def smallest_order(n: int, false_alarm: float) -> float:
    """Smallest rank correlation (Spearman) that at most this share of random orders reaches.

    Exact up to 8 neurons, from all their orders; beyond, by the normal distribution of ``rho sqrt(n - 1)``.

    Parameters
    ----------
    n : int
        Number of neurons, at least 2.
    false_alarm : float
        The share.
    """
    if n > _LARGEST_EXACT:
        return NormalDist().inv_cdf(1.0 - false_alarm) / math.sqrt(n - 1)
    order = np.arange(n)
    distances = ((np.array(list(permutations(order))) - order) ** 2).sum(axis=1)
    rho = np.sort(1.0 - 6.0 * distances / (n * (n**2 - 1)))[::-1]
    reached = np.searchsorted(-rho, -rho, side="right") / len(rho)
    return float(min(rho[reached <= false_alarm], default=math.inf))


def plan(planning: Planning) -> Iterable[RecruitmentOrderCheck]:
    """One check for each pool and each criterion."""
    criteria = planning.reference.of_kind(planning.species, RecruitmentOrderCriterion)
    return [RecruitmentOrderCheck(pool, criterion) for pool in planning.pools for criterion in criteria]


FAMILY = Family(
    name=RecruitmentOrderCheck.family,
    title="Stated order of recruitment",
    statement="The order of recruitment that a pool states is that of its rheobases.",
    chapter=Chapter.TRENDS,
    plan=plan,
    value="rho",
    signed=True,
    section="recruitment_orders",
    criterion=RecruitmentOrderCriterion,
)
