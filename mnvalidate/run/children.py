"""Fresh processes for neurons: started from a preloaded server, ended by a hard timeout, never trusted."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from pebble import ProcessExpired
from pebble.concurrent import process as concurrent_process

from mnvalidate.models.layering import is_plain
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.sources import NmodlError
from mnvalidate.protocols import PROTOCOLS
from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult, Record, UnusableModel
from mnvalidate.run.child import OUTPUT_FILE, RESULTS_FILE, Measured, MEMORY__bytes, Task, measure_in_child
from mnvalidate.run.context import process_context, start_server
from mnvalidate.run.keys import input_key, measuring_key
from mnvalidate.run.store import Store, relabelled
from mnvalidate.solver import Solver

_TAIL__bytes = 2000
_CHILD_NAME = "mnvalidate-neuron"
_LONGEST_END__s = 5.0
# What C++ and NEURON print before they end a process that is refused memory; Python raises MemoryError.
_REFUSED_MEMORY = ("std::bad_alloc", "NEURON: out of memory")


_TOO_LARGE = f"needed more than {MEMORY__bytes // 1024**2} MB of memory"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record that has come in, and whether it came from the store."""

    record: Record
    cached: bool


def measure_neurons(
    spec: ModelSpec,
    neurons: Iterable[int],
    solver: Solver,
    *,
    jobs: int,
    timeout__s: float,
    store: Store | None,
    on_arrival: Callable[[Arrival], None],
) -> None:
    """Measure neurons in parallel, each in a process of its own, unless its record is in the store.

    Parameters
    ----------
    spec : ModelSpec
        The model.
    neurons : iterable of int
        Indices in the pool.
    solver : Solver
        Method of integration.
    jobs : int
        Number of processes at a time.
    timeout__s : float
        Seconds after which a process is ended.
    store : Store, optional
        Records of earlier runs; new ones are kept there as they come.
    on_arrival : callable
        Called in this process with each record as it comes, in no particular order. A neuron whose process
        crashed or timed out has a record, too, that says so.
    """
    waiting = []
    for neuron in neurons:
        known = _known(store, spec, neuron, solver) if store is not None else None
        if known is None:
            waiting.append(neuron)
        else:
            on_arrival(Arrival(known, cached=True))
    if not waiting:
        return
    start_server()
    context = process_context(other_mechanisms=not is_plain(spec))
    # Pebble 5.2 reads the keyword `context`; its type annotations call it `mp_context`.
    in_process = concurrent_process(name=_CHILD_NAME, timeout=timeout__s, context=context)  # type: ignore[call-overload]
    start: Callable[[Task], Future[Measured]] = in_process(measure_in_child)
    how = measuring_key(solver)
    running: dict[Future[Measured], Task] = {}
    waiting.reverse()
    with TemporaryDirectory(prefix="mnvalidate-") as scratch:
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    neuron = waiting.pop()
                    folder = Path(scratch) / str(neuron)
                    folder.mkdir()
                    task = Task(
                        spec, neuron, solver, folder, how, store.folder if store else None, dict(os.environ)
                    )
                    running[start(task)] = task
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    task = running.pop(future)
                    on_arrival(_arrival(future, task, timeout__s, store))
                    rmtree(task.folder, ignore_errors=True)
        finally:
            _end(running)


def _known(store: Store, spec: ModelSpec, neuron: int, solver: Solver) -> Record | None:
    inputs = input_key(spec, neuron, solver)
    key = store.content_key(inputs) if inputs is not None else None
    stored = store.load(key) if key is not None else None
    return None if stored is None else relabelled(stored, spec.name, neuron, spec.thresholds[neuron])


def _arrival(future: Future[Measured], task: Task, timeout__s: float, store: Store | None) -> Arrival:
    try:
        measured = future.result()
    except FutureTimeoutError:
        return _failed(task, MeasurementOutcome.TIMED_OUT, f"ended after the timeout of {timeout__s:g} s")
    except ProcessExpired as error:
        reason = how_it_ended(error.exitcode)
        if any(words in tail(task.folder / OUTPUT_FILE) for words in _REFUSED_MEMORY):
            reason = f"{_TOO_LARGE}: {reason}"
        return _failed(task, MeasurementOutcome.CRASHED, reason)
    except Exception as error:
        print_traceback(error, task.folder / OUTPUT_FILE)
        reason = _TOO_LARGE if isinstance(error, MemoryError) else f"raised {type(error).__name__}: {error}"
        if isinstance(error, UnusableModel | NmodlError):
            reason = str(error)
        return _failed(task, MeasurementOutcome.CRASHED, reason)
    if store is not None and measured.key is not None:
        if measured.replaces_damaged:
            store.damaged.add(measured.key)
        store.save(measured.key, measured.record, input_key(task.spec, task.neuron, task.solver))
    return Arrival(measured.record, measured.cached)


def _failed(task: Task, outcome: MeasurementOutcome, reason: str) -> Arrival:
    finished = _finished_protocols(task.folder / RESULTS_FILE)
    record = Record(
        model=task.spec.name,
        neuron=task.neuron,
        recruitment_threshold=task.spec.thresholds[task.neuron],
        voltage_frame="relative",
        results=tuple(
            finished.get(protocol.name)
            or ProtocolResult(
                protocol.name,
                {},
                tuple(Measurement(q.name, q.unit, outcome, reason=reason) for q in protocol.quantities),
            )
            for protocol in PROTOCOLS
        ),
        stderr_tail=tail(task.folder / OUTPUT_FILE),
    )
    return Arrival(record, cached=False)


def _end(running: Iterable[Future[Measured]]) -> None:
    """End what still runs, and wait until it has ended."""
    for future in running:
        future.cancel()
    deadline = time.monotonic() + _LONGEST_END__s
    while time.monotonic() < deadline and any(
        child.name == _CHILD_NAME for child in multiprocessing.active_children()
    ):
        time.sleep(0.02)


def how_it_ended(exitcode: int | None) -> str:
    """Describe the end of a process that gave no result."""
    if exitcode is not None and exitcode < 0:
        try:
            return f"the process ended with {signal.Signals(-exitcode).name}"
        except ValueError:
            return f"the process ended with signal {-exitcode}"
    if exitcode == 0:
        return "the process ended itself with exit code 0 and without a result, as h.quit() does"
    return f"the process ended with exit code {exitcode} and without a result"


def print_traceback(error: BaseException, file: Path) -> None:
    """Append the traceback that came with an error from a child to what the child printed."""
    with file.open("a", encoding="utf-8", errors="backslashreplace") as output:
        output.write(f"\n{error.__cause__ or error}\n")


def tail(file: Path) -> str:
    """Return the end of what a process printed, as printable text."""
    try:
        with file.open("rb") as output:
            output.seek(max(0, file.stat().st_size - _TAIL__bytes))
            text = output.read().decode("utf-8", errors="backslashreplace")
    except OSError:
        return ""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text).strip()


def _finished_protocols(file: Path) -> dict[str, ProtocolResult]:
    finished: dict[str, ProtocolResult] = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return finished
    for line in lines:
        try:
            result = ProtocolResult.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError):
            break  # the last line of a process that was ended while it wrote
        finished[result.protocol] = result
    return finished
