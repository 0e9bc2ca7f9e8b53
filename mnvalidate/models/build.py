"""From a model specification to one motoneuron in this process."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from neuron import h

from mnvalidate.models.inputs import Inputs
from mnvalidate.models.insertion import insert_mechanisms
from mnvalidate.models.layering import is_plain, own_layers
from mnvalidate.models.mechanisms import Mechanisms
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import MYOGEN_MODELS, Insertion, ModelSpec
from mnvalidate.nmodl.loading import load_mechanisms, source_in_force
from mnvalidate.nmodl.sources import BUILT_IN_MECHANISMS, myogen_sources

MYOGEN_TEMPERATURE__degC = 36.0
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
    TypeError
        If a factory returns something else than a `Motoneuron`.
    UnusableModel
        If a factory returns what cannot be measured.
    ValueError, AttributeError
        If a mechanism cannot be inserted.
    """
    random.seed(spec.seed)
    np.random.seed(spec.seed)  # noqa: NPY002 - a factory may draw from NumPy's global generator
    built = _of_myogen(spec, neuron) if spec.builder in MYOGEN_MODELS else _by_factory(spec, neuron)
    motoneuron = built.motoneuron
    _load_for(spec.insertions, built.mechanisms)
    insert_mechanisms(motoneuron, spec.insertions)
    if spec.celsius is not None:
        return replace(
            built, motoneuron=replace(motoneuron, celsius=spec.celsius), celsius_source="as asked for"
        )
    return built


def _of_myogen(spec: ModelSpec, neuron: int) -> Build:
    if is_plain(spec):
        load_mechanisms(())
        mechanisms = Mechanisms.of_myogen()
    else:
        mechanisms = Mechanisms(spec.nmodl)
        mechanisms.load(own_layers(spec))
    from mnvalidate.models.myogen import build_myogen_motoneuron

    motoneuron = build_myogen_motoneuron(spec, neuron)
    return Build(replace(motoneuron, celsius=MYOGEN_TEMPERATURE__degC), mechanisms, "")


def _by_factory(spec: ModelSpec, neuron: int) -> Build:
    from mnvalidate.models.factory import call_factory

    mechanisms = Mechanisms(spec.nmodl)
    mechanisms.load(own_layers(spec))
    if spec.celsius is not None:
        h.celsius = spec.celsius  # what a factory makes of it must agree with what it will run at
    called = call_factory(spec, neuron, mechanisms)
    motoneuron = called.motoneuron
    if motoneuron.celsius is None:
        motoneuron = replace(motoneuron, celsius=float(h.celsius))
        at_default = motoneuron.celsius == NEURON_TEMPERATURE__degC and not called.sets_celsius
        source = "NEURON's default; the model sets none" if at_default else "the model's own"
    else:
        source = "the model's own"
    return Build(motoneuron, mechanisms, source, called.inputs, called.gone)


def _load_for(insertions: Sequence[Insertion], mechanisms: Mechanisms) -> None:
    """Load MyoGen's mechanisms where one of them is asked for and not there."""
    missing = {i.suffix for i in insertions if i.suffix not in BUILT_IN_MECHANISMS}
    missing = {suffix for suffix in missing if source_in_force(suffix) is None}
    if missing & {source.name for source in (myogen_sources() if missing else ())}:
        mechanisms.load_myogen()
