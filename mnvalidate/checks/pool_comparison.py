"""Several pools side by side: every quantity of each, and how far apart they are along recruitment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record


class Matching(StrEnum):
    """How neurons of two pools are put side by side.

    ``RANK``: pools of one size, the neuron of each rank of recruitment threshold with that of the other pool.
    ``INTERPOLATED``: at the ranks of the smaller pool, scaled to run from 0 to 1, where the larger pool has
    the line between its neighbouring neurons. ``ONE_NEURON``: a pool of one neuron has no order of
    recruitment. ``VOLTAGE_FRAMES``: one of the models gives membrane potentials from rest alone.
    """

    RANK = "rank"
    INTERPOLATED = "interpolated rank"
    ONE_NEURON = "one neuron"
    VOLTAGE_FRAMES = "different voltage frames"


UNMATCHED = frozenset({Matching.ONE_NEURON, Matching.VOLTAGE_FRAMES})
"""Where neurons cannot be put side by side."""

# Potentials have differences but no ratios, so that per cents of them mean nothing.
_POTENTIALS = frozenset({"vhold_soma__mV"})
# Rounding of k * (1 / (n - 1)) * (m - 1) must not take a neuron for a place beside it.
_SAME_PLACE = 1e-9


@dataclass(frozen=True, slots=True)
class PoolSummary:
    """A quantity of one pool.

    Parameters
    ----------
    model : str
        Name of the model.
    n_neurons, n_values : int
        Size of the pool, and number of neurons that have a value.
    median, lowest, highest : float or None
        Of these values, in the quantity's unit; None without any.
    """

    model: str
    n_neurons: int
    n_values: int
    median: float | None = None
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest of some differences.

    Parameters
    ----------
    value : float
        The difference with its sign.
    rank : int
        Rank of the neuron in the smaller of the pools, from 1.
    """

    value: float
    rank: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A pool minus the reference along recruitment.

    Parameters
    ----------
    model : str
        Name of the model whose pool it is.
    matching : Matching
        How neurons were put side by side.
    ranks, pairs : int
        Ranks at which both could have a value, and those at which both have.
    median, median_relative : float or None
        Median difference in the quantity's unit, and median of the differences as a fraction of the
        reference's value at the same rank; None without any.
    largest, largest_relative : Largest or None
        The largest of each, whatever its sign. There is no fraction where the reference is 0, nor of a
        membrane potential.
    """

    model: str
    matching: Matching
    ranks: int = 0
    pairs: int = 0
    median: float | None = None
    median_relative: float | None = None
    largest: Largest | None = None
    largest_relative: Largest | None = None


@dataclass(frozen=True, slots=True)
class QuantityComparison:
    """One quantity of every pool.

    Parameters
    ----------
    quantity, unit : str
        What it is.
    pools : tuple of PoolSummary
        One for each model, that of the reference first.
    differences : tuple of Difference
        One for each model but the reference.
    """

    quantity: str
    unit: str
    pools: tuple[PoolSummary, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class PoolComparison:
    """Several pools side by side.

    Parameters
    ----------
    reference : str
        Name of the model that the others are compared with: the first.
    models : tuple of str
        Names of all, the reference first.
    quantities : tuple of QuantityComparison
        Every quantity that a pool has a value of.
    """

    reference: str
    models: tuple[str, ...]
    quantities: tuple[QuantityComparison, ...]


def compare_along_recruitment(pools: Mapping[str, Sequence[Record]]) -> PoolComparison:
    """Compare pools with the first of them.

    Parameters
    ----------
    pools : mapping of str to sequence of Record
        Records by the names of their models; at least one pool, each with at least one neuron.
    """
    ordered = {model: by_recruitment(records) for model, records in pools.items()}
    reference, *others = ordered
    columns = {
        name: {model: [record.value(name) for record in records] for model, records in ordered.items()}
        for name in QUANTITIES
    }
    return PoolComparison(
        reference,
        tuple(ordered),
        tuple(
            QuantityComparison(
                name,
                QUANTITIES[name].unit,
                tuple(_summary(model, values) for model, values in by_model.items()),
                tuple(
                    _difference(
                        name,
                        other,
                        _matching(name, ordered[reference], ordered[other]),
                        by_model[reference],
                        by_model[other],
                    )
                    for other in others
                ),
            )
            for name, by_model in columns.items()
            if any(value is not None for values in by_model.values() for value in values)
        ),
    )


def by_recruitment(records: Sequence[Record]) -> list[Record]:
    """Sort neurons by their recruitment thresholds, those of one threshold by their indices."""
    return sorted(records, key=lambda record: (record.recruitment_threshold, record.neuron))


def summary_of(model: str, quantity: str, records: Sequence[Record]) -> PoolSummary:
    """Summarise a quantity of a pool."""
    return _summary(model, [record.value(quantity) for record in records])


def interpolated(values: Sequence[float | None], position: float) -> float | None:
    """Value at a position along recruitment.

    Parameters
    ----------
    values : sequence of float or None
        Values in order of recruitment, at least two; None where a neuron has none.
    position : float
        From 0, the first neuron, to 1, the last.

    Returns
    -------
    float or None
        On the line between the neighbouring neurons; None where one of these has no value.
    """
    place = position * (len(values) - 1)
    before = min(int(place), len(values) - 1)
    share = place - before
    if share < _SAME_PLACE or share > 1 - _SAME_PLACE:
        return values[round(place)]
    low, high = values[before], values[before + 1]
    return None if low is None or high is None else low + share * (high - low)


def _summary(model: str, column: Sequence[float | None]) -> PoolSummary:
    values = [value for value in column if value is not None]
    if not values:
        return PoolSummary(model, len(column), 0)
    return PoolSummary(model, len(column), len(values), median(values), min(values), max(values))


def _difference(
    quantity: str,
    model: str,
    matching: Matching,
    reference: Sequence[float | None],
    other: Sequence[float | None],
) -> Difference:
    if matching in UNMATCHED:
        return Difference(model, matching)
    ranks = min(len(reference), len(other))
    positions = [rank / (ranks - 1) if ranks > 1 else 0.0 for rank in range(ranks)]
    before, after = _along(reference, positions), _along(other, positions)
    pairs = [
        (rank, old, new)
        for rank, (old, new) in enumerate(zip(before, after, strict=True), start=1)
        if old is not None and new is not None
    ]
    if not pairs:
        return Difference(model, matching, ranks)
    is_ratio = quantity not in _POTENTIALS
    absolute = [Largest(new - old, rank) for rank, old, new in pairs]
    relative = [Largest((new - old) / abs(old), rank) for rank, old, new in pairs if is_ratio and old]
    return Difference(
        model,
        matching,
        ranks,
        len(pairs),
        median(each.value for each in absolute),
        median(each.value for each in relative) if relative else None,
        max(absolute, key=_size),
        max(relative, key=_size) if relative else None,
    )


def _size(largest: Largest) -> float:
    return abs(largest.value)


def _matching(quantity: str, reference: Sequence[Record], other: Sequence[Record]) -> Matching:
    frames = {record.voltage_frame for record in (*reference, *other)} - {"unknown"}
    if quantity in _POTENTIALS and len(frames) > 1:
        return Matching.VOLTAGE_FRAMES
    if len(reference) == len(other):
        return Matching.RANK
    return Matching.ONE_NEURON if min(len(reference), len(other)) < 2 else Matching.INTERPOLATED


def _along(values: Sequence[float | None], positions: Sequence[float]) -> list[float | None]:
    if len(values) == len(positions):
        return list(values)
    return [interpolated(values, position) for position in positions]
