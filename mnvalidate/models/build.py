"""From a model specification to one motoneuron in this process."""

from __future__ import annotations

import importlib
import random

import numpy as np

from mnvalidate.models.insertion import insert_mechanisms
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import MYOGEN_MODELS, ModelSpec
from mnvalidate.nmodl.loading import load_mechanisms


def build_motoneuron(spec: ModelSpec, neuron: int) -> Motoneuron:
    """Load the mechanisms that `spec` names, and build neuron number `neuron` of its pool.

    Raises
    ------
    NmodlError
        If a mechanism cannot be compiled or loaded.
    TypeError
        If a factory returns something else than a `Motoneuron`.
    ValueError, AttributeError
        If a mechanism cannot be inserted.
    """
    load_mechanisms(spec.nmodl)
    motoneuron = _built(spec, neuron)
    insert_mechanisms(motoneuron, spec.insertions)
    return motoneuron


def _built(spec: ModelSpec, neuron: int) -> Motoneuron:
    random.seed(spec.seed)
    np.random.seed(spec.seed)  # noqa: NPY002 - a factory may draw from NumPy's global generator
    if spec.builder in MYOGEN_MODELS:
        from mnvalidate.models.myogen import build_myogen_motoneuron

        return build_myogen_motoneuron(spec, neuron)
    module, _, name = spec.builder.partition(":")
    built = getattr(importlib.import_module(module), name)(spec, neuron)
    if not isinstance(built, Motoneuron):
        raise TypeError(f"{spec.builder} must return a Motoneuron, got {type(built).__name__}")
    return built
