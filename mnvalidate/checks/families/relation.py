"""Power laws between quantities: their exponents over the pool."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.pool_statistics import not_positive, power_law, too_few
from mnvalidate.checks.subjects import PoolCheck
from mnvalidate.checks.values import cited, inside, interval, miss, sample, title
from mnvalidate.literature.criteria import Criterion
from mnvalidate.literature.limits import Limit
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict

# Over less than this fold of the abscissa, an exponent says little.
_NARROWEST_FOLD = 1.25


@dataclass(frozen=True, kw_only=True)
class ExponentCriterion(Criterion):
    """Exponent of the power law between two quantities over the pool.

    Parameters
    ----------
    quantity, against : str
        ``quantity = k * against ** exponent``.
    lower, upper : Limit
        Limits of the exponent.
    """

    quantity: str
    against: str
    lower: Limit
    upper: Limit

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return self.quantity, self.against

    def demand(self) -> str:
        """See `Criterion.demand`."""
        return f"{self.quantity} = k * {self.against} ** exponent over the pool"


@dataclass(frozen=True)
class ExponentCheck(PoolCheck[ExponentCriterion]):
    """Exponent of the power law between two quantities, least squares of their logarithms over the pool."""

    family: ClassVar[str] = "relation"

    def judge(self, records: Sequence[Record]) -> Verdict:
        """See `PoolCheck.judge`."""
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


def plan(planning: Planning) -> Iterable[ExponentCheck]:
    """One check for each pool and each criterion."""
    criteria = planning.reference.of_kind(planning.species, ExponentCriterion)
    return [ExponentCheck(pool, criterion) for pool in planning.pools for criterion in criteria]


def _too_narrow(name: str, values: Sequence[float]) -> str:
    fold = max(values) / min(values)
    if fold >= _NARROWEST_FOLD:
        return ""
    return f"{name} varies only {fold:.3g}-fold over the pool, an exponent needs {_NARROWEST_FOLD:g}-fold"


FAMILY = Family(
    name=ExponentCheck.family,
    title="Exponents of relations",
    statement="Two quantities are related by a power law with the published exponent.",
    chapter=Chapter.RELATIONS,
    plan=plan,
    value="exponent",
    signed=True,
    section="exponents",
    criterion=ExponentCriterion,
)
