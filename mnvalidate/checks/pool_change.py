"""A pool with and without a change of its mechanisms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnvalidate.checks.check import Check
from mnvalidate.models.layering import own_sources
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.sources import replaced_names
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion

if TYPE_CHECKING:
    from mnvalidate.run.pool import Pool


@dataclass(frozen=True, slots=True)
class Shift:
    """How one quantity of one neuron moved.

    Parameters
    ----------
    neuron : int
        Index in the pool.
    quantity, unit : str
        What moved.
    before, after : float or None
        Values without and with the change; None where there is none.
    """

    neuron: int
    quantity: str
    unit: str
    before: float | None
    after: float | None

    @property
    def relative(self) -> float:
        """Shift as a fraction of the value before; infinite where a value came or went."""
        if self.before is None or self.after is None:
            return math.inf
        if self.after == self.before:
            return 0.0
        return (self.after - self.before) / abs(self.before) if self.before else math.inf


@dataclass(frozen=True, slots=True)
class Flip:
    """A check that concludes otherwise with the change."""

    check: str
    before: Conclusion
    after: Conclusion


@dataclass(frozen=True, slots=True)
class PoolChange:
    """What a change of mechanisms does to a pool.

    Parameters
    ----------
    model : str
        Name of the model.
    description : str
        What was changed.
    shifts : tuple of Shift
        One for each quantity of each neuron that has a value with or without the change, largest relative
        shift first.
    flips : tuple of Flip
        Checks that conclude otherwise.
    """

    model: str
    description: str
    shifts: tuple[Shift, ...]
    flips: tuple[Flip, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PoolChange:
        """Restore a comparison from the JSON values of its fields."""
        return cls(
            data["model"],
            data["description"],
            tuple(Shift(**shift) for shift in data["shifts"]),
            tuple(
                Flip(flip["check"], Conclusion(flip["before"]), Conclusion(flip["after"]))
                for flip in data["flips"]
            ),
        )


def compare_pools(before: Pool, after: Pool, checks: Sequence[Check]) -> PoolChange:
    """Compare a pool without and with a change.

    Parameters
    ----------
    before, after : Pool
        Of the same model and size.
    checks : sequence of Check
        Checks of which those of this model are called for both.

    Returns
    -------
    PoolChange
        Shifts, worst first, and flipped verdicts.
    """
    own = [c for c in checks if not c.subject.is_mechanism and c.subject.name == after.spec.name]
    pairs = [(check(before.records), check(after.records)) for check in own]
    return PoolChange(
        model=after.spec.name,
        description=describe_change(after.spec),
        shifts=_shifts(before.records, after.records),
        flips=tuple(
            Flip(old.check, old.conclusion, new.conclusion)
            for old, new in pairs
            if old.conclusion is not new.conclusion
        ),
    )


def describe_change(spec: ModelSpec) -> str:
    """Say what is replaced, added and inserted: ``napp replaced by napp.mod; SKs inserted in soma``."""
    before = own_sources(spec) if spec.nmodl else ()
    replaced = set(replaced_names(before, spec.nmodl))
    own = {source.name for source in before}
    parts = [f"{s.name} replaced by {s.file}" for s in spec.nmodl if s.name in replaced]
    parts += [f"{s.name} added from {s.file}" for s in spec.nmodl if s.name not in own]
    for insertion in spec.insertions:
        settings = "".join(f", {name}={value:g}" for name, value in insertion.parameters.items())
        parts.append(f"{insertion.suffix} inserted in {insertion.section}{settings}")
    return "; ".join(parts) or "nothing"


def _shifts(before: Sequence[Record], after: Sequence[Record]) -> tuple[Shift, ...]:
    shifts = [
        Shift(new.neuron, name, quantity.unit, old.value(name), new.value(name))
        for old, new in zip(before, after, strict=True)
        for name, quantity in QUANTITIES.items()
        if (old.value(name), new.value(name)) != (None, None)
    ]
    return tuple(sorted(shifts, key=lambda shift: -abs(shift.relative)))
