"""INITIAL: against the steady state, and against what an earlier run left."""

from __future__ import annotations

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, defect, listed, sound
from mnvalidate.mechanisms.rig import Instance, initialise, use_cvode, values
from mnvalidate.mechanisms.trajectories import trajectory

_VOLTAGES__mV = (-90.0, -70.0, -50.0, -30.0, 0.0)
_LONG_ENOUGH__ms = 60_000.0
_DIFFERENCE = 1e-3


def initial(mechanism: LoadedMechanism) -> Answer:
    """States after INITIAL and after a minute at the same voltage."""
    instance = Instance(mechanism.interface)
    if not instance.states:
        raise NotApplicable("it has no state")
    h.celsius = 36.0
    worst: dict[str, tuple[float, str]] = {}
    for voltage in _VOLTAGES__mV:
        initialise([instance], [voltage])
        use_cvode(1e-9)
        before = values(instance.states)
        try:
            h.CVode().solve(_LONG_ENOUGH__ms)
        except RuntimeError as error:
            raise NotApplicable(f"CVODE cannot integrate it for a minute at {voltage:g} mV") from error
        after = values(instance.states)
        for state, start, end in zip(instance.states, before, after, strict=True):
            difference = abs(end - start) / max(abs(start), abs(end), 1e-3)
            if difference > worst.get(state.name, (_DIFFERENCE, ""))[0]:
                worst[state.name] = (
                    float(difference),
                    f"{state.name} at {voltage:g} mV starts at {start:.4g} and settles at {end:.4g}",
                )
    if worst:
        return defect(listed([text for _, text in worst.values()]))
    return sound("INITIAL sets the steady state at " + ", ".join(f"{v:g}" for v in _VOLTAGES__mV) + " mV")


def repeats(mechanism: LoadedMechanism) -> Answer:
    """Two equal runs give equal results."""
    if mechanism.interface.draws_random_numbers:
        raise NotApplicable("it draws random numbers")
    h.celsius = 36.0
    instance = Instance(mechanism.interface)
    first, second = trajectory([instance])[0], trajectory([instance])[0]
    differing = np.flatnonzero(~np.isclose(first, second, rtol=1e-12, atol=0, equal_nan=True))
    if differing.size == 0:
        return sound("a second run gives what the first gave")
    names = dict.fromkeys(instance.outputs[i % len(instance.outputs)].name for i in differing)
    return defect(f"a second run differs from the first in {listed(list(names))}")
