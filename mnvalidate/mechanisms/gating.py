"""Which states are gates: decided from how they enter a current."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import LoadedMechanism
from mnvalidate.mechanisms.rig import Instance, Variable, initialise
from mnvalidate.nmodl.reactions import Scheme, read_schemes
from mnvalidate.nmodl.sources import MechanismKind
from mnvalidate.traces import Array

_VOLTAGES__mV = (-93.0, -61.0, -37.0, -11.0, 29.0)
_LEVELS = (0.0, 0.25, 0.5, 1.0)
_HALF = 0.5
_PROPORTIONAL = 1e-6
_LEAST_LITERAL_COUNT = 10
_LEAST_CONSERVED_COUNT = 2


@dataclass(frozen=True, slots=True)
class Gating:
    """Gates of an instance.

    Parameters
    ----------
    gates : tuple of Variable
        States that are fractions: a power of each is a factor of a conductance, or a KINETIC scheme joins it
        with such a state.
    others : tuple of str
        Why each of the other dimensionless states is no gate.
    """

    gates: tuple[Variable, ...]
    others: tuple[str, ...]


def gating(mechanism: LoadedMechanism, instance: Instance) -> Gating:
    """Tell the gates of a density mechanism from amounts.

    The current is read with a dimensionless state at 0, 1/4, 1/2 and 1. What the state adds must be a power
    of it, and must depend on the voltage, as a conductance times a driving force does. A state of that kind
    is a number of channels, and no fraction, where it is proportional to a PARAMETER above 1 without unit,
    where its scheme conserves a whole number of 2 or more, or where it saturates at a whole number of 10 or
    more.
    """
    candidates = _candidates(mechanism, instance)
    if not candidates:
        return Gating((), ())
    schemes = read_schemes(mechanism.source.code)
    enters = {v.name for v in candidates if _is_factor(instance, candidates, v)}
    starts = _starts(instance, candidates)
    joined = {
        name
        for scheme in schemes
        if enters & {v.name for v in candidates if _base(v.name) in scheme.states}
        for name in scheme.states
    }
    gates, others = [], []
    for index, variable in enumerate(candidates):
        if variable.name not in enters and _base(variable.name) not in joined:
            others.append(f"{variable.name} is no factor of a conductance")
            continue
        reason = _amount(instance, candidates, index, starts, schemes)
        if reason:
            others.append(f"{variable.name} {reason}")
        else:
            gates.append(variable)
    return Gating(tuple(gates), tuple(others))


def _candidates(mechanism: LoadedMechanism, instance: Instance) -> list[Variable]:
    interface = mechanism.interface
    if interface.kind is not MechanismKind.DENSITY or not interface.has_current:
        return []
    plain = {state.name for state in interface.states if state.dimensionless}
    concentrations = {name for ion in interface.ions for name in (f"{ion.name}i", f"{ion.name}o")}
    return [v for v in instance.states if _base(v.name) in plain - concentrations]


def _is_factor(instance: Instance, candidates: Sequence[Variable], state: Variable) -> bool:
    rows = []
    for voltage in _VOLTAGES__mV:
        initialise([instance], [voltage])
        for other in candidates:
            other.set(_HALF)
        levels = []
        for level in _LEVELS:
            state.set(level)
            h.fcurrent()
            levels.append([current.value for current in instance.currents])
        rows.append(np.array(levels[1:]) - np.array(levels[0]))
    added = np.array(rows)  # voltage, level, current
    return any(_is_power(added[:, :, index]) for index in range(added.shape[2]))


def _is_power(added: Array) -> bool:
    """Whether rows of increments at levels 1/4, 1/2 and 1 are one power, of at least 1, times what varies."""
    if not np.all(np.isfinite(added)):
        return False
    full = added[:, 2]
    flows = np.abs(full) > _PROPORTIONAL * np.max(np.abs(full))
    if np.max(np.abs(full)) == 0 or np.ptp(full) < _PROPORTIONAL * np.max(np.abs(full)):
        return False
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = np.log2(np.abs(added[flows][:, 1:] / added[flows][:, :-1]))
    return bool(np.all(powers > 1 - _PROPORTIONAL)) and float(np.ptp(powers)) < _PROPORTIONAL * 10


def _amount(
    instance: Instance, candidates: Sequence[Variable], index: int, starts: Array, schemes: Sequence[Scheme]
) -> str:
    """Why a state that enters a current as a gate does is a number; empty if it is a fraction."""
    own = starts[:, index]
    if not np.all(np.isfinite(own)):
        return ""
    name = _base(candidates[index].name)
    for scheme in schemes:
        if name in scheme.states:
            members = [i for i, v in enumerate(candidates) if _base(v.name) in scheme.states]
            total = float(starts[:, members].sum(axis=1).mean())
            if (
                round(total) >= _LEAST_CONSERVED_COUNT
                and np.ptp(starts[:, members].sum(axis=1)) < 1e-6 * total
            ):
                return f"is one of {total:g} channels"
    top = float(np.max(own))
    if top <= 1:
        return ""
    for parameter in instance.interface.parameters:
        if parameter.unit in ("", "1") and abs(parameter.value) > 1:
            before = instance.parameter(parameter.name)
            instance.set_parameter(parameter.name, 1.25 * before)
            scaled = _starts(instance, candidates)[:, index]
            instance.set_parameter(parameter.name, before)
            if np.allclose(scaled, 1.25 * own, rtol=_PROPORTIONAL, atol=0):
                return f"counts: it is proportional to {parameter.name} = {before:g}"
    if round(top) >= _LEAST_LITERAL_COUNT and abs(top - round(top)) < 1e-3 * top:
        return f"counts: it saturates at {round(top)}"
    return ""


def _starts(instance: Instance, candidates: Sequence[Variable]) -> Array:
    """Values after INITIAL, one row for each voltage."""
    rows = []
    for voltage in (-120.0, *_VOLTAGES__mV, 120.0):
        initialise([instance], [voltage])
        rows.append([variable.value for variable in candidates])
    return np.array(rows)


def _base(name: str) -> str:
    """Name without the index of an array's element."""
    return name.partition("[")[0]
