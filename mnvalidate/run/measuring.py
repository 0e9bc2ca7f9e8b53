"""All protocols on one neuron, in this process."""

from __future__ import annotations

import platform
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from mnvalidate._version import __version__, installed
from mnvalidate.clamp import CurrentClamp
from mnvalidate.models.build import build_motoneuron
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.printed import described
from mnvalidate.protocols import PROTOCOLS
from mnvalidate.protocols.base import NotMeasurable, Protocol, Reading, Value
from mnvalidate.quantities import Quantity
from mnvalidate.records import Json, Measurement, MeasurementOutcome, ProtocolResult, Provenance, Record
from mnvalidate.solver import Solver


def measure_neuron(
    spec: ModelSpec,
    neuron: int,
    solver: Solver,
    protocols: Sequence[Protocol] = PROTOCOLS,
    on_result: Callable[[ProtocolResult], None] = lambda result: None,
) -> Record:
    """Build one neuron and measure it; see `measure_motoneuron`."""
    return measure_motoneuron(build_motoneuron(spec, neuron), spec, neuron, solver, protocols, on_result)


def measure_motoneuron(
    motoneuron: Motoneuron,
    spec: ModelSpec,
    neuron: int,
    solver: Solver,
    protocols: Sequence[Protocol] = PROTOCOLS,
    on_result: Callable[[ProtocolResult], None] = lambda result: None,
) -> Record:
    """Measure everything there is to measure on one neuron.

    A protocol that fails costs its own quantities and those that need them, nothing else.

    Parameters
    ----------
    motoneuron : Motoneuron
        The neuron, alone in its process.
    spec : ModelSpec
        The model it was built from.
    neuron : int
        Index in the pool.
    solver : Solver
        Method of integration.
    protocols : sequence of Protocol
        What to measure, in this order.
    on_result : callable
        Called with each protocol's result as soon as there is one.

    Returns
    -------
    Record
        Every quantity with a value or a reason.
    """
    clamp = CurrentClamp(motoneuron, solver)
    results: list[ProtocolResult] = []
    measured: dict[str, Measurement] = {}
    for protocol in protocols:
        result = run_protocol(protocol, clamp, measured)
        measured |= {m.quantity: m for m in result.measurements}
        results.append(result)
        on_result(result)
    return Record(
        model=spec.name,
        neuron=neuron,
        recruitment_threshold=motoneuron.recruitment_threshold,
        voltage_frame=motoneuron.voltage_frame,
        results=tuple(results),
        provenance=provenance(solver),
    )


def run_protocol(protocol: Protocol, clamp: CurrentClamp, measured: dict[str, Measurement]) -> ProtocolResult:
    """Run one protocol, given what was measured before, and account for each of its quantities."""
    settings: dict[str, Json] = {name: _as_json(value) for name, value in asdict(protocol).items()}
    missing = [name for name in protocol.needs if name not in measured or measured[name].value is None]
    if missing:
        reason = f"needs {missing[0]}, which has no value"
        if missing[0] in measured:
            reason += f": {measured[missing[0]].reason}"
        outcomes = [_unmeasured(q, MeasurementOutcome.NOT_MEASURABLE, reason) for q in protocol.quantities]
        return ProtocolResult(protocol.name, settings, tuple(outcomes))
    earlier = {name: m.value for name, m in measured.items() if m.value is not None}
    clamp.loosened_by = 1.0
    try:
        reading = protocol.measure(clamp, earlier)
    except NotMeasurable as error:
        outcomes = [
            _unmeasured(q, MeasurementOutcome.NOT_MEASURABLE, str(error)) for q in protocol.quantities
        ]
        return ProtocolResult(protocol.name, settings, tuple(outcomes))
    except MemoryError:
        raise  # it is the process that has too little: no further protocol would fare better
    except Exception as error:
        traceback.print_exc()
        reason = f"{protocol.name} raised {described(error)}"
        outcomes = [_unmeasured(q, MeasurementOutcome.CRASHED, reason) for q in protocol.quantities]
        return ProtocolResult(protocol.name, settings, tuple(outcomes))
    if clamp.loosened_by > 1:
        reading = coarsened(reading, clamp.loosened_by)
    outcomes = [_measurement(quantity, reading) for quantity in protocol.quantities]
    return ProtocolResult(protocol.name, settings, tuple(outcomes), reading.data, reading.drawings)


def coarsened(reading: Reading, tolerance_factor: float) -> Reading:
    """Let the resolutions of a reading carry the looser tolerance that a sweep of it needed.

    What tolerances of 1e-6 to 1e-3 mV leave of an error in time constants, spikes and rates grows two- to
    threefold with each factor of 10: about with the square root.
    """
    factor = tolerance_factor**0.5
    results = {
        name: Value(value.value, factor * value.resolution) if isinstance(value, Value) else value
        for name, value in reading.results.items()
    }
    return Reading(results, {**reading.data, "tolerance_factor": (tolerance_factor,)}, reading.drawings)


def provenance(solver: Solver) -> Provenance:
    """Versions in use in this process."""
    return Provenance(
        mnvalidate=__version__,
        neuron=installed("neuron") or "not installed",
        myogen=installed("myogen") or "not installed",
        python=platform.python_version(),
        solver=asdict(solver),
    )


def _measurement(quantity: Quantity, reading: Reading) -> Measurement:
    result = reading.results[quantity.name]
    if isinstance(result, Value):
        try:
            return Measurement(
                quantity.name,
                quantity.unit,
                MeasurementOutcome.OK,
                float(result.value),
                float(result.resolution),
            )
        except ValueError:
            return _unmeasured(
                quantity, MeasurementOutcome.NOT_MEASURABLE, f"the value became {result.value}"
            )
    applicable = isinstance(result, NotMeasurable)
    outcome = MeasurementOutcome.NOT_MEASURABLE if applicable else MeasurementOutcome.NOT_APPLICABLE
    return _unmeasured(quantity, outcome, str(result))


def _unmeasured(quantity: Quantity, outcome: MeasurementOutcome, reason: str) -> Measurement:
    return Measurement(quantity.name, quantity.unit, outcome, reason=reason)


def _as_json(value: Any) -> Json:
    return list(value) if isinstance(value, tuple) else value
