"""Lines of the terminal about the run itself."""

from __future__ import annotations

from mnvalidate._version import installed
from mnvalidate.baseline.comparison import Comparison
from mnvalidate.checks.deviations import skipped_deviations
from mnvalidate.gate import Saving, no_baseline_yet
from mnvalidate.options import Options
from mnvalidate.report.cells import cell_remarks, told_together
from mnvalidate.report.pool_change import change_lines
from mnvalidate.report.since_baseline import comparison_lines, summary_text
from mnvalidate.validation import Judgement, Outcome


def remarks(outcome: Outcome, judgement: Judgement, report_problem: str) -> list[str]:
    """Say what a change of mechanisms does, what came from the store, and what could not be kept."""
    lines = [line for change in judgement.changes for line in change_lines(change)]
    cached = sum(pool.cached for pool in outcome.pools)
    if cached:
        lines.append(f"cached: {cached} of {len(outcome.records)} neurons")
    options = outcome.plan.options
    if options.deviations_shipped and options.deviations is None and any(s.package for s in options.specs):
        lines += filter(None, [skipped_deviations(installed("myogen"))])
    lines += cell_remarks(told_together(outcome.records, options.scan))
    if outcome.damaged:
        lines.append(f"damaged records, measured again: {outcome.damaged}")
    if outcome.store_problem:
        lines.append(f"records are not kept: {outcome.store_problem}")
    if report_problem:
        lines.append(f"the report is not complete: {report_problem}")
    return lines


def baseline_lines(options: Options, since: Comparison | None, saving: Saving | None) -> list[str]:
    """Say what is different from the baseline, or that there is none, and what became of one to be saved."""
    if since is not None:
        lines = comparison_lines(since)
    elif options.baseline is not None and options.save_baseline is None:
        lines = [no_baseline_yet(options.baseline)]
    else:
        lines = []
    return lines if saving is None else lines + _saving_lines(saving)


def _saving_lines(saving: Saving) -> list[str]:
    if saving.obstacle:
        return [f"the baseline {saving.path} was not saved: {saving.obstacle}"]
    lines = [f"the baseline {saving.path} was saved"]
    if saving.incomparable:
        lines.append(f"  the one that was there could not be compared: {saving.incomparable}")
    if saving.change is not None:
        replaced = "it replaces one that says the same"
        if saving.change.changes or saving.change.verdicts or saving.change.notes:
            replaced = f"it replaces one: {summary_text(saving.change)}"
        lines += [f"  {replaced}", *comparison_lines(saving.change)[1:]]
    return lines


def partial_lines(outcome: Outcome) -> list[str]:
    """Say how far an interrupted run has come."""
    lines = [
        f"{pool.spec.name}: interrupted after {len(pool.records)} of {pool.spec.n_neurons} neurons"
        for pool in outcome.pools
        if not pool.is_whole
    ] or ["interrupted before everything was judged"]
    keeps = outcome.plan.options.store is not None and not outcome.store_problem
    return lines + (["what was measured is kept and will not be measured again"] if keeps else [])
