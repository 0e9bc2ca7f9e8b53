"""Rates of change of states, as NEURON computes them from the equations for CVODE."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import NotApplicable
from mnvalidate.mechanisms.rig import Instance, Variable, use_cvode
from mnvalidate.traces import Array

_TOLERANCE = 1e-9


class Rates:
    """Right-hand sides of a mechanism's differential equations at a clamped voltage.

    No method of integration takes part in them: NEURON evaluates DERIVATIVE and KINETIC blocks at given
    states.

    Parameters
    ----------
    instance : Instance
        The only instance in this process, initialised at the voltage.

    Attributes
    ----------
    states : tuple of Variable
        States that have an equation, in the order of the rates.

    Raises
    ------
    NotApplicable
        If NEURON refuses CVODE, or no state has a differential equation.
    """

    def __init__(self, instance: Instance) -> None:
        use_cvode(_TOLERANCE)
        self._cvode = h.CVode()
        self._start = h.Vector()
        self._cvode.states(self._start)
        label = h.ref("")
        places: dict[str, int] = {}
        for index in range(len(self._start)):
            self._cvode.statename(index, label, 1)
            places[_short_name(str(label[0]), instance.interface.name)] = index
        self.states: tuple[Variable, ...] = tuple(s for s in instance.states if s.name in places)
        if not self.states:
            self.stop()
            raise NotApplicable("it has no differential equation that CVODE could integrate")
        self._places = [places[state.name] for state in self.states]
        self._voltage = places["v"]

    def start(self) -> Array:
        """States after INITIAL."""
        return np.array([self._start[place] for place in self._places])

    def __call__(self, time__ms: float, states: Sequence[float] | Array, voltage__mV: float) -> Array:
        """Rates of change per ms."""
        y, rates = self._start.c(), h.Vector()
        y[self._voltage] = voltage__mV
        for place, value in zip(self._places, states, strict=True):
            y[place] = float(value)
        self._cvode.f(time__ms, y, rates)
        return np.array([rates[place] for place in self._places])

    def stop(self) -> None:
        """Go back to fixed steps."""
        self._cvode.active(0)


def _short_name(label: str, mechanism: str) -> str:
    """``n[2]`` of ``rig.n_suffix[2](0.5)`` and of ``Process[0].n[2]``."""
    name = label.partition("].")[2] if label.startswith(f"{mechanism}[") else label.partition(".")[2]
    name = name.removesuffix("(0.5)")
    base, bracket, rest = name.partition("[")
    return base.removesuffix(f"_{mechanism}") + bracket + rest
