"""The summary that a pull request shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mnvalidate.report.literature import family
from mnvalidate.report.results import Results
from mnvalidate.report.words import cropped, limits, number, status, with_unit, worst_first
from mnvalidate.verdicts import Conclusion, Verdict

_MOST_ROWS = 40
_LONGEST_TEXT = 300
_BASELINE = "baseline"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~&$@])")


def markdown_summary(results: Results) -> str:
    """Return verdict, counts, deviations, and the change against the baseline where there is one."""
    counts = results.counts
    models = ", ".join(f"{escaped(p.model)} ({len(p.records)} neurons)" for p in results.pools)
    lines = [
        f"## Motoneuron validation: {'passed' if results.passed else 'FAILED'}",
        "",
        f"{models}; {escaped(results.species)} literature.",
        "",
        "| expected | run | measured | judged | deviating | excused | errors | warnings |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
        f"| {counts.expected} | {counts.run} | {counts.measured} | {counts.judged} | {counts.deviating} "
        f"| {counts.excused} | {counts.errors} | {counts.warnings} |",
        "",
    ]
    if not counts.judged:
        lines += ["Nothing was judged.", ""]
    for finding in results.findings:
        lines += [f"- {escaped(finding)}"]
    wrong = [v for v in results.verdicts if v.conclusion in (Conclusion.DEVIATES, Conclusion.NOT_MEASURED)]
    lines += _table("Deviations", [v for v in wrong if family(v) != _BASELINE])
    lines += _table("Change against the baseline", [v for v in wrong if family(v) == _BASELINE])
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    """Return one line of text in which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", cropped(text, _LONGEST_TEXT))


def _table(title: str, verdicts: Sequence[Verdict]) -> list[str]:
    if not verdicts:
        return []
    rows = worst_first(list(verdicts))
    lines = [
        f"### {title}",
        "",
        "|  | check | value | limits | outside by | source |",
        "|---|---|---:|---:|---:|---|",
        *(_row(verdict) for verdict in rows[:_MOST_ROWS]),
        "",
    ]
    if len(rows) > _MOST_ROWS:
        lines += [f"... and {len(rows) - _MOST_ROWS} more, all of them in the report.", ""]
    return lines


def _row(verdict: Verdict) -> str:
    source = escaped(verdict.source)
    if verdict.doi:
        source = f"[{source}](https://doi.org/{_url(verdict.doi)})"
    value = with_unit(number(verdict.value), verdict.unit)
    if verdict.conclusion is Conclusion.NOT_MEASURED:
        value = f"not measured: {verdict.message}"
    cells = (
        escaped(status(verdict)),
        escaped(verdict.check),
        escaped(value),
        escaped(limits(verdict.lower, verdict.upper)),
        escaped(with_unit(number(verdict.margin), verdict.unit)),
        source,
    )
    return "| " + " | ".join(cells) + " |"


def _url(doi: str) -> str:
    from urllib.parse import quote

    return quote(doi, safe="/.:;")
