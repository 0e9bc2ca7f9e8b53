"""A model as it was measured and judged, as plain data: what a baseline holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.content import content_digest
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.records import Json, Measurement, Record
from mnvalidate.solver import Solver
from mnvalidate.verdicts import Verdict

FAMILY_NAME = "baseline"
"""Family of the checks that compare with a baseline; a baseline holds no verdicts of it."""

THRESHOLD = "recruitment_threshold"
"""What stands beside a neuron's quantities and is compared as they are."""

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class NeuronState:
    """One neuron.

    Parameters
    ----------
    neuron : int
        Index in its pool.
    recruitment_threshold : float
        Its threshold.
    measurements : mapping of str to Measurement
        Every quantity, with its value and resolution or the reason why there is none.
    """

    neuron: int
    recruitment_threshold: float
    measurements: Mapping[str, Measurement]


@dataclass(frozen=True, slots=True)
class PoolState:
    """One pool.

    Parameters
    ----------
    model : str
        Name of the model.
    n_neurons : int
        Size of the pool.
    spec : mapping
        JSON values of its specification, with a digest of its code in place of each mechanism's text.
    celsius : tuple of float
        Every temperature at which a neuron was measured, in degrees Celsius.
    neurons : tuple of NeuronState
        In order of their indices.
    """

    model: str
    n_neurons: int
    spec: Mapping[str, Json]
    celsius: tuple[float, ...]
    neurons: tuple[NeuronState, ...]


@dataclass(frozen=True, slots=True)
class Widening:
    """A larger change that someone allows for one quantity.

    Parameters
    ----------
    reason : str
        Why.
    relative : float
        Fraction of the value.
    absolute : float
        In the quantity's unit.
    """

    reason: str
    relative: float = 0.0
    absolute: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """All that is compared of a run.

    Parameters
    ----------
    species : str
        Species whose literature it was judged by.
    solver : mapping
        JSON values of the method of integration.
    versions : mapping of str to str
        Versions of the programs in use.
    pools : tuple of PoolState
        By model.
    verdicts : mapping of str to str
        How each check ended, as `Verdict.status` says it, by its full id.
    widened : mapping of str to Widening
        Larger changes that are allowed, by quantity.
    literature : mapping of str to str
        Name and digest of literature that it was judged by beside the shipped; empty for none.
    """

    species: str
    solver: Mapping[str, Json]
    versions: Mapping[str, str]
    pools: tuple[PoolState, ...]
    verdicts: Mapping[str, str] = field(default_factory=dict)
    widened: Mapping[str, Widening] = field(default_factory=dict)
    literature: Mapping[str, str] = field(default_factory=dict)

    def pool(self, model: str) -> PoolState | None:
        """Pool of a model, None where it has none of that name."""
        return next((pool for pool in self.pools if pool.model == model), None)


def state_of(
    pools: Iterable[tuple[str, Mapping[str, Json], Sequence[Record]]],
    verdicts: Iterable[Verdict],
    *,
    species: str,
    solver: Mapping[str, Json],
    versions: Mapping[str, str],
    literature: Mapping[str, str] | None = None,
) -> State:
    """Take from a run what is compared.

    Parameters
    ----------
    pools : iterable of tuple of str, mapping and sequence of Record
        Name, JSON values of the specification, and records of each pool.
    verdicts : iterable of Verdict
        What was concluded.
    species : str
        Species whose literature it was judged by.
    solver, versions : mapping
        JSON values of the method of integration, and versions of the programs in use.
    literature : mapping of str to str
        Name and digest of literature beside the shipped; none by default.
    """
    return State(
        species,
        solver,
        dict(versions),
        tuple(_pool_state(model, spec, records) for model, spec, records in pools),
        {v.check: v.status for v in verdicts if v.family != FAMILY_NAME},
        literature=dict(literature or {}),
    )


def described(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a specification's JSON values with digests in place of mechanisms' texts."""
    with_digests = {
        name: {source["name"]: source["digest"] for source in map(_digested, spec[name])}
        for name in ("nmodl", "library")
        if spec.get(name)
    }
    return {**spec, **with_digests}


def spec_values(spec: ModelSpec) -> dict[str, Any]:
    """Return a specification as a baseline holds it."""
    return described(spec.to_json())


def solver_values(solver: Solver) -> dict[str, Any]:
    """Return a method of integration as a baseline holds it."""
    return asdict(solver)


def neuron_states(records: Iterable[Record]) -> tuple[NeuronState, ...]:
    """Take what is compared from records, in order of the neurons' indices."""
    found = (NeuronState(r.neuron, r.recruitment_threshold, r.measurements) for r in records)
    return tuple(sorted(found, key=lambda state: state.neuron))


def _pool_state(model: str, spec: Mapping[str, Any], records: Sequence[Record]) -> PoolState:
    celsius = {record.cell.celsius for record in records if record.cell is not None}
    size = spec.get("n_neurons", len(records))
    return PoolState(model, size, described(spec), tuple(sorted(celsius)), neuron_states(records))


def _digested(source: Mapping[str, Any]) -> dict[str, str]:
    found = NmodlSource.from_json(source)
    return {"name": found.name, "digest": content_digest(found.whole_text)[:_DIGITS]}
