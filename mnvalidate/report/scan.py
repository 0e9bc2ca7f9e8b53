"""A scan: what every variant has of each quantity, and between which values verdicts flip."""

from __future__ import annotations

import csv
import io
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mnvalidate.checks.pool_comparison import PoolSummary, summary_of
from mnvalidate.models.scans import Scan, ScannedVariant, value_text
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.report.comparison import Standing, standings
from mnvalidate.report.kinds import Kind, kinds
from mnvalidate.report.results import Results
from mnvalidate.report.wording import RANK, number
from mnvalidate.table import text_cell
from mnvalidate.verdicts import Verdict

_SUMMARY_COLUMNS = ("quantity", "unit", "neurons", "values", "median", "lowest", "highest")
_CHECK_COLUMNS = ("status", "checks", "errors", "warnings", "excused")
_MOST_NAMED = 3
_FINDINGS = ("error", "warning", "info", "excused")
NOTABLE = ("error", "warning")
"""Statuses that a reader wants to know of first."""

NO_CHECK = "no check"
"""Status of a quantity on which there is no verdict."""


@dataclass(frozen=True, slots=True)
class Track:
    """Variants that differ in one parameter alone, in the order of its values.

    Parameters
    ----------
    base : str
        Name of the model that they are variants of.
    key : str
        The parameter.
    index : int
        Its place among the scan's parameters.
    others : tuple of str
        The other parameters with their values: ``celsius=36``.
    variants : tuple of ScannedVariant
        At least two.
    """

    base: str
    key: str
    index: int
    others: tuple[str, ...]
    variants: tuple[ScannedVariant, ...]

    @property
    def name(self) -> str:
        """Model and the other parameters."""
        return ",".join((self.base, *self.others))

    @property
    def values(self) -> tuple[float, ...]:
        """Values of the parameter."""
        return tuple(variant.values[self.index] for variant in self.variants)


@dataclass(frozen=True, slots=True)
class Flip:
    """A verdict that is another one beyond some value of a parameter.

    Parameters
    ----------
    track : Track
        Along which it flips.
    kind : str
        What is judged: ``range Rin_50ms__MOhm``.
    quantities : tuple of str
        The quantities that are judged.
    below, above : float
        Neighbouring values of the parameter.
    before, after : str
        Status of the worst verdict at each.
    """

    track: Track
    kind: str
    quantities: tuple[str, ...]
    below: float
    above: float
    before: str
    after: str

    @property
    def is_notable(self) -> bool:
        """Whether it warns or fails on one side."""
        return self.before in NOTABLE or self.after in NOTABLE

    @property
    def where(self) -> str:
        """Between which values."""
        return f"{self.track.key} {value_text(self.below)} and {value_text(self.above)}"


@dataclass(frozen=True, slots=True)
class ScanCell:
    """A quantity of one variant.

    Parameters
    ----------
    summary : PoolSummary
        Its values.
    status : str
        The worst that is said of it.
    """

    summary: PoolSummary
    status: str

    @property
    def value(self) -> str:
        """Median, and of how many neurons where some have no value."""
        if self.summary.median is None:
            return "no value"
        share = f" ({self.summary.n_values}/{self.summary.n_neurons})" if self.is_partial else ""
        return f"{number(self.summary.median)}{share}"

    @property
    def is_partial(self) -> bool:
        """Whether some neurons have no value."""
        return self.summary.n_values < self.summary.n_neurons

    @property
    def text(self) -> str:
        """The value, and what is wrong where something is."""
        return f"{self.value} {self.status}" if self.status in NOTABLE else self.value


@dataclass(frozen=True, slots=True)
class ScanRow:
    """A quantity along a track, one cell for each of its values."""

    quantity: str
    unit: str
    track: Track
    cells: tuple[ScanCell, ...]


def tracks(scan: Scan, index: int) -> list[Track]:
    """Tracks of the parameter with this index, model by model."""
    groups: dict[tuple[str, tuple[str, ...]], list[ScannedVariant]] = {}
    for variant in scan.variants:
        others = tuple(
            f"{parameter.key}={value_text(value)}"
            for place, (parameter, value) in enumerate(zip(scan.parameters, variant.values, strict=True))
            if place != index
        )
        groups.setdefault((variant.base, others), []).append(variant)
    key = scan.parameters[index].key
    return [
        Track(base, key, index, others, tuple(sorted(group, key=lambda v: v.values[index])))
        for (base, others), group in groups.items()
    ]


def all_tracks(scan: Scan) -> list[Track]:
    """Tracks of every parameter."""
    return [track for index in range(len(scan.parameters)) for track in tracks(scan, index)]


