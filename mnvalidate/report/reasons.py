"""Why quantities have no value, those with the same reason together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mnvalidate.records import MeasurementOutcome, Record

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Quantities without a value for one reason.

    Parameters
    ----------
    outcome : MeasurementOutcome
        How the attempt to measure them ended.
    quantities : tuple of str
        Their names.
    neurons : tuple of int
        The neurons that it is true of.
    reason : str
        The reason as the first of the neurons gives it; the others may differ in numbers.
    """

    outcome: MeasurementOutcome
    quantities: tuple[str, ...]
    neurons: tuple[int, ...]
    reason: str


def unmeasured(records: Iterable[Record]) -> list[Unmeasured]:
    """Group what has no value by outcome and reason, numbers aside; crashes and timeouts first."""
    quantities: dict[tuple[MeasurementOutcome, str], dict[str, None]] = {}
    neurons: dict[tuple[MeasurementOutcome, str], dict[int, None]] = {}
    reasons: dict[tuple[MeasurementOutcome, str], str] = {}
    for record in records:
        for m in record.measurements.values():
            if m.outcome is MeasurementOutcome.OK:
                continue
            key = (m.outcome, _NUMBER.sub("#", m.reason))
            quantities.setdefault(key, {})[m.quantity] = None
            neurons.setdefault(key, {})[record.neuron] = None
            reasons.setdefault(key, m.reason)
    groups = [
        Unmeasured(key[0], tuple(quantities[key]), tuple(neurons[key]), reasons[key]) for key in reasons
    ]
    return sorted(groups, key=lambda group: group.outcome is MeasurementOutcome.NOT_MEASURABLE)
