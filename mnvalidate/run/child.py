"""What happens inside the process of one neuron."""

from __future__ import annotations

import contextlib
import fcntl
import json
import multiprocessing
import os
import resource
import select
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mnvalidate.drawing import as_json
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.alone import neuron_alone
from mnvalidate.records import ProtocolResult, Record
from mnvalidate.run import MAIN_FILE_VARIABLE, MECHANISMS_VARIABLE
from mnvalidate.run.keys import digest
from mnvalidate.run.store import Store, relabelled
from mnvalidate.solver import Solver

OUTPUT_FILE = "output.txt"
RESULTS_FILE = "results.jsonl"

MEMORY__bytes = 4 * 1024**3
"""Address space that the process of one neuron may claim; one of MyoGen's claims 300 MB."""

# Variables that the server sets for its children.
_DECIDED_HERE = (
    *(f"{library}_NUM_THREADS" for library in ("OMP", "OPENBLAS", "MKL")),
    *("NEURON_MODULE_OPTIONS", MAIN_FILE_VARIABLE, MECHANISMS_VARIABLE),
)
_LARGEST_FILE__bytes = 32 * 1024**2


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
    folder : Path
        Folder for what the process prints (``output.txt``) and for each protocol's result as it comes
        (``results.jsonl``), so that a crash loses nothing that was measured.
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
    folder: Path
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


def measure_in_child(task: Task) -> Measured:
    """Measure one neuron in this process, which is the neuron's own, unless its record is in the store."""
    behave_as_child(task.folder)
    take_environment(task.environment)
    # The one place where the controlling program's code reaches NEURON: only children come here.
    with neuron_alone():
        from mnvalidate.run.building import build_in_child, content_of
        from mnvalidate.run.measuring import measure_motoneuron

    built = build_in_child(task.spec, task.neuron, task.folder / OUTPUT_FILE)
    motoneuron = built.motoneuron
    store = None if task.store is None else Store(task.store)
    content, cell = content_of(built, task.spec, wanted=store is not None)
    key = digest([content, task.measuring_key]) if content is not None else None
    if store is not None:
        stored = store.load(key) if key else None
        if stored is not None:
            threshold = motoneuron.recruitment_threshold
            known = relabelled(stored, task.spec.name, task.neuron, threshold)
            return Measured(replace(known, cell=cell), key, cached=True)

    def save(result: ProtocolResult) -> None:
        # A full disk costs what a crash would leave behind, not the neuron.
        with contextlib.suppress(OSError), (task.folder / RESULTS_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(as_json(result)) + "\n")

    record = measure_motoneuron(motoneuron, task.spec, task.neuron, task.solver, on_result=save)
    damaged = store is not None and bool(store.damaged)
    return Measured(replace(record, cell=cell), key, cached=False, replaces_damaged=damaged)


def take_environment(environment: Mapping[str, str]) -> None:
    """Let this process have the environment of the controlling one, apart from what the server decides."""
    if not environment:
        return
    for name in os.environ.keys() - environment.keys():
        if name not in _DECIDED_HERE:
            del os.environ[name]
    os.environ.update({k: v for k, v in environment.items() if k not in _DECIDED_HERE})


def behave_as_child(folder: Path) -> None:
    """Die with the parent, dump no core, fill no disk, and write what is printed to a file in `folder`."""
    # NEURON's loops never return to Python's own handler, which the process pool installs.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with_controller()
    _limit(resource.RLIMIT_FSIZE, _LARGEST_FILE__bytes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, MEMORY__bytes)
    output = os.open(folder / OUTPUT_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False, errors="backslashreplace")
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False, errors="backslashreplace")


def _limit(kind: int, amount: int) -> None:
    """Lower a limit of this process; one that is lower already stays, since it cannot be raised."""
    _, highest = resource.getrlimit(kind)
    if highest == resource.RLIM_INFINITY or highest > amount:
        with contextlib.suppress(ValueError, OSError):  # some systems know a limit that cannot be set
            resource.setrlimit(kind, (amount, amount))


def _die_with_controller() -> None:
    """Ask the kernel to end this process when the controlling one is gone, even while NEURON runs.

    The pipe from the controlling process reports its end as a signal; no thread of Python could, since NEURON
    does not let go of the interpreter.
    """
    controller = multiprocessing.parent_process()
    if controller is None or not hasattr(fcntl, "F_SETSIG"):
        return
    fcntl.fcntl(controller.sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(controller.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(controller.sentinel, fcntl.F_GETFL)
    fcntl.fcntl(controller.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)
    # A pipe that had ended before reports nothing any more.
    if select.select([controller.sentinel], [], [], 0)[0]:
        os._exit(1)
