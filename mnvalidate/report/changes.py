"""What a change of mechanisms does to the pool, as files and as lines for the terminal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from mnvalidate.checks.changes import PoolChange, Shift
from mnvalidate.report.files import staged

_WORST = 10


def write_changes(folder: Path, changes: Sequence[PoolChange]) -> None:
    """Write ``mechanism_change.json`` and ``mechanism_change.csv`` into an existing folder."""
    data = json.dumps([change.to_json() for change in changes], indent=1)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["model", "cell_index", "quantity", "unit", "before", "after", "relative_shift"])
    for change in changes:
        for s in change.shifts:
            writer.writerow([change.model, s.neuron, s.quantity, s.unit, s.before, s.after, s.relative])
    with staged(folder) as stage:
        stage.write_text("mechanism_change.json", data)
        stage.write_text("mechanism_change.csv", table.getvalue())


def change_lines(change: PoolChange) -> list[str]:
    """Describe a change: the worst shift of each quantity, worst first, and the flipped verdicts."""
    lines = [f"{change.model} with and without the change: {change.description}"]
    worst: dict[str, Shift] = {}
    for shift in change.shifts:
        worst.setdefault(shift.quantity, shift)
    moved = [shift for shift in worst.values() if shift.relative != 0]
    if not moved:
        lines.append("  no quantity moves")
    else:
        lines.append(f"  {'largest shift of':<28}{'neuron':>6}{'before':>12}{'after':>12}{'shift':>10}")
        lines += [_line(shift) for shift in moved[:_WORST]]
        if len(moved) > _WORST:
            lines.append(f"  and {len(moved) - _WORST} more quantities move less")
    lines.append(f"  {len(change.flips)} of its verdicts flip" + (":" if change.flips else ""))
    lines += [f"    {flip.check}: {flip.before} -> {flip.after}" for flip in change.flips]
    return lines


def _line(shift: Shift) -> str:
    before, after = ("-" if v is None else f"{v:.5g}" for v in (shift.before, shift.after))
    relative = f"{100 * shift.relative:+.3g} %" if abs(shift.relative) < float("inf") else "-"
    return f"  {shift.quantity:<28}{shift.neuron:>6}{before:>12}{after:>12}{relative:>10}"
