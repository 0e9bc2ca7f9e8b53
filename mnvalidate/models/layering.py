"""Which mechanisms a specification asks for, told without NEURON."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from importlib.util import find_spec
from pathlib import Path

from mnvalidate.models.myogen_models import NERLAB
from mnvalidate.models.named import NamedModel
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.compiled import libraries_in_surroundings, library_in, read_compiled
from mnvalidate.nmodl.layers import Layer, combine
from mnvalidate.nmodl.sources import NmodlSource, merge, read_sources


def own_layers(spec: ModelSpec, environment: Mapping[str, str] = os.environ) -> tuple[Layer, ...]:
    """Return what is in force for a model apart from the user's changes.

    For a factory that is what NEURON finds by itself in the working folder and on ``NRN_NMODL_PATH``, and the
    specification's library. For the model of a package the working folder does not count, and the package's
    own mechanisms come last, unless those before them stand for them.

    Raises
    ------
    NmodlError
        If the environment names a folder without compiled mechanisms.
    """
    files = libraries_in_surroundings(Path.cwd(), environment)
    if spec.package:
        here = library_in(Path.cwd())
        in_path = libraries_in_surroundings(Path("/nowhere"), environment)
        files = tuple(file for file in files if file != here or file in in_path)
    layers = [Layer.of(read_compiled(file)) for file in files]
    if spec.library:
        layers.append(Layer("--mn-library", spec.library))
    model = spec.named
    if model is not None and model.folder is not None and not stands_for(model, layers):
        layers.append(layer_of(model, compiled=not spec.nmodl))
    return tuple(layers)


def layer_of(model: NamedModel, *, compiled: bool = True) -> Layer:
    """Mechanisms of a model as they are installed, or to be compiled with others into one library."""
    folder = model.folder
    if folder is None:
        return Layer(model.title, ())
    file = library_in(folder) if compiled else None
    return Layer(f"{model.title or model.package} ({folder})", read_sources([folder]), file)


def stands_for(model: NamedModel, layers: list[Layer]) -> bool:
    """Whether a model's package would take what is there for its own library, and load nothing."""
    return any(source.name == model.marker for layer in layers for source in layer.sources)


def is_plain(spec: ModelSpec, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a model has its package's mechanisms as they are installed, and nothing else."""
    folder = None if spec.named is None else spec.named.folder
    return (
        folder is not None
        and library_in(folder) is not None
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
    return spec.named is not None and bool(spec.package)


def model_layers(spec: ModelSpec, names: Collection[str] = ()) -> tuple[Layer, ...]:
    """Return a model's mechanisms as far as they can be told, and MyoGen's where one of them is named.

    A factory that names MyoGen in its module counts as one that loads MyoGen's.
    """
    layers = own_layers(spec)
    if stands_for(NERLAB, list(layers)):
        return layers
    known = {source.name for layer in layers for source in layer.sources}
    of_myogen = {source.name for source in layer_of(NERLAB).sources}
    if (set(names) & of_myogen) - known or (not is_static(spec) and _names_myogen(spec)):
        layers += (layer_of(NERLAB, compiled=not spec.nmodl),)
    return layers


def _names_myogen(spec: ModelSpec) -> bool:
    try:
        found = find_spec(spec.builder.partition(":")[0])
        return found is not None and "myogen" in Path(found.origin or "").read_text(errors="replace")
    except (ImportError, OSError, ValueError):
        return False
