"""The cells as a user of mnvalidate would hand them over: ``benchmarks.plain_neuron.factory:motoneuron``."""

from __future__ import annotations

from benchmarks.plain_neuron.cells import CELLS, MECHANISMS
from mnvalidate.models.mechanisms import use_mechanisms
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import ModelSpec


def motoneuron(spec: ModelSpec, neuron: int) -> Motoneuron:
    """Build one of the cells; option ``cells`` names them."""
    use_mechanisms(MECHANISMS)
    cell = CELLS[spec.options["cells"][neuron]]()
    site = None if cell.spike_site == "soma" else (cell.sections[cell.spike_site], 0.5)
    return Motoneuron(
        cell.sections["soma"],
        float(neuron + 1),
        initial_voltage__mV=cell.rest__mV,
        celsius=cell.celsius,
        spike_site=site,
        owner=cell,
    )
