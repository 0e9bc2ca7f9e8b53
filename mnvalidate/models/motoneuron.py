"""What a builder returns: one motoneuron, ready to be clamped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

from mnvalidate.records import MotorUnitType, VoltageFrame


@dataclass(frozen=True, slots=True)
class Motoneuron:
    """One motoneuron in NEURON.

    Parameters
    ----------
    soma : nrn.Section
        Section whose centre is clamped and recorded.
    recruitment_threshold : float
        Position in the pool's order of recruitment.
    voltage_frame : {"absolute", "relative"}
        ``relative`` when the model counts voltage from rest, as the equations of 1952 do.
    initial_voltage__mV : float
        Voltage from which settling starts.
    conduction_velocity__m_per_s : float, optional
        Conduction velocity of the axon, where the model has one.
    spike_site : segment or (section, position), optional
        Where spikes start, if not at the soma: an axon's initial segment, for example. Spikes are looked for
        there; everything else is read at the soma.
    motor_unit_type : {"S", "FR", "FF"}, optional
        Type of the motor unit; by default it follows from the order of recruitment.
    owner : object, optional
        What else must stay alive: point processes, connections, vectors that play, handlers. The sections
        that are connected to the soma stay by themselves.
    celsius : float, optional
        Temperature in degrees Celsius; ``h.celsius`` as the factory leaves it by default.
    mechanisms : path or sequence of paths
        Folders of mod files, or mod files, that the model is made of; they are compiled in the user's cache
        and loaded when the factory returns, unless they are there. A factory that inserts them itself calls
        `mnvalidate.models.mechanisms.use_mechanisms` first.
    """

    soma: Any
    recruitment_threshold: float
    voltage_frame: VoltageFrame = "absolute"
    initial_voltage__mV: float = -67.0
    conduction_velocity__m_per_s: float | None = None
    spike_site: Any = None
    motor_unit_type: MotorUnitType | None = None
    owner: Any = None
    celsius: float | None = None
    mechanisms: str | PathLike[str] | Sequence[str | PathLike[str]] = ()

    @property
    def spike_segment(self) -> Any:
        """Segment of the spike site, or None where spikes are looked for at the soma."""
        if isinstance(self.spike_site, tuple):
            section, position = self.spike_site
            return section(position)
        return self.spike_site
