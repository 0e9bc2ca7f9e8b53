"""The baseline in a run: reading and refusing it, holding verdicts against it, and saving a new one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mnvalidate._version import __version__, installed
from mnvalidate.baseline.comparison import ABSENT, Comparison, compare_states, compare_verdicts
from mnvalidate.baseline.file import BaselineError, check_can_be_written, read_baseline, write_baseline
from mnvalidate.baseline.identity import difference, notes
from mnvalidate.baseline.state import PoolState, State, spec_values, state_of
from mnvalidate.baseline.tolerance import shipped_tolerance
from mnvalidate.checks.check import Check
from mnvalidate.checks.families.baseline import literature_limits
from mnvalidate.literature.criteria import Reference
from mnvalidate.options import NEW_WARNINGS_FAIL, Options
from mnvalidate.run.keys import measuring_key
from mnvalidate.run.pool import Pool
from mnvalidate.verdicts import Severity, Verdict

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Saving:
    """What became of a baseline that was to be saved.

    Parameters
    ----------
    path : Path
        Its file.
    obstacle : str
        Why nothing was written; empty if it was.
    change : Comparison, optional
        What is different from the file that was there; None where there was none.
    incomparable : str
        Why the file that was there could not be compared; empty if it could.
    """

    path: Path
    obstacle: str = ""
    change: Comparison | None = None
    incomparable: str = ""


def program_versions() -> dict[str, str]:
    """Versions of the programs that decide a number, by their names."""
    return {"mnvalidate": __version__, "neuron": installed("neuron"), "myogen": installed("myogen")}


def baseline_for(options: Options, reference: Reference) -> State | None:
    """Read the baseline that a run is compared with.

    Parameters
    ----------
    options : Options
        What the user asked for.
    reference : Reference
        The literature.

    Returns
    -------
    State or None
        None where none is asked for, there is none yet, or the run is to replace it: what is accepted is
        told when it is saved, and fails nothing.

    Raises
    ------
    BaselineError
        If the file is no baseline, is of something else than this run, or the one to be saved would replace
        what is no baseline.
    """
    if options.save_baseline is not None:
        read_baseline(options.save_baseline)
    if options.baseline is None:
        return None
    baseline = read_baseline(options.baseline)
    if baseline is None or _is_same_file(options.baseline, options.save_baseline):
        return None
    found = difference(baseline, _state(options, reference, (), ()))
    if found:
        raise BaselineError(
            f"--mn-baseline: {options.baseline} cannot be compared: {found}; run as it was saved, "
            "or write another with --mn-save-baseline"
        )
    return baseline


def announced(options: Options, reference: Reference, baseline: State | None) -> list[str]:
    """Lines for the head of a run: what it is compared with, and what is different from it beforehand."""
    if baseline is not None:
        different = notes(baseline, _state(options, reference, (), ()))
        return [f"baseline {options.baseline}: {'; '.join(different) or 'of the same versions'}"]
    if options.baseline is not None and options.save_baseline is None:
        return [no_baseline_yet(options.baseline)]
    return []


def no_baseline_yet(path: Path) -> str:
    """Say that there is no file, and how to write one."""
    return f"no baseline yet: --mn-save-baseline={path} writes one"


def check_place(options: Options) -> None:
    """Refuse a place where no baseline could be saved, before anything is measured for it.

    Raises
    ------
    BaselineError
        If nothing can be written there.
    """
    if options.save_baseline is not None:
        check_can_be_written(options.save_baseline)


def hold(
    baseline: State,
    options: Options,
    reference: Reference,
    pools: Sequence[Pool],
    verdicts: Sequence[Verdict],
) -> tuple[tuple[Verdict, ...], Comparison]:
    """Compare a run with its baseline; new warnings are errors where that is asked for.

    Parameters
    ----------
    baseline : State
        As `baseline_for` returned it.
    options : Options
        What the user asked for.
    reference : Reference
        The literature.
    pools : sequence of Pool
        What was measured.
    verdicts : sequence of Verdict
        What was concluded, known deviations marked.

    Returns
    -------
    tuple of Verdict, Comparison
        The verdicts in the same order, and what is different.
    """
    held = tuple(verdicts)
    if options.new_warnings == NEW_WARNINGS_FAIL:
        found = compare_verdicts(baseline.verdicts, {verdict.check: verdict.status for verdict in held})
        new = {c.check for c in found if c.is_new_finding and c.after == "warning" and c.before != ABSENT}
        held = tuple(_failing(verdict) if verdict.check in new else verdict for verdict in held)
    assert options.baseline is not None
    return held, _compared(
        str(options.baseline), baseline, _state(options, reference, pools, held), reference
    )


def save(
    options: Options,
    reference: Reference,
    pools: Sequence[Pool],
    verdicts: Sequence[Verdict],
    missing: Sequence[Check],
) -> Saving:
    """Write the baseline that the user asked for, if the run is whole.

    Parameters
    ----------
    options, reference, pools, verdicts
        See `hold`.
    missing : sequence of Check
        Checks whose tests did not run.
    """
    path = options.save_baseline
    assert path is not None
    obstacle = _obstacle(pools, options, missing)
    if obstacle:
        return Saving(path, obstacle)
    try:
        state = _state(options, reference, pools, verdicts)
        old = read_baseline(path)
        if old is None:
            write_baseline(path, state)
            return Saving(path)
        state = replace(state, widened=old.widened)
        incomparable = difference(old, state)
        change = None if incomparable else _compared(str(path), old, state, reference)
        write_baseline(path, state)
    except BaselineError as error:
        return Saving(path, str(error))
    return Saving(path, change=change, incomparable=incomparable)


def _obstacle(pools: Sequence[Pool], options: Options, missing: Sequence[Check]) -> str:
    if len(pools) < len(options.specs) or not all(pool.is_whole for pool in pools):
        return "not every neuron was measured"
    lost = [
        f"{record.model} neuron {record.neuron}"
        for pool in pools
        for record in pool.records
        if any(measurement.outcome.is_accident for measurement in record.measurements.values())
    ]
    if lost:
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        return f"the process of {lost[0]}{more} ended before everything was measured"
    if missing:
        return (
            f"{len(missing)} of its checks were not run, {missing[0].full_id} for example; "
            "a selection (-k, -x, a path, a marker) makes no baseline"
        )
    return ""


def _compared(name: str, before: State, after: State, reference: Reference) -> Comparison:
    return compare_states(
        name,
        before,
        after,
        shipped_tolerance(),
        literature_limits(reference, after.species),
        notes(before, after),
    )


def _state(
    options: Options, reference: Reference, pools: Iterable[Pool], verdicts: Collection[Verdict]
) -> State:
    """State of a run; before anything is measured, with pools that hold no neurons."""
    state = state_of(
        [(pool.spec.name, pool.spec.to_json(), pool.records) for pool in pools],
        verdicts,
        species=options.species,
        literature=None if reference.own is None else reference.own.identity,
        solver=asdict(options.solver),
        versions={**program_versions(), "measuring": measuring_key(options.solver)[:_DIGITS]},
    )
    if state.pools:
        return state
    planned = (PoolState(spec.name, spec.n_neurons, spec_values(spec), (), ()) for spec in options.specs)
    return replace(state, pools=tuple(planned))


def _failing(verdict: Verdict) -> Verdict:
    message = f"{verdict.message}; this warning is new since the baseline"
    return replace(verdict, severity=Severity.ERROR, message=message)


def _is_same_file(one: Path, other: Path | None) -> bool:
    return other is not None and one.resolve() == other.resolve()
