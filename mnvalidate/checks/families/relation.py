"""Power laws between quantities: their exponents over the pool."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.definitions import same_property
from mnvalidate.checks.pool_statistics import (
    log_correlation,
    not_positive,
    power_law,
    random_correlation,
    too_few,
)
from mnvalidate.checks.subjects import PoolCheck
from mnvalidate.checks.values import inside, miss, predicted_by, sample, title
from mnvalidate.literature.criteria import Criterion, Statistics
from mnvalidate.literature.predictions import Prediction
from mnvalidate.literature.sampling import Columns
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
    direction : {"up", "down"}
        Whether the one rises or falls with the other.
    """

    quantity: str
    against: str
    direction: str

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return self.quantity, self.against

    @property
    def sign(self) -> float:
        """Sign of the exponent."""
        return 1.0 if self.direction == "up" else -1.0

    def demand(self) -> str:
        """See `Criterion.demand`."""
        sign = "positive" if self.sign > 0 else "negative"
        return f"{self.quantity} = k * {self.against} ** exponent over the pool, {sign}"

    def problems(self) -> Iterable[str]:
        """See `Criterion.problems`: a fact may name another definition of the same property."""
        for fact in self.facts:
            own = fact.statistic == "exponent" and all(
                same_property(mine, published)
                for mine, published in zip(self.quantities, (fact.quantity, fact.against), strict=True)
            )
            if own and fact.number("mean") * self.sign < 0:
                yield f"direction: is {self.direction!r}, {fact.id} says otherwise"

    @property
    def is_predicted(self) -> bool:
        """See `Criterion.is_predicted`."""
        return True

    def statistics(self, columns: Columns) -> Statistics:
        """See `Criterion.statistics`: the exponent by reduced major axis."""
        exponent = self.sign * power_law(columns[self.against], columns[self.quantity])
        return exponent, exponent


@dataclass(frozen=True)
class ExponentCheck(PoolCheck[ExponentCriterion]):
    """Exponent of the power law between two quantities over the pool, by reduced major axis.

    A pool that follows the relation more closely than pools with scatter do is held to the structural
    exponent. An exponent conforms only where the two quantities are related at all.

    Parameters
    ----------
    predicted : Prediction
        What pools of the species reach.
    """

    family: ClassVar[str] = "relation"
    predicted: Prediction

    def judge(self, records: Sequence[Record]) -> Verdict:
        """See `PoolCheck.judge`."""
        criterion = self.criterion
        y, x = criterion.quantity, criterion.against
        what = f"{title(y)} against {x}"
        found = sample(records, (y, x), self.pool.n_neurons)
        if reason := too_few(found) or not_positive(found) or _too_narrow(x, found.columns[x]):
            return self.conclude(Conclusion.NOT_JUDGED, f"{what} is not judged: {reason}")
        of_x, of_y = (np.array([found.columns[name]]) for name in (x, y))
        size, r = (float(statistic(of_x, of_y)[0]) for statistic in (power_law, log_correlation))
        n = found.size
        exponent = size if r > 0 else -size
        scatterless = self.predicted.is_scatterless(n, r)
        structural = self.predicted.structural if scatterless else None
        limits = (structural or self.predicted.scattered).at(n)
        stated = f"{what}: exponent {exponent:+.3f}, r² {r**2:.3f} ({found.coverage})"
        demanded = f"{'without scatter ' if scatterless else ''}{predicted_by(criterion, limits, n)}"
        if r * criterion.sign < random_correlation(n):
            reason = (
                "related the other way round, see the trends" if r * criterion.sign < 0 else "hardly related"
            )
            message = f"{stated}: N = {n} cannot tell an exponent where quantities are {reason}; {demanded}"
            return self.conclude(Conclusion.NOT_JUDGED, message, exponent, limits)
        if inside(exponent, *limits):
            return self.conclude(Conclusion.CONFORMS, f"{stated}; {demanded}", exponent, limits)
        message = f"{stated} is {miss(exponent, *limits, '1')}; {demanded}"
        return self.conclude(Conclusion.DEVIATES, message, exponent, limits)


def plan(planning: Planning) -> Iterable[ExponentCheck]:
    """One check for each pool and each criterion."""
    reference, species = planning.reference, planning.species
    criteria = reference.of_kind(species, ExponentCriterion)
    return [
        ExponentCheck(pool, criterion, prediction)
        for pool in planning.pools
        for criterion in criteria
        if (prediction := reference.predicted(species, criterion.id)) is not None
    ]


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
