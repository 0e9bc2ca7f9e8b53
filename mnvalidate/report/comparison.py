"""Several models side by side: a verdict for each, and how far they are apart, in rows, lines and a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mnvalidate.checks.pool_comparison import (
    UNMATCHED,
    Difference,
    Largest,
    Matching,
    PoolComparison,
    PoolSummary,
    QuantityComparison,
    compare_along_recruitment,
)
from mnvalidate.report.kinds import short
from mnvalidate.report.results import Counts, Results, accident_reason, count
from mnvalidate.report.wording import counted, number, with_unit
from mnvalidate.table import text_cell

_LARGEST_SHOWN = 4
_NAME_WIDTH = 34
_COLUMNS = (
    "quantity",
    "unit",
    "model",
    "neurons",
    "values",
    "median",
    "lowest",
    "highest",
    "errors",
    "warnings",
    "excused",
    "reference",
    "matching",
    "ranks",
    "pairs",
    "median_difference",
    "median_difference_percent",
    "largest_difference",
    "largest_difference_rank",
    "largest_difference_percent",
    "largest_difference_percent_rank",
)

HEADINGS = (
    "quantity", "model", "median (range)", "errors", "warnings", "median difference", "largest difference"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How a model did.

    Parameters
    ----------
    model : str
        Its name.
    fails : bool
        Whether something of it fails the run: an error, or a process that ended.
    counts : Counts
        Its checks.
    """

    model: str
    fails: bool
    counts: Counts

    @property
    def passed(self) -> bool:
        """Whether something was judged and nothing fails."""
        return bool(self.counts.judged) and not self.fails

    @property
    def verdict(self) -> str:
        """One word or two; a selection of tests may leave nothing to judge of a model."""
        return "passed" if self.passed else "FAILED" if self.fails else "not judged"


def standings(results: Results) -> list[Standing]:
    """Return how each model did, in the order of the pools."""
    found = []
    for pool in results.pools:
        verdicts = results.of_model(pool.model)
        lost = any(accident_reason(record) for record in pool.records)
        fails = lost or any(verdict.failed for verdict in verdicts)
        expected = sum(results.planned.get(pool.model, {}).values())
        found.append(Standing(pool.model, fails, count(verdicts, expected)))
    return found


def pools_text(results: Results) -> str:
    """The models and the sizes of their pools; a scan's variants are listed elsewhere."""
    if results.scan is None:
        return ", ".join(f"{pool.model} ({len(pool.records)} neurons)" for pool in results.pools)
    sizes = ", ".join(dict.fromkeys(str(len(pool.records)) for pool in results.pools))
    return f"{len(results.pools)} variants of {', '.join(results.scan.bases)} ({sizes} neurons each)"


def comparisons(results: Results) -> list[PoolComparison]:
    """Compare every model with the first one; in a scan, models with the same values of its parameters."""
    pools = {pool.model: pool.records for pool in results.pools}
    if results.scan is None:
        together = [list(pools)]
    else:
        by_values: dict[tuple[float, ...], list[str]] = {}
        for variant in results.scan.variants:
            by_values.setdefault(variant.values, []).append(variant.model)
        together = list(by_values.values())
    return [
        compare_along_recruitment({model: pools[model] for model in models})
        for models in together
        if len(models) > 1 and all(pools.get(model) for model in models)
    ]


