"""Figures of measured pools, several models overlaid, made so that the host's settings stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.report.literature import (
    Band,
    deviating_neurons,
    pool_bands,
    type_bands,
)
from mnvalidate.report.points import with_values
from mnvalidate.report.results import MeasuredPool, Results
from mnvalidate.report.style import (
    LIMIT_COLOUR,
    ORDER_LABEL,
    TYPE_BAND_COLOUR,
    axis_label,
    draw_band,
    grid,
    legend,
    look,
    marker_size,
    note,
    order_axis,
    padded,
    plain_numbers,
    plain_text,
    rasterised,
    ring,
)

# The definitions that the literature judges.
_RESISTANCE = "Rin_50ms__MOhm"
_OVERVIEW = ("Ir__nA", _RESISTANCE, "AHPdur_5pct__ms", "FI_primary_gain__Hz_per_nA")
_MOST_OVERLAID = 60
_OVERLAID_ALPHA = 0.6
_TRACES = ("Action potential", "Afterhyperpolarisation")
_TOGETHER = "all models"
_LITERATURE, _BY_TYPE = "literature", "literature, by type"


def parameters_figure(results: Results) -> Figure:
    """Draw rheobase, input resistance, AHP duration and F-I gain along the pool."""
    figure, axes = grid((4.4, 3.3), 2, 4)
    _draw_quantities(figure, axes, _OVERVIEW, results, columns=2)
    return figure


def quantities_figure(results: Results) -> Figure:
    """Draw every quantity that has a value along the pool, beside those of `parameters_figure`."""
    measured = {name for r in results.records for name in QUANTITIES if r.value(name) is not None}
    names = [name for name in QUANTITIES if name in measured and name not in _OVERVIEW]
    figure, axes = grid((2.6, 1.95), 4, max(1, len(names)))
    _draw_quantities(figure, axes[: len(names)], names, results, columns=4)
    return figure


def rin_tau_figure(results: Results) -> Figure:
    """Draw the membrane time constant against input resistance, coloured by the order of recruitment."""
    figure, (axes,) = grid((6.0, 4.4), 1, 1)
    outside = deviating_neurons(results.verdicts)
    largest = max((len(pool.records) for pool in results.pools), default=1)
    points = None
    for index, pool in enumerate(results.pools):
        measured = with_values(pool, _RESISTANCE, "tau__ms")
        points = axes.scatter(
            [x for _, x, _ in measured],
            [y for _, _, y in measured],
            c=[neuron for neuron, _, _ in measured],
            cmap="viridis",
            vmin=0,
            vmax=max(largest - 1, 1),
            s=marker_size(len(measured)) ** 2 * 1.6,
            marker=look(index).marker,
            edgecolors="black",
            linewidths=0.4,
            label=plain_text(pool.model),
            rasterized=rasterised(len(measured)),
        )
        ring(
            axes,
            [
                (x, y)
                for neuron, x, y in measured
                if outside & {(pool.model, _RESISTANCE, neuron), (pool.model, "tau__ms", neuron)}
            ],
            marker_size(len(measured)),
        )
    axes.set_xlabel(QUANTITIES[_RESISTANCE].label)
    axes.set_ylabel(QUANTITIES["tau__ms"].label)
    if points is not None:
        bar = figure.colorbar(points, ax=axes, label=ORDER_LABEL)
        bar.ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    legend(figure, [axes])
    return figure


def firing_figure(results: Results) -> Figure:
    """Draw the F-I curves of the pool, each model in its own axes on a common scale, and all in one."""
    pools = results.pools
    figure, every = grid((5.0, 3.8), min(3, max(1, _panels(results))), max(1, _panels(results)))
    for axes, pool in zip(every, pools, strict=False):
        for record, shade in _spread(pool):
            _draw_firing(axes, record, color=shade)
        axes.set_title(plain_text(pool.model), fontsize="medium")
    if len(pools) > 1:
        for index, pool in enumerate(pools):
            for record, _ in _spread(pool):
                _draw_firing(every[-1], record, color=look(index).colour, alpha=_OVERLAID_ALPHA)
        _name_models(every[-1], results, _TOGETHER)
    for axes in every:
        axes.set_xlabel("Current (nA)")
        axes.set_ylabel("Steady rate (Hz)")
    _share(every)
    note(figure, "solid: 5 to 30 nA; dotted: primary range; dark to light: order of recruitment")
    return figure


def traces_figure(results: Results) -> Figure:
    """Overlay the spikes and afterhyperpolarisations of each pool, from rest, and of all pools."""
    figure, every = grid((4.6, 3.2), 2, 2 * max(1, _panels(results)))
    for row, pool in enumerate(results.pools):
        for axes, title in zip(every[2 * row : 2 * row + 2], _TRACES, strict=True):
            for record, shade in _spread(pool):
                x, y = _from_rest(record, title)
                axes.plot(x, y, color=shade, linewidth=0.8)
            axes.set_title(f"{plain_text(pool.model)}: {title.lower()}", fontsize="medium")
    if len(results.pools) > 1:
        for axes, title in zip(every[-2:], _TRACES, strict=True):
            for index, pool in enumerate(results.pools):
                for record, _ in _spread(pool):
                    x, y = _from_rest(record, title)
                    axes.plot(x, y, color=look(index).colour, linewidth=0.8, alpha=_OVERLAID_ALPHA)
            _name_models(axes, results, f"{_TOGETHER}: {title.lower()}")
    for axes in every:
        axes.axhline(0.0, color=LIMIT_COLOUR, linewidth=0.6, zorder=0.5)
        axes.set_xlabel("Time (ms)")
        axes.set_ylabel("Voltage from rest (mV)")
    _share(every[0::2])
    _share(every[1::2])
    note(figure, "dark to light: order of recruitment")
    return figure


def _panels(results: Results) -> int:
    """One for each model, and one for all where there are several."""
    return len(results.pools) + (len(results.pools) > 1)


def _draw_firing(axes: Axes, record: Record, **how: Any) -> None:
    columns = record.result("repetitive_firing").data if _has(record, "repetitive_firing") else {}
    for name, style in (("curve", "-"), ("primary", ":")):
        current, rate = columns.get(f"{name}__nA", ()), columns.get(f"{name}__Hz", ())
        axes.plot(current, rate, style, marker="o", markersize=2.5, linewidth=0.9, label=None, **how)


def _name_models(axes: Axes, results: Results, title: str) -> None:
    """Tell the models of overlaid curves apart by their colours."""
    for index, pool in enumerate(results.pools):
        axes.plot([], [], color=look(index).colour, label=plain_text(pool.model))
    axes.legend(fontsize="small", frameon=False)
    axes.set_title(title, fontsize="medium")


def _draw_quantities(
    figure: Figure, every: Sequence[Axes], names: Sequence[str], results: Results, columns: int
) -> None:
    """Draw one panel for each quantity; the abscissa is labelled below the lowest of each column."""
    bands, types = pool_bands(results.verdicts), type_bands(results.verdicts)
    outside = deviating_neurons(results.verdicts)
    for axes, name in zip(every, names, strict=True):
        values = [value for r in results.records if (value := r.value(name)) is not None]
        if values:
            axes.set_ylim(padded(values))
        if values and name in bands:
            draw_band(axes, bands[name], values, _LITERATURE)
        _draw_type_bands(axes, types.get(name, {}), axes.get_ylim())
        for index, pool in enumerate(results.pools):
            _draw_along_pool(axes, name, pool, index)
            ring(
                axes,
                [
                    (r.neuron, value)
                    for r in pool.records
                    if (value := r.value(name)) is not None and (pool.model, name, r.neuron) in outside
                ],
                marker_size(len(pool.records)),
            )
        order_axis(axes, max((len(pool.records) for pool in results.pools), default=1))
        if not values:
            axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center", color=LIMIT_COLOUR)
        if axes in every[-columns:]:
            axes.set_xlabel(ORDER_LABEL, fontsize="small")
        else:
            axes.tick_params(labelbottom=False)
        axes.set_ylabel(axis_label(QUANTITIES[name]), fontsize="small")
        plain_numbers(axes.yaxis)
    legend(figure, every)


def _draw_along_pool(axes: Axes, name: str, pool: MeasuredPool, index: int) -> None:
    n = len(pool.records)
    axes.plot(
        [record.neuron for record in pool.records],
        [np.nan if (value := record.value(name)) is None else value for record in pool.records],
        marker=look(index).marker,
        markersize=marker_size(n),
        linestyle=look(index).line,
        linewidth=0.9,
        color=look(index).colour,
        label=plain_text(pool.model),
        rasterized=rasterised(n),
    )


def _draw_type_bands(axes: Axes, bands: dict[int, Band], view: tuple[float, float]) -> None:
    """Shade the range of each stretch of neurons with the same motor-unit type."""
    for band, stretch in groupby(sorted(bands), key=lambda neuron: bands[neuron]):
        neurons = list(stretch)
        lower = view[0] if band.lower is None else band.lower
        upper = view[1] if band.upper is None else band.upper
        axes.fill_between(
            [neurons[0] - 0.5, neurons[-1] + 0.5],
            lower,
            upper,
            color=TYPE_BAND_COLOUR,
            linewidth=0,
            zorder=0.2,
            label=_BY_TYPE,
        )


def _spread(pool: MeasuredPool) -> list[tuple[Record, tuple[float, float, float, float]]]:
    """Neurons spread over the order of recruitment, at most 60 of them, each with its shade."""
    from matplotlib import colormaps

    shades = colormaps["viridis"]
    n = len(pool.records)
    chosen = np.unique(np.linspace(0, n - 1, min(n, _MOST_OVERLAID)).round().astype(int)).tolist()
    return [(pool.records[i], shades(0.9 * i / max(n - 1, 1))) for i in chosen]


def _has(record: Record, protocol: str) -> bool:
    return any(result.protocol == protocol for result in record.results)


def _from_rest(record: Record, title: str) -> tuple[np.ndarray, np.ndarray]:
    """Time and voltage from rest of the first curve of a drawing; empty where it was not drawn."""
    rest = record.value("vhold_soma__mV")
    for result in record.results:
        for drawing in result.drawings:
            if drawing.title == title and rest is not None:
                return np.array(drawing.curves[0].x), np.array(drawing.curves[0].y) - rest
    return np.array([]), np.array([])


def _share(every: Sequence[Axes]) -> None:
    """Give axes the same limits."""
    lefts, rights = zip(*(axes.get_xlim() for axes in every), strict=True)
    lows, highs = zip(*(axes.get_ylim() for axes in every), strict=True)
    for axes in every:
        axes.set_xlim(min(lefts), max(rights))
        axes.set_ylim(min(lows), max(highs))
