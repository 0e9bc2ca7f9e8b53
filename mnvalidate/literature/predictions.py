"""Limits of criteria that depend on the number of neurons: quantiles of pools drawn from a population.

They are simulated by ``python -m mnvalidate.predict`` and read from ``reference_data/limits``.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnvalidate.datafiles import ReferenceDataError

type Limits = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Simulation:
    """How predictions are simulated.

    Parameters
    ----------
    pools, neurons, seed : int
        Largest number of pools, and of neurons in all of them, of each size; the seed of NumPy's PCG64.
    sizes : tuple of int
        Numbers of neurons of a pool.
    rates : mapping of str to float
        Share of the runs on pools of a population in which some predicted criterion of a severity deviates.
        With what rules of consistency and fixed limits add, 5 % of the runs have an error, 20 % a warning.
    """

    pools: int
    neurons: int
    seed: int
    sizes: tuple[int, ...]
    rates: Mapping[str, float]

    def pools_of(self, n_neurons: int) -> int:
        """Number of pools of a size."""
        return min(self.pools, self.neurons // n_neurons)


SIMULATION = Simulation(
    pools=20_000,
    neurons=2_000_000,
    seed=1957,
    sizes=(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 20, 25, 30, 40, 50, 70, 100, 200, 500),
    rates={"error": 0.03, "warning": 0.15},
)
"""How the shipped predictions are simulated."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """A pair of limits by the number of neurons.

    Parameters
    ----------
    sizes : tuple of int
        Numbers of neurons that were simulated, rising.
    lower, upper : tuple of float, optional
        Limits at each; None where there is none on that side.
    """

    sizes: tuple[int, ...]
    lower: tuple[float, ...] | None
    upper: tuple[float, ...] | None

    def at(self, n_neurons: int) -> Limits:
        """Limits of a pool of some size, between simulated sizes linear in one over its root."""
        return _interpolated(self.sizes, self.lower, n_neurons), _interpolated(
            self.sizes, self.upper, n_neurons
        )


@dataclass(frozen=True, slots=True)
class Prediction:
    """What N motoneurons of a species may look like to one criterion.

    Parameters
    ----------
    scattered : Quantiles
        Limits of pools with the published scatter.
    structural : Quantiles, optional
        Limits of pools without scatter, in which cell size decides all.
    scatterless_from : Quantiles, optional
        Correlation, as an upper limit, that pools with scatter do not exceed.
    """

    scattered: Quantiles
    structural: Quantiles | None = None
    scatterless_from: Quantiles | None = None

    def either(self, n_neurons: int) -> Limits:
        """Outermost limits of pools with and without scatter."""
        lower, upper = self.scattered.at(n_neurons)
        if self.structural is None:
            return lower, upper
        other_lower, other_upper = self.structural.at(n_neurons)
        return (
            other_lower if lower is None else lower if other_lower is None else min(lower, other_lower),
            other_upper if upper is None else upper if other_upper is None else max(upper, other_upper),
        )

    def is_scatterless(self, n_neurons: int, correlation: float) -> bool:
        """Whether a pool follows a relation more closely than pools with scatter do."""
        if self.scatterless_from is None:
            return False
        bound = self.scatterless_from.at(n_neurons)[1]
        return bound is not None and abs(correlation) > bound


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions for every criterion of a species.

    Parameters
    ----------
    digest : str
        Of all that they follow from.
    pools, seed : int
        Number of simulated pools of each size, and the seed of the generator.
    sizes : tuple of int
        Numbers of neurons that were simulated.
    rates : mapping of str to tuple of float
        False-alarm rate of a single criterion at each size, by severity.
    error : float
        Largest Monte-Carlo error of a limit, as a share of the distance between the limits.
    by_criterion : mapping of str to Prediction
        By id of the criterion.
    """

    digest: str
    pools: int
    seed: int
    sizes: tuple[int, ...]
    rates: Mapping[str, tuple[float, ...]]
    error: float
    by_criterion: Mapping[str, Prediction]


def read_predictions(path: Path) -> Predictions:
    """Read what ``python -m mnvalidate.predict`` has written for a species.

    Raises
    ------
    ReferenceDataError
        If it cannot be read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        sizes = tuple(data["sizes"])
        return Predictions(
            digest=data["digest"],
            pools=data["pools"],
            seed=data["seed"],
            sizes=sizes,
            rates={name: tuple(rates) for name, rates in data["rates"].items()},
            error=data["error"],
            by_criterion={name: _prediction(entry, sizes) for name, entry in data["criteria"].items()},
        )
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise ReferenceDataError(
            f"limits/{path.name}: cannot be read: {error}; write it with python -m mnvalidate.predict"
        ) from None


def to_json(predictions: Predictions) -> dict[str, Any]:
    """Return predictions as JSON values."""
    return {
        "digest": predictions.digest,
        "pools": predictions.pools,
        "seed": predictions.seed,
        "sizes": predictions.sizes,
        "rates": predictions.rates,
        "error": predictions.error,
        "criteria": {
            name: {
                key: {"lower": found.lower, "upper": found.upper}
                for key in ("scattered", "structural", "scatterless_from")
                if (found := getattr(prediction, key)) is not None
            }
            for name, prediction in predictions.by_criterion.items()
        },
    }


def _prediction(entry: Mapping[str, Any], sizes: tuple[int, ...]) -> Prediction:
    return Prediction(**{key: _quantiles(found, sizes) for key, found in entry.items()})


def _quantiles(entry: Mapping[str, Any], sizes: tuple[int, ...]) -> Quantiles:
    columns = (None if entry[side] is None else tuple(entry[side]) for side in ("lower", "upper"))
    lower, upper = columns
    found = [column for column in (lower, upper) if column is not None]
    if any(len(column) > len(sizes) for column in found):
        raise ValueError("more limits than sizes")
    # Pools are judged from five neurons on: fewer sizes than neurons have.
    return Quantiles(sizes[-max((len(column) for column in found), default=0) :], lower, upper)


def _interpolated(sizes: Sequence[int], values: Sequence[float] | None, n_neurons: int) -> float | None:
    if values is None:
        return None
    place = bisect_left(sizes, n_neurons)
    if place == len(sizes) or sizes[place] == n_neurons or place == 0:
        return values[min(place, len(sizes) - 1)]
    left, right, here = (1 / math.sqrt(n) for n in (sizes[place - 1], sizes[place], n_neurons))
    share = (left - here) / (left - right)
    return values[place - 1] + share * (values[place] - values[place - 1])
