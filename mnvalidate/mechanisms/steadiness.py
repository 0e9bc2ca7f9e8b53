"""INITIAL: against the steady state, and against what an earlier run left."""

from __future__ import annotations

import numpy as np
from neuron import h
from numpy.typing import NDArray

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, defect, listed, sound
from mnvalidate.mechanisms.gating import gating
from mnvalidate.mechanisms.rig import CELSIUS, Instance, initialise, use_cvode, values
from mnvalidate.mechanisms.trajectories import trajectory
from mnvalidate.traces import Array
from mnvalidate.verdicts import Severity

_VOLTAGES__mV = (-90.0, -70.0, -50.0, -30.0, 0.0)
_LONG_ENOUGH__ms = 60_000.0
# None is a multiple of a likely period.
_LATER__ms = (3.7, 41.0, 373.0)
_DIFFERENCE = 1e-3
_SMALL = 1e-3
# SOLVE ... STEADYSTATE is one step of 1e9 ms: it leaves 1e-6 of what a transition of 0.001 per ms must move.
_SMALL_FRACTION = 1e-2
_MOST_STEPS = 5_000


def initial(mechanism: LoadedMechanism) -> Answer:
    """States after INITIAL and after a minute at the same voltage.

    What oscillates has no steady state. A number without unit that is no gate, and whose steady state is the
    same at every voltage, may start where its author likes: that it does is told, and is no warning.
    """
    instance = Instance(mechanism.interface)
    if not instance.states:
        raise NotApplicable("it has no state")
    h.celsius = CELSIUS
    starts, ends, settled = [], [], []
    for voltage in _VOLTAGES__mV:
        initialise([instance], [voltage])
        use_cvode(1e-9)
        starts.append(values(instance.states))
        try:
            end, is_settled = _after_a_minute(instance)
        except RuntimeError as error:
            raise NotApplicable(f"CVODE cannot integrate it for a minute at {voltage:g} mV") from error
        ends.append(end)
        settled.append(is_settled)
    still, start, end = np.array(settled), np.array(starts), np.array(ends)
    plain = np.array([state.name.partition("[")[0] in _plain(mechanism) for state in instance.states])
    size = np.maximum(_size(start, end), np.where(plain, _SMALL_FRACTION, 0.0))
    distance = np.where(still, np.abs(end - start) / size, 0.0)
    free = _free(mechanism, instance, end)
    names = [state.name for state in instance.states]
    if not still.any():
        raise NotApplicable(f"{listed(names)} still moves after a minute: there is no steady state")
    worst = distance.argmax(axis=0)
    far = [i for i in range(len(names)) if distance[worst[i], i] > _DIFFERENCE]
    if far:
        said = [
            f"{names[i]} at {_VOLTAGES__mV[worst[i]]:g} mV starts at {start[worst[i], i]:.4g} and settles at "
            f"{end[worst[i], i]:.4g}"
            for i in far
        ]
        severity = Severity.INFO if all(names[i] in free for i in far) else None
        return defect(listed(said), severity=severity)
    return sound("INITIAL sets the steady state at " + ", ".join(f"{v:g}" for v in _VOLTAGES__mV) + " mV")


def _after_a_minute(instance: Instance) -> tuple[Array, NDArray[np.bool_]]:
    """States after a minute under CVODE, and which of them have come to rest."""
    _solve(_LONG_ENOUGH__ms)
    began__ms, end = float(h.t), values(instance.states)
    still = np.ones(len(instance.states), dtype=bool)
    for later__ms in _LATER__ms:
        _solve(began__ms + later__ms)
        now = values(instance.states)
        still &= np.abs(now - end) <= _DIFFERENCE * _size(now, end)
    return end, still


def _solve(until__ms: float) -> None:
    """Integrate under CVODE, in no more steps than what comes to rest needs."""
    solver = h.CVode()
    for _ in range(_MOST_STEPS):
        if h.t >= until__ms:
            break
        solver.solve()


def _size(first: Array, second: Array) -> Array:
    return np.maximum(np.maximum(np.abs(first), np.abs(second)), _SMALL)


def _plain(mechanism: LoadedMechanism) -> set[str]:
    """States without unit."""
    return {state.name for state in mechanism.interface.states if state.dimensionless}


def _free(mechanism: LoadedMechanism, instance: Instance, ends: Array) -> set[str]:
    """States whose start is their author's choice."""
    gates = {gate.name for gate in gating(mechanism, instance).gates}
    same = np.ptp(ends, axis=0) <= _DIFFERENCE * np.abs(ends).max(axis=0)
    return {
        state.name
        for state, alike in zip(instance.states, same, strict=True)
        if alike and state.name.partition("[")[0] in _plain(mechanism) and state.name not in gates
    }


def repeats(mechanism: LoadedMechanism) -> Answer:
    """Two equal runs give equal results."""
    if mechanism.interface.draws_random_numbers:
        raise NotApplicable("it draws random numbers")
    h.celsius = CELSIUS
    instance = Instance(mechanism.interface)
    first, second = trajectory([instance])[0], trajectory([instance])[0]
    differing = np.flatnonzero(~np.isclose(first, second, rtol=1e-12, atol=0, equal_nan=True))
    if differing.size == 0:
        return sound("a second run gives what the first gave")
    names = dict.fromkeys(instance.outputs[i % len(instance.outputs)].name for i in differing)
    return defect(f"a second run differs from the first in {listed(list(names))}")
