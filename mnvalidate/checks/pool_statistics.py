"""Statistics of a pool, and when it has too little to be asked for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, correlation

import numpy as np

from mnvalidate.checks.values import FEWEST_NEURONS, Sample, with_unit
from mnvalidate.literature.sampling import Array
from mnvalidate.protocols import QUANTITIES


def rank_correlations(order: Sequence[float], values: Sequence[float]) -> tuple[float, float, str]:
    """Spearman's rho and Kendall's tau-b with the order of recruitment, and a word on ties."""
    ties = len(values) - len(set(values))
    rho = correlation(order, values, method="ranked")
    return rho, _kendall(order, values), f", {ties} tied" if ties else ""


def along_recruitment(values: Array) -> Array:
    """Spearman's rho of values without ties with their place, by row."""
    n = values.shape[1]
    # Places in order of values do as well as ranks in order of places: one is the inverse of the other.
    places = np.argsort(values, axis=1)
    return np.asarray(1 - 6 * np.sum((places - np.arange(n)) ** 2, axis=1) / (n * (n**2 - 1)))


def log_mean(values: Array) -> Array:
    """Geometric mean, by row."""
    return np.asarray(np.exp(np.log(values).mean(axis=1)))


def log_spread(values: Array) -> Array:
    """Standard deviation of the natural logarithms, by row."""
    return np.asarray(np.std(np.log(values), axis=1, ddof=1))


def log_correlation(x: Array, y: Array) -> Array:
    """Correlation of the logarithms, by row; 0 where one of them does not vary."""
    log_x, log_y = (np.log(values) for values in (x, y))
    log_x, log_y = (logs - logs.mean(axis=1, keepdims=True) for logs in (log_x, log_y))
    norm = np.sqrt(np.sum(log_x**2, axis=1) * np.sum(log_y**2, axis=1))
    products = np.sum(log_x * log_y, axis=1)
    return np.divide(products, norm, out=np.zeros_like(norm), where=norm > 0)


def power_law(x: Array, y: Array) -> Array:
    """Size of the exponent of ``y = k * x ** exponent`` by reduced major axis, by row.

    It is the ratio of the spreads; its sign is that of the correlation. Ordinary regression would be diluted
    by the scatter of a pool, and differ between pools that share their structure.
    """
    return np.asarray(log_spread(y) / log_spread(x))


_RANDOM_RHO = {5: 0.9, 6: 0.829, 7: 0.714, 8: 0.643, 9: 0.6}


def random_correlation(n: int) -> float:
    """Rank correlation that a random order of so many neurons reaches in less than 5 %, on one side.

    By enumeration of all orders up to nine neurons; then by Student's t at 4 %, as Spearman's coefficient
    takes discrete values.
    """
    if n in _RANDOM_RHO:
        return _RANDOM_RHO[n] - 5e-4
    z, df = NormalDist().inv_cdf(0.96), n - 2
    t = z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
    return t / math.sqrt(df + t**2)


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


def tied(found: Sample, name: str) -> str:
    """Why the neurons have no order, be it of their thresholds or of a quantity, or nothing."""
    if len(set(found.thresholds)) < FEWEST_NEURONS:
        return (
            f"only {len(set(found.thresholds))} different recruitment thresholds among {found.size} neurons"
        )
    values, resolution = found.columns[name], found.resolutions[name]
    if max(values) - min(values) <= resolution:
        stated = with_unit(resolution, QUANTITIES[name].unit)
        return f"its values differ by no more than their resolution, {stated}"
    distinct = len(set(values))
    if distinct >= FEWEST_NEURONS:
        return ""
    return f"only {distinct} different values among {len(values)} neurons"


def _kendall(x: Sequence[float], y: Sequence[float]) -> float:
    """Kendall's tau-b; SciPy has it in a module that takes longer to import than a pool to judge."""
    x_order, y_order = (np.sign(np.subtract.outer(values, values)) for values in (x, y))
    pairs = np.sqrt(np.sum(x_order**2) * np.sum(y_order**2))
    return float(np.sum(x_order * y_order) / pairs)
