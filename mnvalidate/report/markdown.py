"""The summary that a pull request shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields

from mnvalidate.baseline.comparison import Comparison
from mnvalidate.checks.pool_change import PoolChange
from mnvalidate.records import MeasurementOutcome
from mnvalidate.report.comparison import pools_text
from mnvalidate.report.kinds import Kind, kinds
from mnvalidate.report.markdown_models import models_section
from mnvalidate.report.markdown_text import MOST_ROWS, escaped
from mnvalidate.report.mechanisms import counts_line, finding_text, findings
from mnvalidate.report.pool_change import largest_shifts, shift_text
from mnvalidate.report.reasons import unmeasured
from mnvalidate.report.results import Counts, Results
from mnvalidate.report.sentences import sentence
from mnvalidate.report.since_baseline import (
    TABLE_HEADINGS,
    changed_quantities,
    summary_text,
    table_rows,
    verdict_lines,
)
from mnvalidate.report.wording import number, status, with_unit

_LISTED = ("error", "warning", "excused")


def markdown_summary(results: Results) -> str:
    """Return verdict, counts, deviations, and the change against the baseline where there is one."""
    lines = [f"## Motoneuron validation: {'passed' if results.passed else 'FAILED'}", ""]
    if results.baseline is not None:
        lines += baseline_section(results.baseline)
    if results.pools:
        lines += _pools(results)
    for change in results.changes:
        lines += _change(change)
    if results.of_mechanisms:
        lines += _mechanisms(results)
    return "\n".join(lines).rstrip() + "\n"


def baseline_section(comparison: Comparison) -> list[str]:
    """What is different from the baseline: verdicts first, then a row for each quantity that changed."""
    lines = [
        f"### Since the baseline {escaped(comparison.name)}",
        "",
        escaped(summary_text(comparison)) + ".",
        "",
    ]
    lines += [f"- {escaped(line)}" for line in (*verdict_lines(comparison), *comparison.notes)]
    rows = table_rows(changed_quantities(comparison))
    if rows:
        lines += ["", f"| {' | '.join(TABLE_HEADINGS)} |", "|---|---|" + "---:|" * 6 + "---|"]
        lines += ["| " + " | ".join(escaped(cell) for cell in row) + " |" for row in rows[:MOST_ROWS]]
    if len(rows) > MOST_ROWS:
        lines += ["", f"... and {len(rows) - MOST_ROWS} more quantities, all of them in the report."]
    return [*lines, ""]


def _pools(results: Results) -> list[str]:
    counts = results.counts
    names = [field.name for field in fields(Counts)]
    lines = [
        f"{escaped(pools_text(results))}; {escaped(results.judged_by)}.",
        "",
        *(f"- {escaped(line)}" for line in results.literature.told),
        *([""] if results.literature.told else []),
        f"| {' | '.join(names)} |",
        "|---:" * len(names) + "|",
        f"| {' | '.join(_numbers(counts))} |",
        "",
    ]
    if not counts.judged:
        lines += ["Nothing was judged.", ""]
    lines += [f"- {escaped(accident)}" for accident in results.accidents[:MOST_ROWS]]
    lines += _findings(results)
    lines += models_section(results)
    lines += _families(results)
    listed = [kind for kind in kinds(results.of_pools) if kind.status in _LISTED]
    lines += _table([kind for kind in listed if not results.is_in_comparison(kind.worst)])
    lines += _reasons(results)
    return lines + _counts_by_quantity(results)


def _findings(results: Results) -> list[str]:
    return [f"- {escaped(finding)}" for finding in results.findings]


def _families(results: Results) -> list[str]:
    """Counts of every family."""
    lines = ["| family | checks | judged | errors | warnings | excused |", "|---|---:|---:|---:|---:|---:|"]
    lines += [
        f"| {escaped(name)} | {c.run} | {c.judged} | {c.errors} | {c.warnings} | {c.excused} |"
        for name, c in results.counts_by_family().items()
    ]
    return [*lines, ""]


def _counts_by_quantity(results: Results) -> list[str]:
    """Counts of each quantity, folded away until someone asks."""
    names = [field.name for field in fields(Counts)]
    lines = ["<details><summary>Checks of each quantity</summary>", ""]
    for pool in results.pools:
        lines += [f"| {escaped(pool.model)} | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
        lines += [
            f"| {escaped(quantity)} | {' | '.join(_numbers(counts))} |"
            for quantity, counts in results.counts_by_quantity(pool.model).items()
        ]
        lines.append("")
    return [*lines, "</details>", ""]


def _numbers(counts: Counts) -> list[str]:
    return [str(count) for count in astuple(counts)]


def _change(change: PoolChange) -> list[str]:
    """Largest shift of each quantity, and the verdicts that flip."""
    lines = [f"### {escaped(change.model)} with and without the change", "", escaped(change.description), ""]
    moved = largest_shifts(change)
    if moved:
        lines += ["| largest shift of | neuron | without | with | shift |", "|---|---:|---:|---:|---:|"]
        lines += [
            f"| {escaped(s.quantity)} | {s.neuron} | {number(s.before)} | {number(s.after)} "
            f"| {escaped(shift_text(s))} |"
            for s in moved
        ]
    else:
        lines.append("No quantity moves.")
    flips = [f"- {escaped(f.check)}: {escaped(f.before)} to {escaped(f.after)}" for f in change.flips]
    lines += ["", f"Verdicts that flip: {len(flips) or 'none'}", "", *flips[:MOST_ROWS]]
    if len(flips) > MOST_ROWS:
        lines.append(f"- ... and {len(flips) - MOST_ROWS} more, all of them in the report.")
    return [*lines, ""]


def _mechanisms(results: Results) -> list[str]:
    """Counts, and the findings that are not known."""
    lines = ["### Mechanisms", "", escaped(counts_line(results.of_mechanisms)), ""]
    if not results.pools:
        lines += [*_findings(results), *_families(results)]
    found = [verdict for verdict in findings(results.of_mechanisms) if not verdict.excused]
    if found:
        lines += ["|  | check | what was found |", "|---|---|---|"]
        lines += [
            f"| {escaped(status(v))} | {escaped(f'{v.subject.name}-{v.quantity}')} "
            f"| {escaped(finding_text(v))} |"
            for v in found[:MOST_ROWS]
        ]
        if len(found) > MOST_ROWS:
            lines += ["", f"... and {len(found) - MOST_ROWS} more, all of them in the report."]
    return [*lines, ""]


def _table(wrong: Sequence[Kind]) -> list[str]:
    """One row for each kind of deviation, with the worst of its neurons."""
    if not wrong:
        return []
    lines = [
        "### Deviations",
        "",
        "|  | found | check, at its worst | outside by | source |",
        "|---|---|---|---:|---|",
        *(_row(kind) for kind in wrong[:MOST_ROWS]),
        "",
    ]
    if len(wrong) > MOST_ROWS:
        lines += [f"... and {len(wrong) - MOST_ROWS} more, all of them in the report.", ""]
    return lines


def _reasons(results: Results) -> list[str]:
    """Why quantities that could be measured have no value, a line for each reason."""
    lines = [
        f"- {escaped(pool.model)}: {escaped(', '.join(group.quantities))} not measured in "
        f"{len(group.neurons)} of {len(pool.records)} neurons: {escaped(group.reason)}"
        for pool in results.pools
        for group in unmeasured(pool.records)
        if group.outcome is MeasurementOutcome.NOT_MEASURABLE
    ]
    return [*lines, ""] if lines else []


def _row(kind: Kind) -> str:
    worst = kind.worst
    source = escaped(worst.source)
    if worst.doi:
        source = f"[{source}](https://doi.org/{_url(worst.doi)})"
    cells = (
        escaped(kind.status),
        escaped(sentence(kind)),
        escaped(worst.check),
        escaped(with_unit(number(worst.margin), worst.unit)),
        source,
    )
    return "| " + " | ".join(cells) + " |"


def _url(doi: str) -> str:
    from urllib.parse import quote

    return quote(doi, safe="/.:;")
