"""What an author has: a hoc template, and three mods that are called as MyoGen's are."""

import re
from pathlib import Path

NAPP = """
TITLE fast sodium and delayed rectifier, from rest at -70 mV
NEURON {
    SUFFIX napp
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    RANGE gbar, gkbar
}
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 0.03 (S/cm2) gkbar = 0.01 (S/cm2) }
ASSIGNED { v (mV) ena (mV) ek (mV) ina (mA/cm2) ik (mA/cm2) }
STATE { m h n }
BREAKPOINT {
    SOLVE states METHOD cnexp
    ina = gbar*m*m*m*h*(v - ena)
    ik = gkbar*n*n*n*n*(v - ek)
}
INITIAL {
    m = inf(v, -40, 6)
    h = inf(v, -50, -6)
    n = inf(v, -35, 8)
}
DERIVATIVE states {
    m' = (inf(v, -40, 6) - m)/0.05
    h' = (inf(v, -50, -6) - h)/0.8
    n' = (inf(v, -35, 8) - n)/1.5
}
FUNCTION inf(v, half, slope) { inf = 1/(1 + exp(-(v - half)/slope)) }
"""

GH = """
NEURON { SUFFIX gh NONSPECIFIC_CURRENT i RANGE g, e }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { g = 2e-4 (S/cm2) e = -70 (mV) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = g*(v - e) }
"""

MAHP = """
NEURON { SUFFIX mAHP USEION k READ ek WRITE ik RANGE gbar }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { gbar = 1e-3 (S/cm2) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) }
STATE { w }
BREAKPOINT { SOLVE states METHOD cnexp ik = gbar*w*(v - ek) }
INITIAL { w = 1/(1 + exp(-(v + 20)/4)) }
DERIVATIVE states { w' = (1/(1 + exp(-(v + 20)/4)) - w)/20 }
"""

HOC = """
begintemplate MyCell
public soma, dend
create soma, dend
proc init() {
    connect dend(0), soma(1)
    soma { L = 50 diam = 50 insert napp insert gh insert mAHP ena = 50 ek = -80 }
    dend { L = 2000 diam = 15 nseg = 21 insert gh }
    forall { Ra = 70 cm = 1 }
}
endtemplate MyCell
"""


def write_model(folder):
    """Write the model as its author has it, with the factory of the README."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    (factory,) = (
        block for block in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "def my_neuron" in block
    )
    (command,) = re.findall(
        r"^pytest (--pyargs mnvalidate.suite --mn-model my_model:.*)$", readme, re.MULTILINE
    )
    (folder / "my_model.py").write_text(factory)
    (folder / "my_cell.hoc").write_text(HOC)
    (folder / "mods").mkdir()
    for name, text in {"napp": NAPP, "gh": GH, "mAHP": MAHP}.items():
        (folder / "mods" / f"{name}.mod").write_text(text)
    return command.split()
