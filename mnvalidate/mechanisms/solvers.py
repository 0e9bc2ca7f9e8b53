"""Fixed steps against each other and against CVODE."""

from __future__ import annotations

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, defect, listed, sound
from mnvalidate.mechanisms.rig import Instance, Variable, initialise, use_cvode, values
from mnvalidate.traces import Array

_TIMES__ms = (2.0, 5.0, 8.0, 12.0)
_ONSET__ms = 1.0
_CURRENT__nA = 0.02
_STEPS__ms = (0.1, 0.05, 0.025, 0.0125, 0.00625)
_LOWEST_ORDER = 0.7
_NEGLIGIBLE = 1e-7
_TOLERANCE = 1e-3


def order(mechanism: LoadedMechanism) -> Answer:
    """The voltage's error halves with the step, at least at small steps."""
    if not mechanism.interface.has_current:
        raise NotApplicable("it has no current, so no voltage to judge")
    h.celsius = 36.0
    instance, stimulus = _free(mechanism)
    voltage = [Variable("v", instance.segment._ref_v)]
    ends = np.array([_fixed(instance, voltage, step)[-1, 0] for step in _STEPS__ms])
    errors = np.abs(np.diff(ends))
    del stimulus
    if errors[-1] < _NEGLIGIBLE:
        return sound("the voltage hardly depends on the step")
    orders = np.log2(errors[:-1] / errors[1:])
    if max(orders[-2:]) < _LOWEST_ORDER:
        return defect(
            f"halving the step to {_STEPS__ms[-1]} ms leaves the voltage's error at {errors[-1]:.3g} mV from "
            f"{errors[-2]:.3g} mV: order {orders[-1]:.2f} for 1"
        )
    return sound(f"order {orders[-1]:.2f}")


def agreement(mechanism: LoadedMechanism) -> Answer:
    """Fixed steps, extrapolated to zero, give what CVODE gives."""
    h.celsius = 36.0
    instance, stimulus = _free(mechanism)
    variables = [*instance.outputs, Variable("v", instance.segment._ref_v)]
    if len(variables) == 1:
        raise NotApplicable("it has no state, current or RANGE output")
    coarse, fine = (_fixed(instance, variables, step) for step in _STEPS__ms[-2:])
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
