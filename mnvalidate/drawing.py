"""What a report shows of a measurement: curves, the marks of what was read from them, and the current."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Pulse:
    """A rectangular current pulse."""

    amplitude__nA: float
    onset__ms: float
    duration__ms: float

    @property
    def offset__ms(self) -> float:
        """Time at which the current is switched off."""
        return self.onset__ms + self.duration__ms


@dataclass(frozen=True, slots=True)
class Curve:
    """A named line; a dot where it has one point.

    Parameters
    ----------
    label : str
        What it is.
    x, y : array of float
        Coordinates in the units of the drawing's axes, rounded for the eye. A thousand neurons have millions
        of them: an array takes a quarter of the memory of a tuple.
    """

    label: str
    x: array[float]
    y: array[float]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Curve:
        """Restore a curve from the JSON values of its fields."""
        return cls(data["label"], array("d", data["x"]), array("d", data["y"]))


@dataclass(frozen=True, slots=True)
class Drawing:
    """One panel: what was recorded, and what was measured on it.

    Parameters
    ----------
    title : str
        What is shown.
    x_label, y_label : str
        Axes with their units.
    curves : tuple of Curve
        What was recorded.
    marks : tuple of Curve
        What was measured, in the same axes.
    pulses : tuple of Pulse
        The current, where the abscissa is time; of several curves, that of the first.
    """

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    marks: tuple[Curve, ...] = ()
    pulses: tuple[Pulse, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Drawing:
        """Restore a drawing from the JSON values of its fields."""
        return cls(
            title=data["title"],
            x_label=data["x_label"],
            y_label=data["y_label"],
            curves=tuple(Curve.from_json(curve) for curve in data["curves"]),
            marks=tuple(Curve.from_json(mark) for mark in data["marks"]),
            pulses=tuple(Pulse(**pulse) for pulse in data["pulses"]),
        )


def as_json(value: DataclassInstance) -> dict[str, Any]:
    """Return a dataclass that may hold drawings, at any depth, as JSON values."""
    return asdict(
        value,
        dict_factory=lambda fields: {
            name: item.tolist() if isinstance(item, array) else item for name, item in fields
        },
    )
