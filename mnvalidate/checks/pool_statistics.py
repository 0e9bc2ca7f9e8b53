"""Statistics of a pool, and when it has too little to be asked for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import correlation, linear_regression

import numpy as np

from mnvalidate.checks.values import FEWEST_NEURONS, Sample, with_unit
from mnvalidate.protocols import QUANTITIES


def rank_correlations(order: Sequence[float], values: Sequence[float]) -> tuple[float, float, str]:
    """Spearman's rho and Kendall's tau-b with the order of recruitment, and a word on ties."""
    ties = len(values) - len(set(values))
    rho = correlation(order, values, method="ranked")
    return rho, _kendall(order, values), f", {ties} tied" if ties else ""


def power_law(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Exponent and r squared of ``y = k * x ** exponent``, by least squares of the logarithms."""
    log_x, log_y = [math.log(v) for v in x], [math.log(v) for v in y]
    explained = correlation(log_x, log_y) ** 2 if len(set(log_y)) > 1 else 0.0
    return linear_regression(log_x, log_y).slope, explained


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
