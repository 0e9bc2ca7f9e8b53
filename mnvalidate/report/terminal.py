"""The summary at the end of a pytest run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mnvalidate.checks.families.no_reference import FAMILY as _NO_REFERENCE
from mnvalidate.records import MeasurementOutcome, Record
from mnvalidate.report.kinds import Kind, kinds
from mnvalidate.report.models_part import models_lines
from mnvalidate.report.reasons import Unmeasured, unmeasured
from mnvalidate.report.results import Counts, MeasuredPool, Results, accident_reason, count
from mnvalidate.report.sentences import sentence
from mnvalidate.report.wording import cropped
from mnvalidate.verdicts import Conclusion, Verdict

_LONGEST_REASON = 240
_STDERR_LINES = 3
_NAME_WIDTH = 31
_COUNTED_WIDTH = 28
_FAMILY_WIDTH = 24
_MOST_CRASHES = 10


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
    """Describe what was found in pools, errors first.

    Parameters
    ----------
    results : Results
        The run.
    width : int
        Columns of the terminal.
    verbosity : int
        Pytest's: below 0 for counts only, above 0 for every kind of check and every line in full.

    Returns
    -------
    list of Line
        No longer than the width.
    """
    lines: list[Line] = []
    for pool in results.pools:
        if results.scan is None or verbosity > 0:
            lines += _pool_lines(pool, results, width, verbosity)
        else:  # a scan has many pools: what is told of each is its verdict, below
            lines += _crashes_of(pool, verbosity)
        if verbosity > 0:
            lines += _count_table(results.counts_by_quantity(pool.model))
    if verbosity >= 0:
        lines += map(_model_line, models_lines(results))
    lines += [Line(f"known deviations: {finding}", Style.ERROR) for finding in results.findings]
    if verbosity >= 0:
        lines += _without_reference(results)
    lines.append(_counts_line(results.counts))
    if results.accidents:
        n = len(results.accidents)
        said = f"the processes of {n} neurons ended" if n > 1 else "the process of a neuron ended"
        lines.append(Line(f"{said} before everything was measured: this run fails", Style.ERROR))
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


def _pool_lines(pool: MeasuredPool, results: Results, width: int, verbosity: int) -> Iterator[Line]:
    verdicts = results.of_model(pool.model)
    complete = sum(record.provenance is not None for record in pool.records)
    yield Line(f"{pool.model}: {complete} of {len(pool.records)} neurons measured", Style.HEADING)
    yield from _crashes(pool.records, verbosity)
    if verbosity >= 0:
        found = kinds(verdicts)
        yield from _findings([k for k in found if not results.is_in_comparison(k.worst)], verbosity)
        yield from _family_table(found)
        if verbosity > 0:
            yield from _kind_tables(found)
        yield from _excused(verdicts, verbosity)
        yield from _not_measurable(unmeasured(pool.records), len(pool.records))


def _without_reference(results: Results) -> Iterator[Line]:
    """Quantities that were measured and that the literature of the species has nothing on."""
    names = dict.fromkeys(
        v.quantity
        for v in results.of_pools
        if v.family == _NO_REFERENCE.name and v.conclusion is Conclusion.NOT_JUDGED
    )
    if names:
        yield Line(f"not judged for the {results.species}, no range in its literature: {', '.join(names)}")


def _findings(found: Sequence[Kind], verbosity: int) -> Iterator[Line]:
    """Errors and warnings, a sentence each; what only informs is counted unless everything is wanted."""
    shown = ("error", "warning", "info") if verbosity > 0 else ("error", "warning")
    lost = [verdict for kind in found for verdict in kind.verdicts if verdict.accident]
    if lost:
        yield Line(f"  error: {_checks(len(lost))} not answered, as a process ended before", Style.ERROR)
    for kind in found:
        if kind.status in shown and not kind.worst.accident:
            yield Line(f"  {kind.status}: {sentence(kind)}", _style(kind.status))
    informing = [kind for kind in found if kind.status == "info"]
    if informing and verbosity <= 0:
        checks = _checks(sum(len(kind.found) for kind in informing))
        which = (
            "1 criterion that only informs is"
            if len(informing) == 1
            else (f"{len(informing)} criteria that only inform are")
        )
        yield Line(f"  {which} not met ({checks}); -v names them")


def _family_table(found: Sequence[Kind]) -> Iterator[Line]:
    """Counts of each family, the worst first."""
    by_family: dict[str, list[Kind]] = {}
    for kind in found:
        by_family.setdefault(kind.worst.family, []).append(kind)
    if by_family:
        columns = f"{'checks':>7}{'judged':>8}{'errors':>8}{'warnings':>10}"
        yield Line(f"  {'family':<{_FAMILY_WIDTH}}{columns}", Style.HEADING)
    for family, group in by_family.items():
        verdicts = [verdict for kind in group for verdict in kind.verdicts]
        c = count(verdicts, len(verdicts))
        numbers = f"{c.run:>7}{c.judged:>8}{c.errors:>8}{c.warnings:>10}"
        yield Line(f"  {family.replace('_', ' '):<{_FAMILY_WIDTH}}{numbers}", _style(group[0].status))


def _kind_tables(found: Iterable[Kind]) -> Iterator[Line]:
    """Every kind of check, family by family."""
    by_family: dict[str, list[Kind]] = {}
    for kind in found:
        by_family.setdefault(kind.worst.family, []).append(kind)
    for group in by_family.values():
        family = group[0].family
        value = f" ({family.value})" if family.value else ""
        name = group[0].worst.family.replace("_", " ")
        yield Line(f"  {name}{value:<{_NAME_WIDTH - len(name)}} {'seen':<17} limits", Style.HEADING)
        for kind in group:
            word = _word(kind.status)
            text = f"  {kind.what:<{_NAME_WIDTH}} {kind.seen:<17} {kind.limits:<13} {kind.share:>6} {word}"
            yield Line(text.rstrip(), _style(word))


def _count_table(counts: Mapping[str, Counts]) -> Iterator[Line]:
    if counts:
        columns = ("expected", "run", "measured", "judged", "excused")
        yield Line(
            f"  {'checks of':<{_COUNTED_WIDTH}}" + "".join(f"{name:>9}" for name in columns), Style.HEADING
        )
        for quantity, counted in counts.items():
            numbers = "".join(f"{getattr(counted, name):>9}" for name in columns)
            yield Line(f"  {quantity:<{_COUNTED_WIDTH}}{numbers}")


def _excused(verdicts: Iterable[Verdict], verbosity: int) -> Iterator[Line]:
    reasons: dict[str, list[Verdict]] = {}
    for v in verdicts:
        if v.excused:
            reasons.setdefault(v.excused, []).append(v)
    if verbosity <= 0:
        excused = [v for group in reasons.values() for v in group]
        if excused:
            names = ", ".join(kind.name for kind in kinds(excused))
            yield Line(f"  excused, {_checks(len(excused))}: {names}")
        return
    for reason, group in reasons.items():
        names = ", ".join(kind.name for kind in kinds(group))
        yield Line(f"  excused, {_checks(len(group))} ({names}): {reason}")


def _not_measurable(groups: Iterable[Unmeasured], n_neurons: int) -> Iterator[Line]:
    for group in groups:
        if group.outcome is MeasurementOutcome.NOT_MEASURABLE:
            share = f"{len(group.neurons)}/{n_neurons}"
            yield Line(f"  not measurable in {share}: {', '.join(group.quantities)}: {group.reason}")


def _crashes_of(pool: MeasuredPool, verbosity: int) -> Iterator[Line]:
    crashes = list(_crashes(pool.records, verbosity))
    if crashes:
        yield Line(f"{pool.model}:", Style.HEADING)
        yield from crashes


def _model_line(text: str) -> Line:
    return Line(text, Style.PLAIN if text.startswith(" ") else Style.HEADING)


def _crashes(records: Iterable[Record], verbosity: int) -> Iterator[Line]:
    """Crashes and timeouts by neuron, each with the end of what its process printed."""
    lost = [(record, reason) for record in records if (reason := accident_reason(record))]
    shown = lost if verbosity > 0 else lost[:_MOST_CRASHES]
    for record, reason in shown:
        yield Line(f"  neuron {record.neuron}: {reason}", Style.ERROR)
        for line in record.stderr_tail.splitlines()[-_STDERR_LINES:]:
            yield Line(f"    | {cropped(line, _LONGEST_REASON)}")
    if len(lost) > len(shown):
        yield Line(f"  and {len(lost) - len(shown)} more neurons; -v shows them", Style.ERROR)


def _counts_line(counts: Counts) -> Line:
    style = Style.ERROR if counts.errors else Style.WARNING if counts.warnings else Style.PLAIN
    return Line(counts_text(counts), style)


def _checks(n: int) -> str:
    return f"{n} check" + ("s" if n != 1 else "")


def _word(status: str) -> str:
    """Status, where there is something to say."""
    return status if status in ("error", "warning", "info", "excused") else ""


def _style(word: str) -> Style:
    return {"error": Style.ERROR, "warning": Style.WARNING}.get(word, Style.PLAIN)


def _wrapped(text: str, width: int, verbosity: int) -> list[str]:
    indent = text[: len(text) - len(text.lstrip())]
    if len(text) <= width and text.isprintable():
        return [text]
    line = cropped(text, _LONGEST_REASON + 80 if verbosity <= 0 else 4000)
    return textwrap.wrap(line, max(width, 40), initial_indent=indent, subsequent_indent=indent + "    ")
