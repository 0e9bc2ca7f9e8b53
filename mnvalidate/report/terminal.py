"""The summary at the end of a pytest run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mnvalidate.records import MeasurementOutcome, Record
from mnvalidate.report.literature import against, family, of_family
from mnvalidate.report.reasons import Unmeasured, unmeasured
from mnvalidate.report.results import Counts, MeasuredPool, Results
from mnvalidate.report.words import RANK, cropped, limits, status
from mnvalidate.verdicts import Conclusion, Verdict

_LONGEST_REASON = 240
_STDERR_LINES = 3
_NAME_WIDTH = 28


class Style(StrEnum):
    """How a line is shown where there are colours."""

    PLAIN = "plain"
    HEADING = "heading"
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary, which says all without its style."""

    text: str
    style: Style = Style.PLAIN


def summary(results: Results, *, width: int, verbosity: int) -> list[Line]:
    """Describe a run, errors before warnings.

    Parameters
    ----------
    results : Results
        The run.
    width : int
        Columns of the terminal.
    verbosity : int
        Pytest's: below 0 for counts only, above 0 for every line in full.

    Returns
    -------
    list of Line
        No longer than the width.
    """
    lines: list[Line] = []
    for pool in results.pools:
        lines += _pool_lines(pool, results.of_model(pool.model), verbosity)
        if verbosity > 0:
            lines += _count_table(results.counts_by_quantity(pool.model))
    lines += [Line(f"known deviations: {finding}", Style.ERROR) for finding in results.findings]
    lines.append(_counts_line(results.counts))
    if not results.counts.judged:
        lines.append(Line("nothing was judged: this run fails", Style.ERROR))
    return [Line(part, line.style) for line in lines for part in _wrapped(line.text, width, verbosity)]


def counts_text(counts: Counts) -> str:
    """Counts in one sentence."""
    return (
        f"checks: {counts.expected} expected, {counts.run} run, {counts.measured} measured, "
        f"{counts.judged} judged, {counts.deviating} deviating, {counts.excused} excused, "
        f"{counts.errors} errors, {counts.warnings} warnings"
    )


def _pool_lines(pool: MeasuredPool, verdicts: Sequence[Verdict], verbosity: int) -> Iterator[Line]:
    complete = sum(record.provenance is not None for record in pool.records)
    yield Line(f"{pool.model}: {complete} of {len(pool.records)} neurons measured", Style.HEADING)
    yield from _crashes(pool.records)
    if verbosity >= 0:
        yield from _range_table(pool.records, verdicts)
        yield from _pool_table(verdicts, verbosity)
        yield from _excused(verdicts)
        yield from _not_measurable(unmeasured(pool.records), len(pool.records))


def _range_table(records: Sequence[Record], verdicts: Sequence[Verdict]) -> Iterator[Line]:
    groups: dict[str, list[Verdict]] = {}
    for v in of_family(verdicts, "range"):
        groups.setdefault(v.quantity, []).append(v)
    seen = {quantity: _span(records, quantity) for quantity in groups}
    widest = max((len(span) for span in seen.values()), default=0)
    if groups:
        heading = f"  {'quantity':<{_NAME_WIDTH}} {'seen':<{widest}} {'literature':<13} deviating"
        yield Line(heading, Style.HEADING)
    ordered = sorted(groups.items(), key=lambda item: min(_rank(v) for v in item[1]))
    for quantity, group in ordered:
        band = next((limits(v.lower, v.upper) for v in group if (v.lower, v.upper) != (None, None)), "-")
        deviating = sum(v.conclusion is Conclusion.DEVIATES for v in group)
        judged = sum(v.judged for v in group)
        share = f"{deviating}/{judged}" if judged else "-"
        worst = min(group, key=lambda v: RANK[status(v)])
        word = _word(worst)
        text = f"  {quantity:<{_NAME_WIDTH}} {seen[quantity]:<{widest}} {band:<13} {share:>7} {word}"
        yield Line(text.rstrip(), _style(word))


def _span(records: Sequence[Record], quantity: str) -> str:
    values = [value for record in records if (value := record.value(quantity)) is not None]
    return f"{min(values):.4g} to {max(values):.4g}" if values else "-"


