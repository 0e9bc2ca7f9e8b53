"""MyoGen's pools with the mutation that an environment variable names: what a user's own model would be.

The variable is read here, so that a record's key knows of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from neuron import h

from benchmarks.mutations import (
    EVERYWHERE,
    MUTATIONS,
    Change,
    Insertion,
    Option,
    Order,
    Removal,
    Setting,
    Temperature,
    Thresholds,
)
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.myogen import build_myogen_motoneuron
from mnvalidate.models.spec import ModelSpec

VARIABLE = "MNVALIDATE_MUTATION"
CELSIUS = 36.0


def pool_of_nerlab(spec: ModelSpec, neuron: int) -> Motoneuron:
    """NERLab."""
    return _mutated("NERLab", spec, neuron)


def pool_of_powers(spec: ModelSpec, neuron: int) -> Motoneuron:
    """Powers2017."""
    return _mutated("Powers2017", spec, neuron)


class _Spec:
    """A specification with thresholds of its own."""

    def __init__(self, spec: ModelSpec, thresholds: tuple[float, ...]) -> None:
        self.builder, self.options, self.seed = spec.builder, spec.options, spec.seed
        self.thresholds = thresholds


def _mutated(model: str, spec: ModelSpec, neuron: int) -> Motoneuron:
    name = os.environ.get(VARIABLE, "")
    change = MUTATIONS[name].change if name else None
    options = {change.name: change.value} if isinstance(change, Option) else {}
    own = replace(spec, builder=model, library=(), options=options)
    thresholds = own.thresholds
    if isinstance(change, Thresholds):
        if change.range_ratio is None:
            thresholds = tuple(np.linspace(thresholds[0], thresholds[-1], len(thresholds)).tolist())
        else:
            recruitment = replace(spec.recruitment, range_ratio=change.range_ratio)
            thresholds = recruitment.thresholds(spec.n_neurons)
    index = neuron
    if isinstance(change, Order):
        index = {change.one: change.other, change.other: change.one}.get(neuron, neuron)
    cell: Any = build_myogen_motoneuron(_Spec(own, thresholds), index)  # type: ignore[arg-type]
    sections = list(cell.soma.wholetree())
    _apply(change, sections, neuron)
    celsius = change.celsius if isinstance(change, Temperature) else CELSIUS
    h.celsius = celsius
    return replace(cell, recruitment_threshold=thresholds[neuron], celsius=celsius)


def _apply(change: Change | None, sections: list[Any], neuron: int) -> None:
    if isinstance(change, Setting) and change.neuron in (None, neuron):
        for section in _chosen(sections, change.section):
            _set(section, change)
    elif isinstance(change, Insertion):
        for section in _chosen(sections, change.section):
            section.insert(change.mechanism)
            for segment in section:
                setattr(segment, f"{change.parameter}_{change.mechanism}", change.value)
    elif isinstance(change, Removal):
        for section in _chosen(sections, change.section):
            section.uninsert(change.mechanism)


def _set(section: Any, change: Setting) -> None:
    if change.parameter in ("L", "Ra"):
        holders: Iterable[Any] = [section]
    else:
        holders = [segment for segment in section if hasattr(segment, change.parameter)]
    for holder in holders:
        value = getattr(holder, change.parameter)
        setattr(holder, change.parameter, value * change.factor + change.plus)


def _chosen(sections: list[Any], where: str) -> list[Any]:
    if where == EVERYWHERE:
        return sections
    return sections[:1] if where == "soma" else sections[1:]