class ScanReading:
    """The results of a scan, arranged by variant.

    Parameters
    ----------
    results : Results
        Of a run that scanned something.
    """

    def __init__(self, results: Results) -> None:
        assert results.scan is not None
        self.scan = results.scan
        self.standings: dict[str, Standing] = {each.model: each for each in standings(results)}
        self._records = {pool.model: pool.records for pool in results.pools}
        by_model: dict[str, list[Verdict]] = {pool.model: [] for pool in results.pools}
        for verdict in results.of_pools:
            by_model[verdict.subject.name].append(verdict)
        self._statuses = {model: _statuses(verdicts) for model, verdicts in by_model.items()}
        self._kinds = {
            model: {_question(kind): kind for kind in kinds(verdicts)} for model, verdicts in by_model.items()
        }
        self.quantities = [
            name for name in QUANTITIES if any(r.value(name) is not None for r in results.records)
        ]

    def cell(self, variant: ScannedVariant, quantity: str) -> ScanCell:
        """A quantity of one variant."""
        summary = summary_of(variant.model, quantity, self._records[variant.model])
        return ScanCell(summary, self._statuses[variant.model].get(quantity, NO_CHECK))

    def rows(self, index: int) -> list[ScanRow]:
        """Every quantity along every track of the parameter with this index."""
        return [
            ScanRow(
                name,
                QUANTITIES[name].unit,
                track,
                tuple(self.cell(variant, name) for variant in track.variants),
            )
            for name in self.quantities
            for track in tracks(self.scan, index)
        ]

    def flips(self, track: Track) -> list[Flip]:
        """Verdicts that flip between neighbouring values, errors first."""
        found = [flip for one, other in pairwise(track.variants) for flip in self._between(track, one, other)]
        return sorted(found, key=lambda f: (min(RANK[f.before], RANK[f.after]), f.below, f.kind))

    def moves(self, track: Track) -> bool:
        """Whether a quantity of a neuron has another value, or none, at another value of the parameter."""
        first, *others = (_values(self._records[variant.model]) for variant in track.variants)
        return any(other != first for other in others)

    def _between(self, track: Track, one: ScannedVariant, other: ScannedVariant) -> Iterator[Flip]:
        before, after = self._kinds[one.model], self._kinds[other.model]
        for question, old in before.items():
            new = after.get(question, old)
            if old.status != new.status and {old.status, new.status} & set(_FINDINGS):
                below, above = one.values[track.index], other.values[track.index]
                quantities = tuple(filter(None, (new.worst.quantity, new.worst.against)))
                yield Flip(track, new.name, quantities, below, above, old.status, new.status)


def scan_csv(results: Results, reading: ScanReading) -> str:
    """One row for each quantity of each variant, with its values and checks."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    columns = ("variant", "model", *_SUMMARY_COLUMNS, *_CHECK_COLUMNS)
    keys = [p.key if p.key not in columns else f"parameter {p.key}" for p in reading.scan.parameters]
    writer.writerow(["variant", "model", *keys, *_SUMMARY_COLUMNS, *_CHECK_COLUMNS])
    for variant in reading.scan.variants:
        counts = results.counts_by_quantity(variant.model)
        for name in reading.quantities:
            cell, checks = reading.cell(variant, name), counts.get(name)
            s = cell.summary
            writer.writerow(
                [
                    *(text_cell(variant.model), text_cell(variant.base), *variant.values),
                    *(name, QUANTITIES[name].unit, s.n_neurons, s.n_values, s.median, s.lowest, s.highest),
                    cell.status,
                    *((checks.run, checks.errors, checks.warnings, checks.excused) if checks else (0,) * 4),
                ]
            )
    return table.getvalue()


def scan_title(scan: Scan) -> str:
    """What was scanned, in words."""
    return "; ".join(map(str, scan.parameters))


def flip_lines(flips: Sequence[Flip]) -> list[str]:
    """A line for all that flips alike between the same two values."""
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for flip in flips:
        key = (flip.track.name, flip.where, flip.before, flip.after)
        alike.setdefault(key, []).append(flip.kind)
    lines = []
    for (name, where, before, after), found in alike.items():
        more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        named = f"{', '.join(found[:_MOST_NAMED])}{more}"
        lines.append(f"{name}, between {where}, {before} -> {after}: {named}")
    return lines


def unmoved(reading: ScanReading) -> list[str]:
    """A line for each parameter that moves no quantity of a model, wherever the others are."""
    lines = []
    for index, parameter in enumerate(reading.scan.parameters):
        for base in reading.scan.bases:
            own = [track for track in tracks(reading.scan, index) if track.base == base]
            if not any(reading.moves(track) for track in own):
                lines.append(
                    f"no quantity of {base} moves with {parameter.key}: either it does not matter there, or "
                    "the model does not read it"
                )
    return lines


def _question(kind: Kind) -> Hashable:
    worst = kind.worst
    return worst.family, worst.quantity, worst.against, worst.criterion, worst.scope


def _statuses(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """The worst status of each quantity."""
    found: dict[str, str] = {}
    for verdict in verdicts:
        known = found.get(verdict.quantity)
        if known is None or RANK[verdict.status] < RANK[known]:
            found[verdict.quantity] = verdict.status
    return found


def _values(records: Sequence[Record]) -> list[dict[str, float | None]]:
    return [{name: record.value(name) for name in QUANTITIES} for record in records]
