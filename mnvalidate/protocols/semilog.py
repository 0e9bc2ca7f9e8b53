"""Reading a decay as on semi-logarithmic paper."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mnvalidate.traces import Array

_FINE_POINTS, _LINE_POINTS = 2000, 4000

Height = Callable[[Array], Array]


def largest_local__ms(height: Height, end__ms: float, floor: float) -> tuple[float, float] | None:
    """Longest time in which the decay falls by an e-fold, above a fraction of its height, and when it starts.

    It is what the eye takes on semi-logarithmic paper. None if the decay has no e-fold above `floor`.
    """
    t = sampling_times(end__ms, _FINE_POINTS)
    y = height(t)
    below: NDArray[np.int64] = np.flatnonzero(y <= floor * y[0])
    last = int(below[0]) if below.size else t.size - 1
    # A local rise (a rebound of the membrane) is passed over: only a fall to a new low has a time.
    lowest = np.minimum.accumulate(y[: last + 1])
    falling = np.concatenate([[True], np.diff(lowest) < 0]) & (lowest > 0)
    t, log_height = t[: last + 1][falling], np.log(lowest[falling])
    starts = log_height >= log_height[-1] + 1
    if t.size < 2 or not starts.any():
        return None
    lengths = np.interp(1 - log_height[starts], -log_height, t) - t[starts]
    longest = int(np.argmax(lengths))
    return float(lengths[longest]), float(t[longest])


def sampling_times(span__ms: float, number: int) -> Array:
    """Times from the end of the pulse on, dense at first, where equalisation is fast."""
    return np.concatenate([[0.0], np.geomspace(min(1e-2, span__ms / 1e3), span__ms, number - 1)])


def fall__ms(height: Height, start__ms: float, end__ms: float, to: float) -> float | None:
    """First time after `start__ms` at which a height has fallen to a fraction of what it was there."""
    t = start__ms + sampling_times(end__ms - start__ms, _FINE_POINTS)
    return passage__ms(height, t, to * float(height(t[:1])[0]))


def passage__ms(height: Height, t__ms: Array, level: float) -> float | None:
    """First time at which a height is at or below a level, searched for between the sampled times."""
    below = np.flatnonzero(height(t__ms) <= level)
    if below.size == 0:
        return None
    if below[0] == 0:
        return float(t__ms[0])
    low, high = float(t__ms[below[0] - 1]), float(t__ms[below[0]])
    for _ in range(2):
        t = np.linspace(low, high, 50)
        above = height(t) - level
        first = max(int(np.argmax(above <= 0)), 1)
        low, high = float(t[first - 1]), float(t[first])
    before, after = float(above[first - 1]), float(above[first])
    return low + (high - low) * before / (before - after) if before > after else high


def log_slope__ms(height: Height, start__ms: float, stop__ms: float) -> float:
    """Time constant of one line through the logarithm of a height."""
    t = np.linspace(start__ms, stop__ms, _LINE_POINTS)
    return float(-1.0 / np.polyfit(t, np.log(height(t)), 1)[0])
