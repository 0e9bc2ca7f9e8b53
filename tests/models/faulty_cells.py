"""Models with one thing wrong, and a sound neighbour: every second neuron is a passive sphere."""

import ctypes
import os
import sys
import time

from neuron import h
from passive_cells import sphere

from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import ModelSpec

SOUND = {"resistance__MOhm": 1.5, "tau__ms": 10.0}


def _sound(neuron):
    return sphere(ModelSpec("passive_cells:sphere", 1, SOUND), neuron)


def _faulty(fault):
    def factory(spec, neuron):
        if neuron % 2 == 1:
            print("about to fail", file=sys.stderr, flush=True)
            fault(spec)
        return _sound(neuron)

    return factory


segfault = _faulty(lambda spec: ctypes.string_at(0))
abort = _faulty(lambda spec: os.abort())
quit_neuron = _faulty(lambda spec: h.quit())
exit_3 = _faulty(lambda spec: os._exit(3))
hang = _faulty(lambda spec: time.sleep(1000))
hang_in_c = _faulty(lambda spec: ctypes.CDLL(None).pause())


def _raise(spec):
    raise RuntimeError("no <such> morphology")


raises = _faulty(_raise)


def _name_parent(spec):
    raise RuntimeError(f"parent {os.getppid()}")


names_parent = _faulty(_name_parent)


def chatty(spec, neuron):
    """Prints 50 MB, not all of it text."""
    line = b"\x1b[31m\xff\xfe noise " + b"x" * 1000 + b"\n"
    for _ in range(50_000):
        os.write(2, line)
    print("the last words", file=sys.stderr, flush=True)
    os.abort()


def late_crash(spec, neuron):
    """Crashes when the soma is first depolarised by 40 mV: after rest, input resistance and time constant."""
    cell = _sound(neuron)
    watch = h.NetCon(cell.soma(0.5)._ref_v, None, sec=cell.soma)
    watch.threshold = -25.0
    watch.record(lambda: ctypes.string_at(0))
    return Motoneuron(cell.soma, 1.0, initial_voltage__mV=cell.initial_voltage__mV, owner=(cell, watch))


def too_resistive(spec, neuron):
    """A sound cell whose input resistance no cat motoneuron has."""
    return sphere(ModelSpec("passive_cells:sphere", 1, {"resistance__MOhm": 8.0, "tau__ms": 10.0}), neuron)
