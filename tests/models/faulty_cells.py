"""Models with one thing wrong, and a sound neighbour: every second neuron is a passive sphere."""

import asyncio
import ctypes
import dataclasses
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from neuron import h
from passive_cells import sphere

from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols import PROTOCOLS
from mnvalidate.protocols.base import Reading, Value

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


def _leave_a_process(spec):
    started = subprocess.Popen(["sleep", "7777"])
    Path(os.environ["STARTED"]).write_text(str(started.pid))


def _raise_this(error):
    def fault(spec):
        raise error

    return _faulty(fault)


class MuteError(Exception):
    """An error that does not say what it is."""

    def __str__(self):
        raise RuntimeError


exits_well = _raise_this(SystemExit(0))
closes_generator = _raise_this(GeneratorExit())
is_interrupted = _raise_this(KeyboardInterrupt())
is_cancelled = _raise_this(asyncio.CancelledError())
is_mute = _raise_this(MuteError())
talks_for_ever = _raise_this(ValueError("no such cell " * 1_000_000))
rings = _raise_this(ValueError("\x1b[31mred\x07\n \u202eline"))
leaves_a_process = _faulty(_leave_a_process)


def _leave_a_process_and_crash(spec):
    _leave_a_process(spec)
    os._exit(3)


leaves_a_process_and_crashes = _faulty(_leave_a_process_and_crash)


def _leave_a_process_and_hang(spec):
    _leave_a_process(spec)
    time.sleep(1000)


leaves_a_process_and_hangs = _faulty(_leave_a_process_and_hang)


def _raise(spec):
    raise RuntimeError("no <such> morphology")


raises = _faulty(_raise)


def _leave(spec):
    sys.exit("a licence is missing")


leaves = _faulty(_leave)


class OfTwoError(Exception):
    """An error that cannot be made again of its message, and whose module needs NEURON."""

    def __init__(self, what, where):
        super().__init__(f"{what} in {where}")


def _raise_own(spec):
    raise OfTwoError("nothing", h.Vector(1))


raises_own = _faulty(_raise_own)


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
    return sphere(ModelSpec("passive_cells:sphere", 1, {"resistance__MOhm": 80.0, "tau__ms": 10.0}), neuron)


def _hoard():
    """Claim memory without writing to it: the limit is reached, and the machine has nothing to find."""
    claimed = []
    while True:
        claimed.append(np.empty(2**26, dtype=np.uint8))


eats_memory = _faulty(lambda spec: _hoard())
eats_memory_in_neuron = _faulty(lambda spec: h.Vector(2**30))


def _fails_late(fault):
    """A factory of sound cells whose last value fails when it is read, in this process."""

    class Late:
        def __float__(self):
            fault()

    def factory(spec, neuron):
        last = type(PROTOCOLS[-1])
        values = {quantity.name: Value(Late(), 0.0) for quantity in PROTOCOLS[-1].quantities}
        last.measure = lambda protocol, clamp, earlier: Reading(values)
        return _sound(neuron)

    return factory


def _find_no_axon():
    raise RuntimeError("no axon after all")


eats_memory_late = _fails_late(_hoard)
raises_late = _fails_late(_find_no_axon)
dies_last = _fails_late(lambda: ctypes.string_at(0))


def dies_last_from_rest(spec, neuron):
    """The same in a model that counts voltage from rest."""
    return dataclasses.replace(dies_last(spec, neuron), voltage_frame="relative")


def nan_at_once(spec, neuron):
    """A cell whose leak reverses at no number."""
    cell = _sound(neuron)
    cell.soma.e_pas = math.nan
    return cell


def infinite_at_once(spec, neuron):
    """A cell whose leak is without bounds."""
    cell = _sound(neuron)
    cell.soma.g_pas = math.inf
    return cell


def _spoilt_when_depolarised(**spoilt):
    """A factory of cells that change for ever when the soma is first depolarised by 40 mV."""

    def factory(spec, neuron):
        cell = _sound(neuron)

        def spoil():
            for name, value in spoilt.items():
                setattr(cell.soma, name, value)

        watch = h.NetCon(cell.soma(0.5)._ref_v, None, sec=cell.soma)
        watch.threshold = -25.0
        watch.record(spoil)
        return dataclasses.replace(cell, owner=(cell, watch))

    return factory


nan_later = _spoilt_when_depolarised(g_pas=math.nan)
grows_without_bounds = _spoilt_when_depolarised(g_pas=-10.0)


def hangs_somehow(spec, neuron):
    """Sleeps, waits in C, or turns in circles; the first is sound."""
    if neuron > 0:
        (lambda: time.sleep(1000), lambda: ctypes.CDLL(None).pause(), _turn_in_circles)[neuron - 1]()
    return _sound(neuron)


def _turn_in_circles():
    while True:
        pass
