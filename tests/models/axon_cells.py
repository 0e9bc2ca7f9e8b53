"""Cells whose spikes start at a distance from the soma, or are hardly any there."""

from neuron import h

from mnvalidate.models.motoneuron import Motoneuron


def axon_spike(spec, neuron):
    """Passive soma and dendrite; an axon with Hodgkin and Huxley's membrane makes the spikes.

    Option ``site``: whether the neuron says that its spikes start in the axon.
    """
    soma, dend, axon = (h.Section(name=name) for name in ("soma", "dend", "axon"))
    soma.L = soma.diam = 40.0
    dend.L, dend.diam, dend.nseg = 800.0, 6.0, 15
    axon.L, axon.diam, axon.nseg = 300.0, 5.0, 15
    dend.connect(soma(0))
    axon.connect(soma(1))
    for section in (soma, dend):
        section.insert("pas")
        section.g_pas, section.e_pas = 1e-4, -65.0
    for section in (soma, dend, axon):
        section.Ra = 70.0
    axon.insert("hh")
    axon.gnabar_hh, axon.gkbar_hh = spec.options.get("gna", 0.6), spec.options.get("gk", 0.2)
    site = axon(1.0) if spec.options.get("site") else None
    return Motoneuron(soma, 1.0, initial_voltage__mV=-65.0, spike_site=site, owner=(soma, dend, axon))
