"""One validation run in three steps, each of which makes a value: plan, carry out, judge."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TextIO

from mnvalidate.baseline.comparison import Comparison
from mnvalidate.baseline.state import State
from mnvalidate.checks.check import Check, Planning, PoolOutline
from mnvalidate.checks.deviations import (
    Deviation,
    Finding,
    FindingKind,
    apply_deviations,
)
from mnvalidate.checks.known import Known
from mnvalidate.checks.pool_change import PoolChange, compare_pools
from mnvalidate.checks.profile import apply_profile, load_profile
from mnvalidate.excusing import deviations_for, deviations_seen, holding, known_for, with_doubts
from mnvalidate.families import load_reference, plan_checks
from mnvalidate.gate import baseline_for, check_place, hold, program_versions
from mnvalidate.inquiry import ask, ask_originals, cause, mechanisms_to_check
from mnvalidate.literature.criteria import Reference
from mnvalidate.mechanisms.asking import Answers
from mnvalidate.models.layering import sources_to_compile
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.layers import Layer
from mnvalidate.nmodl.library import check_tools
from mnvalidate.nmodl.sources import NmodlError
from mnvalidate.nmodl.translating import CompileError
from mnvalidate.options import OptionError, Options, check_writable
from mnvalidate.records import Record
from mnvalidate.report.results import MeasuredPool, Results
from mnvalidate.run.changed import changes_neurons, unbuilt_pool, unchanged
from mnvalidate.run.pool import Interrupted, Pool, measure
from mnvalidate.run.progress import Bar
from mnvalidate.run.store import Store
from mnvalidate.scope import literature_used
from mnvalidate.verdicts import Subject, Verdict


@dataclass(frozen=True)
class Plan:
    """What is to be asked, known before anything is measured.

    Parameters
    ----------
    options : Options
        What the user asked for.
    reference : Reference
        The literature, with the severities that the user wants.
    checks : tuple of Check
        Every check.
    deviations : tuple of Deviation
        Known deviations that apply to this run.
    own : tuple of Layer
        What the models have in force, as far as it matters for the mechanisms that are checked.
    known : Known
        Those of MyoGen that apply only to what turns out to be built of it, or to be as it was.
    baseline : State, optional
        The model as it was; None where nothing is compared.
    """

    options: Options
    reference: Reference
    checks: tuple[Check, ...]
    deviations: tuple[Deviation, ...]
    own: tuple[Layer, ...] = ()
    known: Known = field(default_factory=Known)
    baseline: State | None = None


@dataclass(frozen=True)
class Outcome:
    """What was measured and answered.

    Parameters
    ----------
    plan : Plan
        What was to be asked.
    pools : tuple of Pool
        The pools; fewer, or with fewer records, where measuring was interrupted.
    unchanged : tuple of Pool
        Those of them whose mechanisms the user changes, measured without the change.
    answers : Answers
        What is known of single mechanisms.
    originals : Answers
        The same of those that the user has changed and something is known of, as they were.
    damaged : int
        Number of stored records that were no good and were measured again.
    store_problem : str
        Why records are not kept; empty where they are.
    """

    plan: Plan
    pools: tuple[Pool, ...] = ()
    unchanged: tuple[Pool, ...] = ()
    answers: Answers = field(default_factory=Answers)
    originals: Answers = field(default_factory=Answers)
    damaged: int = 0
    store_problem: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether every neuron of every pool that was to be measured has a record."""
        whole = [pool for pool in self.pools if pool.is_whole]
        return not self.pools or len(whole) == len(self.plan.options.specs)

    @property
    def records(self) -> tuple[Record, ...]:
        """Records of all pools."""
        return tuple(record for pool in self.pools for record in pool.records)

    def evidence(self, subject: Subject) -> Any:
        """What was seen of a subject, as its checks are called with it; None if it was not looked at."""
        if subject.is_mechanism:
            return self.answers.by_mechanism.get(subject.name)
        return next((pool.records for pool in self.pools if pool.spec.name == subject.name), None)


