"""One cell with something of everything, and every single thing in it that can be edited."""

import json
import os
from pathlib import Path

from neuron import h

from mnvalidate.models.build import build
from mnvalidate.models.mechanisms import use_mechanisms
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.run.building import content_of
from mnvalidate.run.keys import digest

RICH = """
NEURON {
    SUFFIX rich
    NONSPECIFIC_CURRENT i
    USEION na READ ena WRITE ina
    RANGE g, kept, several
    GLOBAL first, second
    GLOBAL third
}
PARAMETER { g = 1e-5 (S/cm2) first = 1 second = 2 implicit = 3 several[3] }
ASSIGNED { v (mV) ena (mV) i (mA/cm2) ina (mA/cm2) kept third }
STATE { m }
INITIAL { m = m0 }
BREAKPOINT { i = g*(v + 65) ina = 0*m*first*second*third*kept*implicit }
"""

POINTING = """
NEURON { POINT_PROCESS Pointing POINTER other NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 0 }
ASSIGNED { v (mV) i (nA) other }
BREAKPOINT { i = g*(v - other) }
"""

EDIT = "nothing"


class Parts:
    """The cell, for the edits."""

    def __init__(self):
        self.soma, self.dend = h.Section(name="soma"), h.Section(name="dend")
        self.soma.L = self.soma.diam = 60.0
        self.dend.L, self.dend.diam, self.dend.nseg = 500.0, 5.0, 3
        self.dend.connect(self.soma(1))
        self.soma.insert("hh")
        self.soma.insert("rich")
        self.soma.insert("k_ion")
        self.dend.insert("pas")
        self.dend.insert("extracellular")
        self.clamp = h.IClamp(self.soma(0.5))
        self.synapse, self.second = h.ExpSyn(self.dend(0.5)), h.Exp2Syn(self.dend(0.5))
        self.stimulus = h.NetStim()
        self.stimulus.noise = 0
        self.connection = h.NetCon(self.stimulus, self.synapse)
        self.added = []


def setting(path, value):
    """An edit that sets an attribute, or an item of one."""

    def edit(parts):
        *way, last = path.split(".")
        holder = parts
        for name in way:
            holder = holder(float(name[1:]) / 10) if name[0] == "x" else getattr(holder, name)
        name, _, index = last.partition("[")
        if index:
            getattr(holder, name)[int(index[:-1])] = value
        else:
            setattr(holder, name, value)

    return edit


def top(name, value):
    return lambda parts: setattr(h, name, value)


def adding(make):
    return lambda parts: parts.added.append(make(parts))


def play(parts):
    vector, times = h.Vector([1, 1]), h.Vector([0, 1e9])
    vector.play(parts.clamp._ref_amp, times, True)
    return vector, times


def play_steps(parts):
    vector = h.Vector([1, 2])
    vector.play(parts.clamp._ref_amp, 0.5)
    return vector


def callback(parts):
    def call():
        parts.soma.g_rich = 1

    h.CVode().extra_scatter_gather(0, call)
    return call


def linear(parts):
    c, g, y, b = h.Matrix(1, 1), h.Matrix(1, 1), h.Vector(1), h.Vector(1)
    g.setval(0, 0, 1e-3)
    return c, g, y, b, h.LinearMechanism(c, g, y, b, 0.5, sec=parts.soma)


def pointing(parts):
    point = h.Pointing(parts.soma(0.5))
    point._ref_other = parts.dend(0.5)._ref_v
    return point


def without(name):
    return lambda parts: parts.dend.uninsert(name)


def reconnect(parts):
    parts.dend.disconnect()
    parts.dend.connect(parts.soma(0))


def reverse(parts):
    parts.dend.disconnect()
    parts.dend.connect(parts.soma(1), 1)


def points(parts):
    parts.dend.pt3dadd(0, 0, 0, 5)
    parts.dend.pt3dadd(500, 0, 0, 5)


