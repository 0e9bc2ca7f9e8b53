"""What happens inside the process of one neuron."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mnvalidate.models.spec import ModelSpec
from mnvalidate.records import ProtocolResult
from mnvalidate.solver import Solver

OUTPUT_FILE = "output.txt"
RESULTS_FILE = "results.jsonl"

_LARGEST_FILE__bytes = 32 * 1024**2
_PR_SET_PDEATHSIG = 1


def measure_in_child(
    spec: dict[str, Any], neuron: int, solver: dict[str, Any], folder: str
) -> dict[str, Any]:
    """Measure one neuron in this process, which is the neuron's own.

    Parameters
    ----------
    spec, solver : dict
        JSON values of the `ModelSpec` and fields of the `Solver`.
    neuron : int
        Index in the pool.
    folder : str
        Folder for what the process prints (``output.txt``) and for each protocol's result as it comes
        (``results.jsonl``), so that a crash loses nothing that was measured.

    Returns
    -------
    dict
        JSON values of the `Record`.
    """
    behave_as_child(Path(folder))
    model = ModelSpec.from_json(spec)
    # The one place where the controlling program's code reaches NEURON: only children come here.
    from mnvalidate.models.loading import load_mechanisms

    load_mechanisms(model.nmodl)
    from mnvalidate.measure import measure_neuron

    with (Path(folder) / RESULTS_FILE).open("a", encoding="utf-8") as results:

        def save(result: ProtocolResult) -> None:
            results.write(json.dumps(asdict(result)) + "\n")
            results.flush()

        record = measure_neuron(model, neuron, Solver(**solver), on_result=save)
    return record.to_json()


def behave_as_child(folder: Path) -> None:
    """Die with the parent, dump no core, fill no disk, and write what is printed to a file in `folder`."""
    # NEURON's loops never return to Python's own handler, which the process pool installs.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE__bytes, _LARGEST_FILE__bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    output = os.open(folder / OUTPUT_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False, errors="backslashreplace")
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False, errors="backslashreplace")
