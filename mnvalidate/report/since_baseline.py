"""What is different from the baseline, as lines for the terminal and tables for other reports."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mnvalidate.baseline.comparison import Change, Comparison, Direction, Kind
from mnvalidate.report.wording import with_unit

_MOST_VERDICTS = 20
_DIGITS = 5


@dataclass(frozen=True, slots=True)
class QuantityChange:
    """All changes of one quantity of one model, largest first.

    Parameters
    ----------
    changes : tuple of Change
        At least one.
    """

    changes: tuple[Change, ...]

    @property
    def largest(self) -> Change:
        """The change that is largest against what is allowed; a value that came or went before any other."""
        return self.changes[0]

    @property
    def neurons(self) -> int:
        """Number of neurons in which it changed."""
        return len(self.changes)

    @property
    def directions(self) -> str:
        """Where its values moved, as seen from the literature."""
        found = dict.fromkeys(c.direction.value for c in self.changes if c.direction is not Direction.NOWHERE)
        return ", ".join(found)


def changed_quantities(comparison: Comparison) -> list[QuantityChange]:
    """Changes by model and quantity, those that came or went first, then by size."""
    groups: dict[tuple[str, str], list[Change]] = {}
    for change in comparison.changes:
        groups.setdefault((change.model, change.quantity), []).append(change)
    found = [QuantityChange(tuple(group)) for group in groups.values()]
    return sorted(found, key=lambda group: (-group.largest.size, group.largest.model, group.largest.quantity))


def before_text(change: Change) -> str:
    """Value in the baseline, or how measuring ended."""
    return _value_text(change.before, change.outcome_before)


def after_text(change: Change) -> str:
    """Value now, or how measuring ended."""
    return _value_text(change.after, change.outcome_after)


def percent_text(change: Change) -> str:
    """Change in per cent, or what happened where there is no percentage."""
    if change.kind is not Kind.MOVED:
        return change.kind.value
    return "from zero" if math.isinf(change.relative) else f"{100 * change.relative:+.3g} %"


def change_line(group: QuantityChange) -> str:
    """One line: the largest change, where it is, and in how many neurons."""
    largest = group.largest
    values = f"{before_text(largest)} -> {with_unit(after_text(largest), largest.unit)}"
    allowed = f", allowed {largest.allowed:.2g}" if largest.allowed else ""
    many = f"{group.neurons} neuron" + ("s" if group.neurons > 1 else "")
    where = f", {group.directions}" if group.directions else ""
    return (
        f"{largest.quantity} {percent_text(largest)}: {values} in neuron {largest.neuron}{allowed}; "
        f"{many} changed{where}"
    )


def verdict_lines(comparison: Comparison) -> Iterator[str]:
    """Checks that found something new, then those that healed."""
    new = comparison.new_findings
    for index, change in enumerate(comparison.verdicts):
        if index == _MOST_VERDICTS:
            left = len(comparison.verdicts) - _MOST_VERDICTS
            yield f"and {left} more verdicts; all are in mnvalidate.json"
            return
        word = "new since the baseline" if change in new else "healed"
        yield f"{word}: {change.check}: {change.before} -> {change.after}"


def comparison_lines(comparison: Comparison) -> list[str]:
    """Describe a comparison: verdicts first, then a line for each quantity that changed, then what else."""
    groups = changed_quantities(comparison)
    models = {change.model for change in comparison.changes}
    lines = [f"since the baseline {comparison.name}: {summary_text(comparison)}"]
    lines += [f"  {line}" for line in verdict_lines(comparison)]
    for group in groups:
        model = f"{group.largest.model} " if len(models) > 1 else ""
        lines.append(f"  {model}{change_line(group)}")
    return lines + [f"  {note}" for note in comparison.notes]


def summary_text(comparison: Comparison) -> str:
    """Counts in one sentence."""
    new = len(comparison.new_findings)
    healed = len(comparison.verdicts) - new
    quantities = len(changed_quantities(comparison))
    return (
        f"{len(comparison.changes)} of {comparison.compared} values changed in {quantities} quantities, "
        f"{new} new findings, {healed} healed"
    )


def table_rows(groups: Sequence[QuantityChange]) -> list[tuple[str, ...]]:
    """Model, quantity, per cent, before, now, allowed, neuron, number of neurons and direction of each."""
    return [
        (
            group.largest.model,
            group.largest.quantity,
            percent_text(group.largest),
            before_text(group.largest),
            with_unit(after_text(group.largest), group.largest.unit),
            f"{group.largest.allowed:.2g}" if group.largest.allowed else "",
            str(group.largest.neuron),
            str(group.neurons),
            group.directions,
        )
        for group in groups
    ]


TABLE_HEADINGS = (
    "model", "quantity", "largest change", "baseline", "now", "allowed", "neuron", "neurons changed", "moved"
)  # fmt: skip


def _value_text(value: float | None, outcome: str) -> str:
    return outcome.replace("_", " ") or "-" if value is None else f"{value:.{_DIGITS}g}"
