"""The text of a baseline: JSON made for git, a neuron a line, in an order that does not change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from mnvalidate.baseline.state import NeuronState, PoolState, State
from mnvalidate.baseline.tolerance import Tolerance, rounded_resolution, shipped_tolerance
from mnvalidate.records import Json, Measurement

VERSION = 1
SCHEMA_PREFIX = "mnvalidate-baseline-"
"""What the name of the format begins with; its version follows."""

USUAL = "conforms"
"""How the checks of a neuron ended that its line does not name."""

ABSENT = "absent"
"""In the line of a neuron: a check that the others have and this one has not."""

ANY_NEURON = "*"
"""In the ids of checks that each neuron has: the neuron's label."""

_LONGEST_REASON = 120


def baseline_text(state: State) -> str:
    """Return the text of the file of a baseline; `mnvalidate.baseline.parsing.parse` reads it."""
    return "".join(f"{line}\n" for line in _lines(state))


def by_neuron(model: str, verdicts: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """Verdicts on the neurons of a model, by ids with `ANY_NEURON` in place of their labels."""
    label = re.compile(rf"\[{re.escape(model)}-n(\d+)-")
    found: dict[int, dict[str, str]] = {}
    for check, status in verdicts.items():
        match = label.search(check)
        if match is not None:
            found.setdefault(int(match[1]), {})[label.sub(f"[{ANY_NEURON}-", check, count=1)] = status
    return found


def _lines(state: State) -> Iterator[str]:
    widened = {
        name: {key: value for key, value in asdict(entry).items() if value}
        for name, entry in state.widened.items()
    }
    tolerance = replace(shipped_tolerance(), widened=state.widened)
    yield "{"
    yield f'"schema": "{SCHEMA_PREFIX}{VERSION}",'
    for name, value in (
        ("widened", widened),
        ("species", state.species),
        ("solver", state.solver),
        ("versions", state.versions),
        *([("literature", state.literature)] if state.literature else []),
    ):
        yield f'"{name}": {_dumped(value)},'
    yield '"pools": ['
    pools = sorted(state.pools, key=lambda pool: pool.model)
    told: set[str] = set()
    for index, pool in enumerate(pools):
        yield from _pool_lines(pool, state.verdicts, tolerance, told)
        yield "]}" + ("," if index < len(pools) - 1 else "")
    yield "],"
    yield '"verdicts": {'
    rest = sorted(set(state.verdicts) - told)
    yield from _separated([f"{_dumped(check)}: {_dumped(state.verdicts[check])}" for check in rest])
    yield "}"
    yield "}"


def _pool_lines(
    pool: PoolState, verdicts: Mapping[str, str], tolerance: Tolerance, told: set[str]
) -> Iterator[str]:
    """Lines of a pool; ids of the verdicts that they tell are added to `told`."""
    of_neurons = by_neuron(pool.model, verdicts)
    checks = sorted({check for each in of_neurons.values() for check in each})
    label = re.compile(rf"\[{re.escape(pool.model)}-n\d+-")
    told.update(check for check in verdicts if label.search(check))
    yield f'{{"model": {_dumped(pool.model)},'
    yield f'"n_neurons": {pool.n_neurons},'
    yield f'"spec": {_dumped(pool.spec)},'
    yield f'"celsius": {_dumped(pool.celsius)},'
    yield f'"checks of each neuron": {_dumped(checks)},'
    yield '"neurons": ['
    yield from _separated(
        [
            _dumped(_neuron_values(neuron, of_neurons.get(neuron.neuron, {}), checks, tolerance))
            for neuron in pool.neurons
        ]
    )


def _neuron_values(
    neuron: NeuronState, verdicts: Mapping[str, str], checks: Sequence[str], tolerance: Tolerance
) -> dict[str, Any]:
    unusual: dict[str, list[str]] = {}
    for check in checks:
        status = verdicts.get(check, ABSENT)
        if status != USUAL:
            unusual.setdefault(status, []).append(check)
    return {
        "neuron": neuron.neuron,
        "recruitment_threshold": float(f"{neuron.recruitment_threshold:.9g}"),
        "values": {m.quantity: _measured(m, tolerance) for m in neuron.measurements.values()},
        "verdicts": unusual,
    }


def _measured(measurement: Measurement, tolerance: Tolerance) -> list[Json]:
    if measurement.value is None:
        return [measurement.outcome.value, " ".join(measurement.reason.split())[:_LONGEST_REASON]]
    return [tolerance.rounded(measurement), rounded_resolution(measurement.resolution)]


def _separated(items: Iterable[str]) -> Iterator[str]:
    """Items with a comma after each but the last."""
    waiting = None
    for item in items:
        if waiting is not None:
            yield waiting + ","
        waiting = item
    if waiting is not None:
        yield waiting


def _dumped(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