def _pool_table(verdicts: Sequence[Verdict], verbosity: int) -> Iterator[Line]:
    """Checks of the pool as a whole: trends, and what deviates; every one if that is asked for."""
    whole = [v for v in verdicts if v.neuron is None and v.value is not None]
    shown = [v for v in whole if verbosity > 0 or family(v) == "trend" or v.conclusion is Conclusion.DEVIATES]
    if not shown:
        return
    names = [_pool_check_name(v) for v in shown]
    longest = max(map(len, names))
    yield Line(f"  {'pool':<{longest}} {'value':>7}  limits", Style.HEADING)
    for v, name in sorted(zip(shown, names, strict=True), key=lambda row: _rank(row[0])):
        value = f"{v.value:+.3f}" if family(v) in ("trend", "relation") else f"{v.value:.4g}"
        bounds = limits(v.lower, v.upper) or "none demanded"
        yield Line(f"  {name:<{longest}} {value:>7}  {bounds:<13} {_word(v)}".rstrip(), _style(_word(v)))


def _pool_check_name(verdict: Verdict) -> str:
    kind = family(verdict).replace("_", " ")
    if against(verdict):
        # Without their units two quantities fit on a line of 80 columns.
        return f"{kind} {verdict.quantity.split('__')[0]}~{against(verdict).split('__')[0]}"
    return f"{kind} {verdict.quantity}" + (", rho" if kind == "trend" else "")


def _count_table(counts: Mapping[str, Counts]) -> Iterator[Line]:
    if counts:
        columns = ("expected", "run", "measured", "judged", "excused")
        yield Line(
            f"  {'checks of':<{_NAME_WIDTH}}" + "".join(f"{name:>9}" for name in columns), Style.HEADING
        )
        for quantity, counted in counts.items():
            numbers = "".join(f"{getattr(counted, name):>9}" for name in columns)
            yield Line(f"  {quantity:<{_NAME_WIDTH}}{numbers}")


def _excused(verdicts: Iterable[Verdict]) -> Iterator[Line]:
    reasons: dict[str, list[Verdict]] = {}
    for v in verdicts:
        if v.excused:
            reasons.setdefault(v.excused, []).append(v)
    for reason, group in reasons.items():
        names = ", ".join(dict.fromkeys(f"{family(v)} {v.quantity}" for v in group))
        yield Line(f"  excused, {_checks(len(group))} ({names}): {reason}")


def _not_measurable(groups: Iterable[Unmeasured], n_neurons: int) -> Iterator[Line]:
    for group in groups:
        if group.outcome is MeasurementOutcome.NOT_MEASURABLE:
            share = f"{len(group.neurons)}/{n_neurons}"
            yield Line(f"  not measurable in {share}: {', '.join(group.quantities)}: {group.reason}")


def _crashes(records: Sequence[Record]) -> Iterator[Line]:
    """Crashes and timeouts by neuron, each with the end of what its process printed."""
    for record in records:
        failed = [
            m
            for m in record.measurements.values()
            if m.outcome in (MeasurementOutcome.CRASHED, MeasurementOutcome.TIMED_OUT)
        ]
        if failed:
            yield Line(f"  neuron {record.neuron}: {failed[0].reason}", Style.ERROR)
            for line in record.stderr_tail.splitlines()[-_STDERR_LINES:]:
                yield Line(f"    | {cropped(line, _LONGEST_REASON)}")


def _counts_line(counts: Counts) -> Line:
    style = Style.ERROR if counts.errors else Style.WARNING if counts.warnings else Style.PLAIN
    return Line(counts_text(counts), style)


def _checks(n: int) -> str:
    return f"{n} check" + ("s" if n != 1 else "")


def _word(verdict: Verdict) -> str:
    """Status, where there is something to say."""
    word = status(verdict)
    return word if word in ("error", "warning", "excused") else ""


def _rank(verdict: Verdict) -> int:
    return RANK[status(verdict)] if _word(verdict) else len(RANK)


def _style(word: str) -> Style:
    return {"error": Style.ERROR, "warning": Style.WARNING}.get(word, Style.PLAIN)


def _wrapped(text: str, width: int, verbosity: int) -> list[str]:
    indent = text[: len(text) - len(text.lstrip())]
    if len(text) <= width and text.isprintable():
        return [text]
    line = cropped(text, _LONGEST_REASON + 80 if verbosity <= 0 else 4000)
    return textwrap.wrap(line, max(width, 40), initial_indent=indent, subsequent_indent=indent + "    ")
