"""Fixed steps against CVODE."""

from __future__ import annotations

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, defect, listed, sound
from mnvalidate.mechanisms.rig import Instance, Variable, initialise, use_cvode, values
from mnvalidate.traces import Array

# Off the round times at which events are sent, and at which what they start ends.
_TIMES__ms = (2.15, 5.15, 8.15, 12.15)
_ONSET__ms = 1.0
_CURRENT__nA = 0.02
_STEPS__ms = (0.0125, 0.00625)
_TOLERANCE = 1e-3


def agreement(mechanism: LoadedMechanism) -> Answer:
    """Fixed steps, extrapolated to zero, give what CVODE gives."""
    h.celsius = 36.0
    instance, stimulus = _free(mechanism)
    variables = [*instance.outputs, Variable("v", instance.segment._ref_v)]
    if len(variables) == 1:
        raise NotApplicable("it has no state, current or RANGE output")
    coarse, fine = (_fixed(instance, variables, step) for step in _STEPS__ms)
    variable = _variable(instance, variables)
    del stimulus
    error = np.abs(fine - coarse)
    limit = 2 * fine - coarse
    scale = np.maximum(np.max(np.abs(limit), axis=0), np.max(np.abs(variable), axis=0))
    wrong = np.abs(variable - limit) > 10 * error + _TOLERANCE * np.maximum(scale, 1e-12)
    found = []
    for index in np.flatnonzero(wrong.any(axis=0)):
        row = int(np.flatnonzero(wrong[:, index])[0])
        found.append(
            f"{variables[index].name} at {_TIMES__ms[row]:g} ms is {limit[row, index]:.5g} with small fixed "
            f"steps and {variable[row, index]:.5g} under CVODE"
        )
    return defect(listed(found)) if found else sound("fixed steps and CVODE agree")


def _free(mechanism: LoadedMechanism) -> tuple[Instance, object]:
    instance = Instance(mechanism.interface)
    instance.free_voltage()
    stimulus = h.IClamp(instance.segment)
    stimulus.delay, stimulus.dur, stimulus.amp = _ONSET__ms, 1e9, _CURRENT__nA
    return instance, stimulus


def _fixed(instance: Instance, variables: list[Variable], step__ms: float) -> Array:
    initialise([instance], [-70.0])
    h.dt = step__ms
    _send_event(instance)
    rows = []
    for time in _TIMES__ms:
        while h.t < time - step__ms / 2:
            h.fadvance()
        rows.append(values(variables))
    return np.array(rows)


def _variable(instance: Instance, variables: list[Variable]) -> Array:
    initialise([instance], [-70.0])
    use_cvode(1e-8)
    h.finitialize()
    _send_event(instance)
    rows = []
    for time in _TIMES__ms:
        try:
            h.CVode().solve(time)
        except RuntimeError as error:
            raise NotApplicable("CVODE cannot integrate it") from error
        rows.append(values(variables))
    h.CVode().active(0)
    return np.array(rows)


def _send_event(instance: Instance) -> None:
    if instance.event is not None:
        instance.event.event(_ONSET__ms)
