"""Cells that a protocol made for large motoneurons must adapt to, or say that it cannot."""

import math

from neuron import h
from passive_cells import sphere

from mnvalidate.clamp import CurrentClamp
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.solver import Solver
from mnvalidate.traces import Pulse


def _sphere(**options):
    return sphere(ModelSpec("passive_cells:sphere", 1, options), 0).soma


def of_any_size(spec, neuron):
    """Passive spheres; option ``resistances__MOhm``."""
    soma = _sphere(resistance__MOhm=spec.options["resistances__MOhm"][neuron], tau__ms=10.0)
    return Motoneuron(soma, 1.0, initial_voltage__mV=-65.0)


def small(spec, neuron):
    """Hodgkin and Huxley's membrane, on a sphere of some hundred MOhm."""
    soma = h.Section(name="soma")
    soma.L = soma.diam = 8.0
    soma.insert("hh")
    return Motoneuron(soma, 1.0, initial_voltage__mV=-65.0)


def with_input(spec, neuron):
    """A sphere with a synapse that is active for ever; options ``periods__ms`` and ``weight__uS``."""
    soma = _sphere(resistance__MOhm=3.0, tau__ms=10.0)
    synapse = h.ExpSyn(soma(0.5))
    synapse.tau, synapse.e = 3.0, 0.0
    stimulus = h.NetStim()
    stimulus.interval, stimulus.number, stimulus.start = spec.options["periods__ms"][neuron], 1e9, 0.0
    connection = h.NetCon(stimulus, synapse)
    connection.weight[0], connection.delay = spec.options["weight__uS"], 1.0
    return Motoneuron(soma, 1.0, initial_voltage__mV=-65.0, owner=(soma, synapse, stimulus, connection))


def with_ramp(spec, neuron):
    """A sphere into which a current flows that grows by so much for ever; option ``drifts__mV_per_s``."""
    soma = _sphere(resistance__MOhm=3.0, tau__ms=8.0)
    electrode = h.IClamp(soma(0.5))
    electrode.dur = 1e9
    slope__nA_per_ms = spec.options["drifts__mV_per_s"][neuron] / 3.0 / 1000
    current, time = h.Vector([0.0, 1e6 * slope__nA_per_ms]), h.Vector([0.0, 1e6])
    current.play(electrode._ref_amp, time, 1)
    return Motoneuron(soma, 1.0, initial_voltage__mV=-65.0, owner=(soma, electrode, current, time))


def layered(spec, neuron):
    """A soma and a dendrite with extracellular layers, which NEURON integrates with another solver."""
    soma, dend = h.Section(name="soma"), h.Section(name="dend")
    soma.L = soma.diam = 60.0
    dend.L, dend.diam, dend.nseg = 1000.0, 6.0, 11
    dend.connect(soma(1))
    for section in (soma, dend):
        section.Ra = 70.0
        section.insert("pas")
        section.g_pas, section.e_pas = 1e-4, -65.0
        section.insert("extracellular")
    return Motoneuron(soma, 1.0, initial_voltage__mV=-65.0, owner=(soma, dend))


def pacemaker(spec, neuron):
    """Hodgkin and Huxley's membrane under a current that makes it fire for ever."""
    soma = h.Section(name="soma")
    soma.L = soma.diam = 60.0
    soma.insert("hh")
    electrode = h.IClamp(soma(0.5))
    electrode.dur, electrode.amp = 1e9, 10.0 * math.pi * 60 * 60 * 1e-5
    return Motoneuron(soma, 1.0, initial_voltage__mV=-65.0, owner=(soma, electrode))


def demanding_layers():
    """An active cable with extracellular layers that are hard on the solver."""
    soma, axon = h.Section(name="soma"), h.Section(name="axon")
    soma.L = soma.diam = 60.0
    axon.L, axon.diam, axon.nseg = 2000.0, 6.0, 21
    axon.connect(soma(1))
    for section in (soma, axon):
        section.Ra = 70.0
        section.insert("hh")
        section.insert("extracellular")
        for layer in range(2):
            section.xraxial[layer], section.xg[layer], section.xc[layer] = 1e3, 1e-4, 0.01
    return Motoneuron(soma, 1.0, initial_voltage__mV=-65.0, owner=(soma, axon))


def spike_of_demanding_layers(tolerance_factor):
    """Peak of a spike, factor on the tolerance that it took, and the times at which it was looked at."""
    clamp = CurrentClamp(demanding_layers(), Solver(), 6.3)
    looks = []

    def look(trace):
        looks.append(trace(0.0).end__ms)
        return looks[-1] + 5.0

    pulse = Pulse(30.0, 0.0, 0.5)
    trace = clamp.sweep([pulse], 100.0, look=look, first_look__ms=0.2, tolerance_factor=tolerance_factor)
    return trace.maximum()[1], clamp.loosened_by, looks
