"""Calling a user's factory: watched, with what it builds kept, and with what it returns checked."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from mnvalidate.models.checked import checked
from mnvalidate.models.holding import Holding
from mnvalidate.models.inputs import Inputs, Watch
from mnvalidate.models.mechanisms import Mechanisms
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.returned import as_motoneuron, call
from mnvalidate.models.spec import ModelSpec

_CELSIUS = "celsius"
_LARGEST_TEXT__bytes = 10 * 1024**2


@dataclass(frozen=True, slots=True)
class Called:
    """What a factory gave.

    Parameters
    ----------
    motoneuron : Motoneuron
        What it returned, checked; its owner holds the sections.
    inputs : Inputs
        What it read.
    gone : tuple of str
        What it built and let go.
    sets_celsius : bool
        Whether something of it that ran, or a file that it read, speaks of the temperature.
    """

    motoneuron: Motoneuron
    inputs: Inputs
    gone: tuple[str, ...]
    sets_celsius: bool


def call_factory(spec: ModelSpec, neuron: int, mechanisms: Mechanisms) -> Called:
    """Import the factory of a specification and let it build a neuron.

    Raises
    ------
    UnusableModel
        If it needs what nothing says, or what it returns cannot be measured.
    """
    module, _, name = spec.factory.partition(":")
    holding, here = Holding(), str(Path.cwd())
    with Watch() as watch, mechanisms.in_charge():
        with holding:
            imported = importlib.import_module(module)
        factory = getattr(imported, name)
        mechanisms.load_folders(_folders(getattr(factory, "mechanisms", ()), imported))
        with holding:
            returned = call(factory, spec, neuron)
            motoneuron = as_motoneuron(returned, spec, neuron)
            holding.keep(motoneuron.soma)
        gone = holding.gone()
        mechanisms.load_folders(_folders(motoneuron.mechanisms, imported))
        motoneuron = checked(motoneuron)
    owner = (motoneuron.owner, holding.held, list(motoneuron.soma.wholetree()))
    inputs = watch.inputs(str(_beside(imported)), here)
    # Which lines of a Python file ran is known; of another file everything may have counted.
    read = (file for file in inputs.own_files if file.suffix not in (".py", ".mod", ".so"))
    sets_celsius = holding.speaks_of(_CELSIUS) or any(_CELSIUS.encode() in _content(file) for file in read)
    return Called(replace(motoneuron, owner=owner), inputs, gone, sets_celsius)


def call_directly(spec: ModelSpec, neuron: int) -> Called:
    """Let the factory of a package build a neuron, of nothing but what is in the package.

    Raises
    ------
    UnusableModel
        As `call_factory` does.
    """
    module, _, name = spec.factory.partition(":")
    factory = getattr(importlib.import_module(module), name)
    with Holding() as holding:
        motoneuron = as_motoneuron(call(factory, spec, neuron), spec, neuron)
        holding.keep(motoneuron.soma)
    motoneuron = checked(motoneuron)
    owner = (motoneuron.owner, holding.held, list(motoneuron.soma.wholetree()))
    return Called(replace(motoneuron, owner=owner), Inputs(), holding.gone(), sets_celsius=True)


def _folders(given: str | PathLike[str] | Sequence[str | PathLike[str]], module: Any) -> list[Path]:
    """Paths of mod files; those that are relative lie beside the module, or in the working folder."""
    paths = [given] if isinstance(given, str | PathLike) else list(given)
    beside = _beside(module)
    return [beside / path if (beside / path).exists() else Path(path) for path in paths]


def _beside(module: Any) -> Path:
    return Path(getattr(module, "__file__", None) or "none").absolute().parent


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes() if file.stat().st_size < _LARGEST_TEXT__bytes else b""
    except OSError:
        return b""
