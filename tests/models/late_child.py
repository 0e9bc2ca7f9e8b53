"""A neuron's process that comes to run only after the controlling process has died."""

import multiprocessing
import time
from pathlib import Path

from mnvalidate.run.confinement import behave_as_child


def main(folder):
    multiprocessing.parent_process().join()
    (Path(folder) / "started").touch()
    behave_as_child(Path(folder))
    (Path(folder) / "survived").touch()
    time.sleep(1000)
