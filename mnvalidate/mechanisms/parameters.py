"""What parameters and temperature do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, defect, listed, sound
from mnvalidate.mechanisms.rig import Instance, settings_of
from mnvalidate.mechanisms.trajectories import require_repeatable, trajectory
from mnvalidate.nmodl.interface import Parameter
from mnvalidate.traces import Array

_TEMPERATURES = (6.3, 20.0, 45.0)
_FACTORS = (0.5, 1.7, 30.0)


def dead_parameters(mechanism: LoadedMechanism) -> Answer:
    """Changing a parameter changes a state or current: at some temperature, with switches off or on."""
    instance = Instance(mechanism.interface)
    h.celsius = 36.0
    require_repeatable(instance)
    if not instance.outputs:
        raise NotApplicable("it has no state, current or RANGE output")
    defaults = settings_of(instance)
    suspects = [p for p in mechanism.interface.parameters if p.name in defaults]
    total = len(suspects)
    if not total:
        raise NotApplicable("it has no parameter")
    for base in _bases(defaults):
        for celsius in _TEMPERATURES:
            h.celsius = celsius
            reference = _run(instance, {**defaults, **base})
            suspects = [p for p in suspects if not _matters(instance, p, {**defaults, **base}, reference)]
    if suspects:
        names = [p.name for p in suspects]
        return defect(f"no effect on any state or current: {listed(names, most=10)}")
    return sound(f"each of {total} parameters has an effect")


def temperature(mechanism: LoadedMechanism) -> Answer:
    """Compare trajectories at three temperatures with what the source says of celsius."""
    interface = mechanism.interface
    instance = Instance(interface)
    if not interface.states:
        raise NotApplicable("it has no kinetics")
    h.celsius = 36.0
    require_repeatable(instance)
    responses = []
    for celsius in (6.3, 24.0, 36.0):
        h.celsius = celsius
        responses.append(trajectory([instance])[0])
    if any(not np.array_equal(responses[0], other, equal_nan=True) for other in responses[1:]):
        return sound("its response changes with celsius")
    if interface.declares_celsius:
        return defect("celsius is declared and has no effect: 6.3, 24 and 36 degC give the same")
    return defect("it ignores celsius: 6.3, 24 and 36 degC give the same")


def _bases(defaults: Mapping[str, float]) -> list[dict[str, float]]:
    """Defaults, and the same with factors of 1 and 0 changed, which may switch other parameters off."""
    switched = {name: 0.5 for name, value in defaults.items() if value == 1.0}
    opened = {name: 0.3 for name, value in defaults.items() if value == 0.0}
    wide_open = dict.fromkeys(opened, 30.0)
    bases: list[dict[str, float]] = [{}]
    for base in (switched, opened, switched | opened, wide_open):
        if base and base not in bases:
            bases.append(base)
    return bases


def _matters(instance: Instance, parameter: Parameter, base: Mapping[str, float], reference: Array) -> bool:
    value = base[parameter.name]
    for factor in _FACTORS:
        changed = value * factor if value else factor
        response = _run(instance, {**base, parameter.name: changed})
        if not np.array_equal(response, reference, equal_nan=True):
            return True
    return False


def _run(instance: Instance, settings: Mapping[str, float]) -> Array:
    for name, value in settings.items():
        instance.set_parameter(name, value)
    response: Array = trajectory([instance])[0]
    return response
