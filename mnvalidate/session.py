"""One validation run: plan the checks, measure the pools, collect the verdicts, report."""

from __future__ import annotations

import contextlib
import os
import platform
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TextIO

from mnvalidate._version import __version__, installed
from mnvalidate.checks.base import Check, PoolOutline
from mnvalidate.checks.changes import PoolChange, compare_pools
from mnvalidate.checks.deviations import (
    Deviation,
    Excused,
    Finding,
    apply_deviations,
    load_deviations,
    shipped_deviations,
)
from mnvalidate.checks.plan import judge_records, plan_checks
from mnvalidate.checks.profile import apply_profile, load_profile
from mnvalidate.checks.subjects import NeuronCheck, PoolCheck
from mnvalidate.checks.values import record_of
from mnvalidate.mechanisms.judge import DEFAULT_TIMEOUT__s, judge_mechanisms
from mnvalidate.mechanisms.judged import JudgedMechanisms
from mnvalidate.mechanisms.known import known_deviations
from mnvalidate.models.layering import sources_to_compile
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.library import CompileError, check_tools
from mnvalidate.nmodl.sources import NmodlError
from mnvalidate.options import OptionError, Options, check_writable
from mnvalidate.records import MeasurementOutcome
from mnvalidate.reference import Reference, load_reference
from mnvalidate.run.context import start_server
from mnvalidate.run.keys import has_unknown_neurons
from mnvalidate.run.pool import Interrupted, Pool, default_jobs, measure
from mnvalidate.run.progress import Bar
from mnvalidate.run.store import Store
from mnvalidate.run.unbuilt import changes_neurons, unbuilt_pool, unchanged
from mnvalidate.verdicts import MECHANISM_FAMILY, Conclusion, Verdict

if TYPE_CHECKING:
    from mnvalidate.report.artist import Artist
    from mnvalidate.report.results import Results


