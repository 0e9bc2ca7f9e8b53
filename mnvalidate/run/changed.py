"""Pools of changed models: the same without the change, and those that cannot be built."""

from __future__ import annotations

from dataclasses import replace

from mnvalidate.models.layering import own_sources
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.sources import replaced_names
from mnvalidate.records import MeasurementOutcome
from mnvalidate.run.children import Accident
from mnvalidate.run.neurons import lost_record
from mnvalidate.run.pool import Pool
from mnvalidate.solver import Solver


def unchanged(spec: ModelSpec) -> ModelSpec:
    """Return the specification without the user's mechanisms."""
    return replace(spec, nmodl=(), insertions=())


def changes_neurons(spec: ModelSpec) -> bool:
    """Whether a neuron differs from an unchanged one: something is inserted or replaced."""
    return bool(spec.insertions or (spec.nmodl and replaced_names(own_sources(spec), spec.nmodl)))


def unbuilt_pool(spec: ModelSpec, solver: Solver, reason: str) -> Pool:
    """Records of a pool whose mechanisms do not compile: nothing has a value, for that reason."""
    accident = Accident(MeasurementOutcome.CRASHED, reason, "")
    records = tuple(lost_record(spec, neuron, accident) for neuron in range(spec.n_neurons))
    return Pool(spec, solver, records)
