"""How children are started: from a server that has NEURON and MyoGen loaded."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from multiprocessing.context import BaseContext
from multiprocessing.util import get_temp_dir

from mnvalidate.run import MAIN_FILE_VARIABLE

# A socket's path has 107 bytes at most on Linux and 103 on macOS, of which multiprocessing takes 40.
_LONGEST_FOLDER = 60
_SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")


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
        from multiprocessing.spawn import get_preparation_data

        # What a child is told of the program's own file: the server is told the same, see `run.server`.
        os.environ[MAIN_FILE_VARIABLE] = get_preparation_data("").get("init_main_from_path", "")
        with _folder_for_sockets():
            ensure_running()


@contextlib.contextmanager
def _folder_for_sockets() -> Iterator[None]:
    """Let multiprocessing put its sockets, whose paths the system limits, into a folder with a short name."""
    own = tempfile.gettempdir()
    if len(os.fsencode(own)) > _LONGEST_FOLDER:
        tempfile.tempdir = next((f for f in _SHORT_FOLDERS if os.access(f, os.W_OK | os.X_OK)), own)
    try:
        # Remembered by multiprocessing for as long as this process lives.
        get_temp_dir()
        yield
    finally:
        tempfile.tempdir = own
