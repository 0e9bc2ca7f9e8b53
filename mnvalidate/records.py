"""Results of measuring, as plain data: measurements, protocol results, and one record per neuron."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from mnvalidate.drawing import Drawing, as_json

MotorUnitType = Literal["S", "FR", "FF"]
VoltageFrame = Literal["absolute", "relative", "unknown"]

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None


class NotMeasurable(Exception):  # noqa: N818 - an outcome, not an error
    """A quantity has no value, for the reason given."""


class IntegrationFailed(NotMeasurable):
    """The solver could not take a sweep, at none of the tolerances tried."""


class NotApplicable(Exception):  # noqa: N818 - an outcome, not an error
    """A question has no meaning for this model or mechanism, for the reason given."""


class UnusableModel(ValueError):  # noqa: N818 - what is wrong is the model
    """A factory built what cannot be measured; the message says what, on one line."""


class MeasurementOutcome(StrEnum):
    """How the attempt to measure a quantity ended.

    ``NOT_MEASURABLE`` is a value that should exist and does not, ``NOT_APPLICABLE`` one that the model does
    not state or cannot have.
    """

    OK = "ok"
    NOT_MEASURABLE = "not_measurable"
    NOT_APPLICABLE = "not_applicable"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"

    @property
    def is_accident(self) -> bool:
        """Whether the process ended before there was an answer."""
        return self in (MeasurementOutcome.CRASHED, MeasurementOutcome.TIMED_OUT)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value with its unit and resolution, or the reason why there is none.

    Parameters
    ----------
    quantity, unit : str
        Name and unit of the quantity.
    outcome : MeasurementOutcome
        ``MeasurementOutcome.OK`` exactly when there is a value.
    value : float, optional
        Finite value in `unit`.
    resolution : float, optional
        Smallest difference in `unit` that the protocol can tell.
    reason : str
        Why there is no value; empty for ``MeasurementOutcome.OK``.

    Raises
    ------
    ValueError
        If value, outcome and reason contradict each other, or the value is not finite.
    """

    quantity: str
    unit: str
    outcome: MeasurementOutcome
    value: float | None = None
    resolution: float | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.outcome is MeasurementOutcome.OK:
            if self.value is None or not math.isfinite(self.value):
                raise ValueError(f"{self.quantity}: outcome ok needs a finite value, got {self.value!r}")
        elif self.value is not None or not self.reason:
            raise ValueError(f"{self.quantity}: outcome {self.outcome} needs a reason and no value")


