"""The neurons of a pool as points of a figure."""

from __future__ import annotations

from mnvalidate.report.results import MeasuredPool


def with_values(pool: MeasuredPool, x: str, y: str) -> list[tuple[int, float, float]]:
    """Index and both values of the neurons that have them."""
    return [
        (record.neuron, a, b)
        for record in pool.records
        if (a := record.value(x)) is not None and (b := record.value(y)) is not None
    ]


def positive(pool: MeasuredPool, x: str, y: str) -> list[tuple[int, float, float]]:
    """Those of `with_values` whose logarithms exist."""
    return [point for point in with_values(pool, x, y) if point[1] > 0 and point[2] > 0]
