"""Factories that leave things to themselves: locals that nothing holds, electrodes, odd values."""

import decimal
import fractions
import math

import numpy as np
from neuron import h

from mnvalidate.models.motoneuron import Motoneuron

h("""
begintemplate Built
public soma, dend
create soma, dend
proc init() {
    connect dend(0), soma(1)
    soma { L = 60 diam = 60 }
    dend { L = 3000 diam = 12 nseg = 101 }
    forall { Ra = 70 insert pas g_pas = 1e-4 e_pas = -70 }
}
endtemplate Built
""")


def _section(name, length, diameter, nseg=1):
    section = h.Section(name=name)
    section.L, section.diam, section.nseg, section.Ra = length, diameter, nseg, 70.0
    section.insert("pas")
    section.g_pas, section.e_pas = 1e-4, -70.0
    return section


def _motoneuron(soma, **values):
    return Motoneuron(soma, **({"recruitment_threshold": 1.0, "initial_voltage__mV": -70.0} | values))


def local_dendrite(spec, neuron):
    soma, dend = _section("soma", 60.0, 60.0), _section("dend", 3000.0, 12.0, 101)
    dend.connect(soma(1))
    return _motoneuron(soma)


def _attach(soma):
    dend = _section("dend", 3000.0, 12.0, 101)
    dend.connect(soma(1))


def helpers_dendrite(spec, neuron):
    soma = _section("soma", 60.0, 60.0)
    _attach(soma)
    return _motoneuron(soma)


class _Cell:
    def __init__(self):
        self.soma = _section("soma", 60.0, 60.0)
        self.dend = _section("dend", 3000.0, 12.0, 101)
        self.dend.connect(self.soma(1))


def local_object(spec, neuron):
    cell = _Cell()
    return _motoneuron(cell.soma)


def local_template(spec, neuron):
    cell = h.Built()
    return _motoneuron(cell.soma)


def temporary_object(spec, neuron):
    return _motoneuron(h.Built().soma)


def helpers_probe(spec, neuron):
    """A section that a helper makes for itself does not stay."""
    _section("probe", 10.0, 10.0)
    (lambda: _section("probe", 10.0, 10.0).L)()
    return local_dendrite(spec, neuron)


def local_pool(spec, neuron):
    """Other neurons of a pool go when the factory returns."""
    pool = [_Cell() for _ in range(3)]
    return _motoneuron(pool[neuron].soma)


def local_synapse(spec, neuron):
    soma = _section("soma", 60.0, 60.0)
    clamp = h.IClamp(soma(0.5))
    clamp.amp, clamp.dur = 1.0, 1e9
    return _motoneuron(soma)


def own_current(spec, neuron):
    soma = _section("soma", 60.0, 60.0)
    clamp = h.IClamp(soma(0.5))
    clamp.delay, clamp.dur, clamp.amp = 0.0, 1e9, 0.1
    return _motoneuron(soma, owner=clamp)


def idle_electrode(spec, neuron):
    soma = _section("soma", 60.0, 60.0)
    return _motoneuron(soma, owner=h.IClamp(soma(0.5)))


def voltage_clamp(spec, neuron):
    soma = _section("soma", 60.0, 60.0)
    clamp = h.VClamp(soma(0.5))
    clamp.dur[0] = 1.0
    return _motoneuron(soma, owner=clamp)


def single_electrode(spec, neuron):
    soma = _section("soma", 60.0, 60.0)
    clamp = h.SEClamp(soma(0.5))
    clamp.dur1, clamp.amp1 = 1e9, -70.0
    return _motoneuron(soma, owner=clamp)


def _hh():
    soma = h.Section(name="soma")
    soma.L = soma.diam = 60.0
    soma.insert("hh")
    return soma


def hh_as_it_comes(spec, neuron):
    return _motoneuron(_hh(), initial_voltage__mV=-65.0)


def hh_at_6_3(spec, neuron):
    h.celsius = 6.3
    return _motoneuron(_hh(), initial_voltage__mV=-65.0)


def hh_at_10(spec, neuron):
    h("celsius = 10")
    return _motoneuron(_hh(), initial_voltage__mV=-65.0)


def hh_says_10(spec, neuron):
    return _motoneuron(_hh(), initial_voltage__mV=-65.0, celsius=np.float32(10.0))


class _Floatable:
    def __float__(self):
        return 1.0


def _units():
    import quantities as pq

    return 1.0 * pq.nA


ODD = {
    "text": lambda: "S0",
    "none": lambda: None,
    "nan": lambda: math.nan,
    "infinity": lambda: np.float64("inf"),
    "huge": lambda: 10**400,
    "bool": lambda: True,
    "numpy-bool": lambda: np.bool_(True),
    "array": lambda: np.array([1.0]),
    "scalar-array": lambda: np.array(1.0),
    "unit": _units,
    "complex": lambda: 1j,
    "list": lambda: [1.0],
    "decimal": lambda: decimal.Decimal(1),
    "object": _Floatable,
}
FINE = {
    "int": lambda: 1,
    "numpy": lambda: np.float32(1.0),
    "numpy-int": lambda: np.int64(1),
    "fraction": lambda: fractions.Fraction(1, 1),
}


def odd(spec, neuron):
    """The second neuron has a value of the options' kind in their field."""
    values = {spec.options["field"]: {**ODD, **FINE}[spec.options["kind"]]()} if neuron == 1 else {}
    return _motoneuron(_section("soma", 60.0, 60.0), **values)


def wrong_frame(spec, neuron):
    return _motoneuron(_section("soma", 60.0, 60.0), voltage_frame="Absolute")


def segment_for_soma(spec, neuron):
    return _motoneuron(_section("soma", 60.0, 60.0)(0.5))


def text_for_soma(spec, neuron):
    return _motoneuron("soma")


def deleted_soma(spec, neuron):
    soma = _section("soma", 60.0, 60.0)
    h.delete_section(sec=soma)
    return _motoneuron(soma)
