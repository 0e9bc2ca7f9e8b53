"""Passive cells with a slow conductance, each beside its twin in which the conductance is frozen at rest.

A factory as a user would write one: ``slow_current_cells:cell``; option ``cells`` is a list of keyword
arguments of `_build`, neuron ``2 i`` is cell ``i``, and neuron ``2 i + 1`` its frozen twin.
"""

import math

from neuron import h
from passive_cells import cable_input_conductance__S

from mnvalidate.models.motoneuron import Motoneuron

LEAK__mV = -65.0
MEMBRANE__Ohm_cm2, AXIAL__Ohm_cm = 20_000.0, 100.0


def cell(spec, neuron):
    sections = _build(**spec.options["cells"][neuron // 2])
    if neuron % 2:
        _freeze(sections)
    return Motoneuron(sections[0], 1.0, initial_voltage__mV=LEAK__mV, owner=sections)


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
