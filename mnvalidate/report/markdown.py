"""The summary that a pull request shows."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import astuple, fields

from mnvalidate.checks.changes import PoolChange
from mnvalidate.mechanisms.judged import JudgedMechanisms
from mnvalidate.report.changes import largest_shifts, shift_text
from mnvalidate.report.literature import against, family
from mnvalidate.report.mechanisms import counts_line, finding_text, findings
from mnvalidate.report.results import Counts, Results
from mnvalidate.report.words import cropped, limits, number, status, with_unit, worst_first
from mnvalidate.verdicts import Conclusion, Verdict

_MOST_ROWS = 40
_LONGEST_TEXT = 300
_BASELINE = "baseline"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~&$@])")


def markdown_summary(results: Results) -> str:
    """Return verdict, counts, deviations, and the change against the baseline where there is one."""
    lines = [f"## Motoneuron validation: {'passed' if results.passed else 'FAILED'}", ""]
    if results.pools:
        lines += _pools(results)
    for change in results.changes:
        lines += _change(change)
    if results.mechanisms.verdicts:
        lines += _mechanisms(results.mechanisms)
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    """Return one line of text in which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", cropped(text, _LONGEST_TEXT))


def _pools(results: Results) -> list[str]:
    counts = results.counts
    models = ", ".join(f"{escaped(p.model)} ({len(p.records)} neurons)" for p in results.pools)
    names = [field.name for field in fields(Counts)]
    lines = [
        f"{models}; {escaped(results.species)} literature.",
        "",
        f"| {' | '.join(names)} |",
        "|---:" * len(names) + "|",
        f"| {' | '.join(_numbers(counts))} |",
        "",
    ]
    if not counts.judged:
        lines += ["Nothing was judged.", ""]
    for finding in results.findings:
        lines += [f"- {escaped(finding)}"]
    wrong = [v for v in results.verdicts if v.conclusion in (Conclusion.DEVIATES, Conclusion.NOT_MEASURED)]
    lines += _table("Deviations", [v for v in wrong if family(v) != _BASELINE])
    lines += _table("Change against the baseline", [v for v in wrong if family(v) == _BASELINE])
    return lines + _counts_by_quantity(results)


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
    lines += ["", f"Verdicts that flip: {len(flips) or 'none'}", "", *flips[:_MOST_ROWS]]
    if len(flips) > _MOST_ROWS:
        lines.append(f"- ... and {len(flips) - _MOST_ROWS} more, all of them in the report.")
    return [*lines, ""]


def _mechanisms(judged: JudgedMechanisms) -> list[str]:
    """Counts, and the findings that are not known."""
    lines = ["### Mechanisms", "", escaped(counts_line(judged)), ""]
    lines += [f"- {escaped(finding)}" for finding in judged.findings]
    found = [verdict for verdict in findings(judged) if not verdict.excused]
    if found:
        lines += ["|  | check | what was found |", "|---|---|---|"]
        lines += [
            f"| {escaped(status(v))} | {escaped(f'{v.model}-{v.quantity}')} | {escaped(finding_text(v))} |"
            for v in found[:_MOST_ROWS]
        ]
        if len(found) > _MOST_ROWS:
            lines += ["", f"... and {len(found) - _MOST_ROWS} more, all of them in the report."]
    return [*lines, ""]


def _table(title: str, verdicts: Sequence[Verdict]) -> list[str]:
    """One row for each kind of deviation, with the worst of its neurons; one for each missing value."""
    if not verdicts:
        return []
    kinds: dict[Hashable, list[Verdict]] = {}
    for verdict in worst_first(list(verdicts)):
        kinds.setdefault(_kind(verdict), []).append(verdict)
    lines = [
        f"### {title}",
        "",
        "|  | check, at its worst | neurons | value | limits | outside by | source |",
        "|---|---|---:|---:|---:|---:|---|",
        *(_row(alike) for alike in list(kinds.values())[:_MOST_ROWS]),
        "",
    ]
    if len(kinds) > _MOST_ROWS:
        lines += [f"... and {len(kinds) - _MOST_ROWS} more, all of them in the report.", ""]
    return lines


def _kind(verdict: Verdict) -> Hashable:
    if verdict.neuron is None or verdict.conclusion is Conclusion.NOT_MEASURED:
        return verdict.check
    return (
        status(verdict),
        family(verdict),
        verdict.model,
        verdict.criterion,
        verdict.quantity,
        against(verdict),
    )


def _row(alike: Sequence[Verdict]) -> str:
    worst = alike[0]
    source = escaped(worst.source)
    if worst.doi:
        source = f"[{source}](https://doi.org/{_url(worst.doi)})"
    value = with_unit(number(worst.value), worst.unit)
    if worst.conclusion is Conclusion.NOT_MEASURED:
        value = f"not measured: {worst.message}"
    cells = (
        escaped(status(worst)),
        escaped(worst.check),
        "" if worst.neuron is None else str(len(alike)),
        escaped(value),
        escaped(limits(worst.lower, worst.upper)),
        escaped(with_unit(number(worst.margin), worst.unit)),
        source,
    )
    return "| " + " | ".join(cells) + " |"


def _url(doi: str) -> str:
    from urllib.parse import quote

    return quote(doi, safe="/.:;")
