"""Repetitive firing of one neuron, with its threshold searched for from different places."""

from mnvalidate.clamp import CurrentClamp
from mnvalidate.models.build import build_motoneuron
from mnvalidate.protocols import firing
from mnvalidate.protocols.rheobase import Rheobase
from mnvalidate.solver import Solver


def minimum_rates(spec, neuron, begins_at__rheobases):
    """Value and resolution of the minimum rate for each place to begin."""
    clamp = CurrentClamp(build_motoneuron(spec, neuron), Solver(), spec.celsius)
    earlier = {"vhold_soma__mV": clamp.rest__mV}
    earlier["Ir__nA"] = Rheobase().measure(clamp, earlier).results["Ir__nA"].value
    found = []
    for begin in begins_at__rheobases:
        firing._BELOW_RHEOBASE = begin
        rate = firing.RepetitiveFiring().measure(clamp, earlier).results["rate_min__Hz"]
        found.append((rate.value, rate.resolution))
    return found
