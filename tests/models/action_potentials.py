"""Spikes of single neurons, as far as the action potential's protocol goes."""

from neuron import h

from mnvalidate.clamp import CurrentClamp
from mnvalidate.models.build import build_motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols.action_potential import ActionPotential, analyse
from mnvalidate.protocols.base import Value
from mnvalidate.protocols.input_resistance import InputResistance
from mnvalidate.protocols.rest import Rest
from mnvalidate.protocols.rheobase import Rheobase
from mnvalidate.protocols.time_constant import TimeConstant
from mnvalidate.records import NotMeasurable
from mnvalidate.solver import Solver
from mnvalidate.spikes import spike_times__ms
from mnvalidate.traces import Pulse

UP_TO_THE_ACTION_POTENTIAL = (Rest(), InputResistance(), TimeConstant(), Rheobase(), ActionPotential())


def measured(
    spec: ModelSpec,
    neuron: int,
    *,
    cm_factor: float = 1.0,
    celsius: float = 36.0,
    protocols=UP_TO_THE_ACTION_POTENTIAL,
):
    """Values, or reasons in words, of a neuron whose specific capacitance is multiplied by `cm_factor`."""
    motoneuron = build_motoneuron(spec, neuron)
    for section in h.allsec():
        for segment in section:
            segment.cm *= cm_factor
    clamp = CurrentClamp(motoneuron, Solver(), celsius)
    values, others = {}, {}
    for protocol in protocols:
        try:
            reading = protocol.measure(clamp, values)
        except NotMeasurable as reason:
            others |= {quantity.name: str(reason) for quantity in protocol.quantities}
            continue
        values |= {name: r.value for name, r in reading.results.items() if isinstance(r, Value)}
        others |= {name: str(r) for name, r in reading.results.items() if not isinstance(r, Value)}
        others |= reading.data
    return values, others


def rheobase_and_truth__nA(site: bool):
    """Rheobase of a cell with spikes in the axon, read as usual and by a comparator in the axon itself."""
    _motoneuron, clamp = _axon_spike(site)
    read = Rheobase().measure(clamp, {"vhold_soma__mV": clamp.rest__mV}).results["Ir__nA"].value
    (axon,) = (section for section in h.allsec() if section.name() == "axon")
    crossings = h.Vector()
    counter = h.NetCon(axon(0.5)._ref_v, None, sec=axon)
    counter.threshold = 0.0
    counter.record(crossings)
    silent, firing = 0.5 * read, 2.0 * read
    while firing - silent > 0.002:
        middle = 0.5 * (silent + firing)
        clamp.sweep([Pulse(middle, 0.0, 50.0)], 100.0)
        silent, firing = (silent, middle) if crossings.size() else (middle, firing)
    return read, firing


def spikes_of_long_steps(site: bool, currents__nA):
    """Number of spikes in 300 ms at each current, and the highest voltage above rest at the soma."""
    _, clamp = _axon_spike(site)
    rest = clamp.rest__mV
    traces = [clamp.sweep([Pulse(current, 0.0, 300.0)], 300.0) for current in currents__nA]
    return [spike_times__ms(t, rest).size for t in traces], [t.maximum()[1] - rest for t in traces]


def _axon_spike(site: bool):
    spec = ModelSpec("axon_cells:axon_spike", 1, {"site": site})
    motoneuron = build_motoneuron(spec, 0)
    return motoneuron, CurrentClamp(motoneuron, Solver(), 16.3)


def afterhyperpolarisation_on_the_grid(model: str, neuron: int):
    """AP, AHP and its duration from rest, evoked by the first of 45, 55, ... nA that fires."""
    clamp = CurrentClamp(build_motoneuron(ModelSpec(model), neuron), Solver(), 36.0)
    rest = clamp.rest__mV
    for current in range(45, 500, 10):
        pulse = Pulse(current, 5.0, 0.5)
        if spike_times__ms(clamp.sweep([pulse], 30.0), rest).size:
            break
    results = analyse(clamp.sweep([pulse], 1005.0), rest, 0.15).results
    return [results[name].value for name in ("AP__mV", "AHP__mV", "AHPdur__ms")]
