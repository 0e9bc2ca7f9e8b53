"""A mechanism's own source carried out in Python: singular voltages, indices, variables used too early."""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, NotObserved, defect, sound
from mnvalidate.nmodl.execution import CannotExecuteError, Machine, Overrun, Watch
from mnvalidate.nmodl.interface import HIGHEST_VOLTAGE__mV, Interface, LOWEST_VOLTAGE__mV
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.nmodl.syntax import read_program
from mnvalidate.nmodl.text import block
from mnvalidate.nmodl.tree import Program

# An odd beginning, so that no grid point is a singular voltage itself.
_GRID__mV = np.arange(LOWEST_VOLTAGE__mV + 0.373, HIGHEST_VOLTAGE__mV, 1.0)
_HALVINGS = 80
_ROUNDING = 1e-12
_STEPS_FOR_WHOLE_GRID = 500
_CELSIUS = 36.0
_SURROUNDINGS = {
    "t": 0.0, "dt": 0.025, "celsius": _CELSIUS, "diam": 17.8, "area": 1000.0, "L": 17.8, "PI": math.pi,
    "cai": 1e-4, "cao": 2.0, "nai": 10.0, "nao": 140.0, "ki": 54.4, "ko": 2.5, "ena": 50.0, "ek": -77.0,
    "eca": 120.0, "flag": 0.0,
}  # fmt: skip
# The constants that NMODL sources take from NEURON's table of units.
_UNITS = {"faraday": 96485.3321, "k-mole": 8.31446262, "pi": math.pi, "e": 1.602176634e-19, "k": 1.380649e-23}
_TAKEN = re.compile(r"\b([A-Za-z]\w*)\s*=\s*\(\s*([\w-]+)\s*\)")
_CONSTANT = re.compile(r"\b([A-Za-z]\w*)\s*=\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")


def candidate_voltages(mechanism: LoadedMechanism) -> tuple[float, ...]:
    """Voltages at which something may happen, sorted.

    Those at which a divisor of the source is zero, or the two sides of a comparison are equal, are found by
    bisection to the last bit, however many constants there are; with them go the sums and differences of the
    constants.
    """
    return tuple(sorted({*singular_voltages(mechanism), *mechanism.interface.candidates__mV}))


@dataclass(frozen=True, slots=True)
class Singularity:
    """A voltage at which a divisor vanishes or a comparison turns.

    Parameters
    ----------
    voltages__mV : tuple of float
        The voltage, or the two doubles between which it lies.
    unguarded_line : int
        Line of a division by what is nothing but rounding there; 0 where there is none.
    """

    voltages__mV: tuple[float, ...]
    unguarded_line: int = 0


def singular_voltages(mechanism: LoadedMechanism) -> tuple[float, ...]:
    """Voltages in mV of `singularities`, sorted."""
    return tuple(sorted({v for found in singularities(mechanism) for v in found.voltages__mV}))


