"""States that never move, and schemes of states whose occupancies do not add up."""

from __future__ import annotations

import re

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, defect, listed, sound
from mnvalidate.mechanisms.gating import gating
from mnvalidate.mechanisms.rig import CELSIUS, Instance, Variable, advance, initialise, settings_of, values
from mnvalidate.mechanisms.trajectories import READINGS, trajectory
from mnvalidate.nmodl.reactions import read_schemes
from mnvalidate.traces import Array
from mnvalidate.verdicts import Severity

_CLAMPS__mV = ((-90.0, -20.0), (-60.0, 20.0), (0.0, -70.0), (-30.0, -30.0))
_DURATIONS__ms = (0.1, 1.0, 10.0, 100.0)
_LOST = 1e-3
_EMPTY = 1e-12


def movement(mechanism: LoadedMechanism) -> Answer:
    """Every state that matters moves when voltage, ions or events do."""
    h.celsius = CELSIUS
    instance = Instance(mechanism.interface)
    states = [s for s in instance.states if _is_described(mechanism, s) or _matters(instance, s)]
    if not states:
        raise NotApplicable("it has no state with an equation or an effect")
    frozen = _still(instance, states)
    helped: list[str] = []
    for name, value in settings_of(instance).items():
        if not frozen:
            break
        switched_off = value == 1 and not instance.interface.sends_events  # a delay of 0 never ends
        instance.set_parameter(name, 0.5 if value == 0 else 0.0 if switched_off else 1.7 * value)
        moving = [state for state in frozen if state not in _still(instance, frozen)]
        instance.set_parameter(name, value)
        helped += [f"{state.name} once {name} is not {value:g}" for state in moving]
        frozen = [state for state in frozen if state not in moving]
    if frozen:
        names = list(dict.fromkeys(state.name for state in frozen))
        if all(_is_declared_constant(mechanism, name) for name in names):
            return defect(
                f"{listed(names)}: the rate of change is 0 by the equation",
                "Write the equation, or make a PARAMETER of a state that is not meant to move.",
                Severity.WARNING,
            )
        return defect(
            f"{listed(names)} {'stays' if len(names) == 1 else 'stay'} where INITIAL puts "
            f"{'it' if len(names) == 1 else 'them'}, whatever voltage, ions and events do",
            _advice(mechanism),
        )
    return sound("every state moves" + (f", {listed(helped)}" if helped else ""))


def occupancy(mechanism: LoadedMechanism) -> Answer:
    """Occupancies of a KINETIC scheme of gates add up to one total, which stays."""
    h.celsius = CELSIUS
    instance = Instance(mechanism.interface)
    schemes = [s for s in read_schemes(mechanism.source.code) if s.unimolecular and not s.fed]
    gates = gating(mechanism, instance)
    parts = [[v for v in gates.gates if v.name.partition("[")[0] in scheme.states] for scheme in schemes]
    parts = [part for part in parts if len(part) > 1]
    if not parts:
        raise NotApplicable("it has no KINETIC scheme of gates without a source")
    problems = [problem for part in parts for problem in [_imbalance(instance, part)] if problem]
    if problems:
        return defect("; ".join(problems))
    return sound(f"the occupancies of {len(parts)} scheme{'s' * (len(parts) > 1)} add up to 1 and stay so")


def _is_described(mechanism: LoadedMechanism, state: Variable) -> bool:
    """Whether an equation or a reaction of the source is the state's."""
    name = state.name.partition("[")[0]
    code = mechanism.source.code
    joined = {member for scheme in read_schemes(code) for member in scheme.states}
    return name in joined or re.search(rf"\b{name}\s*(\[[^\]]*\])?\s*'", code) is not None


def _is_declared_constant(mechanism: LoadedMechanism, name: str) -> bool:
    """Whether the equation of a state is a literal 0."""
    zero = rf"\b{re.escape(name)}\s*'\s*=\s*0(?:\.0*)?\s*(?:\n|\}}|$)"
    return re.search(zero, mechanism.source.code) is not None


def _matters(instance: Instance, state: Variable) -> bool:
    """Whether a current depends on a state."""
    if not instance.currents:
        return False
    initialise([instance], [-30.0])
    readings: list[Array] = []
    for value in (0.3, 0.7):
        state.set(value)
        h.fcurrent()
        readings.append(values(instance.currents))
    return not np.array_equal(readings[0], readings[1], equal_nan=True)


def _still(instance: Instance, states: list[Variable]) -> list[Variable]:
    """States that, after each INITIAL of a trajectory, keep their value."""
    rows = trajectory([instance])[0].reshape(-1, READINGS, len(instance.outputs))
    moves = np.any(rows != rows[:, :1], axis=(0, 1))
    moving = {output.name for output, moved in zip(instance.outputs, moves, strict=True) if moved}
    return [state for state in states if state.name not in moving]


def _advice(mechanism: LoadedMechanism) -> str:
    if not re.search(r"\bSOLVE\b", mechanism.source.code):
        return "Write SOLVE <block> METHOD cnexp (sparse for KINETIC) in BREAKPOINT: it advances the states."
    return "Compute the rates before they are used: where all are 0, nothing moves."


def _imbalance(instance: Instance, part: list[Variable]) -> str:
    names = (
        " + ".join(v.name for v in part)
        if len(part) <= 6
        else f"the sum of {part[0].name} to {part[-1].name}"
    )
    for before, during in _CLAMPS__mV:
        initialise([instance], [before])
        first = float(np.sum(values(part)))
        at = f"at {CELSIUS:g} degC"
        if abs(first) < _EMPTY:
            return f"{names} = 0 after INITIAL: the scheme is empty, and no channel can ever open"
        if abs(first - 1) > _LOST and not _whole(first):
            return f"{names} = {first:.4g} after INITIAL at {before:g} mV {at}, where occupancies add up to 1"
        instance.section.v = during
        for duration in _DURATIONS__ms:
            advance(duration, duration / 40)
            now = float(np.sum(values(part)))
            if abs(now - first) > _LOST * abs(first):
                return (
                    f"{names} goes from {first:.4g} to {now:.4g} within {h.t:.3g} ms at {during:g} mV {at}: "
                    "the scheme loses or gains channels"
                )
    return ""


def _whole(total: float) -> bool:
    return total > 1.5 and abs(total - round(total)) < _LOST
