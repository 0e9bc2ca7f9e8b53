"""Finite values, gates in [0, 1], and no jump where a singularity was removed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, defect, listed, sound
from mnvalidate.mechanisms.arithmetic import candidate_voltages, singularities, used_too_early
from mnvalidate.mechanisms.gating import gating
from mnvalidate.mechanisms.rates import Rates
from mnvalidate.mechanisms.reproduction import Conditions, script
from mnvalidate.mechanisms.rig import (
    Instance,
    Variable,
    advance,
    bearable_step,
    global_outputs,
    initialise,
    values,
)
from mnvalidate.mechanisms.trajectories import send
from mnvalidate.nmodl.interface import HIGHEST_VOLTAGE__mV, LOWEST_VOLTAGE__mV
from mnvalidate.traces import Array

_SPACING__mV = 0.25
_STEPS_FROM__mV = -70.0
_EVENTS_AT__mV = (-90.0, -60.0, -30.0, 0.0, 30.0)
_ROUNDING = 1e-9
# The second lies beyond the widest guard that people write around a singularity.
_BESIDE__mV = (1e-4, 1e-2)
_ABRUPT = 10.0
_JUMP = 1e-3
_STEPS = 4
_SHORT_STEP__ms = 0.025
_LONG_STEP__ms = 1.0
_RATES_SPACING__mV = 5.0
_MOST_ISOLATED = 0.2
# Factors of the ions' concentrations that are read: from 5e-5 to 0.5 mM for calcium.
_CONCENTRATIONS = (10.0, 1e2, 1e4)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a value was read; after how many short steps from INITIAL, where it was no later."""

    text: str
    steps: int | None = None


_AFTER_INITIAL = Moment("after INITIAL", 0)
_AFTER_STEP = Moment(f"after a step from {_STEPS_FROM__mV:g} mV", _STEPS)
_LATER = Moment(
    f"{_STEPS * (_SHORT_STEP__ms + _LONG_STEP__ms):g} ms after a step from {_STEPS_FROM__mV:g} mV"
)
_AFTER_EVENT = Moment("after an event")


def finite(mechanism: LoadedMechanism) -> Answer:
    """States, currents and outputs are finite after INITIAL, steps to every voltage and events."""
    instance, variables = _all_variables(mechanism)
    bad: dict[float, tuple[str, Moment, str]] = {}

    def look(voltage: float, when: Moment) -> None:
        wrong = [v for v in variables if not math.isfinite(v.value)]
        if wrong:
            text = f"{listed([f'{v.name} = {v.value:g}' for v in wrong])} {when.text}"
            bad.setdefault(voltage, (text, when, wrong[0].name))
        for variable in wrong:  # what nothing sets again must not be found at the next voltage
            variable.set(0.0)

    points = _voltages(mechanism)
    _visit(instance, points, look)
    if not bad:
        close = [place for place in singularities(mechanism) if place.unguarded_line]
        if close:
            places = [f"{p.voltages__mV[0]:.6g} mV (line {p.unguarded_line})" for p in close]
            return defect(
                f"a divisor vanishes at {listed(list(dict.fromkeys(places)))}, where nothing but rounding "
                "keeps it from 0: with other parameters, or another compiler, it is 0 divided by 0"
            )
        events = " and after events" if instance.event is not None else ""
        return sound(f"states, currents and outputs are finite at {len(points)} voltages{events}")
    first = min(bad, key=abs)
    text, when, name = bad[first]
    places = [f"{voltage:g} mV" for voltage in sorted(bad, key=abs)]
    where = "every voltage" if len(bad) > _MOST_ISOLATED * len(points) else listed(places)
    return defect(
        f"not finite at {where}; at {first:g} mV and {h.celsius:g} degC {text}",
        _advice(mechanism, len(bad) > _MOST_ISOLATED * len(points), when),
        script=_script(instance, first, when, name),
    )


