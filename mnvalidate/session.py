"""One validation run: plan the checks, measure the pools, collect the verdicts, report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TextIO

from mnvalidate.checks.base import PoolOutline
from mnvalidate.checks.changes import PoolChange, compare_pools
from mnvalidate.checks.plan import plan_checks
from mnvalidate.checks.subjects import PoolCheck
from mnvalidate.models.library import CompileError
from mnvalidate.models.nmodl import NmodlError
from mnvalidate.models.spec import ModelSpec
from mnvalidate.options import OptionError, Options, check_writable
from mnvalidate.records import Record
from mnvalidate.reference import Reference, load_reference
from mnvalidate.run.pool import Pool, default_jobs, measure
from mnvalidate.run.progress import Bar
from mnvalidate.run.unbuilt import changes_neurons, unbuilt_pool, unchanged
from mnvalidate.verdicts import Verdict


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
        self.changes: tuple[PoolChange, ...] = ()

    @cached_property
    def reference(self) -> Reference:
        """The literature."""
        return load_reference()

    @cached_property
    def checks(self) -> tuple[PoolCheck, ...]:
        """Every check of the run, known before anything is measured."""
        outlines = [PoolOutline(spec.name, spec.n_neurons) for spec in self.options.specs]
        return plan_checks(self.reference, self.options.species, outlines)

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
        self.pools = tuple(self._measure(spec, spec.name, stream) for spec in self.options.specs)
        self.changes = tuple(
            compare_pools(
                self._measure(unchanged(pool.spec), f"{pool.spec.name} unchanged", stream), pool, self.checks
            )
            for pool in self.pools
            if changes_neurons(pool.spec)
        )

    def _measure(self, spec: ModelSpec, title: str, stream: TextIO) -> Pool:
        try:
            return measure(
                spec,
                solver=self.options.solver,
                jobs=self.options.jobs,
                timeout__s=self.options.timeout__s,
                progress=Bar(f"measuring {title}", spec.n_neurons, stream),
            )
        except CompileError as error:
            return unbuilt_pool(spec, self.options.solver, str(error))
        except NmodlError as error:
            raise OptionError(f"--mn-nmodl: {error}") from error

    @property
    def judged_something(self) -> bool:
        """Whether at least one value was compared with the literature."""
        return any(verdict.judged for verdict in self.verdicts)

    def write_report(self) -> None:
        """Write the CSV and the figures, if a report is wanted."""
        if self.options.report is None:
            return
        from mnvalidate.report.write import write_report

        write_report(self.options.report, records_by_model(self.pools), self.verdicts)
        if self.changes:
            from mnvalidate.report.changes import write_changes

            write_changes(self.options.report, self.changes)

    def summary_lines(self) -> list[str]:
        """Lines of the terminal summary."""
        from mnvalidate.report.terminal import summary_lines

        lines = [
            line
            for pool in self.pools
            for line in summary_lines(
                pool.spec.name,
                pool.records,
                [verdict for verdict in self.verdicts if verdict.model == pool.spec.name],
                sum(check.model == pool.spec.name for check in self.checks),
            )
        ]
        if self.changes:
            from mnvalidate.report.changes import change_lines

            lines += [line for change in self.changes for line in change_lines(change)]
        if not self.judged_something:
            lines.append("nothing was judged: this run fails")
        if self.options.report is not None:
            lines.append(f"report: {self.options.report}")
        return lines

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


def records_by_model(pools: Sequence[Pool]) -> Mapping[str, Sequence[Record]]:
    """Records of each pool by the name of its model."""
    return {pool.spec.name: pool.records for pool in pools}
