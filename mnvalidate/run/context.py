"""How children are started: from a server that has NEURON and MyoGen loaded."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.context import BaseContext

from mnvalidate.run import MAIN_FILE_VARIABLE


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
        ensure_running()