class ValidationSession:
    """State of a run in the process that controls it.

    Parameters
    ----------
    options : Options
        What the user asked for.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.pools: tuple[Pool, ...] = ()
        self.mechanisms: JudgedMechanisms | None = None
        self.verdicts: list[Verdict] = []
        self.changes: tuple[PoolChange, ...] = ()
        self.report_problem = ""
        """Why the report is not there, empty if nothing went wrong."""
        self._artist: Artist | None = None
        self._prepared = False

    @cached_property
    def reference(self) -> Reference:
        """The literature, with the severities that the user wants."""
        reference = load_reference()
        if self.options.profile is None:
            return reference
        profile = self.options.profile
        return apply_profile(reference, load_profile(profile), profile.name)

    @cached_property
    def checks(self) -> tuple[PoolCheck, ...]:
        """Every check of the run, known before anything is measured."""
        outlines = [PoolOutline(spec.name, spec.n_neurons) for spec in self.options.specs]
        return plan_checks(self.reference, self.options.species, outlines)

    @cached_property
    def deviations(self) -> tuple[Deviation, ...]:
        """Known deviations of pools that apply to this run.

        Those that ship with mnvalidate cover several models; only entries on models of this run count.
        """
        if self.options.deviations is not None:
            return tuple(d for d in load_deviations(self.options.deviations) if not d.on_mechanisms)
        shipped = shipped_deviations(installed("myogen")) if self.options.deviations_shipped else None
        if shipped is None:
            return ()
        planned = [check.full_id for check in self.checks]
        return tuple(d for d in load_deviations(shipped) if any(d.matches(check) for check in planned))

    @cached_property
    def mechanism_deviations(self) -> tuple[Deviation, ...]:
        """Known deviations of mechanisms that apply to this run."""
        return known_deviations(self.options)

    @cached_property
    def mechanism_judgement(self) -> Excused:
        """Verdicts of all checks on mechanisms, known deviations marked."""
        found = self.mechanisms.verdicts if self.mechanisms is not None else ()
        return apply_deviations(found, self.mechanism_deviations)

    @cached_property
    def judgement(self) -> Excused:
        """Verdicts of all checks on the measured pools, known deviations marked."""
        records = [record for pool in self.pools for record in pool.records]
        return apply_deviations(judge_records(self.checks, records), self.deviations)

    @cached_property
    def _verdicts_by_check(self) -> dict[str, Verdict]:
        return {verdict.check: verdict for verdict in self.judgement.verdicts}

    @cached_property
    def _mechanism_verdicts_by_check(self) -> dict[str, Verdict]:
        return {verdict.check: verdict for verdict in self.mechanism_judgement.verdicts}

    def verdict(self, check: str) -> Verdict:
        """Verdict of one check of a pool or of a mechanism, by its full id."""
        return (self._mechanism_verdicts_by_check if _on_mechanism(check) else self._verdicts_by_check)[check]

    def accident(self, check: Check) -> bool:
        """Whether a check fails because what it judges crashed or took too long, not because of a value.

        Only the quantities of the check count: another protocol's crash on the same neuron does not.
        """
        verdict = self.verdict(check.full_id)
        if not verdict.failed or verdict.conclusion is not Conclusion.NOT_MEASURED:
            return False
        if not isinstance(check, NeuronCheck):
            return False
        pool = next(pool for pool in self.pools if pool.spec.name == check.model)
        record = record_of(pool.records, check.neuron)
        return record is not None and any(
            measurement.outcome in (MeasurementOutcome.CRASHED, MeasurementOutcome.TIMED_OUT)
            for name, measurement in record.measurements.items()
            if name in check.rule.quantities
        )

    def finding(self, deviation: Deviation) -> Finding | None:
        """What is wrong with an entry of the known deviations, None if nothing is."""
        judgement = self.mechanism_judgement if deviation.on_mechanisms else self.judgement
        return next((f for f in judgement.findings if f.deviation == deviation), None)

    def read_inputs(self) -> None:
        """Read every file the user gave.

        Raises
        ------
        ReferenceDataError
            If anything is wrong with one of them.
        """
        _ = self.checks, self.deviations, self.mechanism_deviations

    def prepare(self) -> None:
        """Start what takes long to start, beside whatever this process does next.

        Where neurons are to be measured, they wait for the server, and figures for them.
        """
        if self._prepared:
            return
        self._prepared = True
        if has_unknown_neurons(self.store, self.options.specs, self.options.solver):
            start_server(own_mechanisms=self.options.has_own_mechanisms)
            Thread(target=_load_what_comes_after, daemon=True).start()
        else:
            self._engage_artist()

    def _engage_artist(self) -> None:
        if self.options.report is not None and self._artist is None:
            from mnvalidate.report.artist import Artist

            self._artist = Artist()

    def draw(self, checks: Container[str]) -> None:
        """Let the figures be drawn while the tests run.

        Parameters
        ----------
        checks : container of str
            Those that are expected to be concluded, by their full ids. If others are, the figures will be
            drawn again.
        """
        if self._artist is not None and self.is_whole:
            verdicts = [self.verdict(check.full_id) for check in self.checks if check.full_id in checks]
            self._artist.draw(self._results(verdicts, ""), self.reference)

    def close(self) -> None:
        """End what `prepare` has started for this run alone."""
        if self._artist is not None:
            self._artist.dismiss()

    @property
    def measured(self) -> bool:
        """Whether the pools have been measured."""
        return bool(self.pools)

    def measure(self, stream: TextIO) -> None:
        """Measure every pool, showing progress on `stream`.

        Raises
        ------
        OptionError
            If the report cannot be written, or mechanisms not be compiled; nothing is measured then.
        """
        self._check_surroundings()
        self.prepare()
        self._engage_artist()
        pools: list[Pool] = []
        try:
            pools.extend(self._measure(spec, spec.name, stream) for spec in self.options.specs)
        except Interrupted as interrupt:
            pools.append(interrupt.pool)
            raise
        finally:
            self.pools = tuple(pools)
        self.changes = tuple(
            compare_pools(
                self._measure(unchanged(pool.spec), f"{pool.spec.name} unchanged", stream), pool, self.checks
            )
            for pool in self.pools
            if changes_neurons(pool.spec)
        )

    def judge_mechanisms(self, names: Sequence[str]) -> None:
        """Judge single mechanisms.

        Parameters
        ----------
        names : sequence of str
            Those of the options' that are needed.

        Raises
        ------
        OptionError
            If the report cannot be written, or the mechanisms not be compiled; nothing is judged then.
        """
        self._check_surroundings()
        try:
            self.mechanisms = judge_mechanisms(
                names,
                self.options.specs[0].nmodl,
                jobs=self.options.jobs or default_jobs(),
                timeout__s=min(DEFAULT_TIMEOUT__s, self.options.timeout__s),
            )
        except NmodlError as error:
            raise OptionError(f"--mn-nmodl: {error}") from error

    def _check_surroundings(self) -> None:
        """Refuse a run that could not compile or not report, before it leaves anything behind."""
        for spec in self.options.specs:
            try:
                if to_compile := sources_to_compile(spec):
                    check_tools(to_compile)
            except NmodlError as error:
                raise OptionError(f"{_cause(spec)}: {error}") from error
        if self.options.report is not None:
            check_writable(self.options.report)

    def _measure(self, spec: ModelSpec, title: str, stream: TextIO) -> Pool:
        try:
            return measure(
                spec,
                solver=self.options.solver,
                jobs=self.options.jobs,
                timeout__s=self.options.timeout__s,
                store=self.store,
                progress=Bar(f"measuring {title}", spec.n_neurons, stream),
            )
        except CompileError as error:
            return unbuilt_pool(spec, self.options.solver, str(error))
        except NmodlError as error:
            raise OptionError(f"{_cause(spec)}: {error}") from error

    @cached_property
    def store(self) -> Store | None:
        """Records of earlier runs."""
        return None if self.options.store is None else Store(self.options.store)

    @property
    def has_results(self) -> bool:
        """Whether pools were measured or mechanisms judged."""
        return self.measured or self.mechanisms is not None

    @property
    def is_whole(self) -> bool:
        """Whether every neuron of every pool that was to be measured has a record."""
        measured = [pool for pool in self.pools if pool.is_whole]
        return not self.pools or len(measured) == len(self.options.specs)

    @property
    def judged_something(self) -> bool:
        """Whether at least one check of the pools, where there are some, and of the mechanisms was judged."""
        judged_mechanism = {_on_mechanism(verdict.check) for verdict in self.verdicts if verdict.judged}
        return (not self.measured or False in judged_mechanism) and (
            self.mechanisms is None or True in judged_mechanism
        )

    def finish(self, command: str) -> Results:
        """Put together what a report shows.

        Parameters
        ----------
        command : str
            How the run was started.
        """
        order = {check.full_id: index for index, check in enumerate(self.checks if self.measured else ())}
        verdicts = {verdict.check: verdict for verdict in self.verdicts if not _on_mechanism(verdict.check)}
        return self._results(sorted(verdicts.values(), key=lambda v: order.get(v.check, len(order))), command)

    def _results(self, verdicts: Sequence[Verdict], command: str) -> Results:
        from mnvalidate.report.results import MeasuredPool, Results

        planned: dict[str, Counter[str]] = {pool.spec.name: Counter() for pool in self.pools}
        for verdict in self.judgement.verdicts if self.measured else ():
            planned[verdict.model][verdict.quantity] += 1
        return Results(
            pools=tuple(
                MeasuredPool(pool.spec.name, pool.spec.to_json(), asdict(pool.solver), pool.records)
                for pool in self.pools
            ),
            verdicts=tuple(verdicts),
            expected=len(self.checks) if self.measured else 0,
            findings=_messages(self.judgement) if self.measured else (),
            mechanisms=self._reported_mechanisms(),
            changes=self.changes,
            species=self.options.species,
            command=command,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            planned=planned,
        )

    def _reported_mechanisms(self) -> JudgedMechanisms:
        """What was found by the checks that the run had selected; each is judged with all others."""
        if self.mechanisms is None:
            return JudgedMechanisms()
        selected = {verdict.check for verdict in self.verdicts}
        found = tuple(v for v in self.mechanism_judgement.verdicts if v.check in selected)
        names = {verdict.model for verdict in found}
        curves = tuple(c for c in self.mechanisms.curves if c.mechanism in names)
        versions = {
            "mnvalidate": __version__,
            "neuron": installed("neuron"),
            "myogen": installed("myogen"),
            "python": platform.python_version(),
        }
        return JudgedMechanisms(found, curves, _messages(self.mechanism_judgement), versions)

    def write_report(self, results: Results) -> None:
        """Write every file of the report, if one is wanted, and the summary that GitHub shows.

        What cannot be written, on a full disk for example, is told by `report_problem`.
        """
        try:
            self._write_report(results)
        except OSError as error:
            self.report_problem = f"{error.filename or self.options.report}: {error.strerror or error}"

    def _write_report(self, results: Results) -> None:
        from mnvalidate.report.markdown import markdown_summary

        if self.options.report is not None:
            from mnvalidate.report.write import write_report

            write_report(self.options.report, results, lambda: self._figures(results))
        if step_summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            with Path(step_summary).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(markdown_summary(results))

    def _figures(self, results: Results) -> dict[str, bytes]:
        """Return the files of all figures; matplotlib is loaded only for what the artist has not drawn."""
        figures = self._artist.figures(results) if self._artist is not None else None
        if figures is None:
            from mnvalidate.report.render import render

            figures = render(results, self.reference)
        if results.mechanisms.curves:
            from mnvalidate.report.render import render_mechanisms

            figures |= render_mechanisms(results)
        return figures

    def remarks(self) -> list[str]:
        """Lines of the terminal summary about the run itself."""
        from mnvalidate.report.cells import cell_remarks

        lines: list[str] = []
        if self.changes:
            from mnvalidate.report.changes import change_lines

            lines += [line for change in self.changes for line in change_lines(change)]
        cached = sum(pool.cached for pool in self.pools)
        if cached:
            lines.append(f"cached: {cached} of {sum(len(pool.records) for pool in self.pools)} neurons")
        lines += cell_remarks([record for pool in self.pools for record in pool.records])
        if self.store is not None and self.store.damaged:
            lines.append(f"damaged records, measured again: {len(self.store.damaged)}")
        if self.store is not None and self.store.problem:
            lines.append(f"records are not kept: {self.store.problem}")
        if self.report_problem:
            lines.append(f"the report is not complete: {self.report_problem}")
        return lines

    def write_partial_table(self) -> None:
        """Write what an interrupted run has measured, if a report is wanted."""
        if self.options.report is not None:
            from mnvalidate.report.write import write_partial_table

            write_partial_table(
                self.options.report, [record for pool in self.pools for record in pool.records]
            )

    def partial_lines(self) -> list[str]:
        """Lines of the terminal summary of an interrupted run."""
        lines = [
            f"{pool.spec.name}: interrupted after {len(pool.records)} of {pool.spec.n_neurons} neurons"
            for pool in self.pools
            if not pool.is_whole
        ] or ["interrupted before everything was judged"]
        kept = "what was measured is kept and will not be measured again"
        return lines + ([kept] if self.store is not None and not self.store.problem else [])

    def description(self) -> str:
        """One line that says what is about to be measured, and how."""
        solver = self.options.solver
        method = "CVODE" if solver.fixed_step__ms is None else f"dt {solver.fixed_step__ms:g} ms"
        models = ", ".join(spec.name for spec in self.options.specs)
        spec = self.options.specs[0]
        temperatures = dict.fromkeys(spec.temperature for spec in self.options.specs)
        jobs = self.options.jobs or default_jobs()
        return (
            f"mnvalidate: {models}, {spec.n_neurons} neurons, {', '.join(temperatures)}, {method}, "
            f"{self.options.species} literature, {jobs} process{'es' if jobs > 1 else ''}"
        )


def _on_mechanism(check: str) -> bool:
    return check.startswith(f"{MECHANISM_FAMILY}[")


def _cause(spec: ModelSpec) -> str:
    """What the user gave that makes mechanisms be compiled."""
    given = [flag for flag, what in (("--mn-nmodl", spec.nmodl), ("--mn-library", spec.library)) if what]
    return ", ".join(given) or f"mechanisms of {spec.name}"


def _messages(judgement: Excused) -> tuple[str, ...]:
    return tuple(finding.message for finding in judgement.findings if finding.failed)


def _load_what_comes_after() -> None:
    """Import what judging and reporting need while the children measure."""
    with contextlib.suppress(ImportError):
        import mnvalidate.report.write  # noqa: F401
