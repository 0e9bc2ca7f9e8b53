"""What an event's weight does, and what happens where two parameters are equal."""

from __future__ import annotations

import itertools

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
from mnvalidate.mechanisms.rig import CELSIUS, Instance, advance, initialise, settings_of, values
from mnvalidate.mechanisms.trajectories import send, trajectory
from mnvalidate.traces import Array

_WEIGHTS = (0.001, 0.01, 1.0, 30.0)
_TIMES__ms = (0.1, 1.0, 10.0)


def weight(mechanism: LoadedMechanism) -> Answer:
    """Events of different weights act differently."""
    h.celsius = CELSIUS
    instance = Instance(mechanism.interface)
    if instance.event is None:
        raise NotApplicable("it receives no events")
    if mechanism.interface.draws_random_numbers:
        raise NotApplicable("it draws random numbers")
    if not instance.event.wcnt():
        raise NotApplicable("its events carry no weight")
    if not instance.outputs:
        raise NotObserved("it has no state, current or RANGE output")
    quiet = _response(instance, 0.0)
    responses = [_response(instance, size) for size in _WEIGHTS]
    if all(np.array_equal(response, quiet, equal_nan=True) for response in responses):
        raise NotObserved(f"events change nothing that can be observed within {_TIMES__ms[-1]:g} ms")
    if all(np.array_equal(response, responses[0], equal_nan=True) for response in responses[1:]):
        return defect(
            f"events of the weights {', '.join(f'{w:g}' for w in _WEIGHTS)} do the same: the weight is "
            f"ignored"
        )
    return sound("the effect of an event depends on its weight")


def equal_parameters(mechanism: LoadedMechanism) -> Answer:
    """No two parameters of one unit may be equal at the cost of infinite values."""
    h.celsius = CELSIUS
    instance = Instance(mechanism.interface)
    defaults = settings_of(instance)
    parameters = [p for p in mechanism.interface.parameters if p.name in defaults and p.unit not in ("", "1")]
    pairs = [(a, b) for a, b in itertools.combinations(parameters, 2) if a.unit == b.unit]
    if not pairs:
        raise NotApplicable("no two parameters have one unit")
    if not np.all(np.isfinite(trajectory([instance]))):
        raise NotApplicable("it becomes infinite or NaN with its parameters as they are")
    found = []
    for a, b in pairs:
        instance.set_parameter(a.name, defaults[b.name])
        if not np.all(np.isfinite(trajectory([instance]))):
            found.append(f"{a.name} = {b.name} = {defaults[b.name]:g} {b.unit}")
        instance.set_parameter(a.name, defaults[a.name])
    if found:
        return defect(f"not finite at {CELSIUS:g} degC with {listed(found)}")
    return sound(f"finite with each of {len(pairs)} pairs of parameters equal")


def _response(instance: Instance, size: float) -> Array:
    """Outputs after an event of some weight; after none where it is 0."""
    initialise([instance], [-70.0])
    send(instance, size)
    rows, time = [], 0.0
    for end in _TIMES__ms:
        advance(end - time, 0.025)
        time = end
        rows.append(values(instance.outputs))
    return np.concatenate(rows)
