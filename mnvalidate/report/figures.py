"""Figures of measured pools, several models overlaid, made so that the host's settings stay as they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.reference import BandCriterion, Reference
from mnvalidate.report.literature import (
    Band,
    against,
    deviating_neurons,
    of_family,
    pool_bands,
    type_bands,
)
from mnvalidate.report.results import MeasuredPool, Results
from mnvalidate.report.style import (
    DEVIATING,
    LIMIT_COLOUR,
    ORDER_LABEL,
    TYPE_BAND_COLOUR,
    axis_label,
    draw_band,
    grid,
    look,
    marker_size,
    order_axis,
    padded,
    plain_logarithms,
    plain_numbers,
    plain_text,
    rasterised,
)
from mnvalidate.report.words import limits
from mnvalidate.verdicts import Verdict

_OVERVIEW = ("Ir__nA", "Rin__MOhm", "AHPdur__ms", "FI_gain__Hz_per_nA")
_MOST_OVERLAID = 60
_LITERATURE, _BY_TYPE = "literature", "literature, by type"


def parameters_figure(results: Results) -> Figure:
    """Draw rheobase, input resistance, AHP duration and F-I gain along the pool."""
    figure, axes = grid((4.4, 3.3), 2, 4)
    _draw_quantities(figure, axes, _OVERVIEW, results, columns=2)
    return figure


def quantities_figure(results: Results) -> Figure:
    """Draw every quantity that has a value along the pool."""
    names = [name for name in QUANTITIES if any(r.value(name) is not None for r in results.records)]
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
        measured = _with_values(pool, "Rin__MOhm", "tau__ms")
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
        _ring(
            axes,
            [
                (x, y)
                for neuron, x, y in measured
                if outside & {(pool.model, "Rin__MOhm", neuron), (pool.model, "tau__ms", neuron)}
            ],
            marker_size(len(measured)),
        )
    axes.set_xlabel(QUANTITIES["Rin__MOhm"].label)
    axes.set_ylabel(QUANTITIES["tau__ms"].label)
    if points is not None:
        bar = figure.colorbar(points, ax=axes, label=ORDER_LABEL)
        bar.ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    _legend(figure, [axes])
    return figure


def firing_figure(results: Results) -> Figure:
    """Draw the F-I curves of the pool, each model in its own axes on a common scale."""
    figure, every = grid((5.0, 3.8), min(3, max(1, len(results.pools))), max(1, len(results.pools)))
    for axes, pool in zip(every, results.pools, strict=False):
        for record, shade in _spread(pool):
            columns = record.result("repetitive_firing").data if _has(record, "repetitive_firing") else {}
            for name, style in (("curve", "-"), ("primary", ":")):
                current, rate = columns.get(f"{name}__nA", ()), columns.get(f"{name}__Hz", ())
                axes.plot(
                    current, rate, style, marker="o", markersize=2.5, linewidth=0.9, color=shade, label=None
                )
        axes.set_title(plain_text(pool.model), fontsize="medium")
        axes.set_xlabel("Current (nA)")
        axes.set_ylabel("Steady rate (Hz)")
    _share(every)
    _note(figure, "solid: 5 to 30 nA; dotted: primary range; dark to light: order of recruitment")
    return figure


def traces_figure(results: Results) -> Figure:
    """Overlay the spikes and the afterhyperpolarisations of the pool, from rest."""
    figure, every = grid((4.6, 3.2), 2, 2 * max(1, len(results.pools)))
    for row, pool in enumerate(results.pools):
        for axes, title in zip(
            every[2 * row : 2 * row + 2], ("Action potential", "Afterhyperpolarisation"), strict=True
        ):
            for record, shade in _spread(pool):
                x, y = _from_rest(record, title)
                axes.plot(x, y, color=shade, linewidth=0.8)
            axes.axhline(0.0, color=LIMIT_COLOUR, linewidth=0.6, zorder=0.5)
            axes.set_title(f"{plain_text(pool.model)}: {title.lower()}", fontsize="medium")
            axes.set_xlabel("Time (ms)")
            axes.set_ylabel("Voltage from rest (mV)")
    _share(every[0::2])
    _share(every[1::2])
    _note(figure, "dark to light: order of recruitment")
    return figure


def relations_figure(results: Results, reference: Reference) -> Figure:
    """Draw each relation on logarithmic axes with the published exponent, or the line and its band."""
    verdicts = of_family(results.verdicts, "relation", "band")
    criteria = [c for c in reference.criteria if isinstance(c, BandCriterion)]
    pairs = list(dict.fromkeys((v.quantity, against(v)) for v in verdicts))
    banded = {(v.quantity, against(v)) for v in verdicts if v.neuron is not None}
    drawn = [
        (y, x)
        for y, x in pairs
        if any(len(_positive(pool, x, y)) > ((y, x) not in banded) for pool in results.pools)
    ]
    columns = min(4, max(1, len(drawn)))
    figure, every = grid((2.7, 2.3), columns, max(1, len(drawn)))
    for axes, (y, x) in zip(every, drawn, strict=False):
        of_pair = [v for v in verdicts if (v.quantity, against(v)) == (y, x)]
        axes.set_xscale("log")
        axes.set_yscale("log")
        for index, pool in enumerate(results.pools):
            measured = _positive(pool, x, y)
            if not measured:
                continue
            own = [v for v in of_pair if v.model == pool.model]
            _draw_single_cell_band(axes, measured, own, criteria)
            _draw_exponents(axes, measured, own)
            axes.plot(
                [a for _, a, _ in measured],
                [b for _, _, b in measured],
                linestyle="none",
                marker=look(index).marker,
                markersize=marker_size(len(measured)),
                color=look(index).colour,
                label=plain_text(pool.model),
                rasterized=rasterised(len(measured)),
            )
            outside = {v.neuron for v in own if v.neuron is not None and v.margin}
            _ring(
                axes, [(a, b) for neuron, a, b in measured if neuron in outside], marker_size(len(measured))
            )
        _log_limits(axes, [m for pool in results.pools for m in _positive(pool, x, y)])
        axes.set_xlabel(QUANTITIES[x].label, fontsize="small")
        axes.set_ylabel(axis_label(QUANTITIES[y]), fontsize="small")
        axes.set_title(_exponents(of_pair), fontsize="x-small", loc="left")
    _legend(figure, every)
    return figure


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
            _ring(
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
    _legend(figure, every)


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


def _draw_single_cell_band(
    axes: Axes,
    measured: Sequence[tuple[int, float, float]],
    own: Sequence[Verdict],
    criteria: Sequence[BandCriterion],
) -> None:
    band = {v.neuron: (v.lower, v.upper) for v in own if v.neuron is not None and v.lower and v.upper}
    points = sorted((x, *band[neuron]) for neuron, x, _ in measured if neuron in band)
    if not points:
        return
    line = next((c for c in criteria if c.id in {v.criterion for v in own}), None)
    x, lower, upper = np.array(points, dtype=float).T
    if len(points) == 1:
        x, lower, upper = np.array([0.9, 1.1]) * x, np.repeat(lower, 2), np.repeat(upper, 2)
    axes.fill_between(x, lower, upper, color="0.88", linewidth=0, zorder=0, label="95 % of single cells")
    if line is not None:
        y = [line.expected(float(a)) for a in x]
        axes.plot(x, y, color=LIMIT_COLOUR, linewidth=1.0, zorder=0.6, label="published relation")


def _draw_exponents(axes: Axes, measured: Sequence[tuple[int, float, float]], own: Sequence[Verdict]) -> None:
    """Lines of the published exponents through the middle of the pool, whose height is not published."""
    for v in own:
        if v.neuron is not None or v.lower is None or v.upper is None:
            continue
        x = np.array([a for _, a, _ in measured])
        middle_x = float(np.exp(np.mean(np.log(x))))
        middle_y = float(np.exp(np.mean(np.log([b for _, _, b in measured]))))
        span = np.geomspace(x.min(), x.max(), 30) / middle_x
        low, high = middle_y * span**v.lower, middle_y * span**v.upper
        axes.fill_between(
            span * middle_x,
            np.minimum(low, high),
            np.maximum(low, high),
            color=TYPE_BAND_COLOUR,
            linewidth=0,
            zorder=0.3,
            label="published exponents",
        )
        axes.plot(
            span * middle_x,
            middle_y * span ** (0.5 * (v.lower + v.upper)),
            color=LIMIT_COLOUR,
            linewidth=1.0,
            linestyle="--",
            zorder=0.6,
            label="middle exponent",
        )


def _ring(axes: Axes, points: Sequence[tuple[float, float]], size: float) -> None:
    if points:
        axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            linestyle="none",
            marker="o",
            markersize=max(3.0, 1.7 * size),
            markerfacecolor="none",
            markeredgecolor="black",
            markeredgewidth=0.9,
            label=DEVIATING,
            zorder=4,
            rasterized=rasterised(len(points)),
        )


def _log_limits(axes: Axes, measured: Sequence[tuple[int, float, float]]) -> None:
    for values, scale in (
        ([x for _, x, _ in measured], axes.set_xlim),
        ([y for _, _, y in measured], axes.set_ylim),
    ):
        low, high = padded(np.log10(values).tolist())
        room = max(0.0, 0.15 - (high - low)) / 2
        scale(10 ** (low - room), 10 ** (high + room))
    low, high = axes.get_ylim()
    drawn = [limit for c in axes.collections for limit in c.get_datalim(axes.transData).intervaly]
    finite = [limit for limit in drawn if math.isfinite(limit) and limit > 0]
    axes.set_ylim(min([low, *finite]), max([high, *finite]))
    plain_logarithms(axes.xaxis)
    plain_logarithms(axes.yaxis)


def _exponents(of_pair: Sequence[Verdict]) -> str:
    """Exponent of each model, and the published ones."""
    found = [v for v in of_pair if v.neuron is None and v.value is not None]
    if not found:
        return ""
    seen = ", ".join(f"{v.value:.2f}" for v in found)
    return f"exponent {seen}\npublished {limits(found[0].lower, found[0].upper)}"


def _with_values(pool: MeasuredPool, x: str, y: str) -> list[tuple[int, float, float]]:
    return [
        (record.neuron, a, b)
        for record in pool.records
        if (a := record.value(x)) is not None and (b := record.value(y)) is not None
    ]


def _positive(pool: MeasuredPool, x: str, y: str) -> list[tuple[int, float, float]]:
    return [point for point in _with_values(pool, x, y) if point[1] > 0 and point[2] > 0]


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


def _legend(figure: Figure, every: Sequence[Axes]) -> None:
    found = {
        label: handle
        for axes in every
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        if label
    }
    if found:
        figure.legend(
            found.values(),
            found.keys(),
            loc="upper center",
            borderaxespad=0.2,
            ncols=min(5, len(found)),
            frameon=False,
            fontsize="small",
        )


def _note(figure: Figure, text: str) -> None:
    figure.text(0.5, 0.99, text, fontsize="small", color=LIMIT_COLOUR, ha="center", va="top")