class InterruptedRun(KeyboardInterrupt):
    """Someone wants to leave.

    Attributes
    ----------
    outcome : Outcome
        What was measured until then.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("interrupted while measuring")
        self.outcome = outcome


@dataclass(frozen=True)
class Judgement:
    """What is concluded from an outcome.

    Parameters
    ----------
    verdicts : tuple of Verdict
        One for each check on what was looked at, known deviations marked.
    findings : tuple of Finding
        What is wrong with the entries of known deviations.
    changes : tuple of PoolChange
        What a change of mechanisms does to each pool.
    since : Comparison, optional
        What is different from the baseline; None where nothing is compared.
    """

    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...] = ()
    changes: tuple[PoolChange, ...] = ()
    since: Comparison | None = None

    @cached_property
    def _by_check(self) -> Mapping[str, Verdict]:
        return {verdict.check: verdict for verdict in self.verdicts}

    def verdict(self, check: str) -> Verdict:
        """Verdict of a check, by its full id.

        Raises
        ------
        KeyError
            If what it judges was not looked at.
        """
        return self._by_check[check]

    def finding(self, deviation: Deviation) -> Finding | None:
        """What is wrong with an entry of the known deviations, None if nothing is."""
        return next((f for f in self.findings if f.deviation == deviation), None)

    def to_json(self) -> dict[str, Any]:
        """Return verdicts and findings as JSON values; changes of pools are for reports alone."""
        return {
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
            "findings": [asdict(finding) for finding in self.findings],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Judgement:
        """Restore verdicts and findings from `to_json`'s values."""
        return cls(
            tuple(Verdict.from_json(verdict) for verdict in data["verdicts"]),
            tuple(
                Finding(FindingKind(f["kind"]), Deviation(**f["deviation"]), f["message"])
                for f in data["findings"]
            ),
        )


def plan(options: Options, reference: Reference | None = None) -> Plan:
    """Read every file the user gave, and plan every check.

    Parameters
    ----------
    options : Options
        What the user asked for.
    reference : Reference, optional
        Literature in place of the shipped and the user's.

    Raises
    ------
    ReferenceDataError
        If anything is wrong with a file.
    NmodlError
        If the mechanisms of a model are to be checked and cannot be found.
    BaselineError
        If the baseline is none, or is of something else than this run.
    """
    if reference is None:
        reference = load_reference(own=options.literature)
    if options.profile is not None:
        reference = apply_profile(reference, load_profile(options.profile), options.profile.name)
    pools = tuple(PoolOutline(spec.name, spec.n_neurons) for spec in options.specs)
    mechanisms, own = mechanisms_to_check(options)
    baseline = baseline_for(options, reference)
    checks = plan_checks(Planning(reference, options.species, pools, mechanisms, baseline))
    known = known_for(options, checks, own)
    deviations = deviations_for(options, known, checks)
    return Plan(options, reference, checks, deviations, own, known, baseline)


def carry_out(plan: Plan, checks: Iterable[Check], stream: TextIO) -> Outcome:
    """Measure and ask what some of the checks need.

    Parameters
    ----------
    plan : Plan
        What is to be asked.
    checks : iterable of Check
        Those of its checks that are to be called.
    stream : text file
        Where progress is shown.

    Raises
    ------
    OptionError, ValueError
        If the report cannot be written, a model's package is not there, or mechanisms cannot be compiled;
        nothing is measured then.
    InterruptedRun
        On a keyboard interrupt; it carries what was measured until then.
    """
    options = plan.options
    subjects = list(dict.fromkeys(check.subject for check in checks))
    mechanisms = [subject.name for subject in subjects if subject.is_mechanism]
    _check_surroundings(options)
    store = None if options.store is None else Store(options.store)
    answers = ask(mechanisms, options, plan.own, stream)
    originals = ask_originals(plan.known.changed_mechanisms(mechanisms), options, stream)
    pools: list[Pool] = []
    bare: list[Pool] = []

    def outcome() -> Outcome:
        damaged, problem = (0, "") if store is None else (len(store.damaged), store.problem)
        return Outcome(plan, tuple(pools), tuple(bare), answers, originals, damaged, problem)

    try:
        if len(mechanisms) < len(subjects):
            pools.extend(_measure(spec, spec.name, options, store, stream) for spec in options.specs)
            bare.extend(
                _measure(unchanged(spec), f"{spec.name} unchanged", options, store, stream)
                for spec in options.specs
                if changes_neurons(spec)
            )
    except Interrupted as interrupt:
        if len(pools) < len(options.specs):
            pools.append(interrupt.pool)
        raise InterruptedRun(outcome()) from None
    return outcome()