SEEN = {
    "length": setting("soma.L", 61.0),
    "diameter": setting("dend.x5.diam", 5.1),
    "axial-resistance": setting("dend.Ra", 100.0),
    "segments": setting("dend.nseg", 5),
    "capacitance": setting("dend.x5.cm", 1.1),
    "branches": setting("dend.rallbranch", 2),
    "parent": reconnect,
    "orientation": reverse,
    "points": points,
    "range-parameter": setting("soma.gnabar_hh", 0.13),
    "range-parameter-in-one-segment": setting("dend.x9.g_pas", 2e-3),
    "array-in-range": lambda parts: parts.soma(0.5).rich.several.__setitem__(2, 1.0),
    "assigned-range": setting("soma.kept_rich", 1.0),
    "state": setting("soma.m_rich", 0.5),
    "global": top("first_rich", 5.0),
    "second-global-of-a-line": top("second_rich", 5.0),
    "global-that-is-assigned": top("third_rich", 5.0),
    "implicit-global": top("implicit_rich", 5.0),
    "inserted": lambda parts: parts.dend.insert("hh"),
    "uninserted": without("pas"),
    "ion-reversal": setting("soma.ena", 60.0),
    "ion-concentration": setting("soma.nai", 20.0),
    "ion-style": lambda parts: h.ion_style("na_ion", 3, 2, 1, 1, 1, sec=parts.soma),
    "ion-global": top("nai0_na_ion", 12.0),
    "extracellular-xg": setting("dend.x5.xg[0]", 1.0),
    "extracellular-xc-outer": setting("dend.x5.xc[1]", 1.0),
    "extracellular-xraxial": setting("dend.x5.xraxial[0]", 1.0),
    "extracellular-battery": setting("dend.x5.e_extracellular", -1.0),
    "clamp-amplitude": setting("clamp.amp", 1.0),
    "clamp-delay": setting("clamp.delay", 1.0),
    "clamp-duration": setting("clamp.dur", 1.0),
    "synapse-parameter": setting("synapse.tau", 3.0),
    "synapse-place": lambda parts: parts.synapse.loc(parts.dend(0.9)),
    "synapse-added": adding(lambda parts: h.ExpSyn(parts.soma(0.5))),
    "weight": setting("connection.weight[0]", 0.1),
    "delay": setting("connection.delay", 3.0),
    "threshold": setting("connection.threshold", 3.0),
    "connection-active": lambda parts: parts.connection.active(False),
    "connection-target": lambda parts: setattr(parts, "connection", h.NetCon(parts.stimulus, parts.second)),
    "connection-source": adding(
        lambda parts: h.NetCon(parts.soma(0.5)._ref_v, parts.synapse, sec=parts.soma)
    ),
    "stimulus-interval": setting("stimulus.interval", 11.0),
    "stimulus-start": setting("stimulus.start", 11.0),
    "stimulus-added": adding(lambda parts: h.NetStim()),
    "section-added": adding(lambda parts: h.Section(name="other")),
    "celsius": top("celsius", 20.0),
    "second-order": top("secondorder", 2),
    "largest-step": lambda parts: h.CVode().maxstep(5),
    "order": lambda parts: h.CVode().maxorder(2),
    "threads": lambda parts: h.ParallelContext().nthread(2),
    "variable": lambda parts: parts.added.append(os.environ.get("KEY_VARIANTS")),
    "file": lambda parts: parts.added.append(Path(__file__).with_suffix(".txt").exists()),
}
"""Edits that make another cell, and another key."""


HIDDEN = {
    "play": adding(play),
    "play-in-steps": adding(play_steps),
    "initializer": adding(lambda parts: h.FInitializeHandler(lambda: None)),
    "initializer-in-hoc": adding(lambda parts: h.FInitializeHandler("celsius = 7")),
    "callback": adding(callback),
    "linear-mechanism": adding(linear),
    "random": adding(lambda parts: h.Random(1)),
    "noise": setting("stimulus.noise", 0.5),
    "pointer": adding(pointing),
    "loose-connection": adding(lambda parts: h.NetCon(parts.soma(0.5)._ref_v, None, sec=parts.soma)),
    "process": lambda parts: os.system("true"),
}
"""Edits that nobody can describe: such a cell has no key."""


def forget(parts):
    h.IClamp(parts.soma(0.5))


NEUTRAL = {
    "nothing": lambda parts: None,
    "again": lambda parts: None,
    "forgotten-clamp": forget,
    "unused-vector": adding(lambda parts: h.Vector([1, 2, 3])),
    "print": lambda parts: print("hello"),
    "same-value": setting("soma.L", 60.0),
    "step-that-is-set-for-every-sweep": top("dt", 0.1),
}
"""Edits that change nothing of the cell."""


def cell(spec, neuron):
    parts = Parts()
    ({**SEEN, **HIDDEN, **NEUTRAL})[EDIT](parts)
    return Motoneuron(parts.soma, 1.0, initial_voltage__mV=-65.0, owner=parts)


def main(mods):
    """Print the key of every variant, each built in a copy of this process."""
    use_mechanisms(mods)
    keys = {name: _in_copy(name) for name in {**SEEN, **HIDDEN, **NEUTRAL}}
    print("KEYS" + json.dumps(keys))


def _in_copy(name):
    global EDIT
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        EDIT = name
        spec = ModelSpec("key_variants:cell", 1)
        content, cell = content_of(build(spec, 0), spec, wanted=True)
        os.write(writing, json.dumps([content and digest(content), cell.not_kept]).encode())
        os._exit(0)
    os.close(writing)
    os.wait()
    with os.fdopen(reading) as pipe:
        return json.loads(pipe.read() or "null")
