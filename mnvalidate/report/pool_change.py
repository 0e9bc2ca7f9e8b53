"""What a change of mechanisms does to the pool, as a table and as lines for the terminal."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

from mnvalidate.checks.pool_change import PoolChange, Shift
from mnvalidate.table import text_cell

_WORST = 10


def change_csv(changes: Sequence[PoolChange]) -> str:
    """One row for each quantity of each neuron, largest shift of a model first."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["model", "cell_index", "quantity", "unit", "before", "after", "relative_shift"])
    for change in changes:
        model = text_cell(change.model)
        for s in change.shifts:
            writer.writerow([model, s.neuron, s.quantity, s.unit, s.before, s.after, s.relative])
    return table.getvalue()


def largest_shifts(change: PoolChange) -> list[Shift]:
    """Largest shift of each quantity that moves, worst first."""
    worst: dict[str, Shift] = {}
    for shift in change.shifts:
        worst.setdefault(shift.quantity, shift)
    return [shift for shift in worst.values() if shift.relative != 0]


def shift_text(shift: Shift) -> str:
    """Shift in percent, or what happens where there is no percentage."""
    if shift.before is None:
        return "appears"
    if shift.after is None:
        return "vanishes"
    return "from zero" if math.isinf(shift.relative) else f"{100 * shift.relative:+.3g} %"


def change_lines(change: PoolChange) -> list[str]:
    """Describe a change: the worst shift of each quantity, worst first, and the flipped verdicts."""
    lines = [f"{change.model} with and without the change: {change.description}"]
    moved = largest_shifts(change)
    if not moved:
        lines.append("  no quantity moves")
    else:
        lines.append(f"  {'largest shift of':<28}{'neuron':>6}{'before':>12}{'after':>12}{'shift':>12}")
        lines += [_line(shift) for shift in moved[:_WORST]]
        if len(moved) > _WORST:
            lines.append(f"  and {len(moved) - _WORST} more quantities move less")
    lines.append(f"  {len(change.flips)} of its verdicts flip" + (":" if change.flips else ""))
    lines += [f"    {flip.check}: {flip.before} -> {flip.after}" for flip in change.flips]
    return lines


def _line(shift: Shift) -> str:
    before, after = ("-" if v is None else f"{v:.5g}" for v in (shift.before, shift.after))
    return f"  {shift.quantity:<28}{shift.neuron:>6}{before:>12}{after:>12}{shift_text(shift):>12}"
