"""A TABLE must agree with the formula that it replaces."""

from __future__ import annotations

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, defect, listed, sound
from mnvalidate.mechanisms.rig import Instance, initialise, settings_of, values
from mnvalidate.traces import Array

_LARGEST_DIFFERENCE = 0.01
_VOLTAGES__mV = tuple(np.arange(-150.0, 121.0, 2.5).tolist())


def table(mechanism: LoadedMechanism) -> Answer:
    """States and currents after INITIAL and after a step, with and without the TABLE.

    As the parameters are, and with each of them changed.
    """
    switch = f"usetable_{mechanism.interface.name}"
    if not mechanism.interface.tables or not hasattr(h, switch):
        raise NotApplicable("it has no TABLE")
    h.celsius = 36.0
    instance = Instance(mechanism.interface)
    found = _compare(instance, switch, "")
    if not found:
        for name, value in settings_of(instance).items():
            instance.set_parameter(name, value * 1.3 if value else 0.3)
            found += _compare(instance, switch, f"after a change of {name}, ")[:1]
            instance.set_parameter(name, value)
        h.celsius = 20.0
        found += _compare(instance, switch, "after a change of celsius, ")[:1]
    return defect(f"TABLE and formula differ: {listed(found)}") if found else sound("TABLE and formula agree")


def _compare(instance: Instance, switch: str, when: str) -> list[str]:
    tabulated = _states(instance, switch, use=1)
    computed = _states(instance, switch, use=0)
    setattr(h, switch, 1)
    scale = np.maximum(np.max(np.abs(computed), axis=0), 1e-12)
    difference = np.abs(tabulated - computed) / scale
    found = []
    names = [f"{v.name} {stage}" for stage in ("after INITIAL", "after a step") for v in instance.outputs]
    for index, name in enumerate(names):
        worst = int(np.argmax(difference[:, index]))
        if difference[worst, index] > _LARGEST_DIFFERENCE:
            found.append(
                f"{when}{name} at {_VOLTAGES__mV[worst]:g} mV is {tabulated[worst, index]:.4g} for "
                f"{computed[worst, index]:.4g}"
            )
    return found


def _states(instance: Instance, switch: str, use: int) -> Array:
    """Outputs after INITIAL, then those after a step, one row for each voltage."""
    rows = []
    for voltage in _VOLTAGES__mV:
        setattr(h, switch, use)
        initialise([instance], [voltage])
        initial = values(instance.outputs)
        initialise([instance], [-70.0])
        instance.section.v = voltage
        h.fadvance()
        rows.append(np.concatenate([initial, values(instance.outputs)]))
    return np.array(rows)
