"""Currents of ions that a mechanism reads: an open conductance stands in for the channels of a cell."""

from __future__ import annotations

from functools import cache

from neuron import h

from mnvalidate.mechanisms.rig import Instance, ion_styles
from mnvalidate.nmodl.interface import Ion

_LEAST_DRIVING_FORCE__mV = 1.0


@cache
def _channel(ion: str) -> str:
    """Name of a density mechanism that lets an ion's current flow, made by NEURON without a compiler."""
    channel = h.KSChan()
    name = f"driven_{ion}"
    channel.name(name)
    channel.ion(ion)
    channel.iv_type(0)
    channel.gmax(0.0)
    _KEPT.append(channel)
    return name


_KEPT: list[object] = []


class Drive:
    """An ionic current that flows through the section of an instance besides its own.

    Parameters
    ----------
    instance : Instance
        In whose section it flows.
    ion : Ion
        The ion.
    """

    def __init__(self, instance: Instance, ion: Ion) -> None:
        self._instance = instance
        self._ion = ion
        name = _channel(ion.name)
        instance.section.insert(name)
        style = ion_styles(instance.interface)[ion.name]  # inserting lets NEURON compute the potential again
        h.ion_style(f"{ion.name}_ion", *style, sec=instance.section)
        self._channel = getattr(instance.segment, name)
        self._channel.gmax = 0.0

    def set(self, current__mA_per_cm2: float) -> None:
        """Let a current flow at the present voltage, positive outward.

        The ion's reversal potential is set below an outward current and above an inward one.
        """
        potential = self._instance.reversal(self._ion.name)
        force = self._instance.section.v - potential.value
        if current__mA_per_cm2 == 0:
            self._channel.gmax = 0.0
            return
        if force * current__mA_per_cm2 <= 0 or abs(force) < _LEAST_DRIVING_FORCE__mV:
            force = 100.0 if current__mA_per_cm2 > 0 else -100.0
            potential.set(self._instance.section.v - force)
        self._channel.gmax = current__mA_per_cm2 / force


def drives(instance: Instance) -> list[Drive]:
    """A drive for every ion whose current the mechanism reads and does not write."""
    return [
        Drive(instance, ion)
        for ion in instance.interface.ions
        if ion.current in ion.reads and ion.current not in ion.writes
    ]
