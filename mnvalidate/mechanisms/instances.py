"""Instances must not know of each other."""

from __future__ import annotations

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answers import Answer, Subject, defect, listed, sound
from mnvalidate.mechanisms.rig import CELSIUS, Instance, require_repeatable, trajectory
from mnvalidate.nmodl.interface import Parameter

_OFFSETS__mV = (0.0, 23.0)


def cross_talk(subject: Subject) -> Answer:
    """Two instances that differ in one RANGE parameter, or in voltage, each behave as they do alone."""
    h.celsius = CELSIUS
    require_repeatable(Instance(subject.interface))
    varied = [None, *_range_parameters(subject)]
    found = ["voltage" if p is None else p.name for p in varied if _disturbs(subject, p)]
    if found:
        return defect(
            f"an instance changes when another one beside it differs in {listed(found)}: they share state"
        )
    return sound("two instances that differ behave as each does alone")


def _disturbs(subject: Subject, parameter: Parameter | None) -> bool:
    """Whether an instance that differs in a parameter, or in voltage if there is none, changes its neighbour.

    No other instance may live meanwhile: it would disturb, too.
    """
    offsets = _OFFSETS__mV if parameter is None else (0.0, 0.0)
    alone = [
        trajectory([_instance(subject, parameter, changed)], [offset])[0]
        for changed, offset in zip((False, True), offsets, strict=True)
    ]
    pair = [_instance(subject, parameter, changed) for changed in (False, True)]
    together = trajectory(pair, offsets)
    return not np.allclose(alone, together, rtol=1e-9, atol=1e-15, equal_nan=True)


def _range_parameters(subject: Subject) -> list[Parameter]:
    return [p for p in subject.interface.parameters if p.name in subject.interface.ranges]


def _instance(subject: Subject, parameter: Parameter | None, changed: bool) -> Instance:
    instance = Instance(subject.interface)
    if parameter is not None and changed:
        value = instance.parameter(parameter.name)
        instance.set_parameter(parameter.name, value * 1.21 if value else 0.21)
    return instance
