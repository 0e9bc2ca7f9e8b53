"""The pool as a whole along the order of recruitment: direction and fold of each quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import correlation
from typing import ClassVar

import numpy as np

from mnvalidate.checks.base import PoolOutline
from mnvalidate.checks.subjects import CriterionCheck
from mnvalidate.checks.values import (
    FEWEST_NEURONS,
    Sample,
    cited,
    inside,
    interval,
    miss,
    sample,
    title,
    with_unit,
)
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.reference import FoldCriterion, Reference, TrendCriterion
from mnvalidate.verdicts import Conclusion, Verdict

_WORDS = {"up": "rise", "down": "fall"}


@dataclass(frozen=True)
class TrendCheck(CriterionCheck):
    """Rank correlation of a quantity with the order of recruitment.

    Spearman's coefficient is judged, Kendall's reported beside it.

    Parameters
    ----------
    criterion : TrendCriterion
        Direction and floor.
    """

    family: ClassVar[str] = "trend"
    criterion: TrendCriterion

    @property
    def id(self) -> str:
        """See `Check.id`."""
        return f"{self.model}-{self.criterion.quantity}"

    @property
    def rule(self) -> TrendCriterion:
        """See `CriterionCheck.rule`."""
        return self.criterion

    def __call__(self, records: Sequence[Record]) -> Verdict:
        """See `Check.__call__`."""
        criterion = self.criterion
        name = criterion.quantity
        found = sample(records, (name,), self.pool.n_neurons)
        if reason := too_few(found) or _tied(found, name):
            message = f"the trend of {title(name)} is not judged: {reason}"
            return self.conclude(Conclusion.NOT_JUDGED, message)
        rho, tau, ties = rank_correlations(found.neurons, found.columns[name])
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


@dataclass(frozen=True)
class FoldCheck(CriterionCheck):
    """Ratio of the largest to the smallest value of a quantity against the plausible fold.

    Parameters
    ----------
    criterion : FoldCriterion
        Limits of the fold.
    """

    family: ClassVar[str] = "fold"
    criterion: FoldCriterion

    @property
    def id(self) -> str:
        """See `Check.id`."""
        return f"{self.model}-{self.criterion.quantity}"

    @property
    def rule(self) -> FoldCriterion:
        """See `CriterionCheck.rule`."""
        return self.criterion

    def __call__(self, records: Sequence[Record]) -> Verdict:
        """See `Check.__call__`."""
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


@dataclass(frozen=True)
class TypicalFoldCheck(FoldCheck):
    """Ratio of the largest to the smallest value of a quantity against the typical fold."""

    family: ClassVar[str] = "typical_fold"


def trend_checks(reference: Reference, species: str, pool: PoolOutline) -> tuple[CriterionCheck, ...]:
    """Trends and folds of the pool."""
    kinds = {"plausible": FoldCheck, "typical": TypicalFoldCheck}
    criteria = reference.of_species(species)
    trends = [TrendCheck(pool, c) for c in criteria if isinstance(c, TrendCriterion)]
    folds = [kinds[c.scope](pool, c) for c in criteria if isinstance(c, FoldCriterion)]
    return (*trends, *folds)


def rank_correlations(neurons: Sequence[int], values: Sequence[float]) -> tuple[float, float, str]:
    """Spearman's rho and Kendall's tau-b with the order of recruitment, and a word on ties."""
    ties = len(values) - len(set(values))
    rho = correlation(neurons, values, method="ranked")
    return rho, _kendall(neurons, values), f", {ties} tied" if ties else ""


def _kendall(x: Sequence[float], y: Sequence[float]) -> float:
    """Kendall's tau-b; SciPy has it in a module that takes longer to import than a pool to judge."""
    x_order, y_order = (np.sign(np.subtract.outer(values, values)) for values in (x, y))
    pairs = np.sqrt(np.sum(x_order**2) * np.sum(y_order**2))
    return float(np.sum(x_order * y_order) / pairs)


def too_few(found: Sample) -> str:
    """Why a pool is too small to be judged as a whole, or nothing."""
    if found.size >= FEWEST_NEURONS:
        return ""
    return f"{found.size} of {found.expected} neurons have a value, a pool is judged from {FEWEST_NEURONS} on"


def not_positive(found: Sample) -> str:
    """Why ratios and logarithms of the values mean nothing, or nothing."""
    for name, values in found.columns.items():
        if min(values) <= 0:
            return f"{name} = {min(values):.4g} is not above 0"
    return ""


def _tied(found: Sample, name: str) -> str:
    values, resolution = found.columns[name], found.resolutions[name]
    if max(values) - min(values) <= resolution:
        stated = with_unit(resolution, QUANTITIES[name].unit)
        return f"its values differ by no more than their resolution, {stated}"
    distinct = len(set(values))
    if distinct >= FEWEST_NEURONS:
        return ""
    return f"only {distinct} different values among {len(values)} neurons"
