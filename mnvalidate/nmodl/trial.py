"""A program that loads a library into NEURON and tells which mechanisms it does not know then.

It runs in a process of its own, because NEURON ends a process in which ions contradict each other. It is run
as a file, with nothing of this package.
"""

import os
import sys
from pathlib import Path

from neuron import h


def main(library: str, names: list[str]) -> int:
    """Load a library; return 0 if every mechanism of the names is there."""
    # NEURON takes ASCII letters only, and what lies in the working folder only with its folder's name.
    os.chdir(Path(library).parent)
    h.nrn_load_dll(f"./{Path(library).name}")
    known = set()
    text = h.ref("")
    for kind in (0, 1):
        types = h.MechanismType(kind)
        for index in range(int(types.count())):
            types.select(index)
            types.selected(text)
            known.add(str(text[0]))
    missing = [name for name in names if name not in known]
    if missing:
        print("not known:", *missing)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
