"""Action potentials in a trace."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mnvalidate.traces import Array, Trace

SPIKE_HEIGHT__mV = 20.0
"""Least height above rest of a spike's peak at the soma."""

SITE_SPIKE_HEIGHT__mV = 40.0
"""The same where spikes start: they are full-sized there, and a remote current charges a site late."""

SPIKE_LEVEL__mV = 40.0
"""Range that voltages under a lasting depolarisation do not span where the neuron is blocked."""

SPIKE_SLOPE__mV_per_ms = 10.0
"""dV/dt at which an upstroke has begun."""

_LEAST_SWING__mV = 8.0
# The ringing of a depolarisation block is small beside its plateau.
_LEAST_SWING_OF_HEIGHT = 0.15
# By how much dV/dt must grow on the way up; under a constant current that of a passive membrane only falls.
_LEAST_ACCELERATION__mV_per_ms = 4.0
# The current of a distant electrode charges a cable with an inflection, too, but in the first quarter.
_EARLIEST_STEEPEST = 0.4
# Repolarisation is under way this many rise times after the steepest point of the upstroke; a plateau is not.
_LONGEST_SPIKE__rises = 6.0
_REFRACTORY__ms = 1.0
# A trace that begins above this begins on the way up of a spike that has been seen.
_BEGINS_AT_REST__mV = 1.0
# Differences over shorter steps hold more of the solver's error than of the slope.
_SHORTEST_STEP__ms = 1e-3


@dataclass(frozen=True, slots=True)
class Spike:
    """One action potential.

    Parameters
    ----------
    time__ms : float
        When the upstroke passes half of the way from the preceding trough to the peak.
    peak__ms, peak__mV : float
        The peak.
    swing__mV : float
        Height of the peak above the preceding trough.
    """

    time__ms: float
    peak__ms: float
    peak__mV: float
    swing__mV: float


def spike_times__ms(trace: Trace, rest__mV: float) -> Array:
    """Times of the action potentials of a sweep, in ms; see `find_spikes`."""
    return np.array([spike.time__ms for spike in find_spikes(trace, rest__mV)], dtype=float)


def find_spikes(trace: Trace, rest__mV: float) -> tuple[Spike, ...]:
    """Action potentials, by their shape.

    Where the trace holds the voltage of the site at which spikes start, they are looked for there.

    A spike peaks at 20 mV and more above rest (40 mV at a site of its own). On the way up its dV/dt grows
    although the current does not: the charging curve of a passive membrane only slows down. It comes back by
    itself: its peak is not where a current was switched off, unless the upstroke had already slowed down and
    the time that a spike takes is not yet over. It rises and falls by 8 mV and by 15 % of its height
    above rest: the ringing on the plateau of a depolarisation block does not. Voltages are counted from rest
    because models differ in their voltage frame.

    Parameters
    ----------
    trace : Trace
        Voltage with the pulses that were injected.
    rest__mV : float
        Resting potential.

    Returns
    -------
    tuple of Spike
        In the order of time. Neither a spike whose upstroke is cut by the beginning of the trace nor one
        that has not yet fallen at its end is among them.
    """
    height = SPIKE_HEIGHT__mV
    if trace.site is not None:
        trace, height = trace.site, SITE_SPIKE_HEIGHT__mV
    spikes: list[Spike] = []
    for trough, peak, fallen in _swings(trace.v__mV, rest__mV, rest__mV + height):
        is_cut = trough == 0 and trace.v__mV[0] > rest__mV + _BEGINS_AT_REST__mV
        if is_cut or not _is_spike(trace, trough, peak, fallen):
            continue
        spike = _described(trace, trough, peak)
        if spikes and spike.peak__ms - spikes[-1].peak__ms < _REFRACTORY__ms:
            spikes.pop()  # a current was switched off on the way up
        spikes.append(spike)
    return tuple(spikes)


