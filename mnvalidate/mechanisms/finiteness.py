"""Finite values, gates in [0, 1], and no jump where a singularity was removed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, defect, listed, sound
from mnvalidate.mechanisms.rig import Instance, Variable, advance, global_outputs, initialise, values
from mnvalidate.nmodl.interface import HIGHEST_VOLTAGE__mV, LOWEST_VOLTAGE__mV
from mnvalidate.traces import Array

_SPACING__mV = 0.25
_STEPS_FROM__mV = -70.0
_ROUNDING = 1e-9
_BESIDE__mV = 1e-4
_JUMP = 1e-3
_SLOWEST_STEP__ms = 1.0


def finite(mechanism: LoadedMechanism) -> Answer:
    """Every state, current and output is finite at INITIAL and after a step to every voltage."""
    instance, variables = _all_variables(mechanism)
    bad: dict[float, str] = {}

    def look(voltage: float, when: str) -> None:
        wrong = ~np.isfinite(values(variables))
        if wrong.any():
            names = [v.name for v, is_wrong in zip(variables, wrong, strict=True) if is_wrong]
            bad.setdefault(voltage, f"{when}: {listed(names)}")

    points = _voltages(mechanism)
    _visit(instance, points, look)
    if not bad:
        return sound(f"states, currents and outputs are finite at {len(points)} voltages")
    places = [f"{voltage:g} mV" for voltage in bad]
    return defect(f"not finite at {listed(places)}; at {places[0]} {next(iter(bad.values()))}")


def gates(mechanism: LoadedMechanism) -> Answer:
    """Gates lie in [0, 1], and what is called a time constant is positive."""
    instance, variables = _all_variables(mechanism)
    names = set(mechanism.interface.gates)
    gate_variables = [state for state in instance.states if state.name in names]
    time_constants = [v for v in variables if "tau" in v.name.lower() and v not in gate_variables]
    if not gate_variables:
        raise NotApplicable("it has no gate: no dimensionless state of a density mechanism with a current")
    bad: dict[str, str] = {}

    def look(voltage: float, when: str) -> None:
        for gate in gate_variables:
            if gate.value < -_ROUNDING or gate.value > 1 + _ROUNDING:
                bad.setdefault(gate.name, f"{gate.name} = {gate.value:.6g} at {voltage:g} mV {when}")
        for tau in time_constants:
            if tau.value <= 0:
                bad.setdefault(tau.name, f"{tau.name} = {tau.value:.6g} ms at {voltage:g} mV {when}")

    points = _voltages(mechanism)
    _visit(instance, points, look)
    if bad:
        return defect(listed(list(bad.values())))
    return sound(
        f"{', '.join(gate.name for gate in gate_variables)} stay in [0, 1] at {len(points)} voltages"
    )


def jumps(mechanism: LoadedMechanism) -> Answer:
    """At a candidate voltage the value is that of its neighbours, where these agree."""
    instance, variables = _all_variables(mechanism)
    candidates = mechanism.interface.candidates__mV
    scale = np.max([np.abs(_response(instance, variables, v)) for v in np.arange(-120.0, 120.0, 5.0)], axis=0)
    found = []
    for voltage in candidates:
        here = _response(instance, variables, voltage)
        below = _response(instance, variables, voltage - _BESIDE__mV)
        above = _response(instance, variables, voltage + _BESIDE__mV)
        size = np.maximum(np.maximum(np.abs(below), np.abs(above)), 1e-9 * scale)
        with np.errstate(invalid="ignore", divide="ignore"):
            jump = np.abs(here - (below + above) / 2) / size
            joined = np.abs(above - below) / size < _JUMP
        wrong = np.flatnonzero((jump > _JUMP) & joined)
        if wrong.size:
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
    own = [*instance.states, *instance.currents, *instance.assigned]
    return instance, own + list(global_outputs(mechanism.interface))


def _voltages(mechanism: LoadedMechanism) -> list[float]:
    sweep = np.arange(LOWEST_VOLTAGE__mV, HIGHEST_VOLTAGE__mV + _SPACING__mV, _SPACING__mV).tolist()
    return sorted({*sweep, *mechanism.interface.candidates__mV})


def _visit(instance: Instance, points: list[float], look: Callable[[float, str], None]) -> None:
    for voltage in points:
        initialise([instance], [voltage])
        look(voltage, "after INITIAL")
        initialise([instance], [_STEPS_FROM__mV])
        instance.section.v = voltage
        for step in (0.025, _SLOWEST_STEP__ms):
            advance(4 * step, step)
            look(voltage, f"after a step from {_STEPS_FROM__mV:g} mV")


def _response(instance: Instance, variables: list[Variable], voltage: float) -> Array:
    initialise([instance], [voltage])
    first = values(variables)
    initialise([instance], [_STEPS_FROM__mV])
    instance.section.v = voltage
    advance(0.1, 0.025)
    return np.concatenate([first, values(variables)])
