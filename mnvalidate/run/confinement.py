"""What every child does before it begins: die with the parent, and take no more than its share."""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import resource
import select
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from mnvalidate.run import MAIN_FILE_VARIABLE

OUTPUT_FILE = "output.txt"
"""File in its folder to which a child's output goes."""

_GROUP_FILE = "group.txt"
_WHOLE = "\n"

MEMORY__bytes = 4 * 1024**3
"""Address space that a child may claim; one with a neuron of MyoGen's claims 300 MB."""

# Variables that the server sets for its children.
_DECIDED_BY_SERVER = (
    *(f"{library}_NUM_THREADS" for library in ("OMP", "OPENBLAS", "MKL")),
    *("NEURON_MODULE_OPTIONS", MAIN_FILE_VARIABLE),
)
_LARGEST_FILE__bytes = 32 * 1024**2


def take_environment(environment: Mapping[str, str]) -> None:
    """Let this process have the environment of the controlling one, apart from what the server decides."""
    if not environment:
        return
    for name in os.environ.keys() - environment.keys():
        if name not in _DECIDED_BY_SERVER:
            del os.environ[name]
    os.environ.update({k: v for k, v in environment.items() if k not in _DECIDED_BY_SERVER})


def behave_as_child(folder: Path) -> None:
    """Die with the parent, dump no core, fill no disk, and write what is printed to a file in `folder`."""
    # NEURON's loops never return to Python's own handler, which the process pool installs.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with_controller()
    _lead_a_group(folder)
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


def _lead_a_group(folder: Path) -> None:
    """Let the processes that a model starts be found when this one has ended."""
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
        (folder / _GROUP_FILE).write_text(f"{os.getpgrp()}{_WHOLE}", encoding="ascii")


def end_of_group(folder: Path) -> None:
    """End what a child that has ended has left running, as far as it did not begin a session of its own.

    Parameters
    ----------
    folder : Path
        The child's folder.
    """
    with contextlib.suppress(OSError, ValueError):
        group, whole, _ = (folder / _GROUP_FILE).read_text(encoding="ascii").partition(_WHOLE)
        # A full disk keeps the first digits of a number; 0 and 1 mean other groups than one.
        if whole and int(group) > 1 and int(group) != os.getpgrp():
            os.killpg(int(group), signal.SIGKILL)


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
