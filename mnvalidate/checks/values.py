"""How checks find values in records and word what they conclude."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mnvalidate.literature.criteria import Criterion
from mnvalidate.literature.predictions import Limits
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import MeasurementOutcome, Record
from mnvalidate.verdicts import Conclusion

FEWEST_NEURONS = 5
"""Smallest pool that is judged as a whole: of four neurons in random order, one pool in six reaches a rank
correlation of 0.8; of five, one in fifteen."""

_STDERR_LINES = 2


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a neuron has no value of a quantity.

    Parameters
    ----------
    reason : str
        The reason, after a crash with the end of what the process printed.
    conclusion : Conclusion
        What it means for a check that needs the value.
    """

    reason: str
    conclusion: Conclusion = Conclusion.NOT_MEASURED


def record_of(records: Sequence[Record], neuron: int) -> Record | None:
    """Record of one neuron of the pool; in a whole pool it is at its own index."""
    if neuron < len(records) and records[neuron].neuron == neuron:
        return records[neuron]
    return next((record for record in records if record.neuron == neuron), None)


def in_order_of_recruitment(records: Iterable[Record]) -> list[Record]:
    """Records by their thresholds; those of equal ones by their indices."""
    return sorted(records, key=lambda record: (record.recruitment_threshold, record.neuron))


def lost_quantity(record: Record, quantities: Iterable[str]) -> str:
    """First of the quantities before which the neuron's process ended by accident; empty for none."""
    measurements = record.measurements
    lost = (n for n in quantities if n in measurements and measurements[n].outcome.is_accident)
    return next(lost, "")


def measured(record: Record, quantity: str) -> float | Missing:
    """Value of a quantity in a record, or why there is none."""
    measurement = record.measurements.get(quantity)
    if measurement is None:
        return Missing("its protocol was not run")
    if measurement.value is not None:
        return measurement.value
    if measurement.outcome is MeasurementOutcome.NOT_APPLICABLE:
        return Missing(measurement.reason, Conclusion.NOT_APPLICABLE)
    reason = measurement.reason
    if measurement.outcome.is_accident:
        tail = [line.strip() for line in record.stderr_tail.splitlines() if line.strip()][-_STDERR_LINES:]
        reason = f"{measurement.outcome.replace('_', ' ')}: {reason}" + "".join(f" | {line}" for line in tail)
    return Missing(reason)


def missing_text(what: str, missing: float | Missing) -> str:
    """Say that a value is missing, and why."""
    if not isinstance(missing, Missing):
        raise TypeError(f"{what} is not missing")
    if missing.conclusion is Conclusion.NOT_APPLICABLE:
        return f"{what} does not apply: {missing.reason}"
    return f"{what} was not measured: {missing.reason}"


@dataclass(frozen=True, slots=True)
class Sample:
    """The neurons of a pool that have all of some quantities.

    Parameters
    ----------
    thresholds : tuple of float
        Their recruitment thresholds, in order.
    columns : mapping of str to tuple of float
        Values by quantity.
    resolutions : mapping of str to float
        Coarsest resolution of each quantity, 0 where it is unknown.
    expected : int
        Number of neurons that the pool has.
    """

    thresholds: tuple[float, ...]
    columns: Mapping[str, tuple[float, ...]]
    resolutions: Mapping[str, float]
    expected: int

    @property
    def size(self) -> int:
        """Number of neurons with values."""
        return len(self.thresholds)

    @property
    def coverage(self) -> str:
        """How many of the pool's neurons were judged, in words."""
        if self.size == self.expected:
            return f"all {self.expected} neurons"
        return f"only {self.size} of {self.expected} neurons, the others have no value"


def sample(records: Sequence[Record], quantities: Sequence[str], expected: int) -> Sample:
    """Collect the neurons that have every one of the quantities, in order of recruitment."""
    found = [
        (record, values)
        for record in in_order_of_recruitment(records)
        if None not in (values := tuple(record.value(name) for name in quantities))
    ]
    columns = {
        name: tuple(value for _, values in found if (value := values[i]) is not None)
        for i, name in enumerate(quantities)
    }
    resolutions = {
        name: max((record.measurements[name].resolution or 0.0 for record, _ in found), default=0.0)
        for name in quantities
    }
    thresholds = tuple(record.recruitment_threshold for record, _ in found)
    return Sample(thresholds, columns, resolutions, expected)


def with_unit(value: float, unit: str) -> str:
    """Write a number with four significant digits and its unit."""
    return f"{value:.4g}" + ("" if unit in ("", "1") else f" {unit}")


def interval(lower: float | None, upper: float | None, unit: str) -> str:
    """Write limits with their unit."""
    if lower is None and upper is None:
        return "no limits"
    if lower is None:
        return f"at most {with_unit(upper or 0.0, unit)}"
    if upper is None:
        return f"at least {with_unit(lower, unit)}"
    return f"{lower:.4g} to {with_unit(upper, unit)}"


def inside(value: float, lower: float | None, upper: float | None) -> bool:
    """Whether a value lies within limits, which are included."""
    return (lower is None or value >= lower) and (upper is None or value <= upper)


def miss(value: float, lower: float | None, upper: float | None, unit: str) -> str:
    """Word by how much a value lies outside, absolute and in percent of the limit."""
    if lower is not None and value < lower:
        limit, side = lower, "below the lower limit"
    elif upper is not None and value > upper:
        limit, side = upper, "above the upper limit"
    else:
        return "inside"
    distance = abs(value - limit)
    percent = f" ({100 * distance / abs(limit):.3g} %)" if limit and math.isfinite(limit) else ""
    return f"{with_unit(distance, unit)}{percent} {side} of {with_unit(limit, unit)}"


def predicted_by(criterion: Criterion, limits: Limits, n_neurons: int) -> str:
    """Say what pools of some size are like, and where that comes from."""
    whose = f"the {criterion.species}" if criterion.species else "any mammal"
    return f"{n_neurons} motoneurons of {whose} have {interval(*limits, '1')} ({cited(criterion)})"


def cited(criterion: Criterion) -> str:
    """Name the sources that the criterion's direction and limits come from, with their DOIs."""
    directions = [fact for fact in criterion.facts if fact.statistic == "direction"]
    numbers = [fact for _, _, limit in criterion.limits for fact in limit.sources]
    sources = {fact.source.id: fact.source for fact in (*directions, *numbers) or criterion.facts}
    names = [f"{s.citation}, doi:{s.doi}" if s.doi else s.citation for s in sources.values()]
    return "; ".join(names)


def title(quantity: str) -> str:
    """Name of a quantity for a sentence: its title and its column."""
    return f"{QUANTITIES[quantity].title} {quantity}"