def comparison_csv(results: Results, compared: Sequence[PoolComparison]) -> str:
    """One row for each quantity of each model, with its difference from the reference."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(_COLUMNS)
    counts = {pool.model: results.counts_by_quantity(pool.model) for pool in results.pools}
    for comparison in compared:
        for row, summary, difference in _pairs(comparison):
            checks = counts[summary.model].get(row.quantity)
            writer.writerow(
                [
                    *(row.quantity, row.unit, text_cell(summary.model)),
                    *(summary.n_neurons, summary.n_values),
                    *(summary.median, summary.lowest, summary.highest),
                    *((checks.errors, checks.warnings, checks.excused) if checks else (0, 0, 0)),
                    *_difference_cells(text_cell(comparison.reference), difference),
                ]
            )
    return table.getvalue()


def table_rows(results: Results, comparison: PoolComparison) -> list[tuple[str, ...]]:
    """Rows under `HEADINGS`: of each quantity, its models one below the other."""
    counts = {model: results.counts_by_quantity(model) for model in comparison.models}
    return [
        (
            row.quantity if difference is None else "",
            summary.model,
            summary_text(summary, row.unit),
            *_check_cells(counts[summary.model].get(row.quantity)),
            *(("", "") if difference is None else difference_texts(difference, row.unit)),
        )
        for row, summary, difference in _pairs(comparison)
    ]


def summary_text(summary: PoolSummary, unit: str) -> str:
    """Median and range, and how many neurons have none."""
    if not summary.n_values:
        return "no value"
    spread = f"{number(summary.median)} ({number(summary.lowest)} to {number(summary.highest)})"
    missing = summary.n_neurons - summary.n_values
    return with_unit(spread, unit) + (f", {missing} without" if missing else "")


def difference_texts(difference: Difference, unit: str) -> tuple[str, str]:
    """Median and largest difference, each in the unit and in per cent."""
    if difference.matching in UNMATCHED:
        return "-", difference.matching.value
    if difference.median is None:
        return "-", "no pair of values"
    middle = _both(difference.median, unit, percent(difference.median_relative))
    assert difference.largest is not None
    largest = f"{difference.largest.value:+.4g}"
    place = f"rank {difference.largest.rank}"
    if difference.largest_relative is None:
        return middle, f"{with_unit(largest, unit)} ({place})"
    relative = percent(difference.largest_relative.value)
    if difference.largest_relative.rank == difference.largest.rank:
        return middle, f"{with_unit(largest, unit)}, {relative} ({place})"
    return (
        middle,
        f"{with_unit(largest, unit)} ({place}), {relative} (rank {difference.largest_relative.rank})",
    )


def percent(fraction: float | None) -> str:
    """Return a signed percentage; empty for none."""
    return "" if fraction is None else f"{100 * fraction:+.3g} %"


def matching_text(comparison: PoolComparison) -> str:
    """How the neurons of the models were matched, in a sentence."""
    found = {d.matching for row in comparison.quantities for d in row.differences}
    parts = []
    if Matching.RANK in found:
        parts.append("neurons of the same rank of recruitment threshold are compared")
    if Matching.INTERPOLATED in found:
        parts.append("pools of other sizes are compared at the ranks of the smaller, the larger interpolated")
    if Matching.ONE_NEURON in found:
        parts.append("a pool of one neuron is not compared along recruitment")
    return f"Differences from {comparison.reference}; " + "; ".join(parts)


def standing_lines(found: Sequence[Standing]) -> list[str]:
    """A line for each model: its verdict and counts."""
    width = min(_NAME_WIDTH, max((len(each.model) for each in found), default=0))
    return [
        f"  {each.model:<{width}} {each.verdict}: {counted(each.counts.errors, 'error')}, "
        f"{counted(each.counts.warnings, 'warning')}, {each.counts.excused} excused"
        for each in found
    ]


def comparison_lines(comparison: PoolComparison) -> list[str]:
    """For each model but the reference, the quantities that differ most from it."""
    lines = []
    for index, model in enumerate(comparison.models[1:]):
        ranked = sorted(
            (
                (abs(d.median_relative), row.quantity, d)
                for row in comparison.quantities
                if (d := row.differences[index]).median_relative
            ),
            key=lambda each: (-each[0], each[1]),
        )
        said = [f"{short(name)} {percent(d.median_relative)}" for _, name, d in ranked[:_LARGEST_SHOWN]]
        text = ", ".join(said) or "no quantity differs"
        lines.append(f"  {model} against {comparison.reference}, median along recruitment: {text}")
    return lines


def _pairs(
    comparison: PoolComparison,
) -> Iterator[tuple[QuantityComparison, PoolSummary, Difference | None]]:
    for row in comparison.quantities:
        for summary, difference in zip(row.pools, (None, *row.differences), strict=True):
            yield row, summary, difference


def _difference_cells(reference: str, difference: Difference | None) -> tuple[object, ...]:
    if difference is None:
        return ("",) * 10
    return (
        reference,
        difference.matching.value,
        difference.ranks,
        difference.pairs,
        difference.median,
        _hundredfold(difference.median_relative),
        *_largest_cells(difference.largest, 1.0),
        *_largest_cells(difference.largest_relative, 100.0),
    )


def _largest_cells(largest: Largest | None, factor: float) -> tuple[object, object]:
    return ("", "") if largest is None else (factor * largest.value, largest.rank)


def _hundredfold(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction


def _check_cells(counts: Counts | None) -> tuple[str, str]:
    return ("0", "0") if counts is None else (str(counts.errors), str(counts.warnings))


def _both(value: float, unit: str, relative: str) -> str:
    said = with_unit(f"{value:+.4g}", unit)
    return f"{said}, {relative}" if relative else said
