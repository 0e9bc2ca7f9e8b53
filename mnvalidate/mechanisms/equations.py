"""Fixed steps against an independent integration of the same equations."""

from __future__ import annotations

import contextlib
import itertools

import numpy as np
from neuron import h
from scipy.integrate import solve_ivp

from mnvalidate.mechanisms.answer import (
    Answer,
    LoadedMechanism,
    NotApplicable,
    NotObserved,
    defect,
    listed,
    sound,
)
from mnvalidate.mechanisms.drive import drives
from mnvalidate.mechanisms.rates import Rates
from mnvalidate.mechanisms.rig import CELSIUS, Instance, advance, initialise, values
from mnvalidate.nmodl.syntax import read_program
from mnvalidate.nmodl.tree import Solve
from mnvalidate.traces import Array

_CLAMPS__mV = ((-70.0, -20.0), (-20.0, -60.0), (-60.0, 20.0))
_TIMES__ms = (0.5, 2.0, 10.0)
_STEPS__ms = (0.025, 0.00625)
_DISPLACEMENTS = (0.3, 0.6, 0.45, 0.2)
_CURRENT__mA_per_cm2 = -0.002
# A method of first order brings an error to a quarter, a good one to less.
_LEAST_GAIN = 0.6
_NEGLIGIBLE = 2e-3
_PRECISION = 1e-7
_MOST_EVALUATIONS = 20_000


def equations(mechanism: LoadedMechanism) -> Answer:
    """States by fixed steps approach what SciPy integrates from the rates of change, as the step falls."""
    if not mechanism.interface.states:
        raise NotApplicable("it has no state")
    if not mechanism.interface.has_current and _computes_in_breakpoint(mechanism):
        raise NotObserved("CVODE does not run what BREAKPOINT of a mechanism without a current computes")
    h.celsius = CELSIUS
    instance = Instance(mechanism.interface)
    flows = drives(instance)
    displaced = "CONSERVE" not in mechanism.source.code
    found: list[str] = []
    infinite: list[str] = []
    compared = 0
    for before, during in _CLAMPS__mV:
        instance.section.v = before
        h.CVode().active(0)
        h.finitialize()
        rates = Rates(instance)
        start = _start(rates.start(), displaced)
        for flow in flows:
            instance.section.v = during
            flow.set(_CURRENT__mA_per_cm2)
        change = rates(0.0, start, during)
        lost = [s.name for s, rate in zip(rates.states, change, strict=True) if not np.isfinite(rate)]
        if lost and np.all(np.isfinite(start)):
            infinite.append(f"the rate of change of {listed(lost)} is not finite at {during:g} mV")
        truth = _integrated(rates, start, during)
        rates.stop()
        if truth is None:
            continue
        coarse, fine = (_stepped(instance, rates, start, (before, during), step) for step in _STEPS__ms)
        compared += 1
        found += _differences(rates, truth, coarse, fine, during)
        for flow in flows:
            flow.set(0.0)
    if infinite:
        return defect(
            listed(infinite + found, most=3),
            "Look for a divisor that is 0: a volume in COMPARTMENT or LONGITUDINAL_DIFFUSION, a time "
            "constant.",
        )
    if not compared:
        raise NotObserved("its equations cannot be integrated from INITIAL at any voltage tried")
    if found and _sends_from_the_start(instance):
        raise NotObserved("it sends events to itself from INITIAL on, which its equations do not contain")
    if found:
        return defect(listed(found, most=3))
    names = ", ".join(dict.fromkeys(state.name for state in rates.states))
    return sound(f"{names} approach the solution of the equations as the step falls")


def _computes_in_breakpoint(mechanism: LoadedMechanism) -> bool:
    """Whether BREAKPOINT does more than solve."""
    blocks = read_program(mechanism.source).of_kind("BREAKPOINT")
    return any(not isinstance(statement, Solve) for block in blocks for statement in block.body)


def _sends_from_the_start(instance: Instance) -> bool:
    """Whether events that INITIAL has sent wait to come back."""
    initialise([instance], [_CLAMPS__mV[0][0]])
    times, flags = h.Vector(), h.Vector()
    h.CVode().event_queue_info(3, times, flags, h.List())
    return len(times) > 0


def _start(initial: Array, displaced: bool) -> Array:
    """States to start from: those of INITIAL, displaced where all are zero, as before the first event."""
    if displaced and not np.any(initial):
        return np.array([_DISPLACEMENTS[i % len(_DISPLACEMENTS)] for i in range(initial.size)])
    return initial


def _integrated(rates: Rates, start: Array, voltage: float) -> Array | None:
    """States at the times, one row each; None where SciPy cannot follow."""
    if not np.all(np.isfinite(start)):
        return None
    scale = np.maximum(np.abs(start), 1e-6)
    calls = itertools.count()

    def change(time: float, states: Array) -> Array:
        derivative = rates(time, states, voltage)
        if next(calls) > _MOST_EVALUATIONS or not np.all(np.isfinite(derivative)):
            raise ArithmeticError("the equations cannot be followed")
        return derivative

    with np.errstate(all="ignore"), contextlib.suppress(ArithmeticError):
        solution = solve_ivp(
            change,
            (0.0, _TIMES__ms[-1]),
            start,
            method="LSODA",
            t_eval=_TIMES__ms,
            rtol=_PRECISION,
            atol=_PRECISION * scale,
            max_step=1.0,
        )
        if solution.success and np.all(np.isfinite(solution.y)):
            return np.asarray(solution.y.T)
    return None


def _stepped(
    instance: Instance, rates: Rates, start: Array, clamp__mV: tuple[float, float], step__ms: float
) -> Array:
    before, during = clamp__mV
    initialise([instance], [before])
    for state, value in zip(rates.states, start, strict=True):
        state.set(value)
    instance.section.v = during
    rows, time = [], 0.0
    for end in _TIMES__ms:
        advance(end - time, step__ms)
        time = end
        rows.append(values(rates.states))
    return np.array(rows)


def _differences(rates: Rates, truth: Array, coarse: Array, fine: Array, voltage: float) -> list[str]:
    scale = np.max(np.abs(truth), axis=0) + 1e-12
    errors = [np.abs(stepped - truth) / scale for stepped in (coarse, fine)]
    wrong = (errors[1] > _NEGLIGIBLE) & ~(errors[1] < _LEAST_GAIN * errors[0])
    wrong |= ~np.isfinite(errors[1])
    found = []
    for index in np.flatnonzero(wrong.any(axis=0)):
        row = int(np.flatnonzero(wrong[:, index])[0])
        found.append(
            f"{rates.states[index].name} is {fine[row, index]:.4g} after {_TIMES__ms[row]:g} ms at "
            f"{voltage:g} mV "
            f"and {CELSIUS:g} degC with steps of {_STEPS__ms[1]:g} ms ({coarse[row, index]:.4g} with "
            f"{_STEPS__ms[0]:g} ms), where its equations give {truth[row, index]:.4g}"
        )
    return found
