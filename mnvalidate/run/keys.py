"""Digests of what a record depends on, as far as it can be named without building the cell."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from mnvalidate._version import installed
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.compiled import PATH_VARIABLE
from mnvalidate.solver import Solver

_PACKAGE = Path(__file__).parents[1]
# The code that decides a number: a change in any of it makes every stored record unknown.
_MEASURING_CODE = (
    "clamp.py",
    "resting.py",
    "solver.py",
    "spikes.py",
    "traces.py",
    "records.py",
    "models",
    "nmodl",
    "protocols",
    "run/building.py",
    "run/measuring.py",
)
_MODEL_FILES = (".py", ".mod", ".so", ".yaml", ".yml", ".hoc")
_VERSIONS = ("neuron", "numpy", "scipy")
# Variables with which NEURON loads other mechanisms or behaves otherwise.
_VARIABLES = ("NEURON_MODULE_OPTIONS", "NEURONHOME")


def digest(value: Any) -> str:
    """SHA-256 of a JSON value; floats count with every digit."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def input_key(spec: ModelSpec, neuron: int, solver: Solver) -> str | None:
    """Digest of everything a neuron is built of, None where it cannot be named.

    For the model of a package that is the specification, every file of the package, the code that measures,
    and the versions. What a factory builds of is its own affair, and what libraries elsewhere hold is theirs.
    """
    if not spec.package or os.environ.get(PATH_VARIABLE):
        return None
    return digest(
        {
            # A name decides no number: a variant of a scan is found under whatever name it was measured.
            "spec": replace(spec, label="").to_json(),
            "neuron": neuron,
            "measuring": measuring_key(solver),
            "package": package_digest(spec.package),
            "files": _files_named(spec.options),
            "variables": {name: os.environ.get(name) for name in _VARIABLES},
        }
    )


def _files_named(value: Any) -> list[str]:
    """Digest of every file that options name."""
    if isinstance(value, Mapping):
        return [digest for each in value.values() for digest in _files_named(each)]
    if isinstance(value, list | tuple):
        return [digest for each in value for digest in _files_named(each)]
    with contextlib.suppress(OSError, ValueError):
        if isinstance(value, str) and Path(value).is_file():
            return [hashlib.sha256(Path(value).read_bytes()).hexdigest()]
    return []


def measuring_key(solver: Solver) -> str:
    """Digest of how a cell is measured: protocols and their settings, solver, and versions."""
    return digest({"code": _measuring_code(), "solver": asdict(solver), "versions": _versions()})


@cache
def package_digest(package: str) -> str:
    """Digest of a package's sources, mechanisms, libraries and settings; empty if it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return ""
    return _files_digest(Path(spec.origin).parent)


@cache
def _measuring_code() -> str:
    return digest([_files_digest(_PACKAGE / part) for part in _MEASURING_CODE])


@cache
def _versions() -> dict[str, str]:
    versions = {name: installed(name) for name in _VERSIONS}
    return versions | {"python": sys.version, "machine": platform.machine()}


def _files_digest(path: Path) -> str:
    files: Iterable[Path] = [path] if path.is_file() else sorted(path.rglob("*"))
    return digest(
        [
            (str(file.relative_to(path)), hashlib.sha256(file.read_bytes()).hexdigest())
            for file in files
            if file.suffix in _MODEL_FILES and file.is_file()
        ]
    )
