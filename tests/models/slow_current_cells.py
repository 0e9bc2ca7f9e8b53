"""Passive cells with a slow conductance, each beside its twin in which the conductance is frozen at rest."""

import math

import neuron
from neuron import h
from passive_cells import cable_input_conductance__S

from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols.input_resistance import InputResistance
from mnvalidate.protocols.rest import Rest
from mnvalidate.protocols.time_constant import TimeConstant
from mnvalidate.run.measuring import measure_motoneuron
from mnvalidate.solver import Solver

LEAK__mV = -65.0
MEMBRANE__Ohm_cm2, AXIAL__Ohm_cm = 20_000.0, 100.0


def active_and_frozen(library, options):
    """Records of a cell and of its frozen twin: what is measured below threshold."""
    neuron.load_mechanisms(library)
    return tuple(_measured(options, frozen=frozen) for frozen in (False, True))


def _measured(options, *, frozen):
    sections = _build(**options)
    if frozen:
        _freeze(sections)
    motoneuron = Motoneuron(sections[0], 1.0, initial_voltage__mV=LEAK__mV, owner=sections)
    protocols = (Rest(), InputResistance(), TimeConstant())
    return measure_motoneuron(motoneuron, ModelSpec(), 0, Solver(), protocols)


def _build(
    resistance__MOhm=2.0,
    tau__ms=10.0,
    length=0.0,
    somatic=1.0,
    dendritic=0.0,
    gradient=0.0,
    gate__ms=50.0,
    half__mV=-75.0,
    slope__mV=8.0,
    reversal__mV=-41.0,
):
    """A sphere, or with a length a soma and a cable; conductances are multiples of the leak."""
    soma = h.Section(name="soma")
    soma.L = soma.diam = 100.0
    sections = [soma]
    leak = 1e-6 / resistance__MOhm / (math.pi * soma.L * soma.diam * 1e-8)
    capacitance = 1e3 * tau__ms * leak
    if length:
        leak, capacitance = 1 / MEMBRANE__Ohm_cm2, 1.0
        dend = h.Section(name="dend")
        dend.diam, dend.nseg = 10.0, 101
        dend.L = length * 1e4 * math.sqrt(dend.diam * 1e-4 / 4 * MEMBRANE__Ohm_cm2 / AXIAL__Ohm_cm)
        conductance__S = cable_input_conductance__S(dend.diam, MEMBRANE__Ohm_cm2, AXIAL__Ohm_cm, length)
        soma.L = soma.diam = 1e4 * math.sqrt(conductance__S / 5 * MEMBRANE__Ohm_cm2 / math.pi)
        dend.connect(soma(0.5))
        sections.append(dend)
    for section, share in zip(sections, (somatic, dendritic), strict=False):
        section.Ra, section.cm = AXIAL__Ohm_cm, capacitance
        section.insert("pas")
        section.insert("slowcur")
        section.g_pas, section.e_pas = leak, LEAK__mV
        for segment in section:
            current = segment.slowcur
            current.gbar = share * leak * (1 + gradient * segment.x)
            current.taun, current.half, current.slope = gate__ms, half__mV, slope__mV
            current.e = reversal__mV
    return sections


def _freeze(sections):
    method = h.CVode()
    method.active(1)
    h.finitialize(LEAK__mV)
    method.solve(5000)
    for section in sections:
        for segment in section:
            segment.slowcur.n0, segment.slowcur.frozen = segment.slowcur.n, 1
