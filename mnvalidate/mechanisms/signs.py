"""Each current must pull the voltage towards its own reversal, and not away from it."""

from __future__ import annotations

import itertools

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import (
    Answer,
    LoadedMechanism,
    NotApplicable,
    NotObserved,
    defect,
    listed,
    sound,
)
from mnvalidate.mechanisms.rig import (
    CELSIUS,
    Instance,
    Variable,
    advance,
    bearable_step,
    initialise,
    values,
)
from mnvalidate.mechanisms.trajectories import send
from mnvalidate.traces import Array

_GRID__mV = np.arange(-400.0, 401.0, 4.0)
_OPENINGS = ((-30.0, 20.0), (0.0, 1.0), (0.0, 300.0), (60.0, 5.0), (-110.0, 300.0), (-70.0, 3.0))
_HALF_OPEN = 0.5
_ROUNDING = 1e-9


def sign(mechanism: LoadedMechanism) -> Answer:
    """With its states held, no current drives the voltage away from every potential at which it reverses.

    A current that crosses zero falling, and never rising, is of the wrong sign: whatever its gates, it
    pushes the voltage on. An activation that is computed at once makes the current fall with the voltage
    somewhere, yet not at its reversal.
    """
    interface = mechanism.interface
    if not interface.has_current:
        raise NotApplicable("it has no current")
    judged = {
        ion.current for ion in interface.ions if ion.current in ion.writes and ion.reversal in ion.reads
    }
    if interface.kind.value != "SUFFIX":
        judged = set()  # the check of reversal potentials is one of density mechanisms
    electrode = set(interface.electrode_currents)
    h.celsius = CELSIUS
    instance = Instance(interface)
    currents = [current for current in instance.currents if current.name not in judged]
    if not currents:
        raise NotApplicable("its currents are judged with their ions' reversal potentials")
    wrong, right, silent = [], [], []
    for current in currents:
        crossings = _crossings(instance, current, -1.0 if current.name in electrode else 1.0)
        if crossings is None:
            silent.append(current.name)
            continue
        rising, falling = crossings
        if falling and not rising and _is_carried(instance, current):
            right.append(f"{current.name} is carried by another ion")
        elif falling and not rising:
            potential = min(falling, key=abs)
            way = (
                "an electrode's current, which is inward where it is positive,"
                if current.name in electrode
                else "it"
            )
            wrong.append(
                f"{current.name} reverses at {potential:.4g} mV, and {way} drives the voltage away from "
                f"there: "
                f"inward above and outward below, at {CELSIUS:g} degC"
            )
        else:
            right.append(
                f"{current.name}" + (f" towards {rising[0]:.4g} mV" if rising else " without reversal")
            )
    if wrong:
        return defect(listed(wrong))
    if not right:
        raise NotObserved(f"{listed(silent)} stays zero at every voltage tried")
    return sound(f"pulls the voltage: {listed(right)}")


def _is_carried(instance: Instance, current: Variable) -> bool:
    """Whether another current of the mechanism is a fixed multiple of this one, as in an exchanger."""
    others = [other for other in instance.currents if other.name != current.name]
    curves = np.array([_curves(instance, one)[0] for one in (current, *others)])
    if not np.any(curves[0]):
        return False
    for curve in curves[1:]:
        factor = float(curve @ curves[0]) / float(curves[0] @ curves[0])
        if factor and np.allclose(curve, factor * curves[0], rtol=_ROUNDING):
            return True
    return False


def _crossings(
    instance: Instance, current: Variable, direction: float
) -> tuple[list[float], list[float]] | None:
    """Potentials at which a current crosses zero rising and falling, None where it stays zero."""
    for curve in _curves(instance, current):
        if np.any(curve != 0) and np.all(np.isfinite(curve)):
            curve = direction * curve
            size = _ROUNDING * np.max(np.abs(curve))
            signs = np.sign(np.where(np.abs(curve) < size, 0.0, curve))
            places = np.flatnonzero(signs)
            rising: list[float] = []
            falling: list[float] = []
            for before, after in itertools.pairwise(places):
                if signs[before] != signs[after]:
                    low, high = float(_GRID__mV[before]), float(_GRID__mV[after])
                    part = curve[before] / (curve[before] - curve[after])
                    potential = low + float(part) * (high - low)
                    (rising if signs[before] < 0 else falling).append(potential)
            return rising, falling
    return None


def _curves(instance: Instance, current: Variable) -> list[Array]:
    """The current against voltage with states held, for several ways to open it."""
    curves = []
    for voltage, duration in _OPENINGS:
        initialise([instance], [voltage])
        send(instance, 1.0)
        advance(duration, bearable_step(instance, duration / 200))
        curves.append(_curve(instance, current))
    initialise([instance], [-70.0])
    for state in instance.states:
        if state.value == 0 or not np.isfinite(state.value):
            state.set(_HALF_OPEN)
    curves.append(_curve(instance, current))
    return curves


def _curve(instance: Instance, current: Variable) -> Array:
    held = values(instance.states)
    readings = []
    for voltage in _GRID__mV:
        instance.section.v = float(voltage)
        for state, value in zip(instance.states, held, strict=True):
            state.set(float(value))
        h.fcurrent()
        readings.append(current.value)
    return np.array(readings)
