"""What happens inside the process of one neuron."""

from __future__ import annotations

import contextlib
import json
import traceback
from dataclasses import dataclass
from pathlib import Path

from mnvalidate.drawing import as_json
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.records import ProtocolResult, Record, VoltageFrame
from mnvalidate.run.keys import digest
from mnvalidate.run.store import Store, relabelled
from mnvalidate.solver import Solver

RESULTS_FILE = "results.jsonl"
BUILT_FILE = "built.json"


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
    """

    spec: ModelSpec
    neuron: int
    solver: Solver
    measuring_key: str
    store: Path | None


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
class Built:
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

    What is known once it is built (``built.json``) and each protocol's result as it comes
    (``results.jsonl``) are left in the folder, so that a crash loses nothing that was measured.
    """
    # The one place where the controlling program's code reaches NEURON: only children come here.
    from mnvalidate.models.build import build_motoneuron
    from mnvalidate.run.measuring import measure_motoneuron

    motoneuron = build_motoneuron(task.spec, task.neuron)
    built = Built(motoneuron.voltage_frame, motoneuron.recruitment_threshold)
    _keep(folder / BUILT_FILE, json.dumps(as_json(built)))
    key = None
    store = None if task.store is None else Store(task.store)
    if store is not None:
        key = _content_key(motoneuron, task)
        stored = store.load(key) if key else None
        if stored is not None:
            threshold = motoneuron.recruitment_threshold
            return Measured(relabelled(stored, task.spec.name, task.neuron, threshold), key, cached=True)

    def save(result: ProtocolResult) -> None:
        _keep(folder / RESULTS_FILE, json.dumps(as_json(result)) + "\n")

    record = measure_motoneuron(motoneuron, task.spec, task.neuron, task.solver, on_result=save)
    damaged = store is not None and bool(store.damaged)
    return Measured(record, key, cached=False, replaces_damaged=damaged)


def _keep(file: Path, text: str) -> None:
    # A full disk costs what a crash would leave behind, not the neuron.
    with contextlib.suppress(OSError), file.open("a", encoding="utf-8") as output:
        output.write(text)


def _content_key(motoneuron: Motoneuron, task: Task) -> str | None:
    from mnvalidate.models.content import cell_content

    try:
        return digest([cell_content(motoneuron, task.spec), task.measuring_key])
    except Exception:
        # A model may hold what cannot be described; it is measured all the same, and not kept.
        traceback.print_exc()
        return None
