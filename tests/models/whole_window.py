"""F-I rates of one neuron, foreseen and recorded to the end of the window."""

from mnvalidate.clamp import CurrentClamp
from mnvalidate.models.build import build_motoneuron
from mnvalidate.protocols.firing import RepetitiveFiring
from mnvalidate.protocols.steadiness import Window, steady_rate__Hz
from mnvalidate.solver import Solver
from mnvalidate.spikes import spike_times__ms
from mnvalidate.traces import Pulse


def rates__Hz(spec, neuron, currents__nA):
    """Pairs of the protocol's rate and that of the whole window at CVODE's full accuracy."""
    clamp = CurrentClamp(build_motoneuron(spec, neuron), Solver(), spec.celsius)
    protocol = RepetitiveFiring()
    window = Window(protocol.window_start__ms, protocol.duration__ms)
    pairs = []
    for current in currents__nA:
        trace = clamp.sweep([Pulse(current, 0.0, window.stop__ms)], window.stop__ms)
        whole = steady_rate__Hz(spike_times__ms(trace, clamp.rest__mV), window)
        pairs.append((protocol.step(clamp, current, clamp.rest__mV).rate__Hz, whole))
    return pairs
