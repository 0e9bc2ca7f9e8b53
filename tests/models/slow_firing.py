"""Firing of one neuron close to its threshold, and of an oscillator that fires as slowly as it is told to."""

import numpy as np
from neuron import h

from mnvalidate.clamp import CurrentClamp
from mnvalidate.models.build import build_motoneuron
from mnvalidate.protocols.firing import RepetitiveFiring, long_step
from mnvalidate.protocols.rheobase import Rheobase
from mnvalidate.protocols.steadiness import Window
from mnvalidate.solver import QUIET_ORDER, Solver
from mnvalidate.traces import Pulse, Trace

NAMES = ("I_repetitive__nA", "FI_primary_gain__Hz_per_nA", "rate_min__Hz")


def coarse_and_fine(spec, neuron):
    """Value and resolution of what hangs on the threshold, by its name; and the value from a finer search."""
    clamp = CurrentClamp(build_motoneuron(spec, neuron), Solver(), spec.celsius)
    earlier = {"vhold_soma__mV": clamp.rest__mV}
    earlier["Ir__nA"] = Rheobase().measure(clamp, earlier).results["Ir__nA"].value
    coarse, fine = (
        RepetitiveFiring(currents__nA=(30.0,), threshold_resolution=r).measure(clamp, earlier).results
        for r in (0.0002, 0.00002)
    )
    return {name: (coarse[name].value, coarse[name].resolution, fine[name].value) for name in NAMES}


def silent_samples(spec, neuron, current__nA):
    """Samples of 10 s at a current that does not fire, and by how much the voltage moves in the last 3 s."""
    clamp = CurrentClamp(build_motoneuron(spec, neuron), Solver(), spec.celsius)
    pulse = Pulse(current__nA, 0.0, 10_000.0)
    trace = clamp.sweep([pulse], 10_000.0, tolerance_factor=30.0, highest_order=QUIET_ORDER)
    return trace.t__ms.size, float(np.ptp(trace.at(np.arange(7000.0, 10_000.0))))


def order_after_a_sweep(spec, highest):
    """CVODE's highest order once a model that has set it was clamped."""
    motoneuron = build_motoneuron(spec, 0)
    cvode = h.CVode()
    cvode.maxorder(highest)
    clamp = CurrentClamp(motoneuron, Solver(), spec.celsius)
    clamp.sweep([Pulse(1.0, 0.0, 5.0)], 5.0)
    return int(cvode.maxorder())


class Scripted:
    """A clamp on a neuron that fires at given times, whose recordings may end a little early."""

    def __init__(self, spikes__ms, shortfall__ms=0.0, creep__mV_per_ms=1e-3, comes_to_rest__ms=None):
        self.spikes__ms = np.asarray(spikes__ms)
        self.shortfall__ms, self.creep__mV_per_ms = shortfall__ms, creep__mV_per_ms
        self.comes_to_rest__ms = comes_to_rest__ms

    def sweep(self, pulses, duration__ms, *, look, first_look__ms, tolerance_factor, highest_order):
        """See `CurrentClamp.sweep`."""
        time, looks = first_look__ms, 0
        while time is not None and time < duration__ms:
            now, looks = time, looks + 1
            assert looks < 1000
            end = now - self.shortfall__ms
            time = look(lambda since__ms, end=end: self._trace(pulses, end).between(since__ms, end))
        return self._trace(pulses, duration__ms if time is not None else end)

    def _trace(self, pulses, end__ms):
        t = np.linspace(0.0, end__ms, max(2, round(end__ms * 4) + 1))
        v = self.creep__mV_per_ms * t
        if self.comes_to_rest__ms is not None:
            v = v + 1e-3 * np.minimum(t, self.comes_to_rest__ms)
        for spike in self.spikes__ms:
            v = v + 80.0 * np.exp(-(((t - spike) / 0.8) ** 2))
        return Trace.from_samples(t, v, tuple(pulses))


def scripted_step(spikes__ms, longest__ms=10_000.0, **options):
    """What a long step with these spikes is taken for."""
    return long_step(Scripted(spikes__ms, **options), 1.0, 0.0, Window(500.0, 2000.0), longest__ms)
