"""Rheobase times input resistance over the pool against the depolarisation that fires neurons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.pool_statistics import too_few
from mnvalidate.checks.subjects import PoolCheck
from mnvalidate.checks.values import inside, miss, sample, with_unit
from mnvalidate.literature.criteria import ConsistencyCriterion
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict

RHEOBASE, RESISTANCE, THRESHOLD = "Ir__nA", "Rin__MOhm", "AP_threshold__mV"


@dataclass(frozen=True, kw_only=True)
class RheobaseDepolarisationCriterion(ConsistencyCriterion):
    """Rheobase depolarises the neurons of a pool by enough to fire them.

    Parameters
    ----------
    least__mV : float
        Smallest median of rheobase times input resistance.
    least_fraction : float
        What is enough where the measured threshold depolarisation is small: this fraction of its median.
    """

    least__mV: float
    least_fraction: float

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return RHEOBASE, RESISTANCE, THRESHOLD

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return (
            f"the median of {RHEOBASE} * {RESISTANCE} over the pool is at least {self.least__mV:g} mV, or "
            f"{self.least_fraction:g} times that of {THRESHOLD}"
        )


@dataclass(frozen=True)
class RheobaseDepolarisationCheck(PoolCheck[RheobaseDepolarisationCriterion]):
    """Median over the pool of rheobase times input resistance."""

    family: ClassVar[str] = "rheobase_depolarisation"

    @property
    def unit(self) -> str:
        """See `CriterionCheck.unit`."""
        return "mV"

    def judge(self, records: Sequence[Record]) -> Verdict:
        """See `PoolCheck.judge`."""
        criterion = self.criterion
        found = sample(records, self.needs, self.pool.n_neurons)
        what = "the median of rheobase times input resistance"
        if reason := too_few(found):
            return self.conclude(Conclusion.NOT_JUDGED, f"{what} is not judged: {reason}")
        rheobases, resistances, thresholds = (found.columns[name] for name in self.needs)
        middle = median(i * r for i, r in zip(rheobases, resistances, strict=True))
        threshold = median(thresholds)
        lower = min(criterion.least__mV, criterion.least_fraction * threshold)
        stated = (
            f"{what} is {with_unit(middle, self.unit)}, that of the threshold depolarisation {THRESHOLD} "
            f"{with_unit(threshold, self.unit)} ({found.coverage})"
        )
        if inside(middle, lower, None):
            message = f"{stated}; at least {with_unit(lower, self.unit)} fires a neuron"
            return self.conclude(Conclusion.CONFORMS, message, middle, (lower, None))
        message = f"{stated}: {miss(middle, lower, None, self.unit)}. {criterion.why}"
        return self.conclude(Conclusion.DEVIATES, message, middle, (lower, None))


def plan(planning: Planning) -> Iterable[RheobaseDepolarisationCheck]:
    """One check for each pool and each criterion."""
    criteria = planning.reference.of_kind(planning.species, RheobaseDepolarisationCriterion)
    return [RheobaseDepolarisationCheck(pool, c) for pool in planning.pools for c in criteria]


FAMILY = Family(
    name=RheobaseDepolarisationCheck.family,
    title="Depolarisation by rheobase",
    statement="Rheobase depolarises the neurons of a pool by enough to fire them.",
    chapter=Chapter.RELATIONS,
    plan=plan,
    value="median",
    section="rheobase_depolarisations",
    criterion=RheobaseDepolarisationCriterion,
)