def judge(outcome: Outcome) -> Judgement:
    """Call every check on what was looked at, and mark the known deviations."""
    plan = outcome.plan
    seen = [
        (check, evidence)
        for check in plan.checks
        if (evidence := outcome.evidence(check.subject)) is not None
    ]
    found = [check(evidence) for check, evidence in seen]
    pools = [(pool.spec.name, pool.records) for pool in outcome.pools]
    seen_too = deviations_seen(plan.known, found, pools, plan.checks, outcome.originals)
    found = list(with_doubts(plan.known, found, plan.checks, outcome.originals))
    excused = apply_deviations(found, (*holding(plan.deviations, plan.options, found), *seen_too))
    changed = {pool.spec.name: pool for pool in outcome.pools}
    changes = tuple(
        compare_pools(bare, changed[bare.spec.name], plan.checks)
        for bare in outcome.unchanged
        if outcome.is_whole
    )
    if plan.baseline is None:
        return Judgement(excused.verdicts, excused.findings, changes)
    verdicts, since = hold(plan.baseline, plan.options, plan.reference, outcome.pools, excused.verdicts)
    return Judgement(verdicts, excused.findings, changes, since)


def results_of(outcome: Outcome, judgement: Judgement, concluded: Collection[str], command: str) -> Results:
    """Put together what a report shows.

    Parameters
    ----------
    outcome : Outcome
        What was measured and answered.
    judgement : Judgement
        What is concluded from it.
    concluded : collection of str
        Full ids of the checks that the run had selected.
    command : str
        How the run was started.
    """
    selected = frozenset(concluded)
    verdicts = tuple(v for v in judgement.verdicts if v.check in selected)
    planned: dict[str, Counter[str]] = {pool.spec.name: Counter() for pool in outcome.pools}
    for verdict in judgement.verdicts:
        if not verdict.subject.is_mechanism:
            planned[verdict.subject.name][verdict.quantity] += 1
    names = {v.subject.name for v in verdicts if v.subject.is_mechanism}
    sizes = {pool.spec.name: pool.spec.n_neurons for pool in outcome.pools}
    return Results(
        pools=tuple(
            MeasuredPool(pool.spec.name, pool.spec.to_json(), asdict(pool.solver), pool.records)
            for pool in outcome.pools
        ),
        verdicts=verdicts,
        expected=sum(counts.total() for counts in planned.values()),
        findings=tuple(finding.message for finding in judgement.findings if finding.failed),
        curves=tuple(c for c in outcome.answers.curves if c.mechanism in names),
        versions={**program_versions(), "python": platform.python_version()},
        changes=judgement.changes,
        species=outcome.plan.options.species,
        literature=literature_used(outcome.plan.reference, outcome.plan.options.species),
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        planned=planned,
        baseline=None if judgement.since is None else judgement.since.restricted(selected, sizes),
        scan=outcome.plan.options.scan,
    )


def _check_surroundings(options: Options) -> None:
    """Refuse a run that could not compile or not report, before it leaves anything behind."""
    for spec in options.specs:
        if spec.named is not None:
            spec.named.require()
        try:
            if to_compile := sources_to_compile(spec):
                check_tools(to_compile)
        except NmodlError as error:
            raise OptionError(f"{cause(spec)}: {error}") from error
    if options.report is not None:
        check_writable(options.report)
    check_place(options)


def _measure(spec: ModelSpec, title: str, options: Options, store: Store | None, stream: TextIO) -> Pool:
    try:
        return measure(
            spec,
            solver=options.solver,
            jobs=options.jobs,
            timeout__s=options.timeout__s,
            store=store,
            progress=Bar(f"measuring {title}", spec.n_neurons, stream),
        )
    except CompileError as error:
        return unbuilt_pool(spec, options.solver, str(error))
    except NmodlError as error:
        raise OptionError(f"{cause(spec)}: {error}") from error
