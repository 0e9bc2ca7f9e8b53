"""Thinned curves of traces, for a reader's eye; nothing is measured on them."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import ArrayLike

from mnvalidate.drawing import Curve, Drawing, Pulse
from mnvalidate.traces import Array, Trace

_MOST_POINTS = 240
_FEWEST_POINTS = 400
"""Times at which a trace is read before thinning, beside the solver's own."""
_TOLERATED_ERROR = 1e-3
"""Largest error of a thinned curve, as a fraction of its height."""
_SMALL = 0.25
_DECIMALS = 3


def curve(label: str, x: ArrayLike, y: ArrayLike) -> Curve:
    """Make a curve of points, rounded for display."""
    return Curve(label, _rounded(x), _rounded(y))


def level(label: str, y: float, start: float, stop: float) -> Curve:
    """Make a horizontal line."""
    return curve(label, (start, stop), (y, y))


def point(label: str, x: float, y: float) -> Curve:
    """Make a dot."""
    return curve(label, (x,), (y,))


def voltage(label: str, trace: Trace, start__ms: float, stop__ms: float) -> Curve:
    """Draw a trace from `start__ms` to `stop__ms` with as few points as look the same."""
    start, stop = max(start__ms, float(trace.t__ms[0])), min(stop__ms, trace.end__ms)
    own = trace.t__ms[(trace.t__ms >= start) & (trace.t__ms <= stop)]
    t = np.unique(np.concatenate([own, np.linspace(start, stop, _FEWEST_POINTS)]))
    v = trace.at(t)
    kept = thinned(t, v, _TOLERATED_ERROR * float(np.ptp(v)), _MOST_POINTS)
    return curve(label, t[kept], v[kept])


def sweeps(
    title: str, curves: tuple[Curve, ...], marks: tuple[Curve, ...], pulses: tuple[Pulse, ...]
) -> Drawing:
    """Draw voltage over time."""
    return Drawing(title, "Time (ms)", "Voltage (mV)", curves, marks, pulses)


def thinned(x: Array, y: Array, tolerance: float, at_most: int) -> Array:
    """Indices of the points that a polyline needs to follow all others.

    The points farthest from the line so far are added, one in each gap, until none is off by more than
    `tolerance` (Douglas and Peucker 1973, with the vertical distance) or there would be too many.
    """
    kept = np.array([0, x.size - 1])
    while kept.size < at_most:
        error = np.abs(y - np.interp(x, x[kept], y[kept]))
        worst = np.maximum.reduceat(error, kept[:-1])
        # Large errors first: spikes that have not been seen yet before the shape of those that have.
        wanted = worst > max(tolerance, _SMALL * float(worst.max()))
        if not wanted.any():
            break
        gap_of = np.repeat(np.arange(worst.size), np.diff(kept))
        farthest = np.flatnonzero(error[:-1] == worst[gap_of])
        gaps, first = np.unique(gap_of[farthest], return_index=True)
        added = farthest[first[wanted[gaps]]]
        room = at_most - kept.size
        if added.size > room:
            added = added[np.argsort(-error[added], kind="stable")[:room]]
        kept = np.sort(np.concatenate([kept, added]))
    return kept


def _rounded(values: ArrayLike) -> array[float]:
    return array("d", np.round(np.asarray(values, dtype=float), _DECIMALS).tolist())
