"""How sharp the checks of mechanisms are: on sound ones, and on the same with one seeded fault each.

``python -m benchmarks.mechanisms [--sound 3] [--faulty 1] [--seed 7] [--jobs 2]`` generates so many sound
mechanisms of each template, asks all questions about them, and prints findings of the severity error by
template. Then it seeds each kind of fault into so many mechanisms of each template that it fits, and prints
how often the right check finds it.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from benchmarks.mechanism_faults import Fault, seeded
from benchmarks.mechanism_sources import TEMPLATES, Specimen, specimens
from mnvalidate.mechanisms.answer import Answer
from mnvalidate.mechanisms.answering import Task, answer_in_child
from mnvalidate.mechanisms.asking import ask_mechanisms
from mnvalidate.mechanisms.check import MechanismCheck
from mnvalidate.mechanisms.questions import QUESTIONS, QUESTIONS_BY_NAME
from mnvalidate.nmodl.library import build_what_compiles
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.run.children import Accident, run_in_children
from mnvalidate.run.context import process_context, start_server
from mnvalidate.verdicts import Conclusion, Severity, Verdict

_TIMEOUT__s = 120.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mechanisms", description=__doc__)
    parser.add_argument("--sound", type=int, default=3)
    parser.add_argument("--faulty", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    began = time.monotonic()
    if arguments.sound:
        print_sound(list(specimens(arguments.sound, arguments.seed)), arguments.jobs)
    if arguments.faulty:
        print_faults(list(seeded(specimens(arguments.faulty, arguments.seed))), arguments.jobs)
    print(f"\n{time.monotonic() - began:.0f} s; children used {children_cpu__s():.0f} s of processor time")


def children_cpu__s() -> float:
    """Processor time in s of the children that the server of processes has waited for; NaN where unknown."""
    server = getattr(forkserver._forkserver, "_forkserver_pid", None)
    try:
        fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def print_sound(corpus: list[Specimen], jobs: int) -> None:
    """Print the findings about sound mechanisms, by template, and what errors and warnings say."""
    answers = ask_mechanisms(
        [s.name for s in corpus], [source(s) for s in corpus], jobs=jobs, timeout__s=_TIMEOUT__s
    ).by_mechanism
    print(f"{len(corpus)} sound mechanisms: findings of each severity\n")
    print(f"  {'template':<18} {'mechanisms':>10} {'errors':>7} {'warnings':>8} {'info':>5}")
    accused: list[Verdict] = []
    for template in TEMPLATES:
        own = [s for s in corpus if s.kind == template.__name__]
        found = [v for s in own for v in verdicts(s.name, answers[s.name]) if v.found]
        errors = [v for v in found if v.failed]
        warnings = [v for v in found if not v.failed and v.severity is Severity.WARNING]
        accused += errors + warnings
        counts = (len(own), len(errors), len(warnings), len(found) - len(errors) - len(warnings))
        print("  {:<18} {:>10} {:>7} {:>8} {:>5}".format(template.__name__, *counts))
    print(f"\n  {len(accused)} errors and warnings in {len(corpus)} sound mechanisms")
    for verdict in accused:
        print(f"  {verdict.check}: {verdict.message}")


def print_faults(corpus: list[tuple[Fault, Specimen]], jobs: int) -> None:
    """Print how often the right check finds each kind of fault."""
    evidence = ask_about_faults(corpus, jobs)
    found: Counter[str] = Counter()
    missed: list[str] = []
    for fault, specimen in corpus:
        check = MechanismCheck(specimen.name, QUESTIONS_BY_NAME[fault.check])
        verdict = check(evidence[specimen.name])
        if verdict.conclusion is Conclusion.DEVIATES and not verdict.accident:
            found[fault.kind] += 1
        else:
            missed.append(f"{specimen.name}: {verdict.conclusion}: {verdict.message}")
    total = Counter(fault.kind for fault, _ in corpus)
    checks = {fault.kind: fault.check for fault, _ in corpus}
    print(f"\n{len(corpus)} mechanisms with one fault each, of {len(total)} kinds\n")
    print(f"  {'fault':<26} {'check':<18} {'found':>10}")
    for kind, count in total.items():
        print(f"  {kind:<26} {checks[kind]:<18} {found[kind]:>4} of {count:>3}")
    share = 100 * found.total() / len(corpus)
    print(f"\n  {found.total()} of {len(corpus)} found by the right check ({share:.1f} %)")
    for line in missed:
        print(f"  missed {line}")


def ask_about_faults(corpus: list[tuple[Fault, Specimen]], jobs: int) -> dict[str, dict[str, Answer]]:
    """Ask the question that must find each fault, and those that it needs."""
    start_server()
    library, errors = build_what_compiles([source(s) for fault, s in corpus if fault.check != "compiles"])
    for fault, specimen in corpus:
        if fault.check == "compiles":
            errors += build_what_compiles([source(specimen)])[1]
    refused = {error.source.name: Answer(Conclusion.DEVIATES, str(error)) for error in errors}
    evidence: dict[str, dict[str, Answer]] = {
        s.name: {"compiles": refused[s.name]} if s.name in refused else {} for _, s in corpus
    }
    sources = () if library is None else library.sources
    tasks = [
        Task(specimen.name, question, sources, library=library)
        for fault, specimen in corpus
        if specimen.name not in refused
        for question in {fault.check, *QUESTIONS_BY_NAME[fault.check].needs}
    ]

    def keep(task: Task, ending: dict[str, Any] | Accident, _: Path) -> None:
        if isinstance(ending, Accident):
            survival = QUESTIONS_BY_NAME[task.question].of_survival
            answer = Answer(Conclusion.DEVIATES, ending.reason, accident=not survival)
        else:
            answer = Answer.from_json(ending)
        evidence[task.mechanism][task.question] = answer

    run_in_children(
        tasks, answer_in_child, jobs=jobs, timeout__s=_TIMEOUT__s, context=process_context(), on_end=keep
    )
    return evidence


def verdicts(name: str, answers: dict[str, Answer]) -> list[Verdict]:
    """Verdicts of every check of a mechanism."""
    return [MechanismCheck(name, question)(answers) for question in QUESTIONS]


def source(specimen: Specimen) -> NmodlSource:
    """The specimen as the suite reads it."""
    return NmodlSource(f"{specimen.name}.mod", specimen.text)


if __name__ == "__main__":
    main()
