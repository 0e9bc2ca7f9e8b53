"""How figures look: colours, markers, and axes, made with matplotlib's objects only."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator, ScalarFormatter

from mnvalidate.quantities import Quantity
from mnvalidate.report.literature import Band
from mnvalidate.report.wording import cropped

# Okabe and Ito's colours, which colour-blind readers tell apart; markers and lines differ, too.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_MARKERS = "osD^vP"
_LINES: tuple[str | tuple[int, tuple[int, ...]], ...] = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
BAND_COLOUR = "0.90"
TYPE_BAND_COLOUR = "0.78"
LIMIT_COLOUR = "0.45"
ORDER_LABEL = "Motor unit, by recruitment"
DEVIATING = "deviates"

_LEFT__inch, _RIGHT__inch, _BOTTOM__inch, _TOP__inch = 0.72, 0.13, 0.46, 0.3
_LEGEND__inch = 0.5
# Of an entry of the legend, at its font size; a letter is taken as wide as most are.
_HANDLE__inch, _LETTER__inch = 0.55, 0.07
_SHORT_LOGARITHMIC_AXIS = 5.0
_CLOSE_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
_LONGEST_LABEL = 24
_LONGEST_NAME = 40
_FEW_NEURONS = 5
_MANY_POINTS = 60
_RASTERISED_FROM = 300


@dataclass(frozen=True, slots=True)
class Look:
    """Colour, marker and line of one model."""

    colour: str
    marker: str
    line: str | tuple[int, tuple[int, ...]]


def look(index: int) -> Look:
    """Look of the model with this index."""
    return Look(_COLOURS[index % 6], _MARKERS[index % 6], _LINES[index % 6])


def grid(panel__inch: tuple[float, float], columns: int, used: int) -> tuple[Figure, list[Axes]]:
    """Figure of `used` axes of the same size, row by row, without the frame's upper and right sides.

    The room for labels is given in inches, because matplotlib's own layout takes longer than the drawing.
    """
    width, height = panel__inch
    rows = math.ceil(used / columns)
    across, up = columns * width, rows * height + _LEGEND__inch
    figure = Figure(figsize=(across, up))
    FigureCanvasAgg(figure)
    every = []
    for index in range(used):
        row, column = divmod(index, columns)
        left = column * width + _LEFT__inch
        bottom = (rows - 1 - row) * height + _BOTTOM__inch
        inner_width, inner_height = width - _LEFT__inch - _RIGHT__inch, height - _BOTTOM__inch - _TOP__inch
        axes = figure.add_axes((left / across, bottom / up, inner_width / across, inner_height / up))
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize="small")
        every.append(axes)
    return figure, every


def plain_numbers(axis: Axis) -> None:
    """Write few numbers, without a common offset or factor."""
    axis.set_major_locator(MaxNLocator(nbins=4))
    formatter = axis.get_major_formatter()
    if isinstance(formatter, ScalarFormatter):
        formatter.set_useOffset(False)


def plain_logarithms(axis: Axis) -> None:
    """Label a logarithmic axis with plain numbers at 1, 2 and 5 of each decade, or closer if it is short."""
    low, high = axis.get_view_interval()
    steps = (1.0, 2.0, 5.0) if high / low > _SHORT_LOGARITHMIC_AXIS else _CLOSE_STEPS
    ticks = [
        step * 10.0**decade
        for decade in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for step in steps
        if low <= step * 10.0**decade <= high
    ]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def draw_band(axes: Axes, band: Band, values: Sequence[float], label: str) -> None:
    """Shade a range; an open side ends where the axis does, and closed limits stay in view."""
    _shade(axes, band, padded([*values, *_closed(band)]), label)


def draw_band_nearby(axes: Axes, band: Band, values: Sequence[float], label: str) -> None:
    """Shade a range behind small changes: limits are in view where they are near the values."""
    low, high = padded(values)
    near = [limit for limit in _closed(band) if 2 * low - high <= limit <= 2 * high - low]
    _shade(axes, band, padded([*values, *near]), label)


def _closed(band: Band) -> list[float]:
    return [limit for limit in (band.lower, band.upper) if limit is not None]


def _shade(axes: Axes, band: Band, view: tuple[float, float], label: str) -> None:
    low, high = view
    lower = low if band.lower is None else band.lower
    upper = high if band.upper is None else band.upper
    axes.axhspan(lower, upper, color=BAND_COLOUR, zorder=0, linewidth=0, label=label)
    for limit in _closed(band):
        axes.axhline(limit, color=LIMIT_COLOUR, linestyle="--", linewidth=0.8, zorder=0.5)
    axes.set_ylim(low, high)


def padded(values: Iterable[float]) -> tuple[float, float]:
    """Limits of an axis that leave room around all values, and do not magnify differences below 10 %."""
    listed = list(values)
    low, high = min(listed), max(listed)
    room = 0.08 * (high - low)
    least = 0.05 * max(abs(low), abs(high)) or 1.0
    return low - max(room, least), high + max(room, least)


def order_axis(axes: Axes, n_neurons: int) -> None:
    """Make the abscissa the order of recruitment."""
    axes.set_xlim(-0.5 - 0.02 * n_neurons, n_neurons - 0.5 + 0.02 * n_neurons)
    few = n_neurons <= _FEW_NEURONS
    axes.xaxis.set_major_locator(
        FixedLocator(range(n_neurons)) if few else MaxNLocator(nbins=4, integer=True)
    )


def plain_text(text: str) -> str:
    """Text of a name that is short and is no formula."""
    return cropped(text, _LONGEST_NAME).replace("$", r"\$")


def axis_label(quantity: Quantity) -> str:
    """Title and unit of a quantity, on two lines if they are long."""
    return "\n".join(textwrap.wrap(quantity.label, _LONGEST_LABEL))


def marker_size(n_points: int) -> float:
    """Size of a marker in points, smaller where there are many."""
    return 4.5 if n_points <= _MANY_POINTS else max(1.0, 4.5 * (_MANY_POINTS / n_points) ** 0.5)


def rasterised(n_points: int) -> bool:
    """Whether there are so many points that a vector file should hold them as an image."""
    return n_points >= _RASTERISED_FROM


def ring(axes: Axes, points: Sequence[tuple[float, float]], size: float, label: str = DEVIATING) -> None:
    """Ring points that deviate, or those that the label tells of."""
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
            label=label,
            zorder=4,
            rasterized=rasterised(len(points)),
        )


def legend(figure: Figure, every: Sequence[Axes]) -> None:
    """One legend for all axes, each label once."""
    found = {
        label: handle
        for axes in every
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        if label
    }
    if found:
        widest__inch = _HANDLE__inch + _LETTER__inch * max(map(len, found))
        beside = max(1, int(figure.get_figwidth() / widest__inch))
        figure.legend(
            found.values(),
            found.keys(),
            loc="upper center",
            borderaxespad=0.2,
            ncols=min(5, beside, len(found)),
            frameon=False,
            fontsize="small",
        )


def note(figure: Figure, text: str) -> None:
    """Write a line above everything."""
    figure.text(0.5, 0.99, text, fontsize="small", color=LIMIT_COLOUR, ha="center", va="top")