def _advice(mechanism: LoadedMechanism, is_everywhere: bool, when: Moment) -> str:
    if when is _AFTER_EVENT:
        return (
            "A formula that NET_RECEIVE uses divides 0 by 0, as the normalisation of two exponentials does "
            "when "
            "rise and fall are equal: treat that case by itself, or make one of them a little larger in "
            "INITIAL."
        )
    early = used_too_early(mechanism)
    if is_everywhere and early:
        places = [f"{name} (line {line})" for name, line in early.items()]
        return f"It is no single voltage: compute {listed(places)} before it is used; it is still 0 there."
    if is_everywhere:
        return (
            "It is no single voltage: look for a variable that is used before it is computed (it is still "
            "0), a "
            "division by a parameter that is 0, and roots or logarithms of what is not positive."
        )
    return ""


def gates(mechanism: LoadedMechanism) -> Answer:
    """Gates lie in [0, 1] and are not driven out of it: their time constants are positive."""
    instance, _ = _all_variables(mechanism)
    found = gating(mechanism, instance)
    if not found.gates:
        raise NotApplicable("it has no gate" + "".join(f"; {reason}" for reason in found.others))
    bad: dict[str, str] = {}
    scripts: list[str] = []

    def look(voltage: float, when: Moment) -> None:
        for gate in found.gates:
            if gate.value < -_ROUNDING or gate.value > 1 + _ROUNDING:
                at = f"at {voltage:g} mV and {h.celsius:g} degC"
                if gate.name not in bad:
                    bad[gate.name] = f"{gate.name} = {gate.value:.6g} {at} {when.text}"
                    scripts.append(_script(instance, voltage, when, gate.name))

    points = _voltages(mechanism)
    _visit(instance, points, look)
    given = values(instance.given)
    for factor in _CONCENTRATIONS if instance.given else ():
        for variable, value in zip(instance.given, given, strict=True):
            variable.set(value * factor)
        _visit(instance, list(_EVENTS_AT__mV), look)
    for variable, value in zip(instance.given, given, strict=True):
        variable.set(value)
    for name, problem in _escapes(instance, found.gates).items():
        bad[name] = f"{bad[name]}; {problem}" if name in bad else problem
    if bad:
        return defect(listed(list(bad.values())), script=scripts[0] if scripts else "")
    names = ", ".join(gate.name for gate in found.gates)
    others = "".join(f"; {reason}, so it is not held to that" for reason in found.others)
    return sound(f"{names} stay in [0, 1] at {len(points)} voltages{others}")


def _escapes(instance: Instance, gates: Sequence[Variable]) -> dict[str, str]:
    """How the equations drive gates out of [0, 1], by gate: what no step of a fixed length may show."""
    initialise([instance], [_STEPS_FROM__mV])
    try:
        rates = Rates(instance)
    except NotApplicable:
        return {}
    names = [state.name for state in rates.states]
    base = rates.start()
    found: dict[str, str] = {}
    places = [names.index(gate.name) for gate in gates if gate.name in names]
    for voltage in np.arange(LOWEST_VOLTAGE__mV, HIGHEST_VOLTAGE__mV + 1, _RATES_SPACING__mV):
        for place in places:
            shut, open_ = base.copy(), base.copy()
            shut[places] = open_[places] = 0.0
            open_[place] = 1.0
            out, in_ = (rates(0.0, y, float(voltage))[place] for y in (shut, open_))
            slope = in_ - out
            if not (np.isfinite(slope) and slope):
                continue
            limit = _ROUNDING * abs(slope)
            if out >= -limit and in_ <= limit:
                continue
            at = f"at {voltage:g} mV and {h.celsius:g} degC"
            name = names[place]
            if slope > 0:
                text = f"the time constant of {name} is {-1 / slope:.4g} ms {at}"
            else:
                text = f"{name} goes to {-out / slope:.4g} {at}"
            found.setdefault(name, text)
    rates.stop()
    return found


