"""Cells whose spikes start at a distance from the soma, which they reach with some 35 mV."""

from neuron import h

from mnvalidate.models.motoneuron import Motoneuron


def axon_spike(spec, neuron):
    """Passive soma and dendrite; an axon with Hodgkin and Huxley's membrane, which makes the spikes.

    Option ``site``: whether the neuron says that its spikes start in the axon.
    """
    soma, dend, hillock, axon = (h.Section(name=name) for name in ("soma", "dend", "hillock", "axon"))
    soma.L = soma.diam = 60.0
    dend.L, dend.diam, dend.nseg = 2000.0, 16.0, 15
    hillock.L, hillock.diam, hillock.nseg = 60.0, 6.0, 5
    axon.L, axon.diam, axon.nseg = 300.0, 4.0, 15
    dend.connect(soma(0))
    hillock.connect(soma(1))
    axon.connect(hillock(1))
    for section, conductance in ((soma, 8e-4), (dend, 8e-4), (hillock, 1e-4)):
        section.insert("pas")
        section.g_pas, section.e_pas = conductance, -65.0
    sections = (soma, dend, hillock, axon)
    for section in sections:
        section.Ra = 70.0
    axon.insert("hh")
    axon.gnabar_hh, axon.gkbar_hh = 1.2, 0.24
    site = (axon, 0.5) if spec.options.get("site") else None
    return Motoneuron(soma, 1.0, initial_voltage__mV=-65.0, spike_site=site, owner=sections)
