"""Pools of changed models: the same without the change, and those that cannot be built."""

from __future__ import annotations

from dataclasses import replace

from mnvalidate.models.layering import own_sources
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.sources import replaced_names
from mnvalidate.protocols import PROTOCOLS
from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult, Record
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
    results = tuple(
        ProtocolResult(
            protocol.name,
            {},
            tuple(
                Measurement(q.name, q.unit, MeasurementOutcome.CRASHED, reason=reason)
                for q in protocol.quantities
            ),
        )
        for protocol in PROTOCOLS
    )
    records = tuple(
        Record(spec.name, neuron, threshold, "relative", results)
        for neuron, threshold in enumerate(spec.thresholds)
    )
    return Pool(spec, solver, records)
