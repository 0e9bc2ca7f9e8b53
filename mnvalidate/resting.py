"""Whether a neuron without current is at rest, and what it does if it is not."""

from __future__ import annotations

import numpy as np

from mnvalidate.traces import Trace

DRIFT_WINDOW__MS = 100.0
DRIFT_LIMIT__mV = 0.001
# The lowest and the highest voltage of a whole second: two moments a period of some input apart are alike.
REST_WINDOW__MS = 1000.0
REST_RANGE__mV = DRIFT_LIMIT__mV * REST_WINDOW__MS / DRIFT_WINDOW__MS
_SPIKE_SIZE__mV = 30.0
_SAMPLING__MS = 0.25


def is_at_rest(last_second: Trace, drift__mV: float) -> bool:
    """Tell whether voltages of a second without current are those of a neuron at rest.

    Parameters
    ----------
    last_second : Trace
        The voltage over a second.
    drift__mV : float
        Its change over the last 100 ms.
    """
    return abs(drift__mV) < DRIFT_LIMIT__mV and float(np.ptp(last_second.v__mV)) < REST_RANGE__mV


def unrest(trace: Trace) -> str:
    """Say what a neuron without current does in place of resting: it fires, it oscillates, or it drifts."""
    start, end = float(trace.t__ms[0]), trace.end__ms
    low, high = trace.minimum()[1], trace.maximum()[1]
    if high - low >= _SPIKE_SIZE__mV:
        spikes = trace.crossings(0.5 * (low + high), rising=True)
        if spikes.size > 1:
            rate = 1000 * (spikes.size - 1) / (spikes[-1] - spikes[0])
            return f"fires spontaneously at {rate:.3g} Hz without current"
    t = np.arange(max(start, end - REST_WINDOW__MS), end, _SAMPLING__MS)
    slope__mV_per_ms, offset = np.polyfit(t - end, trace.at(t), 1)
    left = trace.at(t) - slope__mV_per_ms * (t - end) - offset
    swing, drift__mV_per_s = float(np.ptp(left)), 1000 * float(slope__mV_per_ms)
    passed = np.flatnonzero((left[:-1] < 0) & (left[1:] >= 0))
    if swing >= REST_RANGE__mV and passed.size > 1:
        rate = 1000 / _SAMPLING__MS * (passed.size - 1) / float(passed[-1] - passed[0])
        return f"no resting potential: oscillates by {swing:.3g} mV at {rate:.3g} Hz without current"
    if swing >= max(REST_RANGE__mV, abs(drift__mV_per_s)):
        return f"no resting potential: still varies by {swing:.3g} mV within a second without current"
    return (
        f"no resting potential: still drifts by {drift__mV_per_s:.3g} mV/s after {end / 1000:.3g} s "
        "without current"
    )
