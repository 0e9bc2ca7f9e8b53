"""Spikes of single neurons, as far as the action potential's protocol goes."""

from neuron import h

from mnvalidate.clamp import CurrentClamp
from mnvalidate.models.build import build_motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols.action_potential import ActionPotential
from mnvalidate.protocols.base import Value
from mnvalidate.protocols.input_resistance import InputResistance
from mnvalidate.protocols.rest import Rest
from mnvalidate.protocols.rheobase import Rheobase
from mnvalidate.protocols.time_constant import TimeConstant
from mnvalidate.records import NotMeasurable
from mnvalidate.solver import Solver


def measured(spec: ModelSpec, neuron: int, *, cm_factor: float = 1.0, celsius: float = 36.0):
    """Values, or reasons in words, of a neuron whose specific capacitance is multiplied by `cm_factor`."""
    motoneuron = build_motoneuron(spec, neuron)
    for section in h.allsec():
        for segment in section:
            segment.cm *= cm_factor
    clamp = CurrentClamp(motoneuron, Solver(), celsius)
    values, others = {}, {}
    for protocol in (Rest(), InputResistance(), TimeConstant(), Rheobase(), ActionPotential()):
        try:
            reading = protocol.measure(clamp, values)
        except NotMeasurable as reason:
            others |= {quantity.name: str(reason) for quantity in protocol.quantities}
            continue
        values |= {name: r.value for name, r in reading.results.items() if isinstance(r, Value)}
        others |= {name: str(r) for name, r in reading.results.items() if not isinstance(r, Value)}
        others |= reading.data
    return values, others
