"""Every quantity of 14 cells against a plain NEURON script, at CVODE 1e-9 and at a fixed step of 0.0025 ms.

``python -m benchmarks.plain_neuron [cell ...]`` prints the table of docs/accuracy.md: differences as
multiples of the resolution that a value states. It exits with 1 if one is above 1. The script is in
script.py; all that it is told is which currents mnvalidate used.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.plain_neuron.cells import CELLS, MECHANISMS
from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.run.pool import measure

SCRIPT = Path(__file__).parent / "script.py"
SOLVERS: Mapping[str, float | None] = {"CVODE 1e-9": None, "0.0025 ms": 0.0025}
# How far frozen and fitted membrane may be apart where a slow current runs in it: docs/protocols.md.
SLOW_CURRENT = 0.035


def main() -> int:
    """Measure, compare and print; return the number of differences beyond the resolution, at most 1."""
    names = sys.argv[1:] or list(CELLS)
    spec = ModelSpec("benchmarks.plain_neuron.factory:motoneuron", len(names), {"cells": names})
    records = dict(zip(names, measure(spec).records, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        library = compiled(Path(folder))
        jobs = [(name, solver) for solver in SOLVERS for name in names]
        with ThreadPoolExecutor(2) as pool:
            answers = pool.map(lambda job: plain(library, question(job[0], records[job[0]], job[1])), jobs)
            truth = dict(zip(jobs, answers, strict=True))
    return show(records, truth)


def compiled(folder: Path) -> Path:
    """Compile the cells' mechanisms with nrnivmodl."""
    subprocess.run(
        [str(Path(sys.executable).with_name("nrnivmodl")), str(MECHANISMS)],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


def question(cell: str, record: Record, solver: str) -> dict[str, Any]:
    """What the script is told: the cell, the solver, and the currents that were used."""
    steps, decay = (record.result(name).data for name in ("input_resistance", "time_constant"))
    asked: dict[str, Any] = {
        "cell": cell,
        "fixed_step__ms": SOLVERS[solver],
        "strong__nA": steps["current__nA"],
        "weak__nA": steps["small_current__nA"],
        "decay__nA": decay["pulse__nA"][0],
        "rheobase__nA": record.value("Ir__nA"),
    }
    if asked["rheobase__nA"] is None:
        return asked
    return asked | {
        "short__nA": record.value("I_short__nA"),
        "pulse__nA": record.result("action_potential").data["pulse__nA"][0],
        "fast": record.value("fast_AHP__mV") is not None,
        "levels__nA": record.result("repetitive_firing").data["levels__nA"],
        "repetitive__nA": record.value("I_repetitive__nA"),
    }


def plain(library: Path, asked: dict[str, Any]) -> dict[str, float]:
    """Run the script."""
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(library)], input=json.dumps(asked), capture_output=True, text=True
    )
    if run.returncode:
        raise RuntimeError(f"{asked['cell']}: {run.stderr}")
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    print(f"{asked['cell']}, {asked['fixed_step__ms']}: {found}", file=sys.stderr, flush=True)
    return found


def show(records: Mapping[str, Record], truth: Mapping[tuple[str, str], dict[str, float]]) -> int:
    """Print the table; return whether anything is beyond its resolution."""
    beyond = 0
    names = list(records)
    for number, name in enumerate(names, 1):
        print(f"{number}. `{name}`: {CELLS[name].__doc__}")
    print()
    print("| quantity | " + " | ".join(str(number + 1) for number in range(len(names))) + " |")
    print("|---|" + "---:|" * len(names))
    for quantity in QUANTITIES:
        cells = []
        for name in names:
            differences = [difference(records[name], quantity, truth[name, solver]) for solver in SOLVERS]
            cells.append(" / ".join(f"{d:.2g}" for d in differences if d is not None) or "")
            beyond += sum(d > 1 for d in differences if d is not None)
        if any(cells):
            print(f"| `{quantity}` | " + " | ".join(cells) + " |")
    return min(beyond, 1)


def difference(record: Record, quantity: str, truth: Mapping[str, float]) -> float | None:
    """Distance from the script's value as a multiple of the resolution; None where one has no value."""
    found = record.measurements[quantity]
    if found.value is None or math.isnan(truth.get(quantity, math.nan)):
        return None
    allowed = found.resolution or 0.0
    if quantity == "tau__ms":
        allowed = max(allowed, SLOW_CURRENT * found.value)
    return abs(found.value - truth[quantity]) / allowed


if __name__ == "__main__":
    sys.exit(main())
