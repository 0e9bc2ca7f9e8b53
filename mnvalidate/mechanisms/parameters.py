"""What parameters and temperature do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from mnvalidate.mechanisms.rig import CELSIUS, Instance, settings_of, values
from mnvalidate.mechanisms.trajectories import require_repeatable, trajectory
from mnvalidate.nmodl.liveness import live_names, uses
from mnvalidate.nmodl.sources import MechanismKind
from mnvalidate.nmodl.syntax import read_program
from mnvalidate.traces import Array

_TRIES = 40
_SEED = 20_011
_TEMPERATURES = (36.0, 6.3, 20.0, 45.0)
_LARGEST_OFFSET__mV = 30.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What holds while one parameter is changed."""

    settings: Mapping[str, float]
    celsius: float
    offset__mV: float
    concentrations: float


def dead_parameters(mechanism: LoadedMechanism) -> Answer:
    """Every parameter reaches an output by the formulas, and changes one in some surroundings."""
    instance = Instance(mechanism.interface)
    h.celsius = CELSIUS
    defaults = settings_of(instance)
    if not defaults:
        raise NotApplicable("it has no parameter")
    unused, conditional = _by_formulas(mechanism, instance, list(defaults))
    suspects = [name for name in defaults if name not in unused]
    try:
        require_repeatable(instance)
    except (NotApplicable, NotObserved) as reason:
        if unused:
            return defect(f"no formula that matters uses {listed(unused, most=10)}")
        return sound(
            f"a formula uses each of {len(defaults)} parameters; their effect is not known: {reason}"
        )
    silent = _without_effect(instance, defaults, suspects)
    tried = (
        f"in {_TRIES} surroundings, with other values of its neighbours, voltages, temperatures, "
        f"concentrations "
        "and two events"
    )
    cancelled = [name for name in silent if name not in conditional]
    if unused or cancelled:
        said = [
            f"no formula that matters uses {listed(unused, most=10)}" if unused else "",
            f"{listed(cancelled, most=10)} changes no state, current or output {tried}" if cancelled else "",
        ]
        return defect("; ".join(filter(None, said)))
    rest = f"; what {listed(silent)} does under its condition was not met {tried}" if silent else ""
    return sound(f"each of {len(defaults)} parameters is used{rest}")


def temperature(mechanism: LoadedMechanism) -> Answer:
    """Compare trajectories at three temperatures with what the source says of celsius."""
    interface = mechanism.interface
    instance = Instance(interface)
    if not interface.states:
        raise NotApplicable("it has no kinetics")
    h.celsius = CELSIUS
    require_repeatable(instance)
    responses = []
    for celsius in (6.3, 24.0, 36.0):
        h.celsius = celsius
        responses.append(trajectory([instance])[0])
    if any(not np.array_equal(responses[0], other, equal_nan=True) for other in responses[1:]):
        return sound("its response changes with celsius")
    what = ", ".join(dict.fromkeys(output.name for output in instance.outputs))
    if interface.declares_celsius:
        return defect(f"celsius is declared and has no effect: 6.3, 24 and 36 degC give the same {what}")
    return defect(f"it ignores celsius: 6.3, 24 and 36 degC give the same {what}")


def _by_formulas(
    mechanism: LoadedMechanism, instance: Instance, names: Sequence[str]
) -> tuple[list[str], set[str]]:
    """Parameters that reach no output by the formulas, and those that do so under a condition only."""
    interface = mechanism.interface
    flows = uses(read_program(mechanism.source))
    outputs = {variable.name.partition("[")[0] for variable in instance.outputs}
    outputs |= {state.name for state in interface.states} | set(interface.ranges) - set(names)
    outputs |= set(interface.globals) - set(names)
    live = live_names(flows, outputs)
    always = {name for use in flows if not use.is_conditional for name in use.names}
    if interface.kind is MechanismKind.ARTIFICIAL_CELL or interface.receives_events:
        always -= {name for use in flows if use.is_conditional for name in use.names}
    return [name for name in names if name not in live], set(names) - always


def _without_effect(instance: Instance, defaults: Mapping[str, float], suspects: list[str]) -> list[str]:
    """Parameters that change nothing in any of the surroundings."""
    random = np.random.default_rng(_SEED)
    given = values(instance.given)
    for number in range(_TRIES):
        if not suspects:
            break
        around = _surroundings(random, instance, defaults, is_first=number == 0)
        reference = _run(instance, given, around, around.settings)
        suspects = [
            name
            for name in suspects
            if not any(
                _differs(reference, _run(instance, given, around, {**around.settings, name: changed}))
                for changed in _changed(instance, around.settings[name])
            )
        ]
    _run(instance, given, Surroundings(defaults, CELSIUS, 0.0, 1.0), defaults)
    return suspects


def _surroundings(
    random: np.random.Generator, instance: Instance, defaults: Mapping[str, float], *, is_first: bool
) -> Surroundings:
    if is_first:
        return Surroundings(defaults, CELSIUS, 0.0, 1.0)
    settings = {}
    for name, value in defaults.items():
        if random.random() < 0.5:
            settings[name] = value
        elif value == 0:
            settings[name] = float(random.choice([0.3, 1.0, 30.0]))
        elif value == 1:
            settings[name] = float(random.choice([0.5 if _may_delay(instance) else 0.0, 0.5, 2.0]))
        else:
            settings[name] = value * 2.0 ** random.uniform(-3, 3)
    return Surroundings(
        settings,
        float(random.choice(_TEMPERATURES)),
        float(random.uniform(-_LARGEST_OFFSET__mV, _LARGEST_OFFSET__mV)),
        10.0 ** random.uniform(-1, 3),
    )


def _changed(instance: Instance, value: float) -> tuple[float, ...]:
    changed = (1.7 * value, 0.5 * value, 30 * value, 0.0, -value) if value else (1.0, 30.0, 0.02, -1.0)
    if _may_delay(instance):
        return tuple(other for other in changed if other * (value or 1.0) > 0)
    return changed


def _may_delay(instance: Instance) -> bool:
    """Whether a parameter may be the delay of an event: NEURON ends with one below 0, and never with 0."""
    return instance.interface.sends_events


def _differs(first: Array | None, second: Array | None) -> bool:
    if first is None or second is None:
        return first is not second
    return not np.array_equal(first, second, equal_nan=True)


def _run(
    instance: Instance, given: Array, around: Surroundings, settings: Mapping[str, float]
) -> Array | None:
    """The trajectory, None where NEURON gives up."""
    h.celsius = around.celsius
    for variable, value in zip(instance.given, given, strict=True):
        variable.set(value * around.concentrations)
    for name, value in settings.items():
        instance.set_parameter(name, value)
    try:
        response: Array = trajectory([instance], [around.offset__mV])[0]
    except RuntimeError:
        return None
    return response
