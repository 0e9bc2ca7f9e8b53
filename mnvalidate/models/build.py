"""From a model specification to one motoneuron in this process."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from neuron import h

from mnvalidate.models.factory import call_directly, call_factory
from mnvalidate.models.inputs import Inputs
from mnvalidate.models.insertion import insert_mechanisms
from mnvalidate.models.layering import is_plain, own_layers
from mnvalidate.models.mechanisms import Mechanisms
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import Insertion, ModelSpec
from mnvalidate.nmodl.loading import source_in_force
from mnvalidate.nmodl.sources import BUILT_IN_MECHANISMS, myogen_sources

NEURON_TEMPERATURE__degC = 6.3
"""What NEURON has unless somebody sets another."""


@dataclass(frozen=True, slots=True)
class Build:
    """A motoneuron, and what it was built of.

    Parameters
    ----------
    motoneuron : Motoneuron
        The neuron, with its temperature.
    mechanisms : Mechanisms
        Those in force.
    celsius_source : str
        Who set the temperature.
    inputs : Inputs
        What a factory has read.
    gone : tuple of str
        What a factory built and let go.
    """

    motoneuron: Motoneuron
    mechanisms: Mechanisms
    celsius_source: str
    inputs: Inputs = field(default_factory=Inputs)
    gone: tuple[str, ...] = ()


def build_motoneuron(spec: ModelSpec, neuron: int) -> Motoneuron:
    """Load the mechanisms that `spec` names, and build neuron number `neuron` of its pool; see `build`."""
    return build(spec, neuron).motoneuron


def build(spec: ModelSpec, neuron: int) -> Build:
    """Load the mechanisms that `spec` names, and build neuron number `neuron` of its pool.

    Raises
    ------
    NmodlError
        If a mechanism cannot be compiled or loaded, or two places have different ones of a name.
    UnusableModel
        If a factory needs what nothing says, or returns what cannot be measured.
    ValueError, AttributeError
        If a mechanism cannot be inserted.
    """
    random.seed(spec.seed)
    np.random.seed(spec.seed)  # noqa: NPY002 - a factory may draw from NumPy's global generator
    celsius = spec.celsius
    if celsius is None and spec.named is not None:
        celsius = spec.named.celsius
    if celsius is not None:
        h.celsius = celsius  # what a factory makes of it must agree with what it will run at
    built = _of_package(spec, neuron) if spec.package else _by_factory(spec, neuron)
    motoneuron = built.motoneuron
    _load_for(spec.insertions, built.mechanisms)
    insert_mechanisms(motoneuron, spec.insertions)
    if spec.celsius is not None:
        return replace(
            built, motoneuron=replace(motoneuron, celsius=spec.celsius), celsius_source="as asked for"
        )
    return built


def _of_package(spec: ModelSpec, neuron: int) -> Build:
    """Build what is all in its package: nothing else can be in force, and nothing must be watched."""
    if spec.named is not None and is_plain(spec):
        mechanisms = Mechanisms.of_package(spec.named)
    else:
        mechanisms = Mechanisms(spec.nmodl)
        mechanisms.load(own_layers(spec))
    called = call_directly(spec, neuron)
    return _at_its_temperature(spec, Build(called.motoneuron, mechanisms, "", gone=called.gone), said=True)


def _by_factory(spec: ModelSpec, neuron: int) -> Build:
    mechanisms = Mechanisms(spec.nmodl)
    mechanisms.load(own_layers(spec))
    called = call_factory(spec, neuron, mechanisms)
    built = Build(called.motoneuron, mechanisms, "", called.inputs, called.gone)
    return _at_its_temperature(spec, built, said=called.sets_celsius)


def _at_its_temperature(spec: ModelSpec, built: Build, *, said: bool) -> Build:
    """Give a neuron the temperature that it was built at, where it has none of its own.

    Parameters
    ----------
    said : bool
        Whether the model speaks of the temperature anywhere.
    """
    motoneuron = built.motoneuron
    if motoneuron.celsius is not None:
        return replace(built, celsius_source="the model's own")
    celsius = float(h.celsius)
    usual = None if spec.named is None else spec.named.celsius
    source = "" if celsius == usual else "the model's own"
    if celsius == NEURON_TEMPERATURE__degC and not said:
        source = "NEURON's default; the model sets none"
    return replace(built, motoneuron=replace(motoneuron, celsius=celsius), celsius_source=source)


def _load_for(insertions: Sequence[Insertion], mechanisms: Mechanisms) -> None:
    """Load MyoGen's mechanisms where one of them is asked for and not there."""
    missing = {i.suffix for i in insertions if i.suffix not in BUILT_IN_MECHANISMS}
    missing = {suffix for suffix in missing if source_in_force(suffix) is None}
    if missing & {source.name for source in (myogen_sources() if missing else ())}:
        mechanisms.load_myogen()
