"""Cells far from MyoGen's: of any size, not at rest, or hard to integrate."""

from itertools import pairwise

import pytest
from pebble.concurrent import process as concurrent_process
from unusual_cells import spike_of_demanding_layers

from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols.base import NotMeasurable, Reading, Value
from mnvalidate.run.context import process_context
from mnvalidate.run.measuring import coarsened
from mnvalidate.run.pool import measure

RESISTANCES__MOhm = (0.1, 0.5, 2.9, 40.0, 150.0, 1000.0)
PASSIVE = ("Rin__MOhm", "Rin_rest__MOhm", "Rin_50ms__MOhm", "tau__ms", "C__nF")


def measured(builder, n_neurons=1, **options):
    return measure(ModelSpec(f"unusual_cells:{builder}", n_neurons, options), jobs=2).records


def data(record, protocol):
    (result,) = [result for result in record.results if result.protocol == protocol]
    return result.data


@pytest.fixture(scope="module")
def spheres():
    found = measured("of_any_size", len(RESISTANCES__MOhm), resistances__MOhm=list(RESISTANCES__MOhm))
    return dict(zip(RESISTANCES__MOhm, found, strict=True))


@pytest.mark.parametrize("resistance", RESISTANCES__MOhm)
def test_a_sphere_of_any_size(spheres, resistance):
    sphere = spheres[resistance]
    assert sphere.value("Rin__MOhm") == pytest.approx(resistance, rel=2e-3)
    assert sphere.value("Rin_rest__MOhm") == pytest.approx(resistance, rel=2e-3)
    assert sphere.value("Rin_50ms__MOhm") == pytest.approx(0.99326 * resistance, rel=2e-3)
    assert sphere.value("tau__ms") == pytest.approx(10.0, rel=2e-3)
    assert sphere.value("C__nF") == pytest.approx(10.0 / resistance, rel=4e-3)
    for name in PASSIVE:
        measurement = sphere.measurements[name]
        assert 0 < measurement.resolution <= 0.011 * measurement.value


@pytest.mark.parametrize("resistance", RESISTANCES__MOhm)
def test_currents_stay_within_the_limits_of_voltage(spheres, resistance):
    steps, pulse = data(spheres[resistance], "input_resistance"), data(spheres[resistance], "time_constant")
    assert max(abs(v) for v in steps["peak__mV"]) <= 15.0
    assert max(abs(v) for v in steps["small_steady__mV"]) <= 3.0
    assert 1.4 < abs(pulse["deflection__mV"][0]) < 15.0
    if resistance < 3.0:
        assert steps["current__nA"] == (-5.0, -4.0, -3.0, -2.0, -1.0)


def test_a_small_active_cell():
    (cell,) = measured("small")
    steps, pulse = data(cell, "input_resistance"), data(cell, "time_constant")
    assert max(abs(v) for v in steps["peak__mV"]) <= 15.0
    assert max(abs(v) for v in steps["small_steady__mV"]) <= 3.0
    assert abs(pulse["deflection__mV"][0]) < 15.0
    assert all(cell.value(name) is not None for name in PASSIVE)


def test_the_firing_of_a_small_cell():
    (cell,) = measure(ModelSpec("unusual_cells:small", 1, celsius=6.3)).records
    firing = data(cell, "repetitive_firing")
    assert firing["levels__nA"][-1] == pytest.approx(12 * cell.value("Ir__nA"))
    assert len(firing["curve__nA"]) >= 2
    assert cell.value("FI_gain__Hz_per_nA") > 0


@pytest.mark.parametrize("weight__uS", [0.3, 0.003])
def test_input_of_any_period_is_no_rest(weight__uS):
    periods = [5.0, 20.0, 37.0, 50.0, 100.0, 250.0, 990.0]
    for period, record in zip(
        periods,
        measured("with_input", len(periods), periods__ms=periods, weight__uS=weight__uS),
        strict=True,
    ):
        rest = record.measurements["vhold_soma__mV"]
        assert rest.value is None, period
        assert "no resting potential" in rest.reason
        if period <= 250:
            assert f"at {1000 / period:.3g} Hz" in rest.reason


def test_spontaneous_firing_has_its_rate():
    (record,) = measure(ModelSpec("unusual_cells:pacemaker", 1, celsius=6.3)).records
    assert record.measurements["vhold_soma__mV"].reason.startswith("fires spontaneously at ")


def test_a_drift_is_taken_off_or_refused():
    drifts = [0.0, 0.001, 0.008, -0.008, 0.1]
    still, *drifting, refused = measured("with_ramp", len(drifts), drifts__mV_per_s=drifts)
    for record in drifting:
        for name in PASSIVE:
            assert record.value(name) == pytest.approx(still.value(name), rel=1e-3), name
    assert "drifts by 0.1 mV/s" in refused.measurements["vhold_soma__mV"].reason


def test_extracellular_layers():
    (cell,) = measured("layered")
    assert cell.value("Rin__MOhm") == pytest.approx(cell.value("Rin_rest__MOhm"), rel=1e-3)
    assert cell.value("tau__ms") == pytest.approx(10.0, rel=0.01)


def test_a_sweep_that_the_solver_cannot_take_is_tried_at_a_looser_tolerance():
    in_process = concurrent_process(timeout=120, context=process_context())(spike_of_demanding_layers)
    fine, coarse = in_process(0.1), in_process(1.0)
    peak, loosened_by, looks = fine.result()
    assert loosened_by > 1
    assert peak == pytest.approx(coarse.result()[0], abs=0.05)
    # What looks on the way sees time go on, whatever was tried again.
    assert all(later > earlier for earlier, later in pairwise(looks))
    assert coarse.result()[1] == 1


def test_the_resolution_carries_a_looser_tolerance():
    reading = Reading({"tau__ms": Value(10.0, 0.01), "Rin__MOhm": NotMeasurable("a reason")}, {"a": (1.0,)})
    coarse = coarsened(reading, 100.0)
    assert coarse.results["tau__ms"] == Value(10.0, pytest.approx(0.1))
    assert str(coarse.results["Rin__MOhm"]) == "a reason"
    assert coarse.data == {"a": (1.0,), "tolerance_factor": (100.0,)}
