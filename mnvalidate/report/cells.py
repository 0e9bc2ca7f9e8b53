"""What neurons were made of, for every report: temperature, size, mechanisms, and what may be unmeant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from mnvalidate.models.scans import Scan
from mnvalidate.records import Cell, Record

_DIGITS = 12


def cell_remarks(records: Sequence[Record]) -> list[str]:
    """Lines about neurons whose temperature, electrodes or records need a word."""
    lines = [f"temperature of {name}" for name in _grouped(records, _temperature)]
    lines += [f"warning: {text}" for text in _grouped(records, lambda cell: cell.warnings)]
    not_kept = _grouped(records, lambda cell: (cell.not_kept,) if cell.not_kept else ())
    return lines + [f"not kept, measured again in every run: {text}" for text in not_kept]


def told_together(records: Iterable[Record], scan: Scan | None) -> list[Record]:
    """Records under the names of the scanned models, so that what their variants share is said once."""
    bases = {} if scan is None else {variant.model: variant.base for variant in scan.variants}
    return [replace(record, model=bases.get(record.model, record.model)) for record in records]


def cell_facts(records: Iterable[Record]) -> list[tuple[str, str]]:
    """Name and value of what neurons were made of, each different one once."""
    facts: set[tuple[str, str]] = set()
    for record in records:
        cell = record.cell
        if cell is None:
            continue
        facts.add((f"{record.model} temperature", cell.temperature))
        for mechanism in cell.mechanisms:
            digest = f", sha256 {mechanism.digest[:_DIGITS]}" if mechanism.digest else ""
            facts.add((f"{record.model} mechanism {mechanism.name}", f"{mechanism.file}{digest}"))
    return sorted(facts | _sizes(records))


def _sizes(records: Iterable[Record]) -> set[tuple[str, str]]:
    cells: dict[str, list[Cell]] = {}
    for record in records:
        if record.cell is not None:
            cells.setdefault(record.model, []).append(record.cell)
    return {
        (
            f"{model} cells",
            f"{_span([cell.sections for cell in each])} sections, "
            f"{_span([cell.segments for cell in each])} segments, "
            f"{_span([cell.area__um2 for cell in each])} um2 of membrane",
        )
        for model, each in cells.items()
    }


def _span(values: Sequence[float]) -> str:
    low, high = f"{min(values):.6g}", f"{max(values):.6g}"
    return low if low == high else f"{low} to {high}"


def _temperature(cell: Cell) -> tuple[str, ...]:
    return (cell.temperature,) if cell.celsius_source else ()


def _grouped(records: Sequence[Record], texts: Callable[[Cell], Sequence[str]]) -> list[str]:
    """Texts of neurons with the model, and the number of neurons that each is true of."""
    counts = Counter(
        (record.model, text) for record in records if record.cell is not None for text in texts(record.cell)
    )
    return [f"{model}, {n} neuron{'s' if n > 1 else ''}: {text}" for (model, text), n in counts.items()]
