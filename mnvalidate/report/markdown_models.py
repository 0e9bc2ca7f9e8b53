"""Several models side by side, or the variants of a scan, in the summary that a pull request shows."""

from __future__ import annotations

from collections.abc import Sequence

from mnvalidate.report.markdown_text import MOST_ROWS, escaped
from mnvalidate.report.models_part import ComparisonPart, ModelsPart, ScanPart, ScanTable, models_part
from mnvalidate.report.results import Results


def models_section(results: Results) -> list[str]:
    """Verdict of each model, the models beside each other, and what was scanned; nothing for one model."""
    part = models_part(results)
    if part is None:
        return []
    lines = ["### Scan" if part.scan else "### Models side by side", ""]
    if part.scan is not None:
        lines += [f"{escaped(part.scan.title)}.", ""]
    lines += _standings(part)
    if part.scan is not None:
        lines += _scan(part.scan)
    for comparison in part.comparisons:
        lines += _comparison(comparison)
    return lines


def _standings(part: ModelsPart) -> list[str]:
    rows = [
        (s.model, s.verdict, str(s.counts.errors), str(s.counts.warnings), str(s.counts.excused))
        for s in part.standings
    ]
    return _table(("model", "verdict", "errors", "warnings", "excused"), rows, "models")


def _comparison(part: ComparisonPart) -> list[str]:
    summary = f"<details><summary>{escaped(part.title)}</summary>"
    return [
        summary,
        "",
        f"{escaped(part.matching)}.",
        "",
        *_rows(part.headings, part.rows),
        "",
        "</details>",
        "",
    ]


def _scan(scan: ScanPart) -> list[str]:
    lines = [f"- {escaped(line)}" for line in scan.unmoved]
    flips = [(f.track.name, f.where, f.kind, f.before, f.after) for f in scan.flips if f.is_notable]
    if flips:
        lines += ["", *_table(("model", "between", "check", "below", "above"), flips, "verdicts that flip")]
    else:
        lines += ["", "No verdict turns to or from a warning or an error.", ""]
    for table in scan.tables:
        lines += _along(table)
    return lines


def _along(table: ScanTable) -> list[str]:
    rows = [(row.quantity, row.track.name, *(cell.text for cell in row.cells)) for row in table.rows]
    summary = f"<details><summary>Median of each quantity along {escaped(table.key)}</summary>"
    return [summary, "", *_rows(("quantity", "model", *table.values), rows), "", "</details>", ""]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], what: str) -> list[str]:
    lines = _rows(headings, rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        lines += ["", f"... and {len(rows) - MOST_ROWS} more {what}, all of them in the report."]
    return [*lines, ""]


def _rows(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(map(escaped, headings))} |", "|---" * len(headings) + "|"]
    return lines + ["| " + " | ".join(map(escaped, row)) + " |" for row in rows]
