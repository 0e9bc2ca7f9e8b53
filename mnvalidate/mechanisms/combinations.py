"""Combinations of voltages, steps, temperature and parameters, searched by Hypothesis."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotObserved, defect, sound
from mnvalidate.mechanisms.arithmetic import candidate_voltages
from mnvalidate.mechanisms.gating import gating
from mnvalidate.mechanisms.reproduction import Conditions, script
from mnvalidate.mechanisms.rig import CELSIUS, Instance, initialise

_EXAMPLES = 300
_ROUNDING = 1e-9
_STEPS = 6
# Limits such as <0,1e9> say "not negative"; nobody means 1e9.
_WIDEST_FACTOR = 100.0


@dataclass(frozen=True, slots=True)
class Problem:
    """What goes wrong in a variable, and after how many steps; none are those of INITIAL."""

    text: str
    variable: str
    steps: int


def combinations(mechanism: LoadedMechanism) -> Answer:
    """No combination makes a value infinite or drives a gate out of [0, 1]."""
    instance = Instance(mechanism.interface)
    h.celsius = CELSIUS
    gates = frozenset(gate.name for gate in gating(mechanism, instance).gates)
    try:
        worst = find(
            _conditions(mechanism),
            lambda conditions: _problem(instance, gates, conditions) is not None,
            settings=settings(
                max_examples=_EXAMPLES,
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink],
            ),
        )
    except NoSuchExample:
        return sound(f"{_EXAMPLES} combinations are sound")
    problem = _problem(instance, gates, worst)
    if problem is None:  # it depended on what an earlier combination left
        raise NotObserved("a combination is sound when it is repeated: see the check 'repeats'")
    when = f"after {problem.steps} steps of {worst.step__ms:g} ms" if problem.steps else "after INITIAL"
    voltage = worst.target__mV if problem.steps else worst.start__mV
    settings_ = "".join(f", {name} = {value:g}" for name, value in worst.parameters.items())
    return defect(
        f"{problem.text} {when} at {voltage:g} mV and {worst.celsius:g} degC{settings_}",
        script=script(mechanism.interface, worst, problem.variable, problem.steps),
    )


def _conditions(mechanism: LoadedMechanism) -> st.SearchStrategy[Conditions]:
    interface = mechanism.interface
    voltages = st.one_of(
        st.integers(-120, 120).map(float),
        st.sampled_from(candidate_voltages(mechanism)),
        st.floats(-120.0, 120.0),
    )
    limited = {
        p.name: st.floats(p.lower, min(p.upper, max(_WIDEST_FACTOR * abs(p.value), p.lower + 1.0)))
        for p in interface.parameters
        if p.lower is not None and p.upper is not None and p.lower <= p.upper
    }
    reversals = {
        ion.name: st.integers(-100, 150).map(float) for ion in interface.ions if ion.reversal in ion.reads
    }
    return st.builds(
        Conditions,
        voltages,
        voltages,
        st.sampled_from((0.025, 0.005, 0.1)),
        st.sampled_from((36.0, 6.3, 20.0, 24.0, 40.0)),
        st.fixed_dictionaries(limited),
        st.fixed_dictionaries(reversals),
    )


def _problem(instance: Instance, gates: frozenset[str], conditions: Conditions) -> Problem | None:
    h.celsius = conditions.celsius
    for name, value in conditions.parameters.items():
        instance.set_parameter(name, value)
    for ion, value in conditions.reversals__mV.items():
        instance.reversal(ion).set(value)
    initialise([instance], [conditions.start__mV])
    problem = _wrong(instance, gates, 0)
    h.dt = conditions.step__ms
    instance.section.v = conditions.target__mV
    for step in range(1, _STEPS + 1):
        if problem is not None:
            break
        h.fadvance()
        problem = _wrong(instance, gates, step)
    return problem


def _wrong(instance: Instance, gates: frozenset[str], steps: int) -> Problem | None:
    for variable in (*instance.states, *instance.currents):
        value = variable.value
        if not math.isfinite(value):
            return Problem(f"{variable.name} = {value:g}", variable.name, steps)
        if variable.name in gates and not -_ROUNDING <= value <= 1 + _ROUNDING:
            return Problem(f"gate {variable.name} = {value:.6g}", variable.name, steps)
    return None
