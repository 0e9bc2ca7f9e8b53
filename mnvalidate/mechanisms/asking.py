"""Every question about every mechanism, each asked in a fresh process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mnvalidate.mechanisms.answer import Answer
from mnvalidate.mechanisms.answering import CURVES, Task, answer_in_child, not_applicable
from mnvalidate.mechanisms.check import FIRST_QUESTION, obstacle
from mnvalidate.mechanisms.curve_data import MechanismCurves
from mnvalidate.mechanisms.questions import QUESTIONS, QUESTIONS_BY_NAME
from mnvalidate.nmodl.library import CompileError, Library, build_what_compiles
from mnvalidate.nmodl.sources import NmodlSource, merge, myogen_sources
from mnvalidate.records import MeasurementOutcome
from mnvalidate.run.children import Accident, run_in_children
from mnvalidate.run.context import process_context, start_server
from mnvalidate.verdicts import Conclusion

DEFAULT_TIMEOUT__s = 30.0

_CURVES_NEED = ("compiles", FIRST_QUESTION)
_PRINTED_LINES = 2


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of some mechanisms.

    Parameters
    ----------
    by_mechanism : mapping of str to mapping of str to Answer
        Answer to each question, by the mechanism.
    curves : tuple of MechanismCurves
        Of each mechanism that has some.
    """

    by_mechanism: Mapping[str, Mapping[str, Answer]] = field(default_factory=dict)
    curves: tuple[MechanismCurves, ...] = ()


def ask_mechanisms(
    names: Sequence[str],
    changed: Sequence[NmodlSource] = (),
    *,
    jobs: int,
    timeout__s: float = DEFAULT_TIMEOUT__s,
) -> Answers:
    """Ask every question about mechanisms.

    A process that crashes, hangs or ends itself costs the answer to its question; all others are asked.

    Parameters
    ----------
    names : sequence of str
        Mechanisms of MyoGen's, of `changed`, or built into NEURON.
    changed : sequence of NmodlSource
        Sources merged over MyoGen's by their names.
    jobs : int
        Processes at a time.
    timeout__s : float
        Seconds that one question may take.

    Raises
    ------
    ToolsMissingError
        If `changed` needs compiling and a program for it is missing.
    """
    start_server()
    sources = merge(myogen_sources(), changed)
    library: Library | None = None
    errors: tuple[CompileError, ...] = ()
    if changed:
        library, errors = build_what_compiles(sources)
    answers = _known_beforehand(names, sources, errors)
    curves: dict[str, MechanismCurves] = {}

    def keep(task: Task, ending: dict[str, Any] | Accident, folder: Path) -> None:
        if task.question != CURVES:
            answers[task.mechanism][task.question] = (
                _lost(task, ending, timeout__s) if isinstance(ending, Accident) else Answer.from_json(ending)
            )
        elif not isinstance(ending, Accident):
            curves[task.mechanism] = MechanismCurves.from_json(ending)

    later = [question.name for question in QUESTIONS if question.name != FIRST_QUESTION]
    for stage in ((FIRST_QUESTION,), (*later, CURVES)):
        tasks = []
        for name in names:
            for question in stage:
                needs = _CURVES_NEED if question == CURVES else QUESTIONS_BY_NAME[question].needs
                if question in answers[name]:
                    continue
                hindered = obstacle(answers[name], needs)
                if hindered is None:
                    tasks.append(Task(name, question, library))
                elif question != CURVES:
                    answers[name][question] = hindered
        run_in_children(
            tasks,
            answer_in_child,
            jobs=jobs,
            timeout__s=timeout__s,
            context=process_context(),
            on_end=keep,
        )
    return Answers(answers, tuple(curves[name] for name in names if name in curves))


def _known_beforehand(
    names: Sequence[str], sources: Sequence[NmodlSource], errors: Sequence[CompileError]
) -> dict[str, dict[str, Answer]]:
    """Answers that need no process: what does not compile, and questions for mechanisms of another kind."""
    broken = {error.source.name: Answer(Conclusion.DEVIATES, str(error)) for error in errors}
    kinds = {source.name: source.kind for source in sources}
    known: dict[str, dict[str, Answer]] = {}
    for name in names:
        known[name] = {"compiles": broken[name]} if name in broken else {}
        for question in QUESTIONS:
            kind = kinds.get(name)
            if kind is not None and kind not in question.kinds:
                known[name][question.name] = not_applicable(f"it is of the kind {kind}")
    return known


def _lost(task: Task, accident: Accident, timeout__s: float) -> Answer:
    """Answer of a process that ended: what was asked for where that is survival, else an accident."""
    reason = accident.reason
    if accident.outcome is MeasurementOutcome.TIMED_OUT:
        reason = f"it did not return within {timeout__s:g} s"
    elif reason.startswith("raised"):
        reason = f"it {reason}"
    printed = " | ".join(accident.printed.splitlines()[-_PRINTED_LINES:])
    message = reason + (f" (it printed: {printed})" if printed else "")
    survival = QUESTIONS_BY_NAME[task.question].of_survival
    return Answer(Conclusion.DEVIATES, message, accident=not survival)
