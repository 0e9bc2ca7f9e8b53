"""Curves of a mechanism as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class GateCurve:
    """Steady state and time constant of one state.

    Parameters
    ----------
    state : str
        Its name.
    voltage__mV : tuple of float
        Voltages.
    steady_state : tuple of float or None
        Steady state at each; None where the state does not relax exponentially, or does not move.
    tau__ms : tuple of float or None
        Time constant at each.
    """

    state: str
    voltage__mV: tuple[float, ...]
    steady_state: tuple[float | None, ...]
    tau__ms: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A current under a family of voltage steps.

    Parameters
    ----------
    current : str
        Its name; mA/cm2.
    steps__mV : tuple of tuple of float
        Voltage before and during each step; one of the two is the same in all.
    time__ms : tuple of float
        Times after the step.
    traces : tuple of tuple of float or None
        One trace for each step.
    """

    current: str
    steps__mV: tuple[tuple[float, float], ...]
    time__ms: tuple[float, ...]
    traces: tuple[tuple[float | None, ...], ...]

    @property
    def title(self) -> str:
        """Current, and what all steps have in common; V is what tells them apart."""
        before, during = self.steps__mV[0]
        steps = f"from {before:g} mV to V" if self._varies_during else f"from V to {during:g} mV"
        return f"{self.current}, steps {steps}"

    @property
    def labels(self) -> tuple[str, ...]:
        """What tells the steps apart."""
        return tuple(f"{step[self._varies_during]:g} mV" for step in self.steps__mV)

    @property
    def _varies_during(self) -> bool:
        return len({before for before, _ in self.steps__mV}) == 1


@dataclass(frozen=True, slots=True)
class MechanismCurves:
    """All curves of one mechanism."""

    mechanism: str
    gates: tuple[GateCurve, ...]
    families: tuple[Family, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> MechanismCurves:
        """Restore curves from the JSON values of their fields."""
        return cls(
            data["mechanism"],
            tuple(
                GateCurve(**{name: _tuple(value) for name, value in gate.items()}) for gate in data["gates"]
            ),
            tuple(_family(family) for family in data["families"]),
        )


def _family(data: Mapping[str, Any]) -> Family:
    return Family(
        data["current"],
        tuple((before, during) for before, during in data["steps__mV"]),
        tuple(data["time__ms"]),
        tuple(tuple(trace) for trace in data["traces"]),
    )


def _tuple(value: Any) -> Any:
    return value if isinstance(value, str) else tuple(value)
