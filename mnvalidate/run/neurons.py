"""The neurons of a pool, each measured in a process of its own unless its record is in the store."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols import PROTOCOLS
from mnvalidate.records import Measurement, ProtocolResult, Record
from mnvalidate.run.children import Accident, run_in_children
from mnvalidate.run.context import process_context, start_server
from mnvalidate.run.keys import input_key, measuring_key
from mnvalidate.run.neuron_child import KNOWN_FILE, RESULTS_FILE, Known, Measured, Task, measure_in_child
from mnvalidate.run.store import Store, relabelled
from mnvalidate.solver import Solver


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
    how = measuring_key(solver)
    folder = store.folder if store is not None else None
    environment = dict(os.environ)

    def keep(task: Task, ending: Measured | Accident, left: Path) -> None:
        if isinstance(ending, Accident):
            on_arrival(Arrival(lost_record(task.spec, task.neuron, ending, left), cached=False))
            return
        if store is not None and ending.key is not None:
            if ending.replaces_damaged:
                store.damaged.add(ending.key)
            store.save(ending.key, ending.record, input_key(task.spec, task.neuron, task.solver))
        on_arrival(Arrival(ending.record, ending.cached))

    run_in_children(
        [Task(spec, neuron, solver, how, folder, environment) for neuron in waiting],
        measure_in_child,
        jobs=jobs,
        timeout__s=timeout__s,
        context=process_context(),
        on_end=keep,
    )


def _known(store: Store, spec: ModelSpec, neuron: int, solver: Solver) -> Record | None:
    inputs = input_key(spec, neuron, solver)
    key = store.content_key(inputs) if inputs is not None else None
    stored = store.load(key) if key is not None else None
    return None if stored is None else relabelled(stored, spec.name, neuron, spec.thresholds[neuron])


def lost_record(spec: ModelSpec, neuron: int, accident: Accident, left: Path | None = None) -> Record:
    """Record of a neuron whose process ended, or which could not be built, with all that is known of it.

    Parameters
    ----------
    spec : ModelSpec
        The model.
    neuron : int
        Index in the pool.
    accident : Accident
        What happened.
    left : Path, optional
        Folder with what the process had left by then.
    """
    finished = {} if left is None else _finished_protocols(left / RESULTS_FILE)
    known = None if left is None else _known_of(left / KNOWN_FILE)
    return Record(
        model=spec.name,
        neuron=neuron,
        recruitment_threshold=spec.thresholds[neuron] if known is None else known.recruitment_threshold,
        voltage_frame="unknown" if known is None else known.voltage_frame,
        results=tuple(
            finished.get(protocol.name)
            or ProtocolResult(
                protocol.name,
                {},
                tuple(
                    Measurement(q.name, q.unit, accident.outcome, reason=accident.reason)
                    for q in protocol.quantities
                ),
            )
            for protocol in PROTOCOLS
        ),
        stderr_tail=accident.printed,
    )


def _known_of(file: Path) -> Known | None:
    try:
        return Known(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


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
