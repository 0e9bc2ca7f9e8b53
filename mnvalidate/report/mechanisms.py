"""What was found in single mechanisms: rows and curves of the page, and lines for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from mnvalidate.mechanisms.curve_data import MechanismCurves
from mnvalidate.report.results import Results
from mnvalidate.report.wording import RANK, status
from mnvalidate.verdicts import Conclusion, Verdict

VOLTAGE_LABEL = "Membrane potential (mV)"
TIME_LABEL = "Time after the step (ms)"

_INDENT = "  "


@dataclass(frozen=True, slots=True)
class MechanismCounts:
    """Checks of mechanisms by how they ended; known defects are in `known` only."""

    checks: int
    sound: int
    errors: int
    warnings: int
    info: int
    known: int
    not_judged: int


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check of a mechanism in the table.

    Parameters
    ----------
    status, word : str
        How it ended: as every report says it, and in the words for mechanisms.
    check : str
        Name of the check.
    text, advice, script : str
        Question and answer, what to do about a defect, and lines of Python that run into it.
    known : str
        Why a known defect is excused.
    """

    status: str
    word: str
    check: str
    text: str
    advice: str
    script: str
    known: str


@dataclass(frozen=True, slots=True)
class MechanismPart:
    """One mechanism in the page.

    Parameters
    ----------
    name : str
        The mechanism.
    rows : tuple of CheckRow
        Its checks, findings first and worst first.
    counts : str
        How many ended in which way.
    drawings : list of dict
        JSON values of what its curves are drawn from.
    """

    name: str
    rows: tuple[CheckRow, ...]
    counts: str
    drawings: list[dict[str, object]]

    @property
    def worst(self) -> CheckRow:
        """The check that says most."""
        return self.rows[0]


def mechanism_parts(results: Results) -> list[MechanismPart]:
    """Every mechanism for the page, worst first."""
    curves = {found.mechanism: found for found in results.curves}
    by_name: dict[str, list[Verdict]] = {}
    for verdict in results.of_mechanisms:
        by_name.setdefault(verdict.subject.name, []).append(verdict)
    parts = []
    for name, verdicts in by_name.items():
        rows = tuple(_row(verdict) for verdict in sorted(verdicts, key=_order))
        drawings = _drawings(curves[name]) if name in curves else []
        parts.append(MechanismPart(name, rows, _counts_of(verdicts), drawings))
    return sorted(parts, key=lambda part: RANK[part.worst.status])


def mechanism_counts(verdicts: Sequence[Verdict]) -> MechanismCounts:
    """Count the checks of all mechanisms by how they ended."""
    statuses = [status(verdict) for verdict in verdicts]
    return MechanismCounts(
        checks=len(statuses),
        sound=statuses.count("conforms"),
        errors=statuses.count("error"),
        warnings=statuses.count("warning"),
        info=statuses.count("info"),
        known=statuses.count("excused"),
        not_judged=statuses.count("not judged") + statuses.count("not applicable"),
    )


