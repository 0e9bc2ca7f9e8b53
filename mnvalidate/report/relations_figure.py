"""Figure of the relations between quantities."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mnvalidate.checks.families.band import BandCheck, BandCriterion
from mnvalidate.checks.families.relation import ExponentCheck
from mnvalidate.literature.criteria import Reference
from mnvalidate.protocols import QUANTITIES
from mnvalidate.report.literature import of_family
from mnvalidate.report.points import positive
from mnvalidate.report.results import Results
from mnvalidate.report.style import (
    LIMIT_COLOUR,
    TYPE_BAND_COLOUR,
    axis_label,
    grid,
    legend,
    look,
    marker_size,
    padded,
    plain_logarithms,
    plain_text,
    rasterised,
    ring,
)
from mnvalidate.report.wording import limits
from mnvalidate.verdicts import Verdict


def relations_figure(results: Results, reference: Reference) -> Figure:
    """Draw each relation on logarithmic axes with the published exponent, or the line and its band."""
    verdicts = of_family(results.verdicts, ExponentCheck.family, BandCheck.family)
    criteria = [c for c in reference.criteria if isinstance(c, BandCriterion)]
    pairs = list(dict.fromkeys((v.quantity, v.against) for v in verdicts))
    banded = {(v.quantity, v.against) for v in verdicts if v.subject.neuron is not None}
    drawn = [
        (y, x)
        for y, x in pairs
        if any(len(positive(pool, x, y)) > ((y, x) not in banded) for pool in results.pools)
    ]
    columns = min(4, max(1, len(drawn)))
    figure, every = grid((2.7, 2.3), columns, max(1, len(drawn)))
    for axes, (y, x) in zip(every, drawn, strict=False):
        of_pair = [v for v in verdicts if (v.quantity, v.against) == (y, x)]
        axes.set_xscale("log")
        axes.set_yscale("log")
        for index, pool in enumerate(results.pools):
            measured = positive(pool, x, y)
            if not measured:
                continue
            own = [v for v in of_pair if v.subject.name == pool.model]
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
            outside = {v.subject.neuron for v in own if v.subject.neuron is not None and v.margin}
            ring(axes, [(a, b) for neuron, a, b in measured if neuron in outside], marker_size(len(measured)))
        _log_limits(axes, [m for pool in results.pools for m in positive(pool, x, y)])
        axes.set_xlabel(QUANTITIES[x].label, fontsize="small")
        axes.set_ylabel(axis_label(QUANTITIES[y]), fontsize="small")
        axes.set_title(_exponents(of_pair), fontsize="x-small", loc="left")
    legend(figure, every)
    return figure


def _draw_single_cell_band(
    axes: Axes,
    measured: Sequence[tuple[int, float, float]],
    own: Sequence[Verdict],
    criteria: Sequence[BandCriterion],
) -> None:
    band = {
        v.subject.neuron: (v.lower, v.upper)
        for v in own
        if v.subject.neuron is not None and v.lower and v.upper
    }
    points = sorted((x, *band[neuron]) for neuron, x, _ in measured if neuron in band)
    if not points:
        return
    line = next((c for c in criteria if c.id in {v.criterion for v in own}), None)
    x, lower, upper = np.array(points, dtype=float).T
    if len(points) == 1:
        x, lower, upper = np.array([0.9, 1.1]) * x, np.repeat(lower, 2), np.repeat(upper, 2)
    axes.fill_between(x, lower, upper, color="0.88", linewidth=0, zorder=0, label="limits of single cells")
    if line is not None:
        y = [line.expected(float(a)) for a in x]
        axes.plot(x, y, color=LIMIT_COLOUR, linewidth=1.0, zorder=0.6, label="published relation")


def _draw_exponents(axes: Axes, measured: Sequence[tuple[int, float, float]], own: Sequence[Verdict]) -> None:
    """Lines of the limits of exponents through the middle of the pool, whose height is not published."""
    for v in own:
        if v.subject.neuron is not None or v.lower is None or v.upper is None:
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
            label="limits of exponents",
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
    found = [v for v in of_pair if v.subject.neuron is None and v.value is not None]
    if not found:
        return ""
    seen = ", ".join(f"{v.value:.2f}" for v in found)
    return f"exponent {seen}\nlimits {limits(found[0].lower, found[0].upper)}"
