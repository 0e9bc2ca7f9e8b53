"""Mods that are called as MyoGen's are, and factories that come by them in every way there is."""

import subprocess
import sys
import sysconfig
from pathlib import Path

LEAK = """
NEURON {{ SUFFIX {name} NONSPECIFIC_CURRENT i RANGE g, e }}
PARAMETER {{ g = {g} (S/cm2) e = -65 (mV) }}
ASSIGNED {{ v (mV) i (mA/cm2) }}
BREAKPOINT {{ i = g*(v - e) }}
"""

CELL = """
from pathlib import Path
from neuron import h
import neuron as nrn
from mnvalidate.models.motoneuron import Motoneuron
{before}
def cell(spec, neuron):
    {inside}
    soma = h.Section(name="soma")
    soma.L = soma.diam = 100.0
    soma.insert("napp")
    return Motoneuron(soma, 1.0, initial_voltage__mV=-65.0)
{after}
"""


def write_mods(folder, g=1e-4, names=("napp", "gh", "mAHP")):
    """Write leaks of a conductance in S/cm2 under MyoGen's names."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.mod").write_text(LEAK.format(name=name, g=g))
    return folder


def compile_mods(folder):
    """Compile what is in a folder as its author would."""
    command = [sys.executable, Path(sysconfig.get_path("scripts")) / "nrnivmodl", "."]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def write_cell(folder, before="", inside="", after="", name="own_cell"):
    """Write a factory ``cell`` of a sphere with napp alone."""
    (folder / f"{name}.py").write_text(CELL.format(before=before, inside=inside, after=after))
    return f"{name}:cell"


def resistance__MOhm(g):
    """Input resistance of that sphere."""
    return 1e-6 / (g * 3.14159265358979 * 1e4 * 1e-8)
