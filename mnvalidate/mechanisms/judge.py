"""Every check of every mechanism, each in a fresh process, and their verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pebble import ProcessExpired
from pebble.concurrent import process as concurrent_process

from mnvalidate.mechanisms.answers import Answer
from mnvalidate.mechanisms.child import CURVES, answer_in_child
from mnvalidate.mechanisms.curve_data import MechanismCurves
from mnvalidate.mechanisms.judged import ADVICE, JudgedMechanisms
from mnvalidate.mechanisms.registry import CHECKS, MechanismCheck
from mnvalidate.nmodl.library import CompileError, Library, build_what_compiles
from mnvalidate.nmodl.sources import NmodlSource, merge, myogen_sources
from mnvalidate.run.child import OUTPUT_FILE
from mnvalidate.run.children import how_it_ended, tail
from mnvalidate.run.context import process_context, start_server
from mnvalidate.verdicts import MECHANISM_FAMILY, Conclusion, Verdict

DEFAULT_TIMEOUT__s = 30.0

_FIRST = ("runs",)


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """One check of one mechanism.

    Parameters
    ----------
    mechanism : str
        Its name.
    check : MechanismCheck
        The question.
    """

    mechanism: str
    check: MechanismCheck

    @property
    def id(self) -> str:
        """Readable name, for example ``napp-finite``."""
        return f"{self.mechanism}-{self.check.name}"

    @property
    def full_id(self) -> str:
        """Family and name, for example ``mechanism[napp-finite]``."""
        return f"{MECHANISM_FAMILY}[{self.id}]"


def plan_mechanisms(names: Iterable[str]) -> tuple[PlannedCheck, ...]:
    """Every check of each mechanism, known before anything is compiled."""
    return tuple(PlannedCheck(name, check) for name in names for check in CHECKS)


def judge_mechanisms(
    names: Sequence[str],
    changed: Sequence[NmodlSource] = (),
    *,
    jobs: int,
    timeout__s: float = DEFAULT_TIMEOUT__s,
    on_verdict: Callable[[Verdict], None] = lambda verdict: None,
) -> JudgedMechanisms:
    """Judge mechanisms.

    A check whose process crashes, hangs or ends itself is a finding of that check; all others are judged.

    Parameters
    ----------
    names : sequence of str
        Mechanisms of MyoGen's, of `changed`, or built into NEURON.
    changed : sequence of NmodlSource
        Sources merged over MyoGen's by their names.
    jobs : int
        Processes at a time.
    timeout__s : float
        Seconds that one check may take.
    on_verdict : callable
        Called in this process with each verdict as it comes, in no particular order.

    Raises
    ------
    ToolsMissingError
        If `changed` needs compiling and a program for it is missing.
    """
    start_server()
    library: Library | None = None
    errors: tuple[CompileError, ...] = ()
    if changed:
        library, errors = build_what_compiles(merge(myogen_sources(), changed))
    broken = {error.source.name: str(error) for error in errors}
    answers: dict[tuple[str, str], Answer] = {}
    curves: dict[str, MechanismCurves] = {}

    def keep(task: str, mechanism: str, result: Answer | dict[str, Any]) -> None:
        if task == CURVES:
            if isinstance(result, dict):
                curves[mechanism] = MechanismCurves.from_json(result)
            return
        answer = result if isinstance(result, Answer) else Answer.from_json(result)
        answers[mechanism, task] = answer
        on_verdict(_verdict(by_key[mechanism, task], answer))

    planned = plan_mechanisms(names)
    by_key = {(p.mechanism, p.check.name): p for p in planned}
    for mechanism, message in broken.items():
        if (mechanism, "compiles") in by_key:
            keep("compiles", mechanism, Answer(Conclusion.DEVIATES, message))
    kinds = {source.name: source.kind for source in merge(myogen_sources(), changed)}
    for (mechanism, task), plan in by_key.items():
        kind = kinds.get(mechanism)
        if kind is not None and kind not in plan.check.kinds:  # not worth a process
            keep(task, mechanism, Answer(Conclusion.NOT_JUDGED, f"not applicable: it is of the kind {kind}"))
    todo = [key for key in by_key if key not in answers]
    for stage in (
        [key for key in todo if key[1] in _FIRST],
        [key for key in todo if key[1] not in _FIRST] + [(name, CURVES) for name in names],
    ):
        tasks = []
        for mechanism, task in stage:
            needs = by_key[mechanism, task].check.needs if task != CURVES else ("compiles", "runs")
            obstacle = _obstacle(answers, mechanism, needs)
            if obstacle is None:
                tasks.append((mechanism, task))
            elif task != CURVES:
                keep(task, mechanism, obstacle)
        _run_tasks(tasks, library, jobs, timeout__s, keep)
    verdicts = []
    for key, plan in by_key.items():
        answer = answers[key]
        if answer.conclusion is not Conclusion.NOT_JUDGED:
            answer = _obstacle(answers, plan.mechanism, plan.check.needs) or answer
        verdicts.append(_verdict(plan, answer))
    return JudgedMechanisms(tuple(verdicts), tuple(curves[name] for name in names if name in curves))


def _run_tasks(
    tasks: Sequence[tuple[str, str]],
    library: Library | None,
    jobs: int,
    timeout__s: float,
    keep: Callable[[str, str, Answer | dict[str, Any]], None],
) -> None:
    context = process_context(other_mechanisms=library is not None)
    # Pebble 5.2 reads the keyword `context`; its type annotations call it `mp_context`.
    in_process = concurrent_process(timeout=timeout__s, context=context)  # type: ignore[call-overload]
    start: Callable[..., Future[dict[str, Any]]] = in_process(answer_in_child)
    waiting = list(reversed(tasks))
    running: dict[Future[dict[str, Any]], tuple[str, str, Path]] = {}
    with TemporaryDirectory(prefix="mnvalidate-") as scratch:
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    mechanism, task = waiting.pop()
                    folder = Path(scratch) / f"{mechanism}-{task}"
                    folder.mkdir()
                    running[start(task, mechanism, library, str(folder))] = mechanism, task, folder
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    mechanism, task, folder = running.pop(future)
                    keep(task, mechanism, _result(future, task, folder, timeout__s))
        finally:
            for future in running:
                future.cancel()
            wait(running)


def _result(
    future: Future[dict[str, Any]], task: str, folder: Path, timeout__s: float
) -> Answer | dict[str, Any]:
    try:
        return future.result()
    except FutureTimeoutError:
        reason = f"it did not return within {timeout__s:g} s"
    except ProcessExpired as error:
        reason = f"the process {how_it_ended(error.exitcode)}".replace(
            "the process the process", "the process"
        )
    except Exception as error:
        reason = f"it raised {type(error).__name__}: {error}"
    printed = " | ".join(tail(folder / OUTPUT_FILE).splitlines()[-2:])
    return Answer(Conclusion.DEVIATES, reason + (f" (it printed: {printed})" if printed else ""))


def _obstacle(answers: dict[tuple[str, str], Answer], mechanism: str, needs: Sequence[str]) -> Answer | None:
    for need in needs:
        answer = answers.get((mechanism, need))
        if answer is None or answer.conclusion is Conclusion.CONFORMS:
            continue
        if answer.conclusion is Conclusion.DEVIATES or need in _FIRST:
            return Answer(
                Conclusion.NOT_JUDGED, f"not judged, because {need!r} is not sound: {answer.message}"
            )
    return None


def _verdict(plan: PlannedCheck, answer: Answer) -> Verdict:
    advice = f"{ADVICE}{plan.check.advice}" if answer.conclusion is Conclusion.DEVIATES else ""
    end = "" if answer.message.endswith("\n") else "."  # a full stop would spoil the last line of a script
    return Verdict(
        check=plan.full_id,
        model=plan.mechanism,
        quantity=plan.check.name,
        conclusion=answer.conclusion,
        severity=plan.check.severity,
        message=f"{plan.mechanism}: {plan.check.question} {answer.message}{end}{advice}",
    )
