"""Figures of a pool, made with matplotlib's objects so that the host's settings stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record

_OVERVIEW = ("Ir__nA", "Rin__MOhm", "AHPdur__ms", "FI_gain__Hz_per_nA")
_MARKERS = "osD^vP"
# Okabe and Ito's colours, which colour-blind readers tell apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_BAND_COLOUR = "0.9"


@dataclass(frozen=True, slots=True)
class Band:
    """A range from the literature, open where a limit is None."""

    lower: float | None
    upper: float | None
    label: str


def parameters_figure(pools: Mapping[str, Sequence[Record]], bands: Mapping[str, Band]) -> Figure:
    """Draw rheobase, input resistance, AHP duration and F-I gain along the pool.

    Parameters
    ----------
    pools : mapping of str to sequence of Record
        Records by model, in order of recruitment.
    bands : mapping of str to Band
        Range from the literature by quantity.

    Returns
    -------
    Figure
        Two by two axes.
    """
    figure, grid = _figure((9.0, 7.0), rows=2, columns=2)
    for axes, name in zip(grid.flat, _OVERVIEW, strict=True):
        _draw_along_pool(axes, name, pools, bands.get(name))
    _legend(grid[0, 0], pools)
    return figure


def rin_tau_figure(pools: Mapping[str, Sequence[Record]]) -> Figure:
    """Draw the membrane time constant against input resistance, coloured by motor unit."""
    figure, grid = _figure((6.5, 5.0), rows=1, columns=1)
    axes = grid[0, 0]
    points = None
    for (model, records), marker in zip(pools.items(), _MARKERS * len(pools), strict=False):
        measured = [r for r in records if r.value("Rin__MOhm") is not None and r.value("tau__ms") is not None]
        points = axes.scatter(
            [r.value("Rin__MOhm") for r in measured],
            [r.value("tau__ms") for r in measured],
            c=[r.neuron for r in measured],
            cmap="viridis",
            vmin=0,
            vmax=max(len(records) - 1, 1),
            marker=marker,
            edgecolors="black",
            linewidths=0.5,
            label=model,
        )
    axes.set_xlabel(QUANTITIES["Rin__MOhm"].label)
    axes.set_ylabel(QUANTITIES["tau__ms"].label)
    if points is not None:
        bar = figure.colorbar(points, ax=axes, label="Motor unit, in order of recruitment")
        bar.ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    _legend(axes, pools)
    return figure


def _draw_along_pool(axes: Axes, name: str, pools: Mapping[str, Sequence[Record]], band: Band | None) -> None:
    if band is not None:
        _draw_band(axes, band)
    for (model, records), marker, colour in zip(
        pools.items(), _MARKERS * len(pools), _COLOURS * len(pools), strict=False
    ):
        values = [np.nan if (value := record.value(name)) is None else value for record in records]
        axes.plot(
            [record.neuron for record in records],
            values,
            marker=marker,
            markersize=5 if len(records) <= 50 else 2,
            linewidth=0.8,
            color=colour,
            label=model,
        )
    axes.set_xlabel("Motor unit, in order of recruitment")
    axes.set_ylabel(QUANTITIES[name].label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _draw_band(axes: Axes, band: Band) -> None:
    lower = -np.inf if band.lower is None else band.lower
    upper = np.inf if band.upper is None else band.upper
    axes.axhspan(
        max(lower, -1e6), min(upper, 1e6), color=_BAND_COLOUR, zorder=0, label=band.label, linewidth=0
    )
    for limit in (band.lower, band.upper):
        if limit is not None:
            axes.axhline(limit, color="0.5", linestyle="--", linewidth=0.8, zorder=0.5)


def _legend(axes: Axes, pools: Mapping[str, Sequence[Record]]) -> None:
    if len(pools) > 1 or axes.get_legend_handles_labels()[1][:1] != list(pools)[:1]:
        axes.legend(frameon=False, fontsize="small")


def _figure(size__inch: tuple[float, float], rows: int, columns: int) -> tuple[Figure, np.ndarray]:
    figure = Figure(figsize=size__inch, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.spines[["top", "right"]].set_visible(False)
    return figure, grid
