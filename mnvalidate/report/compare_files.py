"""Comparing two files, each a baseline or the results of a run, by the rules of a run with a baseline."""

from __future__ import annotations

import json
from pathlib import Path

from mnvalidate.baseline.comparison import Comparison, compare_states
from mnvalidate.baseline.file import BaselineError, read_baseline
from mnvalidate.baseline.identity import difference, notes
from mnvalidate.baseline.state import State, state_of
from mnvalidate.baseline.text import SCHEMA_PREFIX
from mnvalidate.baseline.tolerance import shipped_tolerance
from mnvalidate.checks.families.baseline import literature_limits
from mnvalidate.families import load_reference
from mnvalidate.report.results import read_results

_BEGINNING__characters = 200


def compare_files(old: Path, new: Path) -> Comparison:
    """Compare two files.

    Parameters
    ----------
    old, new : Path
        Baselines, or ``mnvalidate.json`` of reports.

    Raises
    ------
    ValueError
        If one of them is neither, or they are of different things; one line that says what is different.
    """
    before, after = state_in(old), state_in(new)
    found = difference(before, after)
    if found:
        raise BaselineError(f"{old} and {new} cannot be compared: {found}")
    # Literature of somebody's own is not in the files: nothing then moves towards it or away.
    limits = {} if after.literature else literature_limits(load_reference(), after.species)
    return compare_states(str(old), before, after, shipped_tolerance(), limits, notes(before, after))


def state_in(path: Path) -> State:
    """Read what is compared from a baseline or from the results of a run.

    Raises
    ------
    ValueError
        If the file is neither.
    """
    if not _is_results(path):
        state = read_baseline(path)
        if state is None:
            raise BaselineError(f"{path}: there is no such file")
        return state
    results = read_results(path)
    if not results.pools:
        raise BaselineError(f"{path}: holds no pool that could be compared")
    return state_of(
        [(pool.model, pool.spec, pool.records) for pool in results.pools],
        results.verdicts,
        species=results.species,
        literature=results.literature.identity,
        solver=results.pools[0].solver,
        versions={name: text for name, text in results.versions.items() if name != "python"},
    )


def _is_results(path: Path) -> bool:
    """Whether a file is no baseline but one of results, as far as its beginning tells."""
    try:
        if not path.is_file():
            return False
        with path.open(encoding="utf-8", errors="replace") as file:
            beginning = file.read(_BEGINNING__characters)
    except (OSError, RuntimeError):
        return False
    return json.dumps("schema") in beginning and SCHEMA_PREFIX not in beginning
