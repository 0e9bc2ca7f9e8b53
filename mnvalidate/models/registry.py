"""Models that are asked for by a name of their own, and what is known of each before a neuron is built.

Only the standard library is imported here, because pytest reads this module in every run.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from mnvalidate.models.myogen_models import MODELS
from mnvalidate.models.named import NamedModel
from mnvalidate.printed import described

GROUP = "mnvalidate.models"
"""Group of entry points by which other packages name their models."""

DEFAULT_MODEL = MODELS[0].name
OWN_NAMES = tuple(model.name for model in MODELS)

_OWN = {model.name: model for model in MODELS}
_STEERS_WITHOUT = "neuron"


def model_names() -> tuple[str, ...]:
    """Return the names of every model: those that come with mnvalidate first."""
    return (*_OWN, *sorted(_joined().keys() - _OWN.keys()))


def named_model(name: str) -> NamedModel | None:
    """Return a model by its name, None for the path of a factory.

    Raises
    ------
    ValueError
        If there is no model of the name, or another package's entry cannot be used.
    """
    if name in _OWN:
        return _OWN[name]
    if ":" in name:
        return None
    if name in _joined():
        return _loaded(name)
    raise ValueError(
        f"unknown model {name!r}: allowed are {', '.join(model_names())} or package.module:factory"
    )


@cache
def _joined() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


@cache
def _loaded(name: str) -> NamedModel:
    entry = _joined()[name]
    had_neuron = _STEERS_WITHOUT in sys.modules
    try:
        model = entry.load()
    except (Exception, SystemExit) as error:  # whatever a foreign package raises while it is imported
        raise ValueError(f"model {name!r}: {entry.value} cannot be loaded: {described(error)}") from error
    if not isinstance(model, NamedModel) or model.name != name:
        raise ValueError(f"model {name!r}: {entry.value} must be a NamedModel of this name, got {model!r}")
    if _STEERS_WITHOUT in sys.modules and not had_neuron:
        raise ValueError(
            f"model {name!r}: {entry.value} imports NEURON where the run is steered; put the NamedModel into "
            "a module that does not, in a package whose __init__ does not either"
        )
    return model
