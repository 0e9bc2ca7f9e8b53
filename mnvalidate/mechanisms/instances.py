"""Instances must not know of each other."""

from __future__ import annotations

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, defect, listed, sound
from mnvalidate.mechanisms.rig import CELSIUS, Instance
from mnvalidate.mechanisms.trajectories import require_repeatable, trajectory
from mnvalidate.nmodl.interface import Parameter

_OFFSETS__mV = (0.0, 23.0)


def cross_talk(mechanism: LoadedMechanism) -> Answer:
    """Two instances that differ in one RANGE parameter, or in voltage, each behave as they do alone."""
    h.celsius = CELSIUS
    require_repeatable(Instance(mechanism.interface))
    varied = [None, *_range_parameters(mechanism)]
    found = ["voltage" if p is None else p.name for p in varied if _disturbs(mechanism, p)]
    if found:
        return defect(
            f"an instance changes when another one beside it differs in {listed(found)}: they share state"
        )
    return sound("two instances that differ behave as each does alone")


def _disturbs(mechanism: LoadedMechanism, parameter: Parameter | None) -> bool:
    """Whether an instance that differs in a parameter, or in voltage if there is none, changes its neighbour.

    No other instance may live meanwhile: it would disturb, too.
    """
    offsets = _OFFSETS__mV if parameter is None else (0.0, 0.0)
    alone = [
        trajectory([_instance(mechanism, parameter, changed)], [offset])[0]
        for changed, offset in zip((False, True), offsets, strict=True)
    ]
    pair = [_instance(mechanism, parameter, changed) for changed in (False, True)]
    together = trajectory(pair, offsets)
    return not np.allclose(alone, together, rtol=1e-9, atol=1e-15, equal_nan=True)


def _range_parameters(mechanism: LoadedMechanism) -> list[Parameter]:
    return [p for p in mechanism.interface.parameters if p.name in mechanism.interface.ranges]


def _instance(mechanism: LoadedMechanism, parameter: Parameter | None, changed: bool) -> Instance:
    instance = Instance(mechanism.interface)
    if parameter is not None and changed:
        value = instance.parameter(parameter.name)
        instance.set_parameter(parameter.name, value * 1.21 if value else 0.21)
    return instance
