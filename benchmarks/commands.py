"""Whole commands, timed from outside with their memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.phases import FILE_VARIABLE


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took."""

    seconds: float
    memory__MB: float
    output: str
    phases: dict[str, float]


def command(*arguments: str, folder: Path | None = None) -> Cost:
    """Run Python with arguments, in an empty folder unless one is given.

    The memory is the largest of the command's own process; the children of its fork server are not its own.

    Raises
    ------
    RuntimeError
        If the command fails in another way than by failing tests.
    """
    with tempfile.TemporaryDirectory() as empty:
        phases_file = Path(empty) / "phases.json"
        # Python keeps what it has compiled, as it does unless it is told not to.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {
            "NEURON_MODULE_OPTIONS": "-nogui",
            "PYTHONPATH": str(Path.cwd()),
            FILE_VARIABLE: str(phases_file),
        }
        begin = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder or empty,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        phases = json.loads(phases_file.read_text()) if phases_file.exists() else {}
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}:\n{output}")
    return Cost(seconds, _megabytes(usage), output, phases)


def suite(*options: str) -> Cost:
    """Run the suite with options, report included."""
    return command(
        "-m",
        "pytest",
        "--pyargs",
        "mnvalidate.suite",
        *("-p", "no:hypothesispytest", "-p", "no:cacheprovider", "-p", "benchmarks.phases", "-q"),
        *options,
    )


def example(model: str, n_neurons: int, neuron: int) -> tuple[float, int]:
    """Seconds and steps of one neuron measured in the example's way."""
    cost = command("-m", "benchmarks.example", model, str(n_neurons), str(neuron))
    result = json.loads(cost.output.splitlines()[-1])
    return result["seconds"], result["steps"]


def protocols(model: str, n_neurons: int, neuron: int) -> dict[str, float]:
    """Seconds of building one neuron, and of each protocol on it."""
    cost = command("-m", "benchmarks.protocols", model, str(n_neurons), str(neuron))
    times: dict[str, float] = json.loads(cost.output.splitlines()[-1])
    return times


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024