def singularities(mechanism: LoadedMechanism) -> tuple[Singularity, ...]:
    """Where a divisor of the source vanishes or the two sides of a comparison meet, by bisection.

    A division that is not carried out there, since a condition guards it, is none that is unguarded.
    """
    program = read_program(mechanism.source)

    def quantities(voltage: float) -> dict[tuple[int, ...], float]:
        watch = _watched(mechanism, program, voltage)
        return {**watch.divisors, **watch.comparisons}

    def value_at(place: tuple[int, ...], voltage: float) -> float | None:
        return quantities(voltage).get(place)

    found: set[Singularity] = set()
    low = quantities(float(_GRID__mV[0]))
    cost = _machine_after(mechanism, program, float(_GRID__mV[0])).steps
    grid = _GRID__mV[:: 1 + cost // _STEPS_FOR_WHOLE_GRID].tolist()
    for before, after in itertools.pairwise(grid):
        high = quantities(after)
        for place, value in high.items():
            if low.get(place, value) * value < 0:
                ends = _bisected(partial(value_at, place), (before, after), low[place])
                left = max(abs(value_at(place, end) or 0.0) for end in ends)
                is_zero = len(ends) == 2 and left < _ROUNDING * max(abs(low[place]), abs(value))
                lines = _watched(mechanism, program, before).lines
                found.add(Singularity(ends, lines.get(place, 0) if is_zero else 0))
            elif value == 0 and low.get(place):
                found.add(Singularity((after,)))
        low = high
    return tuple(found)


def arrays(mechanism: LoadedMechanism) -> Answer:
    """Every index that the source computes lies within its array."""
    program = read_program(mechanism.source)
    if not program.sizes:
        raise NotApplicable("it has no array")
    overruns: dict[tuple[str, int], Overrun] = {}
    for voltage in (-70.0, 0.0):
        overruns |= _watched(mechanism, program, voltage).overruns
    if overruns:
        described = [
            f"line {o.line} uses {o.name}[{o.index}], and {o.name} has the elements 0 to {o.size - 1}"
            for o in overruns.values()
        ]
        return defect("; ".join(described))
    unknown = _unknown(mechanism, program)
    if unknown:
        raise NotObserved(f"{unknown}, so that its indices are not known")
    return sound(f"indices stay within {', '.join(program.sizes)}")


def used_too_early(mechanism: LoadedMechanism) -> dict[str, int]:
    """Variables that are read before anything is assigned to them, with the line."""
    program = read_program(mechanism.source)
    early = _watched(mechanism, program, -65.0).unset
    assigned = {name for name in early if re.search(rf"\b{name}\s*=[^=]", mechanism.source.code)}
    return {name: line for name, line in early.items() if name in assigned}


def _bisected(
    value_at: Callable[[float], float | None], between: tuple[float, float], value_low: float
) -> tuple[float, ...]:
    """Doubles around the voltage at which a value changes its sign, or is not computed any more."""
    low, high = between
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        value = value_at(middle)
        if value is None or value == 0:
            return (middle,)
        if value * value_low > 0:
            low = middle
        else:
            high = middle
    return low, high


def _watched(mechanism: LoadedMechanism, program: Program, voltage: float) -> Watch:
    """What is seen in INITIAL, BREAKPOINT and NET_RECEIVE at a voltage, as far as they can be carried out."""
    return _machine_after(mechanism, program, voltage).watch


def _machine_after(mechanism: LoadedMechanism, program: Program, voltage: float) -> Machine:
    machine = _machine(mechanism, program, voltage)
    for kind in ("INITIAL", "BREAKPOINT", "NET_RECEIVE"):
        for part in program.of_kind(kind):
            with contextlib.suppress(CannotExecuteError, OverflowError, ZeroDivisionError, ValueError):
                machine.run(part, [1.0] * len(part.arguments))
    return machine


def _unknown(mechanism: LoadedMechanism, program: Program) -> str:
    """Why the source cannot be carried out, empty if it can."""
    machine = _machine(mechanism, program, -70.0)
    for kind in ("INITIAL", "BREAKPOINT", "NET_RECEIVE"):
        for part in program.of_kind(kind):
            try:
                machine.run(part, [1.0] * len(part.arguments))
            except (CannotExecuteError, OverflowError, ZeroDivisionError, ValueError) as error:
                return f"{kind} is not carried out here ({error})"
    return ""


def _machine(mechanism: LoadedMechanism, program: Program, voltage: float) -> Machine:
    interface = mechanism.interface
    values = {**_constants(mechanism.source), **_surroundings(interface)}
    values |= {parameter.name: parameter.value for parameter in interface.parameters}
    values["v"] = voltage
    return Machine(program, values, known=[state.name for state in interface.states])


def _surroundings(interface: Interface) -> dict[str, float]:
    values = dict(_SURROUNDINGS)
    for ion in interface.ions:
        for name in ion.reads:
            values.setdefault(name, 0.0 if name == ion.current else 1.0)
    return values | dict.fromkeys(interface.pointers, 0.5)


@cache
def _constants(source: NmodlSource) -> dict[str, float]:
    """Values of UNITS and CONSTANT blocks."""
    code = source.code
    values: dict[str, float] = {}
    for units in re.findall(r"\bUNITS\s*\{([^}]*)\}", code):
        values |= {name: _UNITS[unit] for name, unit in _TAKEN.findall(units) if unit in _UNITS}
        values |= {name: float(number) for name, number in _CONSTANT.findall(units)}
    values |= {name: float(number) for name, number in _CONSTANT.findall(block(code, "CONSTANT") or "")}
    return values
