"""Which mechanisms a specification asks for, told without NEURON."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from importlib.util import find_spec
from pathlib import Path

from mnvalidate.models.spec import MYOGEN_MODELS, ModelSpec
from mnvalidate.nmodl.compiled import libraries_in_surroundings, library_in, read_compiled
from mnvalidate.nmodl.layers import Layer, combine
from mnvalidate.nmodl.sources import NmodlSource, merge, myogen_folder, myogen_sources

_OF_MYOGEN = "caL"
"""The mechanism by which MyoGen sees that its library is loaded."""


def own_layers(spec: ModelSpec, environment: Mapping[str, str] = os.environ) -> tuple[Layer, ...]:
    """Return what is in force for a model apart from the user's changes.

    For a factory that is what NEURON finds by itself in the working folder and on ``NRN_NMODL_PATH``, and the
    specification's library. For MyoGen's models the working folder does not count, and MyoGen's own
    mechanisms come last, unless those before them stand for them.

    Raises
    ------
    NmodlError
        If the environment names a folder without compiled mechanisms.
    """
    of_myogen = spec.builder in MYOGEN_MODELS
    files = libraries_in_surroundings(Path.cwd(), environment)
    if of_myogen:
        here = library_in(Path.cwd())
        in_path = libraries_in_surroundings(Path("/nowhere"), environment)
        files = tuple(file for file in files if file != here or file in in_path)
    layers = [Layer.of(read_compiled(file)) for file in files]
    if spec.library:
        layers.append(Layer("--mn-library", spec.library))
    if of_myogen and not holds_myogen(layers):
        layers.append(myogen_layer(compiled=not spec.nmodl))
    return tuple(layers)


def myogen_layer(*, compiled: bool = True) -> Layer:
    """MyoGen's mechanisms as they are installed, or to be compiled with others into one library."""
    folder = myogen_folder()
    file = library_in(folder) if compiled and folder is not None else None
    return Layer(f"MyoGen ({folder})", myogen_sources(), file)


def holds_myogen(layers: list[Layer]) -> bool:
    """Whether MyoGen would take what is there for its own library, and load nothing."""
    return any(source.name == _OF_MYOGEN for layer in layers for source in layer.sources)


def is_plain(spec: ModelSpec, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a model has MyoGen's mechanisms as they are installed, and nothing else."""
    return (
        spec.builder in MYOGEN_MODELS
        and not spec.nmodl
        and not spec.library
        and not environment.get("NRN_NMODL_PATH")
    )


def sources_to_compile(spec: ModelSpec) -> tuple[NmodlSource, ...]:
    """Return what must be compiled before a model can be built.

    Raises
    ------
    NmodlError
        If two places contradict each other, or one cannot be read.
    """
    if is_plain(spec):
        return ()
    return combine(own_layers(spec), spec.nmodl).to_compile


def own_sources(spec: ModelSpec) -> tuple[NmodlSource, ...]:
    """Return the mechanisms that a model has before the user changes any, as far as this can be told.

    A factory that names MyoGen in its module counts as one that loads MyoGen's.
    """
    return merge((), [source for layer in reversed(model_layers(spec)) for source in layer.sources])


def is_static(spec: ModelSpec) -> bool:
    """Whether a specification tells all mechanisms of a model, so that no neuron has to be built."""
    return spec.builder in MYOGEN_MODELS


def model_layers(spec: ModelSpec, names: Collection[str] = ()) -> tuple[Layer, ...]:
    """Return a model's mechanisms as far as they can be told, and MyoGen's where one of them is named.

    A factory that names MyoGen in its module counts as one that loads MyoGen's.
    """
    layers = own_layers(spec)
    if holds_myogen(list(layers)):
        return layers
    known = {source.name for layer in layers for source in layer.sources}
    of_myogen = {source.name for source in myogen_sources()}
    if (set(names) & of_myogen) - known or (not is_static(spec) and _names_myogen(spec)):
        layers += (myogen_layer(compiled=not spec.nmodl),)
    return layers


def _names_myogen(spec: ModelSpec) -> bool:
    try:
        found = find_spec(spec.builder.partition(":")[0])
        return found is not None and "myogen" in Path(found.origin or "").read_text(errors="replace")
    except (ImportError, OSError, ValueError):
        return False
