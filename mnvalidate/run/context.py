"""How children are started: from a server that has NEURON and MyoGen loaded."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.context import BaseContext

from mnvalidate.run import MAIN_FILE_VARIABLE, MECHANISMS_VARIABLE

_server_is_started = False
_server_has_own_mechanisms = False


def process_context(*, other_mechanisms: bool = False) -> BaseContext:
    """Return the way children are started: from a preloaded server where there is one, else afresh.

    Afresh, too, where other mechanisms are needed and the server has loaded MyoGen's own for good.
    """
    unfit = other_mechanisms and _server_has_own_mechanisms
    if unfit or "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mnvalidate.run.server"])
    return context


def start_server(*, own_mechanisms: bool = False) -> None:
    """Let the server load NEURON and MyoGen while this process does something else.

    Parameters
    ----------
    own_mechanisms : bool
        Whether MyoGen's own mechanisms are all that any child of this process will ever need. The server
        then loads them, once for all. Only the first call counts.
    """
    global _server_has_own_mechanisms, _server_is_started
    context = process_context()
    if context.get_start_method() == "forkserver":
        from multiprocessing.forkserver import ensure_running
        from multiprocessing.spawn import get_preparation_data

        # What a child is told of the program's own file: the server is told the same, see `run.server`.
        os.environ[MAIN_FILE_VARIABLE] = get_preparation_data("").get("init_main_from_path", "")
        if own_mechanisms and not _server_is_started:
            os.environ[MECHANISMS_VARIABLE] = "1"
            _server_has_own_mechanisms = True
        _server_is_started = True
        ensure_running()
        os.environ.pop(MECHANISMS_VARIABLE, None)
