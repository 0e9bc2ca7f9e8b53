"""Which of many pools deviate from a criterion: as its check says, and thousands of times faster."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnvalidate.checks.families.consistency import OrderCriterion
from mnvalidate.checks.families.fold import FoldCriterion
from mnvalidate.checks.families.middle import MiddleCriterion
from mnvalidate.checks.families.relation import ExponentCriterion
from mnvalidate.checks.pool_statistics import log_correlation, random_correlation
from mnvalidate.literature.criteria import Criterion
from mnvalidate.literature.predictions import Limits, Prediction
from mnvalidate.literature.sampling import Columns

type Flags = NDArray[np.bool_]


def deviating(criterion: Criterion, predicted: Prediction, columns: Columns) -> Flags:
    """Pools that deviate from a predicted criterion.

    Parameters
    ----------
    criterion : Criterion
        Criterion.
    predicted : Prediction
        Its limits.
    columns : mapping of str to array, shape (pools, neurons)
        Pools, in order of recruitment.

    Returns
    -------
    array of bool, shape (pools,)
        True for a pool that deviates.
    """
    n = columns[criterion.quantities[0]].shape[1]
    if isinstance(criterion, ExponentCriterion):
        return _off_the_exponent(criterion, predicted, columns, n)
    wide = isinstance(criterion, FoldCriterion | MiddleCriterion)
    return _outside(criterion, predicted.either(n) if wide else predicted.scattered.at(n), columns)


def contradicting(rule: OrderCriterion, columns: Columns) -> Flags:
    """Pools with a neuron that breaks a rule of consistency."""
    return np.asarray(np.any(columns[rule.smaller] >= columns[rule.larger], axis=1))


def _off_the_exponent(criterion: ExponentCriterion, predicted: Prediction, columns: Columns, n: int) -> Flags:
    y, x = criterion.quantities
    r = log_correlation(columns[x], columns[y])
    scatterless = np.array([predicted.is_scatterless(n, float(value)) for value in r])
    structural = (predicted.structural or predicted.scattered).at(n)
    off = np.where(
        scatterless,
        _outside(criterion, structural, columns),
        _outside(criterion, predicted.scattered.at(n), columns),
    )
    return np.asarray(off & (r * criterion.sign >= random_correlation(n)))


def _outside(criterion: Criterion, limits: Limits, columns: Columns) -> Flags:
    flags = np.zeros(columns[criterion.quantities[0]].shape[0], dtype=bool)
    for values, limit, sign in zip(criterion.statistics(columns), limits, (1, -1), strict=True):
        if values is not None and limit is not None:
            flags |= sign * values < sign * limit
    return flags
