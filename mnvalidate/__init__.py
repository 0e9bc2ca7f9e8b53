"""Conformance and validation suite for spinal motoneuron models in NEURON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnvalidate._version import __version__

if TYPE_CHECKING:
    from mnvalidate.api import judge
    from mnvalidate.models.spec import ModelSpec
    from mnvalidate.run.pool import Pool, measure
    from mnvalidate.solver import Solver

__all__ = ["ModelSpec", "Pool", "Solver", "__version__", "judge", "measure"]

_HOMES = {
    "ModelSpec": "mnvalidate.models.spec",
    "Pool": "mnvalidate.run.pool",
    "Solver": "mnvalidate.solver",
    "judge": "mnvalidate.api",
    "measure": "mnvalidate.run.pool",
}


def __getattr__(name: str) -> object:
    """Load what is asked for, so that pytest can load the plugin without NumPy."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Names that completion offers."""
    return sorted({*globals(), *__all__})
