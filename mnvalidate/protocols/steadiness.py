"""Rate of a spike train, and whether it is one: pure functions of the times of spikes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnvalidate.traces import Array

_FEWEST_INTERVALS = 2
# Firing has stopped when the pause at the end is longer than this many of the last intervals.
_LONGEST_PAUSE = 1.5
# Spikes fail when intervals grow by more than this: the last one against the mean, or the last third of them
# against the first. Adaptation with 2.5 s that lengthens them by 30 % in all makes this 1.2.
_LARGEST_GROWTH = 1.5
# A window must hold this many of the last intervals; a lengthened one is made to hold one more.
_INTERVALS_IN_WINDOW = 3
_LENGTHENED_BY = 1.5
# A sweep may end early when what a drift of the rate could still add over the whole window is below this.
_TOLERATED_DRIFT = 5e-4
# An adaptation that dies away is continued to its end if it has less than this still to go, if each of its
# differences is a smaller part than this of the one before, and if it has been smaller than this all along:
# only a small one dies away geometrically, and what is left over of a large one hides a slow drift.
_TOLERATED_SETTLING = 1e-3
_SLOWEST_SETTLING = 0.85
_LARGEST_SETTLING = 0.01
_OBSERVATION__ms = 300.0
_LOOKS_GROW_BY = 1.05
_LOOKS_WITHOUT_SPIKES_GROW_BY = 1.5
# Four blocks of one interval.
_FEWEST_SPIKES_TO_TELL = 5

FIRST_LOOK__ms = _OBSERVATION__ms
"""When it is first tried to tell the rate of a long step."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a long current step in which the rate is read."""

    start__ms: float
    stop__ms: float


def steady_rate__Hz(spikes__ms: Array, window: Window) -> float | None:
    """Rate over a window that was recorded to its end.

    The number of interspike intervals between the first and the last spike in the window over their total
    duration, so that the rate does not depend on where the window begins within an interval.

    Returns
    -------
    float or None
        None if there are fewer than two intervals, firing stopped before the end, or the intervals grow in a
        way that is not adaptation but spikes that fail.
    """
    seen = spikes__ms[(spikes__ms >= window.start__ms) & (spikes__ms <= window.stop__ms)]
    if seen.size <= _FEWEST_INTERVALS:
        return None
    if window.stop__ms - seen[-1] > _LONGEST_PAUSE * (seen[-1] - seen[-2]):
        return None
    if _fails(np.diff(seen)):
        return None
    return float(1000.0 * (seen.size - 1) / (seen[-1] - seen[0]))


