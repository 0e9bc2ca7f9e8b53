"""Fresh processes for neurons: started from a preloaded server, ended by a hard timeout, never trusted."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import asdict
from multiprocessing.context import BaseContext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pebble import ProcessExpired
from pebble.concurrent import process as concurrent_process

from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols import PROTOCOLS
from mnvalidate.records import Measurement, Outcome, ProtocolResult, Record
from mnvalidate.run import MAIN_FILE_VARIABLE
from mnvalidate.run.child import OUTPUT_FILE, RESULTS_FILE, measure_in_child
from mnvalidate.solver import Solver

_TAIL__bytes = 2000


def process_context() -> BaseContext:
    """Return the way children are started: from a preloaded server where there is one, else afresh."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mnvalidate.run.server"])
    return context


def start_server() -> None:
    """Let the server load NEURON and MyoGen while this process does something else."""
    context = process_context()
    if context.get_start_method() == "forkserver":
        from multiprocessing.forkserver import ensure_running

        os.environ[MAIN_FILE_VARIABLE] = getattr(sys.modules["__main__"], "__file__", None) or ""
        ensure_running()


def measure_neurons(
    spec: ModelSpec,
    neurons: Iterable[int],
    solver: Solver,
    *,
    jobs: int,
    timeout__s: float,
    on_record: Callable[[Record], None],
) -> None:
    """Measure neurons in parallel, each in a process of its own.

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
    on_record : callable
        Called in this process with each record as it comes, in no particular order. A neuron whose process
        crashed or timed out has a record, too, that says so.
    """
    start_server()
    # Pebble 5.2 reads the keyword `context`; its type annotations call it `mp_context`.
    in_process = concurrent_process(timeout=timeout__s, context=process_context())  # type: ignore[call-overload]
    start: Callable[..., Future[dict[str, Any]]] = in_process(measure_in_child)
    waiting = list(reversed(list(neurons)))
    running: dict[Future[dict[str, Any]], tuple[int, Path]] = {}
    with TemporaryDirectory(prefix="mnvalidate-") as scratch:
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    neuron = waiting.pop()
                    folder = Path(scratch) / str(neuron)
                    folder.mkdir()
                    future = start(spec.to_json(), neuron, asdict(solver), str(folder))
                    running[future] = neuron, folder
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    neuron, folder = running.pop(future)
                    on_record(_record(future, spec, neuron, folder, timeout__s))
        finally:
            for future in running:
                future.cancel()
            wait(running)


def _record(
    future: Future[dict[str, Any]], spec: ModelSpec, neuron: int, folder: Path, timeout__s: float
) -> Record:
    try:
        return Record.from_json(future.result())
    except FutureTimeoutError:
        outcome, reason = Outcome.TIMED_OUT, f"ended after the timeout of {timeout__s:g} s"
    except ProcessExpired as error:
        outcome, reason = Outcome.CRASHED, how_it_ended(error.exitcode)
    except Exception as error:
        outcome, reason = Outcome.CRASHED, f"raised {type(error).__name__}: {error}"
        print_traceback(error, folder / OUTPUT_FILE)
    finished = _finished_protocols(folder / RESULTS_FILE)
    return Record(
        model=spec.name,
        neuron=neuron,
        recruitment_threshold=spec.thresholds[neuron],
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
        stderr_tail=tail(folder / OUTPUT_FILE),
    )


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