def findings(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Verdicts that found something, worst first and the known ones last."""
    return sorted((verdict for verdict in verdicts if verdict.found), key=_order)


def finding_text(verdict: Verdict) -> str:
    """Message without the mechanism's name, which stands beside it."""
    return verdict.message.removeprefix(f"{verdict.subject.name}: ")


def mechanism_lines(results: Results, *, width: int) -> list[str]:
    """Describe the findings, errors first, and count the checks by how they ended.

    Lines are no longer than the width, but for those of a script: it stands at the margin, as it must to be
    pasted.
    """
    lines = [
        line
        for verdict in findings(results.of_mechanisms)
        for line in (*_fitted(_lines(verdict), width), *_script(verdict))
    ]
    closing = []
    if not results.pools:  # they stand among the lines on pools, where there are some
        closing += [f"known deviations: {finding}" for finding in results.findings]
    closing.append(counts_line(results.of_mechanisms))
    return [*lines, *_fitted(closing, width)]


def _fitted(lines: Sequence[str], width: int) -> list[str]:
    """Lines of printable characters that are no longer than the width."""
    printable = ["".join(c if c.isprintable() else " " for c in line) for line in lines]
    return [part for line in printable for part in _wrapped(line, width)]


def _script(verdict: Verdict) -> list[str]:
    """Lines of the script that reproduces a finding which is not known yet."""
    return verdict.script.splitlines() if not verdict.excused else []


def _wrapped(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(line, max(width, 40), subsequent_indent=indent + "    ")


def counts_line(verdicts: Sequence[Verdict]) -> str:
    """Counts in one sentence."""
    c = mechanism_counts(verdicts)
    found = c.errors + c.warnings + c.info + c.known
    names = {verdict.subject.name for verdict in verdicts}
    return (
        f"{len(names)} mechanisms, {c.checks} checks: {c.sound} sound, {found} findings "
        f"({c.errors} error, {c.warnings} warning, {c.info} info, {c.known} known), "
        f"{c.not_judged} not applicable or not judged"
    )


def _order(verdict: Verdict) -> int:
    """Findings by severity, then what is sound, then what could not be judged."""
    rank = RANK[status(verdict)]
    return rank if verdict.found or verdict.judged else len(RANK) + rank


def _row(verdict: Verdict) -> CheckRow:
    text = finding_text(verdict)
    return CheckRow(
        status(verdict),
        _word(verdict),
        verdict.quantity,
        text,
        verdict.advice,
        verdict.script,
        verdict.excused,
    )


def _word(verdict: Verdict) -> str:
    """Status in the words for mechanisms."""
    if verdict.excused:
        return f"known {verdict.severity}"
    return "sound" if verdict.conclusion is Conclusion.CONFORMS else status(verdict)


def _counts_of(verdicts: Sequence[Verdict]) -> str:
    words = [_word(verdict) for verdict in sorted(verdicts, key=_order)]
    return ", ".join(_plural(words.count(word), word) for word in dict.fromkeys(words))


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" + ("s" if count > 1 and word.endswith(("error", "warning")) else "")


def _lines(verdict: Verdict) -> list[str]:
    first = f"{_word(verdict)}: {verdict.check}"
    if verdict.excused:
        return [f"{first}: {verdict.excused}"]
    said = [f"{_INDENT}{line}" for line in verdict.message.splitlines()]
    return [first, *said, *([f"{_INDENT}What to do: {verdict.advice}"] if verdict.advice else [])]


def _drawings(curves: MechanismCurves) -> list[dict[str, object]]:
    """Panels as the page's script takes them; None leaves a gap in a line."""
    drawings = []
    gates = [gate for gate in curves.gates if any(value is not None for value in gate.steady_state)]
    if gates:
        steady = [(gate.state, gate.voltage__mV, gate.steady_state) for gate in gates]
        tau = [(gate.state, gate.voltage__mV, gate.tau__ms) for gate in gates]
        drawings += [
            _drawing("Steady states", VOLTAGE_LABEL, "Steady state", steady),
            _drawing("Time constants", VOLTAGE_LABEL, "Time constant (ms)", tau, logarithmic="yaxis"),
        ]
    for family in curves.families:
        traces = [
            (label, family.time__ms, trace) for label, trace in zip(family.labels, family.traces, strict=True)
        ]
        unit = f"{family.current} (mA/cm²)"
        drawings.append(_drawing(family.title, TIME_LABEL, unit, traces, logarithmic="xaxis", ordered=True))
    return drawings


def _drawing(
    title: str,
    x_label: str,
    y_label: str,
    curves: Sequence[tuple[str, Sequence[float], Sequence[float | None]]],
    *,
    logarithmic: str = "",
    ordered: bool = False,
) -> dict[str, object]:
    return {
        "title": title,
        "x_label": x_label,
        "y_label": y_label,
        "curves": [{"label": label, "x": x, "y": y} for label, x, y in curves],
        "marks": [],
        "pulses": [],
        "logarithmic": logarithmic,
        "ordered": ordered,
    }
