"""Curves of a mechanism: steady states, time constants, and currents under voltage clamp, as data.

The families of steps are those of the Ion Channel Genealogy (Podlaski et al. 2017, doi:10.7554/eLife.22152):
activation, steps from -80 mV; inactivation, a prepulse of varied voltage before a step to a fixed one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import LoadedMechanism
from mnvalidate.mechanisms.curve_data import Family, GateCurve, MechanismCurves
from mnvalidate.mechanisms.rig import Instance, Variable, advance, initialise, values
from mnvalidate.nmodl.sources import MechanismKind

_VOLTAGES__mV = tuple(np.arange(-120.0, 121.0, 4.0).tolist())
_START__mV = -70.0
_INTERVALS__ms = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0)
_RATIOS = (0.02, 0.98)
_STEP_VOLTAGES__mV = tuple(np.arange(-80.0, 81.0, 20.0).tolist())
_HOLDING__mV = -80.0
_TEST__mV = 0.0
_PULSE__ms = 100.0
_SAMPLES = 100


def curves(mechanism: LoadedMechanism) -> MechanismCurves:
    """Measure the curves of a density mechanism; those of other kinds are empty."""
    if mechanism.interface.kind is not MechanismKind.DENSITY:
        return MechanismCurves(mechanism.interface.name, (), ())
    h.celsius = 36.0
    instance = Instance(mechanism.interface)
    gates = tuple(_gate_curve(instance, i, state.name) for i, state in enumerate(instance.states))
    activation = [(_HOLDING__mV, step) for step in _STEP_VOLTAGES__mV]
    inactivation = [(step, _TEST__mV) for step in _STEP_VOLTAGES__mV]
    families = tuple(
        _family(instance, current, steps)
        for current in instance.currents
        for steps in (activation, inactivation)
    )
    return MechanismCurves(mechanism.interface.name, gates, families)


def _gate_curve(instance: Instance, index: int, name: str) -> GateCurve:
    points = [_relaxation(instance, index, voltage) for voltage in _VOLTAGES__mV]
    return GateCurve(name, _VOLTAGES__mV, tuple(p[0] for p in points), tuple(p[1] for p in points))


def _relaxation(instance: Instance, index: int, voltage: float) -> tuple[float | None, float | None]:
    """Steady state and time constant from three equidistant samples of an exponential relaxation.

    A first-order gate advances exactly under ``cnexp``, so the ratio of two successive changes is
    ``exp(-interval/tau)`` without error. What does not relax so has no value.
    """
    start = _START__mV if abs(voltage - _START__mV) > 1 else _START__mV + 30
    for interval in _INTERVALS__ms:
        initialise([instance], [start])
        instance.section.v = voltage
        samples = [float(values(instance.states)[index])]
        for _ in range(3):
            advance(interval, interval)
            samples.append(float(values(instance.states)[index]))
        changes = np.diff(samples)
        if not np.all(np.isfinite(samples)) or np.all(np.abs(changes) < 1e-14):
            continue
        ratio = changes[1] / changes[0] if changes[0] else np.nan
        if _RATIOS[0] < ratio < _RATIOS[1]:
            if abs(changes[2] - ratio * changes[1]) > 1e-3 * abs(changes[0]):
                return None, None
            return _rounded(samples[0] + changes[0] / (1 - ratio)), _rounded(-interval / np.log(ratio))
    return None, None


def _family(instance: Instance, current: Variable, steps: Sequence[tuple[float, float]]) -> Family:
    times = [_rounded(time) for time in np.geomspace(0.025, _PULSE__ms, _SAMPLES)]
    traces = []
    for before, during in steps:
        initialise([instance], [before])
        instance.section.v = during
        h.fcurrent()
        trace = []
        for time in times:
            h.dt = max(time - h.t, 1e-6)
            h.fadvance()
            h.fcurrent()  # fadvance leaves the current of the states before they moved
            trace.append(_rounded(current.value) if np.isfinite(current.value) else None)
        traces.append(tuple(trace))
    return Family(current.name, tuple(steps), tuple(times), tuple(traces))


def _rounded(value: float) -> float:
    """Six digits: enough for any eye, and a third of the text."""
    return float(f"{value:.6g}")
