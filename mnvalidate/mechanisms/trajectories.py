"""What a mechanism does along a fixed family of steps of voltage, of ions and of events."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import NotApplicable, NotObserved
from mnvalidate.mechanisms.drive import Drive, drives
from mnvalidate.mechanisms.rig import Instance, advance, initialise, values
from mnvalidate.traces import Array

# Voltages before and after a step, what is multiplied after it: ions' concentrations that are read, and what
# POINTERs point to; and the current in mA/cm2 of ions whose current is read.
_STEPS = (
    (-70.0, 0.0, 1.0, -0.02),
    (-60.0, -30.0, 10.0, -0.001),
    (-20.0, -90.0, 0.1, 0.01),
    (0.0, 75.0, 100.0, 0.0),
    (60.0, 100.0, 3.0, 0.02),
    (-100.0, -50.0, 1000.0, -0.1),
)
# Length and step of each part in ms, and the weight of an event that comes before it.
_PARTS = ((0.1, 0.025, 1.0), (2.0, 0.5, 0.5), (50.0, 10.0, 0.0))
READINGS = 1 + len(_PARTS)
"""Readings of a trajectory from one INITIAL to the next; the first of them is its result."""


def trajectory(instances: Sequence[Instance], offsets__mV: Sequence[float] | None = None) -> Array:
    """Outputs of each instance along a fixed family of steps of its surroundings.

    Parameters
    ----------
    instances : sequence of Instance
        Clamped together.
    offsets__mV : sequence of float, optional
        Added to the voltages of each instance.

    Returns
    -------
    ndarray
        One row for each instance; its outputs again and again.

    Raises
    ------
    NotObserved
        If there is no output.
    """
    if not all(instance.outputs for instance in instances):
        raise NotObserved("it has no state, current, concentration or RANGE output that could be observed")
    offsets = [0.0] * len(instances) if offsets__mV is None else list(offsets__mV)
    flows = [drives(instance) for instance in instances]
    before = [values(instance.given + instance.targets) for instance in instances]
    rows: list[list[Array]] = [[] for _ in instances]
    for start, then, factor, current in _STEPS:
        for instance, base, driven in zip(instances, before, flows, strict=True):
            _surround(instance, base, driven, 1.0, 0.0)
        initialise(instances, [start + offset for offset in offsets])
        _keep(rows, instances)
        for instance, offset, base, driven in zip(instances, offsets, before, flows, strict=True):
            instance.section.v = then + offset
            _surround(instance, base, driven, factor, current)
        for duration, step, weight in _PARTS:
            for instance in instances:
                send(instance, weight)
            advance(duration, step)
            _keep(rows, instances)
    for instance, base, driven in zip(instances, before, flows, strict=True):
        _surround(instance, base, driven, 1.0, 0.0)
    return np.array([np.concatenate(row) for row in rows])


def send(instance: Instance, weight: float) -> None:
    """Send an event now, unless it weighs nothing or nobody receives it."""
    if instance.event is not None and weight:
        if instance.event.wcnt() > 0:
            instance.event.weight[0] = weight
        instance.event.event(h.t)


def require_repeatable(instance: Instance) -> Array:
    """Return the instance's trajectory.

    Raises
    ------
    NotApplicable
        If a second run gives another: then nothing can be told by comparing runs.
    NotObserved
        If there is no output.
    """
    first, second = trajectory([instance]), trajectory([instance])
    if not np.all(np.isfinite(first)):
        raise NotApplicable("it becomes infinite or NaN along the steps with which runs are compared")
    if not np.array_equal(first, second):
        raise NotApplicable("it is random, or remembers earlier runs: two equal runs differ")
    return first


def _surround(
    instance: Instance, base: Array, driven: list[Drive], factor: float, current__mA_per_cm2: float
) -> None:
    for variable, value in zip(instance.given + instance.targets, base, strict=True):
        # Below 0 it is a voltage.
        variable.set(value + 30 * math.log10(factor) if value < 0 else value * factor)
    for drive in driven:
        drive.set(current__mA_per_cm2)


def _keep(rows: list[list[Array]], instances: Sequence[Instance]) -> None:
    for row, instance in zip(rows, instances, strict=True):
        row.append(values(instance.outputs))
