"""Every quantity against a scanned parameter: medians and ranges, the literature, and where verdicts flip."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mnvalidate.models.scans import Scan
from mnvalidate.protocols import QUANTITIES
from mnvalidate.report.figure_choice import SCAN_STEM
from mnvalidate.report.literature import pool_bands
from mnvalidate.report.results import Results
from mnvalidate.report.scan import NOTABLE, Flip, ScanReading, ScanRow, Track, tracks
from mnvalidate.report.style import (
    axis_label,
    draw_band_nearby,
    grid,
    legend,
    look,
    padded,
    plain_logarithms,
    plain_numbers,
    plain_text,
    ring,
)

_COLUMNS = 4
_MARKER, _SMALL_MARKER = 4.5, 2.5
_MANY_VALUES = 15
_LOGARITHMIC_FROM = 100.0
# Tracks lie beside each other by this part of the axis, so that their ranges can be told apart.
_ASIDE = 0.008
_MOST_IN_LEGEND = 8
_FEW_VALUES = 6
_FLIPS = "a verdict flips between two values"
_INFORMING_FLIPS = "one that only informs flips"
_FOUND = "error or warning"
_PARTIAL = "hollow: some neurons have no value"


def scan_stems(scan: Scan) -> list[str]:
    """Stems of the figures of a scan, one for each parameter."""
    return [f"{SCAN_STEM}{parameter.key}" for parameter in scan.parameters]


def scan_figure(results: Results, stem: str) -> Figure:
    """Draw every quantity against the parameter that the figure's stem names."""
    reading = ScanReading(results)
    index = scan_stems(reading.scan).index(stem)
    along = tracks(reading.scan, index)
    flips = [flip for track in along for flip in reading.flips(track)]
    bands = pool_bands(results.verdicts)
    figure, every = grid((2.9, 2.15), _COLUMNS, max(1, len(reading.quantities)))
    rows = reading.rows(index)
    for axes, name in zip(every, reading.quantities, strict=False):
        own = [row for row in rows if row.quantity == name]
        values = [
            v
            for row in own
            for c in row.cells
            for v in (c.summary.lowest, c.summary.highest)
            if v is not None
        ]
        axes.set_ylim(padded(values))
        if name in bands:
            draw_band_nearby(axes, bands[name], values, "literature")
        _scale(axes, [value for track in along for value in track.values])
        for place, row in enumerate(own):
            _draw(axes, row, place, len(own))
        _mark(axes, [flip for flip in flips if name in flip.quantities], along)
        axes.set_ylabel(axis_label(QUANTITIES[name]), fontsize="small")
        axes.set_xlabel(plain_text(reading.scan.parameters[index].key), fontsize="small")
        plain_numbers(axes.yaxis)
    legend(figure, every)
    return figure


def _draw(axes: Axes, row: ScanRow, place: int, n_tracks: int) -> None:
    shown = look(place)
    drawn = [
        (x, cell)
        for x, cell in zip(_shifted(axes, row.track.values, place, n_tracks), row.cells, strict=True)
        if cell.summary.median is not None
    ]
    size = _MARKER if len(drawn) <= _MANY_VALUES else _SMALL_MARKER
    medians = [float(cell.summary.median or 0.0) for _, cell in drawn]
    axes.errorbar(
        [x for x, _ in drawn],
        medians,
        yerr=(
            [m - float(c.summary.lowest or 0.0) for m, (_, c) in zip(medians, drawn, strict=True)],
            [float(c.summary.highest or 0.0) - m for m, (_, c) in zip(medians, drawn, strict=True)],
        ),
        color=shown.colour,
        marker=shown.marker,
        markersize=size,
        linestyle=shown.line,
        linewidth=0.9,
        elinewidth=0.7,
        capsize=1.5,
        label=plain_text(f"{row.track.name}: median, range") if place < _MOST_IN_LEGEND else None,
    )
    partial = [(x, m) for (x, cell), m in zip(drawn, medians, strict=True) if cell.is_partial]
    if partial:
        axes.plot(
            [x for x, _ in partial],
            [m for _, m in partial],
            linestyle="none",
            marker=shown.marker,
            markersize=size,
            markerfacecolor="white",
            markeredgecolor=shown.colour,
            label=_PARTIAL,
            zorder=3,
        )
    found = [(x, m) for (x, cell), m in zip(drawn, medians, strict=True) if cell.status in NOTABLE]
    ring(axes, found, size, _FOUND)


def _mark(axes: Axes, flips: Sequence[Flip], along: Sequence[Track]) -> None:
    """Mark the middle between the values on whose sides a verdict is another one."""
    for flip in flips:
        place = along.index(flip.track)
        x = sum(_shifted(axes, (flip.below, flip.above), place, len(along))) / 2
        colour = look(place).colour
        axes.axvline(x, color=colour, linestyle=":", linewidth=0.8, zorder=0.6)
        axes.plot(
            [x],
            [0.97],
            transform=axes.get_xaxis_transform(),
            marker="v",
            markersize=_MARKER,
            linestyle="none",
            markerfacecolor=colour if flip.is_notable else "white",
            markeredgecolor=colour,
            markeredgewidth=0.8,
            label=_FLIPS if flip.is_notable else _INFORMING_FLIPS,
            zorder=5,
        )


def _scale(axes: Axes, values: Sequence[float]) -> None:
    low, high = min(values), max(values)
    different = sorted(set(values))
    if low > 0 and high / low >= _LOGARITHMIC_FROM:
        axes.set_xscale("log")
        axes.set_xlim(low / 1.3, high * 1.3)
        plain_logarithms(axes.xaxis)
    else:
        room = 0.08 * (high - low)
        axes.set_xlim(low - room, high + room)
        if len(different) <= _FEW_VALUES:
            axes.set_xticks(different, [f"{value:.4g}" for value in different])
        else:
            plain_numbers(axes.xaxis)


def _shifted(axes: Axes, values: Sequence[float], place: int, n_tracks: int) -> list[float]:
    """Abscissas of a track, moved a little so that tracks do not cover each other."""
    if axes.get_xscale() == "log" or n_tracks > _MOST_IN_LEGEND:
        return list(values)
    low, high = axes.get_xlim()
    aside = _ASIDE * (place - (n_tracks - 1) / 2) * (high - low)
    return [value + aside for value in values]
