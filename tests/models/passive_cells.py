"""Passive cells whose input resistance and time constants are known exactly.

Each is a factory as a user would write one: ``passive_cells:sphere``.
"""

import math

from neuron import h

from mnvalidate.models.motoneuron import Motoneuron

REST__mV = -65.0


def sphere(spec, neuron):
    """One isopotential compartment; options ``resistance__MOhm`` and ``tau__ms``."""
    soma = h.Section(name="soma")
    soma.L = soma.diam = 100.0
    area__cm2 = math.pi * soma.L * soma.diam * 1e-8
    conductance__S_per_cm2 = 1e-6 / spec.options["resistance__MOhm"] / area__cm2
    soma.insert("pas")
    soma.g_pas, soma.e_pas = conductance__S_per_cm2, REST__mV
    soma.cm = 1e3 * spec.options["tau__ms"] * conductance__S_per_cm2
    return Motoneuron(soma, recruitment_threshold=1.0, initial_voltage__mV=REST__mV, owner=soma)


def ball_and_stick(spec, neuron):
    """A soma and one cable; options ``electrotonic_length`` and ``dendritic_dominance``.

    The cable's input conductance is ``dendritic_dominance`` times the soma's.
    """
    membrane__Ohm_cm2, capacitance__uF_per_cm2, axial__Ohm_cm = 20_000.0, 1.0, 100.0
    length = spec.options["electrotonic_length"]
    dend = h.Section(name="dend")
    dend.diam, dend.Ra, dend.cm = 10.0, axial__Ohm_cm, capacitance__uF_per_cm2
    lambda__um = 1e4 * math.sqrt(dend.diam * 1e-4 / 4 * membrane__Ohm_cm2 / axial__Ohm_cm)
    dend.L, dend.nseg = length * lambda__um, 401
    soma = h.Section(name="soma")
    cable__S = cable_input_conductance__S(dend.diam, membrane__Ohm_cm2, axial__Ohm_cm, length)
    area__cm2 = cable__S / spec.options["dendritic_dominance"] * membrane__Ohm_cm2
    soma.L = soma.diam = 1e4 * math.sqrt(area__cm2 / math.pi)
    soma.cm, soma.Ra = capacitance__uF_per_cm2, 1e-3
    dend.connect(soma(0.5))
    for section in (soma, dend):
        section.insert("pas")
        section.g_pas, section.e_pas = 1 / membrane__Ohm_cm2, REST__mV
    return Motoneuron(soma, 1.0, initial_voltage__mV=REST__mV, owner=(soma, dend))


def cable_input_conductance__S(diam__um, membrane__Ohm_cm2, axial__Ohm_cm, electrotonic_length):
    """Input conductance of a cable sealed at its far end (Rall 1959, doi:10.1016/0014-4886(59)90046-9)."""
    semi_infinite = math.pi / 2 * (diam__um * 1e-4) ** 1.5 / math.sqrt(membrane__Ohm_cm2 * axial__Ohm_cm)
    return semi_infinite * math.tanh(electrotonic_length)
