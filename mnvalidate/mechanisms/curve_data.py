"""Curves of a mechanism as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
    labels : tuple of str
        The steps.
    time__ms : tuple of float
        Times after the step.
    traces : tuple of tuple of float or None
        One trace for each step.
    """

    current: str
    labels: tuple[str, ...]
    time__ms: tuple[float, ...]
    traces: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class MechanismCurves:
    """All curves of one mechanism."""

    mechanism: str
    gates: tuple[GateCurve, ...]
    activation: tuple[Family, ...]
    inactivation: tuple[Family, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the curves as JSON values; `from_json` restores them exactly."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> MechanismCurves:
        """Restore curves from `to_json`'s values."""
        return cls(
            data["mechanism"],
            tuple(
                GateCurve(**{name: _tuple(value) for name, value in gate.items()}) for gate in data["gates"]
            ),
            tuple(_family(family) for family in data["activation"]),
            tuple(_family(family) for family in data["inactivation"]),
        )


def _family(data: Mapping[str, Any]) -> Family:
    return Family(
        data["current"],
        tuple(data["labels"]),
        tuple(data["time__ms"]),
        tuple(tuple(trace) for trace in data["traces"]),
    )


def _tuple(value: Any) -> Any:
    return value if isinstance(value, str) else tuple(value)
