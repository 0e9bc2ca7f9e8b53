"""Importing NEURON without the mechanisms that it loads by itself."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

from mnvalidate.nmodl.compiled import PATH_VARIABLE


@contextlib.contextmanager
def neuron_alone() -> Generator[None]:
    """Let NEURON, if it is imported now, find no library in the working folder nor in the environment.

    What is to be in force is loaded later, by name. A library that NEURON finds may end the process, and what
    is loaded stays.
    """
    if "neuron" in sys.modules:
        yield
        return
    before = Path.cwd()
    path = os.environ.pop(PATH_VARIABLE, None)
    with tempfile.TemporaryDirectory(prefix="mnvalidate-") as empty:
        os.chdir(empty)
        try:
            yield
        finally:
            os.chdir(before)
            if path is not None:
                os.environ[PATH_VARIABLE] = path
