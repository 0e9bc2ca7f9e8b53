"""Combinations of voltages, steps, temperature and parameters, searched by Hypothesis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, defect, sound
from mnvalidate.mechanisms.rig import AREA__um2, Instance, initialise
from mnvalidate.nmodl.interface import Interface

_EXAMPLES = 300
_ROUNDING = 1e-9
_STEPS = 6
# Limits such as <0,1e9> say "not negative"; nobody means 1e9.
_WIDEST_FACTOR = 100.0


@dataclass(frozen=True)
class Conditions:
    """One combination.

    Parameters
    ----------
    start__mV, target__mV : float
        Voltage of INITIAL, and of the steps that follow.
    step__ms, celsius : float
        Time step and temperature.
    parameters : mapping of str to float
        Parameters within their declared limits.
    reversals__mV : mapping of str to float
        Reversal potential by ion.
    """

    start__mV: float
    target__mV: float
    step__ms: float
    celsius: float
    parameters: Mapping[str, float]
    reversals__mV: Mapping[str, float]


def combinations(mechanism: LoadedMechanism) -> Answer:
    """No combination makes a value infinite or drives a gate out of [0, 1]."""
    instance = Instance(mechanism.interface)
    try:
        worst = find(
            _conditions(mechanism.interface, instance),
            lambda conditions: bool(_problem(instance, conditions)),
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
    problem = _problem(instance, worst)
    return defect(f"{problem}. To reproduce:\n{snippet(mechanism.interface, worst)}\n")


def snippet(interface: Interface, conditions: Conditions) -> str:
    """Return a script for NEURON's Python that runs into the problem."""
    name = interface.name
    lines = [
        "from neuron import h  # with the mechanism's library loaded",
        "soma = h.Section(name='soma')",
        f"soma.L = soma.diam = {math.sqrt(AREA__um2 / math.pi)!r}",
        "soma.cm = 1e30  # clamps the voltage exactly",
        f"soma.insert({name!r})",
        *(f"soma.e{ion} = {value!r}" for ion, value in conditions.reversals__mV.items()),
        *(
            f"{'soma' if parameter in interface.ranges else 'h'}.{parameter}_{name} = {value!r}"
            for parameter, value in conditions.parameters.items()
        ),
        f"h.celsius, h.dt = {conditions.celsius!r}, {conditions.step__ms!r}",
        f"h.finitialize({conditions.start__mV!r})",
        f"soma.v = {conditions.target__mV!r}",
        f"for _ in range({_STEPS}): h.fadvance()",
        f"print({', '.join(f'soma.{state.name}_{name}' for state in interface.states) or 'soma.v'})",
    ]
    return "\n".join(f"    {line}" for line in lines)


def _conditions(interface: Interface, instance: Instance) -> st.SearchStrategy[Conditions]:
    voltages = st.one_of(
        st.integers(-120, 120).map(float),
        st.sampled_from(interface.candidates__mV),
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


def _problem(instance: Instance, conditions: Conditions) -> str:
    h.celsius = conditions.celsius
    for name, value in conditions.parameters.items():
        instance.set_parameter(name, value)
    for ion, value in conditions.reversals__mV.items():
        instance.reversal(ion).set(value)
    initialise([instance], [conditions.start__mV])
    problem = _wrong(instance, "after INITIAL")
    h.dt = conditions.step__ms
    instance.section.v = conditions.target__mV
    for _ in range(_STEPS):
        h.fadvance()
        problem = problem or _wrong(instance, "after a step")
    return problem


def _wrong(instance: Instance, when: str) -> str:
    gates = set(instance.interface.gates)
    for variable in (*instance.states, *instance.currents):
        value = variable.value
        if not math.isfinite(value):
            return f"{variable.name} becomes {value} {when}"
        if variable.name in gates and not -_ROUNDING <= value <= 1 + _ROUNDING:
            return f"gate {variable.name} becomes {value:.6g} {when}"
    return ""