def _swings(v__mV: Array, rest__mV: float, least_peak__mV: float) -> list[tuple[int, int, int]]:
    """Of each large swing: samples of the trough before, the peak, and where enough of the fall is over."""
    if v__mV.size < 3 or not np.any(v__mV >= least_peak__mV):
        return []
    change = np.sign(np.diff(v__mV))
    moving = np.flatnonzero(change)
    turns = moving[1:][change[moving[1:]] != change[moving[:-1]]]
    candidates = [0, *turns.tolist(), v__mV.size - 1]
    swings = []
    trough, peak = 0, None
    for sample in candidates:
        v = v__mV[sample]
        if peak is None:
            if v < v__mV[trough]:
                trough = sample
            elif v >= least_peak__mV and v - v__mV[trough] >= _least_swing(v, rest__mV):
                peak = sample
        elif v > v__mV[peak]:
            peak = sample
        elif v__mV[peak] - v >= (least := _least_swing(v__mV[peak], rest__mV)):
            fallen = peak + int(np.argmax(v__mV[peak:] <= v__mV[peak] - least))
            swings.append((trough, peak, fallen))
            trough, peak = sample, None
    return swings


def _least_swing(peak__mV: float, rest__mV: float) -> float:
    return max(_LEAST_SWING__mV, _LEAST_SWING_OF_HEIGHT * (peak__mV - rest__mV))


def _is_spike(trace: Trace, trough: int, peak: int, fallen: int) -> bool:
    t, v = trace.t__ms, trace.v__mV
    upstroke = _upstroke(trace, trough, peak)
    if upstroke.acceleration__mV_per_ms < _LEAST_ACCELERATION__mV_per_ms:
        return False
    switched_off = [
        p.offset__ms
        for p in trace.pulses
        if p.amplitude__nA > 0 and t[peak] - _SHORTEST_STEP__ms <= p.offset__ms < t[fallen]
    ]
    if not switched_off:
        return True
    last = max(peak - 1, trough)
    while last > trough and t[peak] - t[last] < _SHORTEST_STEP__ms:
        last -= 1
    steepest = upstroke.steepest
    end_slope = (v[peak] - v[last]) / (t[peak] - t[last])
    has_slowed = upstroke.slope__mV_per_ms - end_slope > _LEAST_ACCELERATION__mV_per_ms
    is_late = v[steepest] - v[trough] > _EARLIEST_STEEPEST * (v[peak] - v[trough])
    rise__ms = (v[peak] - v[trough]) / upstroke.slope__mV_per_ms
    is_brief = switched_off[0] - t[steepest] < _LONGEST_SPIKE__rises * rise__ms
    return bool(has_slowed and is_late and is_brief)


@dataclass(frozen=True, slots=True)
class _Upstroke:
    """Where dV/dt has grown most under a constant current: sample before it, dV/dt there, and by how much."""

    steepest: int
    slope__mV_per_ms: float
    acceleration__mV_per_ms: float


def _upstroke(trace: Trace, trough: int, peak: int) -> _Upstroke:
    t, v = trace.t__ms[trough : peak + 1], trace.v__mV[trough : peak + 1]
    edges = {edge for p in trace.pulses for edge in (p.onset__ms, p.offset__ms) if t[0] < edge < t[-1]}
    bounds = [0, *np.searchsorted(t, sorted(edges)).tolist(), t.size]
    found = _Upstroke(trough, 0.0, 0.0)
    for first, stop in pairwise(bounds):
        samples = first + _apart(t[first:stop])
        if samples.size < 2:
            continue
        slope = np.maximum(np.diff(v[samples]) / np.diff(t[samples]), 0.0)
        grown = slope - np.minimum.accumulate(slope)
        most = int(np.argmax(grown))
        if grown[most] > found.acceleration__mV_per_ms:
            found = _Upstroke(trough + int(samples[most]), float(slope[most]), float(grown[most]))
    return found


def _apart(t__ms: Array) -> npt.NDArray[np.intp]:
    """Samples that are far enough apart for a slope between them."""
    if t__ms.size < 2 or np.diff(t__ms).min() >= _SHORTEST_STEP__ms:
        return np.arange(t__ms.size)
    times = t__ms.tolist()
    samples, following = [], 0
    while following < len(times):
        samples.append(following)
        following = bisect_left(times, times[following] + _SHORTEST_STEP__ms, following + 1)
    return np.array(samples)


def _described(trace: Trace, trough: int, peak: int) -> Spike:
    low = float(trace.v__mV[trough])
    around = trace.between(float(trace.t__ms[max(peak - 1, 0)]), float(trace.t__ms[peak + 1]))
    peak__ms, peak__mV = around.maximum()
    half = 0.5 * (low + float(trace.v__mV[peak]))
    passed = trough + int(np.flatnonzero(trace.v__mV[trough:peak] < half)[-1])
    return Spike(trace.crossing(passed, half)[0], peak__ms, peak__mV, peak__mV - low)
