"""From facts to the parameters of a distribution of neurons: medians, spreads, correlations with cell size.

Properties are log-normal, so a spread is the standard deviation of the natural logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist, fmean, stdev

from mnvalidate.literature.facts import Fact

_SDS_IN_A_FOLD = 4.0
"""Standard deviations between extremes where their number is unknown; some 40 normal draws span as many."""


def median(facts: Sequence[Fact]) -> float:
    """Geometric mean of the facts' medians.

    A mean with a standard deviation is that of a log-normal distribution; of a range, the geometric middle
    counts.
    """
    return math.exp(fmean(_log_median(fact) for fact in facts))


def log_sd(facts: Sequence[Fact]) -> float:
    """Spread of neurons of which the facts' groups are equal shares, from their means and deviations."""
    medians = [_log_median(fact) for fact in facts]
    between = fmean((value - fmean(medians)) ** 2 for value in medians)
    return math.sqrt(fmean(_log_variance(fact) for fact in facts) + between)


def fold_sd(facts: Sequence[Fact]) -> float:
    """Spread from a fold, which counts as four standard deviations; a ratio may widen the fold."""
    fold, *widened = facts
    return math.log(fold.number("mean") * math.prod(f.number("max") for f in widened)) / _SDS_IN_A_FOLD


def extremes_sd(facts: Sequence[Fact]) -> float:
    """Spread from extremes: their distance over that which as many normal draws have on average."""
    lowest, highest = min(f.number("min") for f in facts), max(f.number("max") for f in facts)
    sizes = [fact.n for fact in facts if fact.n is not None]
    sds = mean_range(max(sizes)) if sizes else _SDS_IN_A_FOLD
    return math.log(highest / lowest) / sds


def between(facts: Sequence[Fact]) -> float:
    """Standard deviation of the logarithms of the facts' medians, such as those of several studies."""
    return stdev(_log_median(fact) for fact in facts)


def between_plain(facts: Sequence[Fact]) -> float:
    """Standard deviation of the facts' means themselves."""
    return stdev(fact.number("mean") for fact in facts)


def between_spreads(facts: Sequence[Fact]) -> float:
    """Standard deviation of the logarithms of the spreads of several groups of neurons."""
    return stdev(0.5 * math.log(_log_variance(fact)) for fact in facts)


def between_slopes(facts: Sequence[Fact]) -> float:
    """Standard deviation of the logarithm of one quantity's part in a published slope.

    Every four facts describe one slope in three ways: the exponent of ordinary regression, the same divided
    by the correlation (reduced major axis), and the quotient of the two exponents against cell size. Both
    quantities of a slope have an equal part in how much the three differ.

    Parameters
    ----------
    facts : sequence of Fact
        In turn a direct exponent, its r squared, and the exponents of both quantities against size.
    """
    groups = [facts[i : i + 4] for i in range(0, len(facts), 4)]
    variances = [stdev(math.log(slope) for slope in _slopes(*group)) ** 2 for group in groups]
    return math.sqrt(fmean(variances) / 2)


def triad(facts: Sequence[Fact]) -> float:
    """Correlation of a quantity with what it and two others have in common, at most 1.

    Parameters
    ----------
    facts : sequence of Fact
        The r squared of the quantity with one and with the other, and of these two with each other.
    """
    first, second, others = (fact.number("mean") for fact in facts)
    return min(1.0, math.sqrt(math.sqrt(first * second / others)))


def mean_range(n: int) -> float:
    """Mean distance between the extremes of n standard normal draws, by the trapezium rule."""
    cdf, step = NormalDist().cdf, 0.01
    points = (cdf(i * step) for i in range(-800, 801))
    return step * sum(1 - p**n - (1 - p) ** n for p in points)


def _log_median(fact: Fact) -> float:
    if fact.mean is None:
        return 0.5 * math.log(fact.number("min") * fact.number("max"))
    return math.log(fact.mean) - (0.0 if fact.sd is None else 0.5 * _log_variance(fact))


def _log_variance(fact: Fact) -> float:
    return math.log1p((fact.number("sd") / fact.number("mean")) ** 2)


def _slopes(direct: Fact, r2: Fact, quantity: Fact, against: Fact) -> tuple[float, float, float]:
    slope = abs(direct.number("mean"))
    return (
        slope,
        slope / math.sqrt(r2.number("mean")),
        abs(quantity.number("mean") / against.number("mean")),
    )


RULES: Mapping[str, Callable[[Sequence[Fact]], float]] = {
    rule.__name__: rule
    for rule in (
        median,
        log_sd,
        fold_sd,
        extremes_sd,
        between,
        between_plain,
        between_spreads,
        between_slopes,
        triad,
    )
}
"""Every rule by the name that files of reference data use."""
