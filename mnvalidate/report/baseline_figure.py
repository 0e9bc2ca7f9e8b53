"""What changed since the baseline along the pool: as it was in grey, as it is in colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mnvalidate.baseline.comparison import Comparison
from mnvalidate.protocols import QUANTITIES
from mnvalidate.report.results import Results
from mnvalidate.report.since_baseline import QuantityChange, changed_quantities
from mnvalidate.report.style import (
    ORDER_LABEL,
    axis_label,
    grid,
    legend,
    look,
    marker_size,
    order_axis,
    padded,
    plain_numbers,
    plain_text,
    rasterised,
)

_MOST = 12
_COLUMNS = 4
_GREY = "0.6"
_WAS = "baseline"


def has_curves(comparison: Comparison) -> bool:
    """Whether a quantity that can be drawn has changed."""
    return bool(_drawn(comparison))


def baseline_figure(results: Results) -> Figure:
    """Draw the quantities that changed most, each along the recruitment of its pool."""
    comparison = results.baseline or Comparison("")
    groups = _drawn(comparison)[:_MOST]
    figure, every = grid((2.6, 1.95), max(2, min(_COLUMNS, len(groups))), max(1, len(groups)))
    for axes, group in zip(every, groups, strict=False):
        _draw(axes, results, comparison, group)
        axes.set_xlabel(ORDER_LABEL, fontsize="small")
    if not groups:
        every[0].set_ylabel("(nothing)")
    legend(figure, every)
    return figure


def _drawn(comparison: Comparison) -> list[QuantityChange]:
    return [group for group in changed_quantities(comparison) if group.largest.quantity in QUANTITIES]


def _draw(axes: Axes, results: Results, comparison: Comparison, group: QuantityChange) -> None:
    model, quantity = group.largest.model, group.largest.quantity
    before = comparison.before[model][quantity]
    for index, pool in enumerate(results.pools):
        if pool.model != model:
            continue
        now = [record.value(quantity) for record in pool.records]
        _curve(axes, before, _WAS, _GREY, "o", "-")
        shown = look(index)
        _curve(axes, now, f"{plain_text(model)} now", shown.colour, shown.marker, "--")
        values = [value for value in (*before, *now) if value is not None]
        axes.set_ylim(padded(values))
        order_axis(axes, len(pool.records))
    axes.set_ylabel(axis_label(QUANTITIES[quantity]), fontsize="small")
    plain_numbers(axes.yaxis)


def _curve(
    axes: Axes, values: Sequence[float | None], label: str, colour: str, marker: str, line: str
) -> None:
    axes.plot(
        range(len(values)),
        [np.nan if value is None else value for value in values],
        color=colour,
        marker=marker,
        markersize=marker_size(len(values)),
        linestyle=line,
        linewidth=0.9,
        label=label,
        rasterized=rasterised(len(values)),
    )
