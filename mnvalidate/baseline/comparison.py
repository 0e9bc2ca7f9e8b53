"""What is different from a baseline: numbers beyond what is allowed, outcomes, and verdicts."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from mnvalidate.baseline.state import FAMILY_NAME, THRESHOLD, NeuronState, PoolState, State
from mnvalidate.baseline.tolerance import Tolerance, threshold_measurement
from mnvalidate.records import Measurement
from mnvalidate.verdicts import neuron_label

type Limits = tuple[float | None, float | None]

NO_LIMITS: Limits = (None, None)


class Kind(StrEnum):
    """How a quantity of a neuron compares with the baseline."""

    SAME = "same"
    MOVED = "moved"
    CAME = "came"
    WENT = "went"
    OTHERWISE = "ended otherwise"
    UNKNOWN = "not compared"


CHANGES = frozenset({Kind.MOVED, Kind.CAME, Kind.WENT, Kind.OTHERWISE})
"""Kinds that are a change."""


class Direction(StrEnum):
    """Where a value moved, seen from the literature's range for any motoneuron."""

    TOWARDS = "towards the literature"
    AWAY = "away from the literature"
    WITHIN = "within the literature"
    NOWHERE = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One quantity of one neuron, in the baseline and now.

    Parameters
    ----------
    model : str
        Name of the model.
    neuron : int
        Index in the pool.
    quantity, unit : str
        What it is.
    kind : Kind
        How both compare.
    before, after : float or None
        Values in the unit; None where there is none.
    allowed : float
        Largest change that is none, in the unit; 0 where there are not two values.
    direction : Direction
        Where it moved.
    outcome_before, outcome_after, reason : str
        How measuring ended, and why there is no value now or there was none, as far as that is known.
    """

    model: str
    neuron: int
    quantity: str
    unit: str
    kind: Kind
    before: float | None = None
    after: float | None = None
    allowed: float = 0.0
    direction: Direction = Direction.NOWHERE
    outcome_before: str = ""
    outcome_after: str = ""
    reason: str = ""

    @property
    def is_change(self) -> bool:
        """Whether it is more than what is allowed."""
        return self.kind in CHANGES

    @property
    def difference(self) -> float:
        """Value now minus value before, in the unit; infinite where there are not two values."""
        return math.inf if self.before is None or self.after is None else self.after - self.before

    @property
    def relative(self) -> float:
        """Difference as a fraction of the value before; infinite without one."""
        if self.difference == 0.0:
            return 0.0
        return self.difference / abs(self.before) if self.before else math.inf

    @property
    def size(self) -> float:
        """Difference in units of what is allowed: the measure of what is largest within a quantity."""
        return abs(self.difference) / self.allowed if self.allowed else math.inf

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Change:
        """Restore a change from the JSON values of its fields."""
        return cls(**{**data, "kind": Kind(data["kind"]), "direction": Direction(data["direction"])})


ABSENT = "absent"
"""Status of a check that there was not."""

_RANK = {"info": 1, "warning": 2, "error": 3}


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A check that ended otherwise.

    Parameters
    ----------
    check : str
        Its full id.
    before, after : str
        Statuses; ``absent`` where there was no such check.
    """

    check: str
    before: str
    after: str

    @property
    def is_new_finding(self) -> bool:
        """Whether it warns or fails now and did not before."""
        return _RANK.get(self.after, 0) > _RANK.get(self.before, 0)

    @property
    def is_healed(self) -> bool:
        """Whether it warned or failed before and does not now, or less."""
        return _RANK.get(self.after, 0) < _RANK.get(self.before, 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run or a state against a baseline.

    Parameters
    ----------
    name : str
        File of the baseline.
    notes : tuple of str
        What else is different, such as the version of NEURON: a line each.
    compared : int
        Number of values, or their absences, that were compared.
    changes : tuple of Change
        Changes alone, largest first within a quantity.
    verdicts : tuple of VerdictChange
        Checks that found something new, then those that healed.
    before : mapping of str to mapping of str to tuple of float or None
        Values in the baseline along the pool, of the quantities that changed, by model.
    """

    name: str
    notes: tuple[str, ...] = ()
    compared: int = 0
    changes: tuple[Change, ...] = ()
    verdicts: tuple[VerdictChange, ...] = ()
    before: Mapping[str, Mapping[str, tuple[float | None, ...]]] = field(default_factory=dict)

    @property
    def new_findings(self) -> tuple[VerdictChange, ...]:
        """Checks that warn or fail now and did not before."""
        return tuple(change for change in self.verdicts if change.is_new_finding)

    @property
    def is_changed(self) -> bool:
        """Whether a value or an outcome changed, or a check fails that was there and did not."""
        failing = (change for change in self.new_findings if change.after == "error")
        return bool(self.changes) or any(change.before != ABSENT for change in failing)

    def restricted(self, checks: Collection[str], sizes: Mapping[str, int]) -> Comparison:
        """Return what some checks, given by their full ids, tell of it; `sizes` are those of the pools."""
        return replace(
            self,
            changes=tuple(c for c in self.changes if check_id(c, sizes[c.model]) in checks),
            verdicts=tuple(v for v in self.verdicts if v.check in checks),
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Comparison:
        """Restore a comparison from the JSON values of its fields."""
        return cls(
            data["name"],
            tuple(data["notes"]),
            data["compared"],
            tuple(Change.from_json(change) for change in data["changes"]),
            tuple(VerdictChange(**change) for change in data["verdicts"]),
            {
                model: {name: tuple(values) for name, values in columns.items()}
                for model, columns in data["before"].items()
            },
        )


def check_id(change: Change, n_neurons: int) -> str:
    """Full id of the check that concludes a change."""
    return f"{FAMILY_NAME}[{neuron_label(change.model, n_neurons, change.neuron)}-{change.quantity}]"


def compare_measurements(
    place: tuple[str, int],
    before: Measurement | None,
    after: Measurement | None,
    tolerance: Tolerance,
    limits: Limits = NO_LIMITS,
) -> Change:
    """Compare one quantity of one neuron.

    Parameters
    ----------
    place : tuple of str and int
        Model and neuron.
    before, after : Measurement, optional
        In the baseline and now; None where it was not asked for.
    tolerance : Tolerance
        What is no change.
    limits : tuple of float or None
        The literature's range.
    """
    known = after or before
    assert known is not None
    old, new = (None if m is None else m.value for m in (before, after))
    kind, allowed, direction = Kind.UNKNOWN, 0.0, Direction.NOWHERE
    if before is None or after is None:
        pass
    elif old is not None and new is not None:
        allowed = tolerance.allowed(known.quantity, before, after)
        kind = Kind.MOVED if abs(new - old) > allowed else Kind.SAME
        if kind is Kind.MOVED:
            direction = _direction(old, new, limits)
    elif old is not None or new is not None:
        kind = Kind.WENT if new is None else Kind.CAME
    else:
        kind = Kind.SAME if before.outcome is after.outcome else Kind.OTHERWISE
    return Change(
        *place,
        known.quantity,
        known.unit or ("" if before is None else before.unit),
        kind,
        old,
        new,
        allowed,
        direction,
        "" if before is None else before.outcome.value,
        "" if after is None else after.outcome.value,
        (after.reason if after is not None else "") or (before.reason if before is not None else ""),
    )


def compare_states(
    name: str,
    before: State,
    after: State,
    tolerance: Tolerance,
    limits: Mapping[str, Limits],
    notes: Iterable[str] = (),
) -> Comparison:
    """Compare all pools and verdicts of two states that `mnvalidate.baseline.identity` lets be compared.

    Parameters
    ----------
    name : str
        File of the baseline.
    before, after : State
        The baseline, and what is compared with it.
    tolerance : Tolerance
        What is no change.
    limits : mapping of str to tuple of float or None
        The literature's range of any motoneuron, by quantity.
    notes : iterable of str
        What else is different.
    """
    tolerance = replace(tolerance, widened=before.widened)
    every = [
        change
        for pool in after.pools
        if (old := before.pool(pool.model)) is not None
        for change in compare_pool(old, pool.neurons, tolerance, limits)
    ]
    changes = [change for change in every if change.is_change]
    changed = {(change.model, change.quantity) for change in changes}
    return Comparison(
        name,
        tuple(notes),
        sum(change.kind is not Kind.UNKNOWN for change in every),
        tuple(sorted(changes, key=lambda c: (c.model, c.quantity, -c.size, c.neuron))),
        compare_verdicts(before.verdicts, after.verdicts),
        {
            pool.model: {
                quantity: tuple(_value(neuron, quantity) for neuron in pool.neurons)
                for model, quantity in sorted(changed)
                if model == pool.model
            }
            for pool in before.pools
        },
    )


def compare_pool(
    before: PoolState, after: Iterable[NeuronState], tolerance: Tolerance, limits: Mapping[str, Limits]
) -> Iterable[Change]:
    """Compare every quantity of every neuron, and their recruitment thresholds."""
    by_index = {neuron.neuron: neuron for neuron in before.neurons}
    for neuron in after:
        old = by_index.get(neuron.neuron)
        if old is None:
            continue
        place = (before.model, neuron.neuron)
        yield compare_measurements(
            place,
            threshold_measurement(old.recruitment_threshold),
            threshold_measurement(neuron.recruitment_threshold),
            tolerance,
        )
        for quantity in dict.fromkeys((*neuron.measurements, *old.measurements)):
            yield compare_measurements(
                place,
                old.measurements.get(quantity),
                neuron.measurements.get(quantity),
                tolerance,
                limits.get(quantity, NO_LIMITS),
            )


def compare_verdicts(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[VerdictChange, ...]:
    """Checks that found something new, worst first, and those that healed; others do not count."""
    found = [
        VerdictChange(check, before.get(check, ABSENT), status)
        for check, status in after.items()
        if before.get(check, ABSENT) != status
    ]
    new = [change for change in found if change.is_new_finding]
    healed = [change for change in found if change.is_healed]
    new.sort(key=lambda change: (-_RANK[change.after], change.check))
    return (*new, *sorted(healed, key=lambda change: change.check))


def _value(neuron: NeuronState, quantity: str) -> float | None:
    if quantity == THRESHOLD:
        return neuron.recruitment_threshold
    measurement = neuron.measurements.get(quantity)
    return None if measurement is None else measurement.value


def _direction(before: float, after: float, limits: Limits) -> Direction:
    if limits == NO_LIMITS:
        return Direction.NOWHERE
    old, new = _outside(before, limits), _outside(after, limits)
    if old == new == 0.0:
        return Direction.WITHIN
    return Direction.TOWARDS if new < old else Direction.AWAY


def _outside(value: float, limits: Limits) -> float:
    lower, upper = limits
    below = 0.0 if lower is None else lower - value
    above = 0.0 if upper is None else value - upper
    return max(0.0, below, above)
