"""What the fork server imports once, so that every child starts with NEURON and MyoGen at hand.

NEURON loads a mechanism library that lies in the working folder, so the server leaves the user's folder
first; children return to it when they start. Importing this module has these effects; only the server does.
"""

import contextlib
import gc
import os
import sys

from mnvalidate.nmodl.alone import neuron_alone
from mnvalidate.run import MAIN_FILE_VARIABLE


def _preload() -> None:
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    # One thread for linear algebra: children share the cores, and results must not depend on their number.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    # A child imports the file that started the program unless the server seems to have done so. Our children
    # need nothing of it, and a script without a main guard would start itself again.
    main_file = os.environ.get(MAIN_FILE_VARIABLE)
    if main_file:
        sys.modules["__main__"].__file__ = main_file
    # A failure is not the server's to report: the child imports again and says what is wrong.
    with neuron_alone(), contextlib.suppress(Exception):
        import mnvalidate.models.content
        import mnvalidate.models.factory
        import mnvalidate.run.building
        import mnvalidate.run.children
        import mnvalidate.run.measuring
        import mnvalidate.run.neuron_child
        from mnvalidate.models.mechanisms import remember_myogen
        from mnvalidate.nmodl.loading import mechanisms_deferred

        # Each child loads the library that its model needs.
        with mechanisms_deferred():
            import mnvalidate.models.myogen  # noqa: F401
        remember_myogen()
    os.chdir("/")
    # What is loaded stays for good: no child's garbage collector needs to visit it, nor copy its pages.
    gc.collect()
    gc.freeze()


_preload()
