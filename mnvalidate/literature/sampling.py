"""Pools drawn from a population."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mnvalidate.literature.population import Population, Property

type Array = NDArray[np.float64]
type Columns = Mapping[str, Array]

ORDERED_BY = "Ir__nA"
"""Quantity by which neurons of the literature are put in the order of recruitment."""


def draw_pools(
    population: Population, n_pools: int, n_neurons: int, generator: np.random.Generator, scatter: float = 1.0
) -> Columns:
    """Draw pools as a study might have recorded them.

    Each neuron has a size. Each pool comes from a study of its own, with medians and spreads of its own. In
    one of two, correlations with size are those over all studies, in the other those within studies; in one
    of two, neurons are recruited in the order of their sizes, in the other of their rheobases.

    Parameters
    ----------
    population : Population
        What is drawn from.
    n_pools, n_neurons : int
        Number of pools and of neurons in each.
    generator : numpy.random.Generator
        Source of chance.
    scatter : float
        Factor on what cell size does not explain: 1 as published, 0 for pools in which size decides all.

    Returns
    -------
    mapping of str to array, shape (n_pools, n_neurons)
        By quantity, in its unit, each pool in order of recruitment.
    """
    size = generator.standard_normal((n_pools, n_neurons))
    within_study, by_rheobase = generator.integers(0, 2, (2, n_pools, 1)).astype(float)
    heterogeneity = _shared_spread(population) * generator.standard_normal((n_pools, 1))
    columns: dict[str, Array] = {}
    order = size
    for name, prop in population.properties.items():
        loading = _loading(prop, within_study)
        rest = generator.standard_normal((n_pools, n_neurons))
        score = loading * size + scatter * np.sqrt(1 - loading**2) * rest
        if name == ORDERED_BY:
            order = np.where(by_rheobase, score, size)
        own = population.slopes.value * generator.standard_normal((n_pools, 1))
        shift = (prop.between or population.middles).value * generator.standard_normal((n_pools, 1))
        spread = prop.spread.value * np.exp(heterogeneity + own)
        values = _values(prop, shift + prop.sign * spread * score)
        columns[name] = values * columns[prop.share_of] if prop.share_of else values
    recruited = np.argsort(order, axis=1)
    return {name: np.take_along_axis(column, recruited, axis=1) for name, column in columns.items()}


def _shared_spread(population: Population) -> float:
    return math.sqrt(max(0.0, population.spreads.value**2 - population.slopes.value**2))


def _loading(prop: Property, within_study: Array) -> Array:
    if prop.weakest is None or prop.strongest is None:
        return np.zeros_like(within_study)
    return np.where(within_study, prop.strongest.value, prop.weakest.value)


def _values(prop: Property, deviation: Array) -> Array:
    if prop.scale == "linear":
        return (0.0 if prop.middle is None else prop.middle.value) + deviation
    values: Array = np.exp(deviation)
    return values if prop.middle is None else prop.middle.value * values
