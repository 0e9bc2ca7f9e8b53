"""One validation run: plan the checks, measure the pools, collect the verdicts, report."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mnvalidate.checks.base import Check, PoolOutline
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
from mnvalidate.options import Options, check_writable
from mnvalidate.records import Outcome
from mnvalidate.reference import Reference, load_reference
from mnvalidate.run.pool import Pool, default_jobs, measure
from mnvalidate.run.progress import Bar
from mnvalidate.verdicts import Conclusion, Verdict

if TYPE_CHECKING:
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
        self.verdicts: list[Verdict] = []

    @cached_property
    def reference(self) -> Reference:
        """The literature, with the severities that the user wants."""
        reference = load_reference()
        if self.options.profile is None:
            return reference
        return apply_profile(reference, load_profile(self.options.profile))

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Every check of the run, known before anything is measured."""
        outlines = [PoolOutline(spec.name, spec.n_neurons) for spec in self.options.specs]
        return plan_checks(self.reference, self.options.species, outlines)

    @cached_property
    def deviations(self) -> tuple[Deviation, ...]:
        """Known deviations that apply to this run.

        Those that ship with mnvalidate cover several models; only entries on models of this run count.
        """
        if self.options.deviations is not None:
            return load_deviations(self.options.deviations)
        shipped = shipped_deviations(_installed("myogen")) if self.options.deviations_shipped else None
        if shipped is None:
            return ()
        planned = [check.full_id for check in self.checks]
        return tuple(d for d in load_deviations(shipped) if any(d.matches(check) for check in planned))

    @cached_property
    def judgement(self) -> Excused:
        """Verdicts of all checks on the measured pools, known deviations marked."""
        records = [record for pool in self.pools for record in pool.records]
        return apply_deviations(judge_records(self.checks, records), self.deviations)

    @cached_property
    def _verdicts_by_check(self) -> dict[str, Verdict]:
        return {verdict.check: verdict for verdict in self.judgement.verdicts}

    def verdict(self, check: Check) -> Verdict:
        """Verdict of one check."""
        return self._verdicts_by_check[check.full_id]

    def accident(self, verdict: Verdict) -> bool:
        """Whether a verdict fails because measuring crashed or took too long, not because of a value."""
        if not verdict.failed or verdict.conclusion is not Conclusion.NOT_MEASURED:
            return False
        return any(
            measurement.outcome in (Outcome.CRASHED, Outcome.TIMED_OUT)
            for pool in self.pools
            if pool.spec.name == verdict.model
            for record in pool.records
            if record.neuron == verdict.neuron
            for measurement in record.measurements.values()
        )

    def finding(self, deviation: Deviation) -> Finding | None:
        """What is wrong with an entry of the known deviations, None if nothing is."""
        return next((f for f in self.judgement.findings if f.deviation == deviation), None)

    def read_inputs(self) -> None:
        """Read every file the user gave.

        Raises
        ------
        ReferenceDataError
            If anything is wrong with one of them.
        """
        _ = self.checks, self.deviations

    @property
    def measured(self) -> bool:
        """Whether the pools have been measured."""
        return bool(self.pools)

    def measure(self, stream: TextIO) -> None:
        """Measure every pool, showing progress on `stream`.

        Raises
        ------
        OptionError
            If the report cannot be written; nothing is measured then.
        """
        if self.options.report is not None:
            check_writable(self.options.report)
        self.pools = tuple(
            measure(
                spec,
                solver=self.options.solver,
                jobs=self.options.jobs,
                timeout__s=self.options.timeout__s,
                progress=Bar(f"measuring {spec.name}", spec.n_neurons, stream),
            )
            for spec in self.options.specs
        )

    @property
    def judged_something(self) -> bool:
        """Whether at least one value was compared with the literature."""
        return any(verdict.judged for verdict in self.verdicts)

    def finish(self, command: str) -> Results:
        """Put together what a report shows.

        Parameters
        ----------
        command : str
            How the run was started.
        """
        from mnvalidate.report.results import MeasuredPool, Results

        return Results(
            pools=tuple(
                MeasuredPool(pool.spec.name, pool.spec.to_json(), asdict(pool.solver), pool.records)
                for pool in self.pools
            ),
            verdicts=tuple(self.verdicts),
            expected=len(self.checks),
            findings=tuple(finding.message for finding in self.judgement.findings if finding.failed),
            species=self.options.species,
            command=command,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def write_report(self, results: Results) -> None:
        """Write every file of the report, if one is wanted, and the summary that GitHub shows."""
        from mnvalidate.report.markdown import markdown_summary

        if self.options.report is not None:
            from mnvalidate.report.write import write_report

            write_report(self.options.report, results, self.reference)
        if step_summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            with Path(step_summary).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(markdown_summary(results))

    def description(self) -> str:
        """One line that says what is about to be measured, and how."""
        solver = self.options.solver
        method = "CVODE" if solver.fixed_step__ms is None else f"dt {solver.fixed_step__ms:g} ms"
        models = ", ".join(spec.name for spec in self.options.specs)
        spec = self.options.specs[0]
        jobs = self.options.jobs or default_jobs()
        return (
            f"mnvalidate: {models}, {spec.n_neurons} neurons, {spec.celsius:g} degC, {method}, "
            f"{self.options.species} literature, {jobs} process{'es' if jobs > 1 else ''}"
        )


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
