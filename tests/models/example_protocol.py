"""MyoGen's published example as a protocol, in our own words: what it does differently, and nothing else.

It starts every section at the somatic resting voltage without settling, integrates with a fixed step of
0.0125 ms, draws one line through the whole decay, raises the current of rheobase by 0.1 nA at a time, counts
spikes at +50 mV absolute, and divides the spikes of 3000 ms by 2500 ms.
"""

import numpy as np
from neuron import h

from mnvalidate.models.build import build_motoneuron
from mnvalidate.models.spec import ModelSpec

STEP__ms = 0.0125


def single_line_tau__ms(model, neuron, rest__mV):
    """-20 nA for 1 ms, 5 ms after an unsettled start; one line down to 0.1 mV."""
    t, v = _run(model, neuron, rest__mV, -20.0, onset__ms=5.0, duration__ms=1.0, until__ms=105.0)
    first = np.searchsorted(t, 6.0 - 1e-6)
    height, time = rest__mV - v[first:], t[first:] - t[first]
    end = np.flatnonzero(height <= 0.1)[0]
    return float(-1 / np.polyfit(time[:end], np.log(height[:end]), 1)[0])


def action_potential__mV(model, neuron, rest__mV):
    """0.5 ms pulse, 45 nA and more, 5 ms after an unsettled start; peak minus rest."""
    for current in range(45, 500, 10):
        _, v = _run(model, neuron, rest__mV, current, onset__ms=5.0, duration__ms=0.5, until__ms=30.0)
        if v.max() - rest__mV > 60.0:
            return float(v.max() - rest__mV)
    return None


def fires(model, neuron, rest__mV, current__nA):
    """Whether a 50 ms pulse, 5 ms after an unsettled start, evokes a spike."""
    _, v = _run(model, neuron, rest__mV, current__nA, onset__ms=5.0, duration__ms=50.0, until__ms=105.0)
    return bool(v.max() - rest__mV > 50.0)


def gain_by_count__Hz_per_nA(model, neuron, rest__mV, rheobase__nA):
    """Spikes in 3000 ms over 2.5 s, slope over those of 5, 10, ... 30 nA at or above rheobase."""
    currents = [current for current in np.arange(5.0, 31.0, 5.0) if current >= rheobase__nA]
    rates = []
    for current in currents:
        _, v = _run(model, neuron, rest__mV, current, onset__ms=0.0, duration__ms=3000.0, until__ms=3000.0)
        rates.append(np.count_nonzero((v[:-1] < 50.0) & (v[1:] >= 50.0)) / 2.5)
    return float(np.polyfit(currents, rates, 1)[0])


def _run(model, neuron, rest__mV, amplitude__nA, onset__ms, duration__ms, until__ms):
    motoneuron = build_motoneuron(ModelSpec(model), neuron)
    electrode = h.IClamp(motoneuron.soma(0.5))
    electrode.delay, electrode.dur, electrode.amp = onset__ms, duration__ms, amplitude__nA
    t = h.Vector().record(h._ref_t)
    v = h.Vector().record(motoneuron.soma(0.5)._ref_v)
    h.celsius, h.dt = 36.0, STEP__ms
    context = h.ParallelContext()
    context.set_maxstep(10)
    h.finitialize(rest__mV)
    context.psolve(until__ms)
    return np.array(t), np.array(v)