def jumps(mechanism: LoadedMechanism) -> Answer:
    """At a candidate voltage the value is that of its neighbours, where these agree."""
    instance, variables = _all_variables(mechanism)
    candidates = candidate_voltages(mechanism)
    scale = np.max([np.abs(_response(instance, variables, v)) for v in np.arange(-120.0, 120.0, 5.0)], axis=0)
    found = []
    for voltage in candidates:
        here = _response(instance, variables, voltage)
        for beside in _BESIDE__mV:
            below = _response(instance, variables, voltage - beside)
            above = _response(instance, variables, voltage + beside)
            size = np.maximum(np.maximum(np.abs(below), np.abs(above)), 1e-9 * scale)
            with np.errstate(invalid="ignore", divide="ignore"):
                jump = np.abs(here - (below + above) / 2) / size
                change = np.abs(above - below) / size
            wrong = np.flatnonzero((jump > _JUMP) & ((change < _JUMP) | (jump > _ABRUPT * change)))
            if wrong.size:
                break
        # What nothing sets again is the value of the voltage before, and no jump.
        if wrong.size and np.allclose(_response(instance, variables, voltage)[wrong], here[wrong], rtol=1e-9):
            index = int(wrong[np.argmax(jump[wrong])])
            name = variables[index % len(variables)].name
            found.append(
                f"{name} at {voltage:g} mV is {here[index]:.6g} "
                f"between {below[index]:.6g} and {above[index]:.6g}"
            )
    if found:
        return defect(f"isolated values: {listed(found)}")
    return sound(f"continuous at {len(candidates)} candidate voltages")


def _all_variables(mechanism: LoadedMechanism) -> tuple[Instance, list[Variable]]:
    h.celsius = 36.0
    instance = Instance(mechanism.interface)
    own = [*instance.states, *instance.currents, *instance.concentrations, *instance.assigned]
    return instance, own + list(global_outputs(mechanism.interface))


def _voltages(mechanism: LoadedMechanism) -> list[float]:
    sweep = np.arange(LOWEST_VOLTAGE__mV, HIGHEST_VOLTAGE__mV + _SPACING__mV, _SPACING__mV).tolist()
    return sorted({*sweep, *candidate_voltages(mechanism)})


def _script(instance: Instance, voltage: float, when: Moment, variable: str) -> str:
    """Return a script that reads the variable at that moment; none after more than some short steps."""
    if when.steps is None:
        return ""
    interface = instance.interface
    read = [ion.name for ion in interface.ions if ion.reversal in ion.reads]
    conditions = Conditions(
        start__mV=_STEPS_FROM__mV if when.steps else voltage,
        target__mV=voltage,
        step__ms=_SHORT_STEP__ms,
        celsius=float(h.celsius),
        reversals__mV={ion: instance.reversal(ion).value for ion in read},
    )
    return script(interface, conditions, variable, when.steps)


def _visit(instance: Instance, points: list[float], look: Callable[[float, Moment], None]) -> None:
    for voltage in points:
        initialise([instance], [voltage])
        look(voltage, _AFTER_INITIAL)
        initialise([instance], [_STEPS_FROM__mV])
        instance.section.v = voltage
        for step, moment in ((_SHORT_STEP__ms, _AFTER_STEP), (_LONG_STEP__ms, _LATER)):
            advance(_STEPS * step, bearable_step(instance, step))
            look(voltage, moment)
        if instance.event is not None and voltage in _EVENTS_AT__mV:
            for weight, then in ((1.0, 0.1), (1.0, 5.0), (0.5, 0.1)):
                send(instance, weight)
                advance(then, 0.025)
                look(voltage, _AFTER_EVENT)


def _response(instance: Instance, variables: list[Variable], voltage: float) -> Array:
    initialise([instance], [voltage])
    first = values(variables)
    initialise([instance], [_STEPS_FROM__mV])
    instance.section.v = voltage
    advance(0.1, 0.025)
    return np.concatenate([first, values(variables)])
