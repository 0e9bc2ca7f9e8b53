"""Every question about every mechanism, each asked in a fresh process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism
from mnvalidate.mechanisms.answering import CURVES, Task, answer_about, answer_in_child, not_applicable
from mnvalidate.mechanisms.check import FIRST_QUESTION, obstacle
from mnvalidate.mechanisms.curve_data import MechanismCurves
from mnvalidate.mechanisms.questions import QUESTIONS, QUESTIONS_BY_NAME
from mnvalidate.mechanisms.survival import advice, said
from mnvalidate.models.layering import layer_of
from mnvalidate.models.myogen_models import NERLAB
from mnvalidate.nmodl.interface import read_interface
from mnvalidate.nmodl.ions import contradictions
from mnvalidate.nmodl.layers import Layer, combine
from mnvalidate.nmodl.library import build_what_compiles, is_built
from mnvalidate.nmodl.sources import NmodlSource, merge
from mnvalidate.nmodl.translating import CompileError
from mnvalidate.records import MeasurementOutcome
from mnvalidate.run.children import Accident, run_in_children
from mnvalidate.run.context import process_context, start_server
from mnvalidate.run.progress import Progress, Silence
from mnvalidate.verdicts import Conclusion

DEFAULT_TIMEOUT__s = 30.0

_CURVES_NEED = ("compiles", FIRST_QUESTION)


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
    own: Sequence[Layer] | None = None,
    jobs: int,
    timeout__s: float = DEFAULT_TIMEOUT__s,
    progress: Progress | None = None,
) -> Answers:
    """Ask every question about mechanisms.

    A process that crashes, hangs or ends itself costs the answer to its question, and a file that does not
    compile costs its own answers; all others are asked.

    Parameters
    ----------
    names : sequence of str
        Mechanisms of the model's, of `changed`, or built into NEURON.
    changed : sequence of NmodlSource
        Sources merged over the model's by their names.
    own : sequence of Layer, optional
        The model's mechanisms; MyoGen's by default.
    jobs : int
        Processes at a time.
    timeout__s : float
        Seconds that one question may take.
    progress : Progress, optional
        Shows how far it has come; its total is `n_questions`.

    Raises
    ------
    ToolsMissingError
        If something needs compiling and a program for it is missing.
    ClashError
        If the model's mechanisms contradict each other.
    """
    with progress or Silence() as shown:
        return _ask(names, changed, own, jobs, timeout__s, shown)


def n_questions(names: Sequence[str]) -> int:
    """Number of answers about some mechanisms."""
    return len(names) * len(QUESTIONS)


def unanswered(names: Sequence[str], reason: str) -> Answers:
    """Return answers that say why nothing could be asked."""
    lost = Answer(Conclusion.NOT_JUDGED, reason)
    return Answers({name: {question.name: lost for question in QUESTIONS} for name in names})


def _ask(
    names: Sequence[str],
    changed: Sequence[NmodlSource],
    own: Sequence[Layer] | None,
    jobs: int,
    timeout__s: float,
    progress: Progress,
) -> Answers:
    start_server()
    own = (layer_of(NERLAB, compiled=not changed),) if own is None else own
    loading = combine(own, changed)
    sources = {source.name: source for source in merge([s for layer in own for s in layer.sources], changed)}
    to_compile, errors = loading.to_compile, contradictions(_own_first(sources.values(), changed))
    library = None
    if to_compile:
        wrong = {error.source for error in errors}
        to_compile = tuple(source for source in to_compile if source not in wrong)
        if not is_built(to_compile):
            progress.note(f"compiling {len(to_compile)} files")
        library, refused = build_what_compiles(to_compile)
        errors += refused
    files = tuple(map(str, loading.files))
    answers = _known_beforehand(names, tuple(sources.values()), errors)
    done = {name: len(answers[name]) for name in names}
    progress.count(sum(done.values()))
    curves: dict[str, MechanismCurves] = {}

    def keep(task: Task, ending: dict[str, Any] | Accident, folder: Path) -> None:
        if task.question != CURVES:
            answer = (
                _lost(task, ending, timeout__s, sources.get(task.mechanism))
                if isinstance(ending, Accident)
                else Answer.from_json(ending)
            )
            answers[task.mechanism][task.question] = answer
            progress.count(1, failed=int(answer.accident))
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
                    tasks.append(Task(name, question, tuple(sources.values()), files, library))
                elif question != CURVES:
                    answers[name][question] = hindered
                    progress.count(1)
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
    broken = {error.source.name: _not_compiled(error) for error in errors}
    by_name = {source.name: source for source in sources}
    known: dict[str, dict[str, Answer]] = {}
    for name in names:
        known[name] = {"compiles": broken[name]} if name in broken else {}
        source = by_name.get(name)
        if source is None:  # built into NEURON
            continue
        for question in QUESTIONS:
            if source.kind not in question.kinds:
                known[name][question.name] = not_applicable(f"it is of the kind {source.kind}")
            elif question.of_source:
                mechanism = LoadedMechanism(source, read_interface(source), tuple(sources))
                known[name][question.name] = answer_about(mechanism, question)
    return known


def _not_compiled(error: CompileError) -> Answer:
    advice = "" if error.line is not None else "Mend what the message names."
    return Answer(Conclusion.DEVIATES, str(error), advice=advice)


def _own_first(sources: Iterable[NmodlSource], changed: Sequence[NmodlSource]) -> list[NmodlSource]:
    """Sources in the order in which they are right where two contradict each other."""
    return sorted(sources, key=lambda source: source in changed)


def _lost(task: Task, accident: Accident, timeout__s: float, source: NmodlSource | None) -> Answer:
    """Answer of a process that ended: what was asked for where that is survival, else an accident."""
    reason = accident.reason
    if accident.outcome is MeasurementOutcome.TIMED_OUT:
        reason = f"it did not return within {timeout__s:g} s"
    elif reason.startswith("raised"):
        reason = f"it {reason}"
    printed = said(accident.printed)
    message = reason + (f" (NEURON says: {printed})" if printed else "")
    survival = QUESTIONS_BY_NAME[task.question].of_survival
    what_to_do = advice(source, accident) if survival else ""
    return Answer(Conclusion.DEVIATES, message, accident=not survival, advice=what_to_do)
