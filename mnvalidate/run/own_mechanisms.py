"""The mechanisms of a model: of a factory's, what is in force once it has built a neuron."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from mnvalidate.models.layering import is_static, model_layers, sources_to_compile
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.layers import Layer
from mnvalidate.nmodl.library import build_library
from mnvalidate.nmodl.sources import NmodlError
from mnvalidate.run.children import Accident, run_in_children
from mnvalidate.run.context import process_context, start_server
from mnvalidate.run.neuron_child import Asked, mechanisms_in_child

_TIMEOUT__s = 120.0


def layers_in_force(specs: Sequence[ModelSpec]) -> tuple[Layer, ...]:
    """Find what every model has in force, apart from the user's changes.

    A factory loads what it likes: its first neuron is built in a process of its own.

    Raises
    ------
    NmodlError
        If a neuron cannot be built, or mechanisms not be compiled.
    """
    layers: dict[Layer, None] = {}
    for spec in specs:
        found = model_layers(spec) if is_static(spec) else _built(replace(spec, nmodl=(), insertions=()))
        layers |= dict.fromkeys(found)
    return tuple(layers)


def layers_told(specs: Sequence[ModelSpec], names: Collection[str]) -> tuple[Layer, ...]:
    """Return what the specifications tell of the models' mechanisms, and MyoGen's where one is meant.

    Nothing is looked up where no name is given.
    """
    if not names:
        return ()
    return tuple(dict.fromkeys(layer for spec in specs for layer in model_layers(spec, names)))


def _built(spec: ModelSpec) -> tuple[Layer, ...]:
    if to_compile := sources_to_compile(spec):
        build_library(to_compile)
    start_server()
    endings: list[tuple[Layer, ...] | Accident] = []

    def keep(task: Asked, ending: tuple[Layer, ...] | Accident, folder: Path) -> None:
        endings.append(ending)

    run_in_children(
        [Asked(spec, dict(os.environ))],
        mechanisms_in_child,
        jobs=1,
        timeout__s=_TIMEOUT__s,
        context=process_context(),
        on_end=keep,
    )
    (ending,) = endings
    if isinstance(ending, Accident):
        raise NmodlError(
            f"--mn-mechanism: all means the mechanisms of {spec.name}, whose first neuron cannot be built "
            f"({ending.reason}); mend the factory, or name the mechanisms"
        )
    return ending
