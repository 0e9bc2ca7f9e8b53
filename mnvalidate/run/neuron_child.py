"""What happens inside the process of one neuron."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mnvalidate.drawing import as_json
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.alone import neuron_alone
from mnvalidate.nmodl.layers import Layer
from mnvalidate.records import ProtocolResult, Record, VoltageFrame
from mnvalidate.run.confinement import OUTPUT_FILE, take_environment
from mnvalidate.run.keys import digest
from mnvalidate.run.store import Store, relabelled
from mnvalidate.solver import Solver

RESULTS_FILE = "results.jsonl"
KNOWN_FILE = "known.json"


@dataclass(frozen=True, slots=True)
class Task:
    """One neuron to be measured, and what its process needs to know.

    Parameters
    ----------
    spec : ModelSpec
        The model.
    neuron : int
        Index in the pool.
    solver : Solver
        Method of integration.
    measuring_key : str
        Digest of how cells are measured.
    store : Path, optional
        Folder of the store to look into before measuring.
    environment : mapping of str to str
        Environment variables of the controlling process, which may have changed since the server started.
    """

    spec: ModelSpec
    neuron: int
    solver: Solver
    measuring_key: str
    store: Path | None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process returns.

    Parameters
    ----------
    record : Record
        The record.
    key : str or None
        Its content key, if it has one.
    cached : bool
        Whether it was in the store.
    replaces_damaged : bool
        Whether the store held something damaged in its place.
    """

    record: Record
    key: str | None
    cached: bool
    replaces_damaged: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a neuron once it is built, whatever becomes of its process.

    Parameters
    ----------
    voltage_frame : {"absolute", "relative"}
        How the model counts voltage.
    recruitment_threshold : float
        The neuron's threshold.
    """

    voltage_frame: VoltageFrame
    recruitment_threshold: float


def measure_in_child(task: Task, folder: Path) -> Measured:
    """Measure one neuron in this process, which is the neuron's own, unless its record is in the store.

    What is known once it is built (``known.json``) and each protocol's result as it comes
    (``results.jsonl``) are left in the folder, so that a crash loses nothing that was measured.
    """
    take_environment(task.environment)
    # The one place where the controlling program's code reaches NEURON: only children come here.
    with neuron_alone():
        from mnvalidate.run.building import build_in_child, content_of
        from mnvalidate.run.measuring import measure_motoneuron

    built = build_in_child(task.spec, task.neuron, folder / OUTPUT_FILE)
    motoneuron = built.motoneuron
    known = Known(motoneuron.voltage_frame, motoneuron.recruitment_threshold)
    _keep(folder / KNOWN_FILE, json.dumps(as_json(known)))
    store = None if task.store is None else Store(task.store)
    content, cell = content_of(built, task.spec, wanted=store is not None)
    key = digest([content, task.measuring_key]) if content is not None else None
    stored = store.load(key) if store is not None and key is not None else None
    if stored is not None:
        same = relabelled(stored, task.spec.name, task.neuron, motoneuron.recruitment_threshold)
        same = replace(same, cell=cell, motor_unit_type=motoneuron.motor_unit_type)
        return Measured(same, key, cached=True)

    def save(result: ProtocolResult) -> None:
        _keep(folder / RESULTS_FILE, json.dumps(as_json(result)) + "\n")

    record = measure_motoneuron(motoneuron, task.spec, task.neuron, task.solver, on_result=save)
    damaged = store is not None and bool(store.damaged)
    record = replace(record, cell=cell, motor_unit_type=motoneuron.motor_unit_type)
    return Measured(record, key, cached=False, replaces_damaged=damaged)


@dataclass(frozen=True, slots=True)
class Asked:
    """A model whose mechanisms are asked for.

    Parameters
    ----------
    spec : ModelSpec
        The model.
    environment : dict of str to str
        Environment of the controlling process.
    """

    spec: ModelSpec
    environment: dict[str, str]


def mechanisms_in_child(asked: Asked, folder: Path) -> tuple[Layer, ...]:
    """Build the first neuron of a model, and return the mechanisms that are in force then."""
    take_environment(asked.environment)
    with neuron_alone():
        from mnvalidate.run.building import build_in_child

    return tuple(build_in_child(asked.spec, 0, folder / OUTPUT_FILE).mechanisms.layers())


def _keep(file: Path, text: str) -> None:
    # A full disk costs what a crash would leave behind, not the neuron.
    with contextlib.suppress(OSError), file.open("a", encoding="utf-8") as output:
        output.write(text)