def _fails(intervals__ms: Array) -> bool:
    """Whether intervals grow so much that their mean is no rate.

    Intervals that shrink are no failure: a persistent inward current takes its time to develop.
    """
    third = max(1, intervals__ms.size // 3)
    first, last = intervals__ms[:third].mean(), intervals__ms[-third:].mean()
    return bool(last > _LARGEST_GROWTH * first or intervals__ms[-1] > _LARGEST_GROWTH * intervals__ms.mean())


def lengthened(window: Window, spikes__ms: Array, longest__ms: float) -> Window | None:
    """Window that holds enough of the last intervals, where one that was recorded to its end does not.

    Parameters
    ----------
    window : Window
        The window.
    spikes__ms : ndarray, shape (n_spikes,)
        Times of the spikes up to its end.
    longest__ms : float
        End of the longest window.

    Returns
    -------
    Window or None
        None if neither the last interval (from the start to the spike, where there is but one) nor the
        silence after it is longer than a third of the window, or the window is as long as it may be.
    """
    ends = np.concatenate([[0.0], spikes__ms, [window.stop__ms]])
    gap = float(np.diff(ends)[-2:].max())
    if window.stop__ms >= longest__ms or gap <= (window.stop__ms - window.start__ms) / _INTERVALS_IN_WINDOW:
        return None
    enough = window.start__ms + (_INTERVALS_IN_WINDOW + 1) * gap
    return Window(window.start__ms, min(longest__ms, max(enough, _LENGTHENED_BY * window.stop__ms)))


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The part of a window that is not yet seen.

    Parameters
    ----------
    distance__ms : float
        How far ahead it lies on average.
    share : float
        Its share of the window.
    """

    distance__ms: float
    share: float

    def change(self, drift_per_ms: float) -> float:
        """What a relative drift of the interval changes in the mean of the whole window."""
        return drift_per_ms * self.distance__ms * self.share


def foreseen_rate__Hz(spikes__ms: Array, now__ms: float, window: Window) -> float | None:
    """Rate over the whole window as far as it can be told before its end, or even before its start.

    It can be told once the intervals of the last 300 ms no longer drift, or drift less and less in a way that
    says where they end. What a drift could still change in the window's rate must be below 0.05 % either way;
    the rest of the window is taken to go on with the interval at which the neuron arrives.

    Parameters
    ----------
    spikes__ms : ndarray, shape (n_spikes,)
        Times of the spikes so far.
    now__ms : float
        Time up to which the neuron was recorded.
    window : Window
        The window.

    Returns
    -------
    float or None
        None while it cannot be told.
    """
    if spikes__ms.size <= _FEWEST_INTERVALS:
        return None
    last = float(spikes__ms[-1])
    if now__ms - last > _LONGEST_PAUSE * (last - spikes__ms[-2]):
        return None
    observed = int(np.searchsorted(spikes__ms, last - _OBSERVATION__ms, side="right")) - 1
    if observed < 0:
        return None
    remaining = window.stop__ms - last
    # The part of the window that is not seen lies, on average, half of it before its end.
    unseen = min(remaining, window.stop__ms - window.start__ms)
    ahead = _Ahead(remaining - unseen / 2, unseen / (window.stop__ms - window.start__ms))
    interval = _steady_interval__ms(spikes__ms, observed, ahead)
    if interval is None:
        interval = _settling_interval__ms(spikes__ms, observed, ahead)
    if interval is None:
        return None
    seen = spikes__ms[spikes__ms >= window.start__ms]
    if not seen.size:
        return 1000.0 / interval
    to_come = int(remaining / interval)
    return float(1000.0 * (seen.size - 1 + to_come) / (last + to_come * interval - seen[0]))


def _steady_interval__ms(spikes__ms: Array, observed: int, ahead: _Ahead) -> float | None:
    """Interval of a train that no longer drifts.

    Of three blocks of two intervals at least, the largest relative change between neighbours, continued at
    the same pace, bounds what slow adaptation can still add, as long as it slows down.
    """
    blocks = _blocks(spikes__ms, observed, number=3, fewest_intervals=2)
    if blocks is None:
        return None
    intervals, centres = blocks
    drift_per_ms = float(np.max(np.abs(np.diff(intervals)) / np.diff(centres))) / float(intervals[-1])
    return float(intervals[-1]) if ahead.change(drift_per_ms) <= _TOLERATED_DRIFT else None


def _settling_interval__ms(spikes__ms: Array, observed: int, ahead: _Ahead) -> float | None:
    """Interval at which a train arrives that still adapts, but less from block to block.

    The differences between four blocks are taken for those of an adaptation that dies away geometrically and
    of another that is so slow that it adds the same to each. Aitken's formula parts them: the limit of the
    differences is the slow one's, and bounds what it can still add.
    """
    blocks = _blocks(spikes__ms, observed, number=4, fewest_intervals=1)
    if blocks is None:
        return None
    intervals, centres = blocks
    if abs(intervals[0] / intervals[-1] - 1.0) > _LARGEST_SETTLING:
        return None
    differences = np.diff(intervals) / intervals[-1]
    first, second = np.diff(differences)
    if not 0.0 < second * np.sign(first) < _SLOWEST_SETTLING * abs(first):
        return None
    ratio = second / first
    to_come = ratio / (1.0 - ratio)
    lasting = differences[-1] + second * to_come
    settling = (differences[-1] - lasting) * to_come
    drift_per_ms = abs(lasting) / (centres[-1] - centres[-2])
    if ahead.change(drift_per_ms) > _TOLERATED_DRIFT or abs(settling) * ahead.share > _TOLERATED_SETTLING:
        return None
    return float(intervals[-1] * (1.0 + settling))


def _blocks(
    spikes__ms: Array, observed: int, *, number: int, fewest_intervals: int
) -> tuple[Array, Array] | None:
    """Mean intervals and centres of blocks that end with the last spike and begin at the observed one.

    They begin earlier where there are too few intervals, and there are none where the train has too few.
    """
    size = max((spikes__ms.size - 1 - observed) // number, fewest_intervals)
    if spikes__ms.size <= number * size:
        return None
    edges = spikes__ms[-1 - size * np.arange(number, -1, -1)]
    return np.diff(edges) / size, 0.5 * (edges[1:] + edges[:-1])


def next_look__ms(spikes__ms: Array, now__ms: float) -> float:
    """Time at which it is worth while to try again to tell the rate."""
    idle = _LOOKS_WITHOUT_SPIKES_GROW_BY * now__ms
    if spikes__ms.size < 2:
        return idle
    missing = max(0, _FEWEST_SPIKES_TO_TELL - spikes__ms.size)
    interval = (spikes__ms[-1] - spikes__ms[0]) / (spikes__ms.size - 1)
    return max(_LOOKS_GROW_BY * now__ms, min(float(spikes__ms[-1] + missing * interval), idle))
