"""Mechanisms that the user wants in every neuron."""

from __future__ import annotations

from collections.abc import Sequence

from neuron import h

from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import Insertion


def insert_mechanisms(motoneuron: Motoneuron, insertions: Sequence[Insertion]) -> None:
    """Insert mechanisms into the sections of a neuron and set their parameters.

    RANGE parameters are set in each section, GLOBAL ones in the whole process.

    Raises
    ------
    ValueError
        If NEURON has no such mechanism, or the neuron has no such section.
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
        for parameter, value in insertion.parameters.items():
            name = f"{parameter}_{insertion.suffix}"
            if hasattr(sections[0](0.5), name):
                for section in sections:
                    for segment in section:
                        setattr(segment, name, value)
            else:
                setattr(h, name, value)
