"""Whether two states are of the same thing, so that their numbers can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnvalidate.baseline.state import PoolState, State
from mnvalidate.models.registry import named_model

_OTHER_CODE = ("nmodl", "library")


def difference(before: State, after: State) -> str:
    """What keeps two states from being compared, as ``before: now``; empty if nothing does.

    Parameters
    ----------
    before, after : State
        The baseline, and what is to be compared; of the latter the pools need no neurons yet.
    """
    models = [sorted(pool.model for pool in state.pools) for state in (before, after)]
    if models[0] != models[1]:
        return f"it is of {', '.join(models[0])}, this run of {', '.join(models[1])}"
    by = [(state.species, state.literature.get("digest", "")) for state in (before, after)]
    if by[0] != by[1]:
        return f"it was judged by {_literature(before)}, this run is by {_literature(after)}"
    solvers = [_method(state.solver) for state in (before, after)]
    if solvers[0] != solvers[1]:
        return f"it was integrated with {solvers[0]}, this run with {solvers[1]}"
    for pool in after.pools:
        old = before.pool(pool.model)
        assert old is not None
        if found := _pool_difference(old, pool):
            return found
    return ""


def notes(before: State, after: State) -> list[str]:
    """Say what else is different and is compared all the same, because it is what one wants to gate."""
    lines = [
        f"{name} {before.versions[name] or 'unknown'} then, {version or 'unknown'} now"
        for name, version in sorted(after.versions.items())
        if name in before.versions and before.versions[name] != version
    ]
    for pool in after.pools:
        old = before.pool(pool.model)
        if old is not None:
            lines += _pool_notes(old, pool)
    return lines


def _literature(state: State) -> str:
    own = state.literature
    beside = f" with {own.get('name')} ({own.get('digest')})" if own else ""
    return f"{state.species} literature{beside}"


def _pool_difference(before: PoolState, after: PoolState) -> str:
    old, new = before.spec, after.spec
    if before.n_neurons != after.n_neurons:
        return f"{after.model} has {before.n_neurons} neurons there and {after.n_neurons} here"
    for key, what in (
        ("builder", "is built by"),
        ("recruitment", "has recruitment"),
        ("options", "has options"),
    ):
        if _given(old, key) != _given(new, key):
            return f"{after.model} {what} {_short(old.get(key))} there and {_short(new.get(key))} here"
    then, now = _celsius(before), _celsius(after)
    if then != now and (old.get("celsius"), new.get("celsius")) != (None, None):
        return f"{after.model} is at {_temperature(then)} there and at {_temperature(now)} here"
    return ""


def _pool_notes(before: PoolState, after: PoolState) -> list[str]:
    lines = []
    for key in (*_OTHER_CODE, "insertions", "seed"):
        old, new = _given(before.spec, key), _given(after.spec, key)
        if old != new:
            lines.append(f"{after.model}: {key} {_short(old)} then, {_short(new)} now")
    if before.celsius and after.celsius and before.celsius != after.celsius:
        then, now = (" and ".join(f"{c:g}" for c in pool.celsius) for pool in (before, after))
        lines.append(f"{after.model}: {then} degC then, {now} degC now")
    return lines


def _given(values: Mapping[str, Any], key: str) -> Any:
    found = values.get(key)
    return list(found) if isinstance(found, tuple) else found or None


def _method(solver: Mapping[str, Any]) -> str:
    step = solver.get("fixed_step__ms")
    if step is not None:
        return f"a fixed step of {step:g} ms (--mn-dt)"
    return f"CVODE, absolute tolerance {solver.get('absolute_tolerance')}"


def _celsius(pool: PoolState) -> float | None:
    """Temperature of a pool, None for the model's own where that is not known."""
    given = pool.spec.get("celsius")
    if isinstance(given, int | float):
        return float(given)
    named = named_model(str(pool.spec.get("builder")))
    if named is not None and named.celsius is not None:
        return named.celsius
    return pool.celsius[0] if len(pool.celsius) == 1 else None


def _temperature(celsius: float | None) -> str:
    return "the model's own temperature" if celsius is None else f"{celsius:g} degC"


def _short(value: object) -> str:
    text = "none" if value in (None, "", [], {}) else str(value)
    return text if len(text) <= 120 else text[:117] + "..."
