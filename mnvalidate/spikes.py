"""Action potentials in a trace."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from mnvalidate.traces import Array, Trace

SPIKE_LEVEL__mV = 40.0
"""Height above rest that a spike passes."""

SPIKE_SLOPE__mV_per_ms = 10.0
"""Least dV/dt with which a spike passes that height."""

_OWN_MOVEMENT__mV = 1.0


def spike_times__ms(trace: Trace, rest__mV: float) -> Array:
    """Times at which action potentials pass 40 mV above rest.

    A spike passes the level upwards at more than 10 mV/ms and comes back below it by its own repolarisation:
    its peak is not where a current was switched off. Voltages are counted from rest because models differ
    in their voltage frame.

    Parameters
    ----------
    trace : Trace
        Voltage with the pulses that evoked it.
    rest__mV : float
        Resting potential.

    Returns
    -------
    ndarray, shape (n_spikes,)
        Times in ms.
    """
    level = rest__mV + SPIKE_LEVEL__mV
    above = trace.v__mV >= level
    passages = np.flatnonzero(above[1:] != above[:-1])
    spikes = []
    for passage, next_passage in pairwise(passages.tolist()):
        if not above[passage]:
            rise, slope = trace.crossing(passage, level)
            fall = float(trace.t__ms[next_passage + 1])
            if slope > SPIKE_SLOPE__mV_per_ms and _repolarises_by_itself(trace, rise, fall):
                spikes.append(rise)
    return np.array(spikes, dtype=float)


def _repolarises_by_itself(trace: Trace, rise__ms: float, fall__ms: float) -> bool:
    switched_off = [
        p.offset__ms for p in trace.pulses if p.amplitude__nA > 0 and rise__ms <= p.offset__ms < fall__ms
    ]
    if not switched_off:
        return True
    offset = switched_off[0]
    at_offset = float(trace.at(offset))
    before, after = trace.between(rise__ms, offset), trace.after(offset).between(offset, fall__ms)
    rises_after = after.t__ms.size > 0 and after.maximum()[1] > at_offset + _OWN_MOVEMENT__mV
    fell_before = before.t__ms.size > 0 and before.maximum()[1] > at_offset + _OWN_MOVEMENT__mV
    return rises_after or fell_before
