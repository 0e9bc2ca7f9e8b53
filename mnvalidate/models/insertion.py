"""Mechanisms that the user wants in every neuron."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neuron import h

from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import Insertion
from mnvalidate.nmodl.interface import read_interface
from mnvalidate.nmodl.loading import source_in_force
from mnvalidate.nmodl.sources import NmodlError, NmodlSource


def insert_mechanisms(motoneuron: Motoneuron, insertions: Sequence[Insertion]) -> None:
    """Insert mechanisms into the sections of a neuron and set their parameters.

    RANGE parameters are set in each section, GLOBAL ones in the whole process.

    Raises
    ------
    ValueError
        If NEURON has no such mechanism, the neuron has no such section, or another mechanism there writes the
        same concentration.
    AttributeError
        If the mechanism has no such parameter.
    """
    soma = motoneuron.soma
    dendrites = [section for section in h.allsec() if section != soma]
    targets = {"soma": [soma], "dend": dendrites, "all": [soma, *dendrites]}
    for insertion in insertions:
        sections = targets[insertion.section]
        if not sections:
            raise ValueError(f"cannot insert {insertion.suffix}: the neuron has no dendrite")
        for section in sections:
            section.insert(insertion.suffix)
            refuse_second_writer(section, insertion.suffix)
        for parameter, value in insertion.parameters.items():
            name = f"{parameter}_{insertion.suffix}"
            if hasattr(sections[0](0.5), name):
                for section in sections:
                    for segment in section:
                        setattr(segment, name, value)
            else:
                setattr(h, name, value)


def refuse_second_writer(section: Any, suffix: str) -> None:
    """Let no two mechanisms of a section write one concentration: NEURON warns, and the last one counts.

    Raises
    ------
    ValueError
        If another mechanism of the section writes what this one does; it names both.
    """
    own = _written_concentrations(suffix)
    for mechanism in section(0.5):
        other = str(mechanism.name())
        shared = own & _written_concentrations(other) if other != suffix else frozenset()
        if shared:
            raise ValueError(
                f"cannot insert {suffix}: {other} writes {', '.join(sorted(shared))} in {section.name()}, "
                f"too, and "
                "only one of them would count; insert one of them, or let the other read what the first "
                "writes"
            )


def _written_concentrations(suffix: str) -> frozenset[str]:
    text = source_in_force(suffix)
    try:
        interface = read_interface(NmodlSource(suffix, text or ""))
    except NmodlError:  # built into NEURON
        return frozenset()
    return frozenset(name for ion in interface.ions for name in ion.concentrations if name in ion.writes)
