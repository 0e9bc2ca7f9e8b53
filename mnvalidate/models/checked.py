"""What a factory returned, checked before anything is measured."""

from __future__ import annotations

import math
from dataclasses import replace
from numbers import Real
from typing import Any, get_args

from neuron import nrn

from mnvalidate.models.holding import is_there
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.records import MotorUnitType, UnusableModel

_NUMBERS = ("recruitment_threshold", "initial_voltage__mV")
_NUMBERS_OR_NONE = ("conduction_velocity__m_per_s", "celsius")
_LONGEST_REPR = 60


def checked(motoneuron: Motoneuron) -> Motoneuron:
    """Return a motoneuron whose numbers are floats.

    Raises
    ------
    UnusableModel
        If something in it is not what it must be; the message says what came.
    """
    soma = motoneuron.soma
    if not isinstance(soma, nrn.Section):
        raise UnusableModel(f"soma must be a Section of NEURON's, got {_what(soma)}")
    if not is_there(soma):
        raise UnusableModel("soma must be a Section that is still there when the factory returns")
    frame: object = motoneuron.voltage_frame
    if frame not in ("absolute", "relative"):
        raise UnusableModel(f"voltage_frame must be 'absolute' or 'relative', got {_what(frame)}")
    unit_type: object = motoneuron.motor_unit_type
    if unit_type is not None and unit_type not in get_args(MotorUnitType):
        types = ", ".join(get_args(MotorUnitType))
        raise UnusableModel(f"motor_unit_type must be one of {types}, got {_what(unit_type)}")
    _check_site(motoneuron.spike_site)
    numbers: dict[str, Any] = {name: _number(motoneuron, name) for name in _NUMBERS}
    for name in _NUMBERS_OR_NONE:
        if getattr(motoneuron, name) is not None:
            numbers[name] = _number(motoneuron, name)
    return replace(motoneuron, **numbers)


def _check_site(site: object) -> None:
    if site is None or isinstance(site, nrn.Segment):
        return
    match site:
        case (nrn.Section(), int() | float() as position) if 0 <= position <= 1:
            return
    raise UnusableModel(f"spike_site must be a segment or (section, position from 0 to 1), got {_what(site)}")


def _number(motoneuron: Motoneuron, name: str) -> float:
    value = getattr(motoneuron, name)
    # Numbers with a unit are arrays, for which a plain number would only be guessed.
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise UnusableModel(f"{name} must be a finite number, got {_what(value)}")


def _what(value: object) -> str:
    text = " ".join(repr(value).split())
    shown = text if len(text) <= _LONGEST_REPR else f"{text[: _LONGEST_REPR - 3]}..."
    return f"{shown} ({type(value).__name__})"
