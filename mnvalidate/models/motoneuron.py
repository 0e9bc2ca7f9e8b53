"""What a builder returns: one motoneuron, ready to be clamped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mnvalidate.records import VoltageFrame


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
    owner : object, optional
        What keeps the sections alive (a cell or a pool object).
    """

    soma: Any
    recruitment_threshold: float
    voltage_frame: VoltageFrame = "absolute"
    initial_voltage__mV: float = -67.0
    conduction_velocity__m_per_s: float | None = None
    spike_site: Any = None
    owner: Any = None

    @property
    def spike_segment(self) -> Any:
        """Segment of the spike site, or None where spikes are looked for at the soma."""
        if isinstance(self.spike_site, tuple):
            section, position = self.spike_site
            return section(position)
        return self.spike_site
