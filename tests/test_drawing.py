"""What records keep of the traces looks like them, is small, and comes back as it was."""

import json

import numpy as np
import pytest

from mnvalidate.drawing import Drawing
from mnvalidate.protocols import action_potential, input_resistance, time_constant
from mnvalidate.protocols.draw import thinned, voltage
from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult, Record
from mnvalidate.traces import Pulse, Trace


def by_title(drawings):
    return {drawing.title: drawing for drawing in drawings}


def test_a_thinned_trace_looks_like_the_trace(spike):
    trace = spike.trace()
    curve = voltage("spike", trace, 0.0, 400.0)
    assert len(curve.x) <= 240
    error = np.abs(np.interp(trace.t__ms, curve.x, curve.y) - trace.v__mV)
    assert np.max(error) < 2e-3 * np.ptp(trace.v__mV)


def test_thinning_keeps_the_ends_and_stops_at_the_limit():
    x = np.arange(1000.0)
    kept = thinned(x, np.sin(x), 1e-9, 50)
    assert kept[0] == 0
    assert kept[-1] == 999
    assert kept.size == 50
    assert np.all(np.diff(kept) > 0)


def test_every_spike_of_a_train_is_kept_when_points_run_short():
    t = np.linspace(0.0, 3000.0, 30_001)
    v = 10.0 * np.sin(t / 40.0) + 80.0 * np.exp(-(((t % 300.0) - 150.0) ** 2))
    kept = thinned(t, v, 1e-3, 120)
    assert np.max(np.abs(np.interp(t, t[kept], v[kept]) - v)) < 8.0


def test_a_straight_line_needs_its_ends_only():
    x = np.arange(1000.0)
    assert thinned(x, 2 * x, 1e-9, 50).tolist() == [0, 999]


def test_a_spike_is_drawn_with_what_was_measured_on_it(spike):
    reading = action_potential.analyse(spike.trace(), spike.rest, 0.15)
    drawings = by_title(reading.drawings)
    marks = {mark.label: mark for mark in drawings["Action potential"].marks}
    assert marks["peak"].x[0] == pytest.approx(spike.peak_time, abs=0.01)
    assert marks["peak"].y[0] - spike.rest == pytest.approx(reading.results["AP__mV"].value, abs=1e-3)
    start, stop = marks["half-width"].x
    assert stop - start == pytest.approx(reading.results["AP_half_width__ms"].value, abs=2e-3)
    marks = {mark.label: mark for mark in drawings["Afterhyperpolarisation"].marks}
    assert marks["trough"].y[0] == pytest.approx(spike.rest - spike.depth, abs=1e-3)
    recovered = marks["recovered to rest - 0.15 mV"]
    assert recovered.x[0] - spike.peak_time == pytest.approx(reading.results["AHPdur__ms"].value, abs=0.02)


def test_input_resistance_is_drawn_as_the_slope_it_is():
    t = np.linspace(0.0, 1000.0, 2001)
    currents = (-5.0, -4.0, -3.0, -2.0, -1.0)
    traces = [
        Trace.from_samples(t, -65.0 + 2.0 * i * (1 - np.exp(-t / 10)), (Pulse(i, 0.0, 1000.0),))
        for i in currents
    ]
    steps, relation = input_resistance.analyse(traces).drawings
    assert [curve.label for curve in steps.curves] == ["-5 nA", "-4 nA", "-3 nA", "-2 nA", "-1 nA"]
    assert steps.pulses == (Pulse(-5.0, 0.0, 1000.0),)
    (fit,) = relation.marks
    assert fit.label == "slope 2 MOhm"
    assert fit.y == pytest.approx([2.0 * i for i in currents])


def test_the_fitted_exponential_lies_on_the_decay():
    t = np.concatenate([[0.0, 1.0], np.geomspace(1.001, 301.0, 4000)])
    v = np.where(t <= 1.0, -65.0 - 10.0 * t, -65.0 - 10.0 * np.exp(-(t - 1.0) / 10.0))
    (drawing,) = time_constant.analyse(
        Trace.from_samples(t, v, (Pulse(-20.0, 0.0, 1.0),)), 0.01, 0.1
    ).drawings
    (fitted,) = (mark for mark in drawing.marks if mark.label.startswith("exponential"))
    assert fitted.label == "exponential of 10 ms"
    assert np.interp(fitted.x, t, v) == pytest.approx(fitted.y, abs=0.01)


def test_drawings_come_back_exactly_as_they_were(spike):
    drawings = action_potential.analyse(spike.trace(), spike.rest, 0.15).drawings
    measurement = Measurement("AP__mV", "mV", MeasurementOutcome.OK, 90.0, 0.01)
    result = ProtocolResult("action_potential", {}, (measurement,), drawings=drawings)
    record = Record("model", 0, 1.0, "absolute", (result,))
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record


def test_a_drawing_without_a_part_is_refused():
    with pytest.raises(KeyError):
        Drawing.from_json({"title": "half"})