@dataclass(frozen=True, slots=True)
class ProtocolResult:
    """What one protocol gave for one neuron.

    Parameters
    ----------
    protocol : str
        Name of the protocol.
    settings : mapping
        The protocol's settings (JSON values).
    measurements : tuple of Measurement
        One for each quantity of the protocol.
    data : mapping of str to tuple of float
        Columns read from the traces on the way, for example the rates of the F-I curve.
    drawings : tuple of Drawing
        What a report shows of the traces.
    """

    protocol: str
    settings: Mapping[str, Json]
    measurements: tuple[Measurement, ...]
    data: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    drawings: tuple[Drawing, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ProtocolResult:
        """Restore a result from the JSON values of its fields.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the values are not those of a result.
        """
        return cls(
            protocol=data["protocol"],
            settings=data["settings"],
            measurements=tuple(
                Measurement(**{**m, "outcome": MeasurementOutcome(m["outcome"])})
                for m in data["measurements"]
            ),
            data={name: tuple(column) for name, column in data["data"].items()},
            drawings=tuple(Drawing.from_json(drawing) for drawing in data["drawings"]),
        )


@dataclass(frozen=True, slots=True)
class Provenance:
    """The versions and the solver behind a record."""

    mnvalidate: str
    neuron: str
    myogen: str
    python: str
    solver: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class MechanismInForce:
    """A mechanism of a cell.

    Parameters
    ----------
    name : str
        Its name in NEURON.
    file : str
        Where it comes from: a mod file, a compiled library, or ``NEURON``.
    digest : str
        SHA-256 of what its NMODL text compiles from: comments do not count. Empty where there is no text.
    """

    name: str
    file: str
    digest: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What a neuron was made of when it was measured.

    Parameters
    ----------
    celsius : float
        Temperature in degrees Celsius.
    celsius_source : str
        Who set it.
    sections, segments : int
        Numbers of sections and segments.
    area__um2 : float
        Area of their membrane.
    mechanisms : tuple of MechanismInForce
        Every mechanism and point process in it.
    electrodes : tuple of str
        Electrodes that the model itself holds.
    warnings : tuple of str
        What may be unmeant in it.
    not_kept : str
        Why its record is not kept for later runs, empty if it is.
    """

    celsius: float
    celsius_source: str
    sections: int
    segments: int
    area__um2: float
    mechanisms: tuple[MechanismInForce, ...] = ()
    electrodes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    not_kept: str = ""

    @property
    def temperature(self) -> str:
        """The temperature in words."""
        return (
            f"{self.celsius:g} degC ({self.celsius_source})"
            if self.celsius_source
            else f"{self.celsius:g} degC"
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Cell:
        """Restore a cell from the JSON values of its fields."""
        mechanisms = tuple(MechanismInForce(**mechanism) for mechanism in data["mechanisms"])
        texts = {name: tuple(data[name]) for name in ("electrodes", "warnings")}
        return cls(**{**data, **texts, "mechanisms": mechanisms})


@dataclass(frozen=True, slots=True)
class Record:
    """All measurements of one neuron.

    Parameters
    ----------
    model : str
        Name of the model specification.
    neuron : int
        Index in the pool, in order of recruitment.
    recruitment_threshold : float
        The neuron's recruitment threshold as the pool's recruitment model gives it.
    voltage_frame : {"absolute", "relative", "unknown"}
        Whether membrane potentials can be compared with recordings or only differences from rest; unknown
        where the neuron's process ended before it was built.
    results : tuple of ProtocolResult
        One for each protocol.
    provenance : Provenance, optional
        None when the neuron's process ended before it could say.
    stderr_tail : str
        The end of what the neuron's process wrote to standard error.
    cell : Cell, optional
        What the neuron was made of; None when its process ended before it could say.
    motor_unit_type : {"S", "FR", "FF"}, optional
        Type of the motor unit as the model states it; None where it follows from the order of recruitment.
    """

    model: str
    neuron: int
    recruitment_threshold: float
    voltage_frame: VoltageFrame
    results: tuple[ProtocolResult, ...]
    provenance: Provenance | None = None
    stderr_tail: str = ""
    cell: Cell | None = None
    motor_unit_type: MotorUnitType | None = None

    @property
    def measurements(self) -> dict[str, Measurement]:
        """Measurements by the name of their quantity."""
        return {m.quantity: m for result in self.results for m in result.measurements}

    def measurement(self, quantity: str) -> Measurement | None:
        """Measurement of a quantity, None if its protocol was not run."""
        return next(
            (m for result in self.results for m in result.measurements if m.quantity == quantity), None
        )

    def value(self, quantity: str) -> float | None:
        """Value of a quantity, or None when it has none."""
        measurement = self.measurements.get(quantity)
        return None if measurement is None else measurement.value

    def result(self, protocol: str) -> ProtocolResult:
        """Return the result of one protocol.

        Raises
        ------
        KeyError
            If the protocol was not run.
        """
        for result in self.results:
            if result.protocol == protocol:
                return result
        raise KeyError(protocol)

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values; `from_json` restores it exactly."""
        return as_json(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        """Restore a record from `to_json`'s values.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the values are not those of a record.
        """
        provenance, cell = data["provenance"], data.get("cell")
        return cls(
            model=data["model"],
            neuron=data["neuron"],
            recruitment_threshold=data["recruitment_threshold"],
            voltage_frame=data["voltage_frame"],
            results=tuple(ProtocolResult.from_json(result) for result in data["results"]),
            provenance=None if provenance is None else Provenance(**provenance),
            stderr_tail=data["stderr_tail"],
            cell=None if cell is None else Cell.from_json(cell),
            motor_unit_type=data.get("motor_unit_type"),
        )
