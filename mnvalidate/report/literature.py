"""What the literature says, as far as the verdicts carry it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mnvalidate.checks.families.range import RangeCheck
from mnvalidate.checks.families.type_range import TypeRangeCheck
from mnvalidate.verdicts import Conclusion, Verdict

RANGE, TYPE_RANGE = RangeCheck.family, TypeRangeCheck.family


@dataclass(frozen=True, slots=True)
class Band:
    """A range from the literature, open where a limit is None."""

    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Source:
    """A publication that limits come from, and the quantities that it limits."""

    citation: str
    doi: str
    quantities: tuple[str, ...]


def of_family(verdicts: Iterable[Verdict], *families: str) -> list[Verdict]:
    """Verdicts of some kinds of check."""
    return [verdict for verdict in verdicts if verdict.family in families]


def pool_bands(verdicts: Iterable[Verdict]) -> dict[str, Band]:
    """Range for any motoneuron, by quantity."""
    return {v.quantity: Band(v.lower, v.upper) for v in of_family(verdicts, RANGE) if _limited(v)}


def type_bands(verdicts: Iterable[Verdict]) -> dict[str, dict[int, Band]]:
    """Range for the motor-unit type of each neuron, by quantity."""
    bands: dict[str, dict[int, Band]] = {}
    for v in of_family(verdicts, TYPE_RANGE):
        if v.subject.neuron is not None and _limited(v):
            bands.setdefault(v.quantity, {})[v.subject.neuron] = Band(v.lower, v.upper)
    return bands


def deviating_neurons(verdicts: Iterable[Verdict]) -> set[tuple[str, str, int]]:
    """Model, quantity and index of the neurons outside a range, be it that of their type."""
    return {
        (v.subject.name, v.quantity, v.subject.neuron)
        for v in of_family(verdicts, RANGE, TYPE_RANGE)
        if v.subject.neuron is not None and v.conclusion is Conclusion.DEVIATES
    }


def sources(verdicts: Iterable[Verdict]) -> list[Source]:
    """Publications whose limits were applied, in alphabetical order."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for v in verdicts:
        if v.source:
            found.setdefault((v.source, v.doi), {})[v.quantity] = None
    return [Source(citation, doi, tuple(names)) for (citation, doi), names in sorted(found.items())]


def _limited(verdict: Verdict) -> bool:
    return (verdict.lower, verdict.upper) != (None, None)
