"""Reversal potentials, and the account of charge."""

from __future__ import annotations

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, defect, sound
from mnvalidate.mechanisms.rig import (
    AREA__um2,
    Instance,
    Variable,
    advance,
    bearable_step,
    initialise,
    use_cvode,
)
from mnvalidate.nmodl.interface import Ion
from mnvalidate.traces import Array

_GRID__mV = np.arange(-150.0, 200.5, 1.0)
_TOLERANCE__mV = 0.01
_SHIFT__mV = 17.0
_OPENINGS = ((-30.0, 20.0), (0.0, 1.0), (0.0, 300.0), (60.0, 5.0), (-110.0, 300.0), (100.0, 5.0))
_CHARGE_ERROR = 1e-3
_ROUNDING = 1e-4
_TO_nA = 0.01  # from mA/cm2 times um2


def reversal(mechanism: LoadedMechanism) -> Answer:
    """Each ionic current is zero at its ion's reversal potential, wherever that is, and rises through it."""
    ions = [
        ion for ion in mechanism.interface.ions if ion.current in ion.writes and ion.reversal in ion.reads
    ]
    if not ions:
        raise NotApplicable("it has no ionic current that reads its reversal potential")
    h.celsius = 36.0
    wrong: list[str] = []
    right: list[str] = []
    for ion in ions:
        problem = _reversal_problem(mechanism, ion)
        (wrong if problem else right).append(problem or ion.current)
    if wrong:
        return defect("; ".join(wrong))
    return sound(f"{', '.join(right)} reverses at the ion's potential and is outward above it")


def charge(mechanism: LoadedMechanism) -> Answer:
    """Under a voltage clamp the clamp's current is the sum of the currents that the section reports."""
    if not mechanism.interface.has_current:
        raise NotApplicable("it has no current")
    h.celsius = 36.0
    instance = Instance(mechanism.interface)
    instance.section.cm = 1.0
    clamp = h.SEClamp(instance.segment)
    clamp.rs, clamp.dur1, clamp.amp1, clamp.dur2, clamp.amp2 = 0.01, 5.0, -70.0, 20.0, 0.0
    references = [clamp._ref_i, instance.segment._ref_i_cap, *(c.reference for c in instance.currents)]
    vectors = [h.Vector().record(reference) for reference in references]
    initialise([instance], [-70.0])
    use_cvode(1e-8)
    h.finitialize()
    try:
        h.CVode().solve(25.0)
    except RuntimeError as refusal:
        raise NotApplicable("CVODE cannot integrate it") from refusal
    injected, capacitive, *membrane = [np.array(vector.as_numpy()) for vector in vectors]
    total = (capacitive + np.sum(membrane, axis=0)) * AREA__um2 * _TO_nA
    scale = float(np.max(np.abs(np.sum(membrane, axis=0)))) * AREA__um2 * _TO_nA
    if not scale > 0:
        raise NotApplicable("its current stays zero")
    # While the step charges the membrane the clamp's current is a thousand times the mechanism's.
    unexplained = np.abs(injected - total) - _ROUNDING * np.abs(injected)
    error = max(float(np.max(unexplained)), 0.0) / scale
    if error > _CHARGE_ERROR:
        return defect(f"the clamp's current and the reported currents differ by {error:.2g} of the largest")
    return sound(f"the clamp's current is the sum of the reported ones within {error:.1g}")


def _reversal_problem(mechanism: LoadedMechanism, ion: Ion) -> str:
    instance = Instance(mechanism.interface)
    (current,) = (c for c in instance.currents if c.name == ion.current)
    potential = instance.reversal(ion.name)
    given = potential.value
    for expected in (given, given - _SHIFT__mV):
        potential.set(expected)
        curve = _open_curve(instance, current)
        if curve is None:
            raise NotApplicable(f"{ion.current} stays zero at every voltage tried")
        zeros = _zeros(instance, current, curve)
        near = [zero for zero in zeros if abs(zero - expected) < _TOLERANCE__mV]
        if not near:
            where = ", ".join(f"{zero:.2f}" for zero in zeros) or "nowhere"
            return f"{ion.current} reverses at {where} mV with {ion.reversal} = {expected:g} mV"
        below, above = (_at(instance, current, expected + step) for step in (-1.0, 1.0))
        if above < below or above < 0:
            return f"{ion.current} is inward above {ion.reversal} = {expected:g} mV: its sign is wrong"
        if below > 0:
            return f"{ion.current} is outward on both sides of {ion.reversal} = {expected:g} mV"
    return ""


def _open_curve(instance: Instance, current: Variable) -> Array | None:
    """Open the channels at some voltage, then read the current at all voltages with the gates held."""
    for voltage, duration in _OPENINGS:
        initialise([instance], [voltage])
        advance(duration, bearable_step(instance, duration / 200))
        curve = np.array([_at(instance, current, float(v)) for v in _GRID__mV])
        if np.any(curve != 0):
            return curve
    return None


def _at(instance: Instance, current: Variable, voltage: float) -> float:
    instance.section.v = voltage
    h.fcurrent()
    return current.value


def _zeros(instance: Instance, current: Variable, curve: Array) -> list[float]:
    zeros = [float(v) for v, i in zip(_GRID__mV, curve, strict=True) if i == 0]
    for index in np.flatnonzero(curve[:-1] * curve[1:] < 0):
        low, high = float(_GRID__mV[index]), float(_GRID__mV[index + 1])
        sign = np.sign(curve[index])
        for _ in range(40):
            middle = (low + high) / 2
            if np.sign(_at(instance, current, middle)) == sign:
                low = middle
            else:
                high = middle
        zeros.append((low + high) / 2)
    return sorted(zeros)
