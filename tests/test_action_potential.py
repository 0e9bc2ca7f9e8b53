"""Reading a spike and what follows it."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mnvalidate.protocols.action_potential import analyse, threshold_depolarisation
from mnvalidate.records import NotMeasurable
from mnvalidate.traces import Pulse, Trace

BAND__mV = 0.15


def values(reading):
    return {name: result.value for name, result in reading.results.items()}


def expected(spike):
    return {
        "AP__mV": spike.height,
        "AP_half_width__ms": (spike.peak_time - spike.onset) / 2 + (spike.end - spike.peak_time) / 2,
        "AHP__mV": spike.depth,
        "AHPdur__ms": spike.trough_time
        - spike.peak_time
        + spike.recovery__ms * np.log(spike.depth / BAND__mV),
        "AHP_half_decay__ms": spike.recovery__ms * np.log(2),
    }


def test_known_answers(spike):
    assert values(analyse(spike.trace(), spike.rest, BAND__mV)) == pytest.approx(expected(spike), rel=1e-3)


@given(shift=st.floats(-80, 120))
@example(shift=-1.7286682970225868)  # a level is passed just at a sample, but for rounding
def test_the_voltage_frame_changes_nothing(spike, shift):
    moved = analyse(spike.trace(step=0.05, shift=shift), spike.rest + shift, BAND__mV)
    original = analyse(spike.trace(step=0.05), spike.rest, BAND__mV)
    assert values(moved) == pytest.approx(values(original), rel=1e-9)


@given(step=st.sampled_from([0.002, 0.005, 0.01, 0.02]))
def test_resampling_changes_nothing_beyond_the_resolution(spike, step):
    resampled = analyse(spike.trace(step=step), spike.rest, BAND__mV)
    for name, value in expected(spike).items():
        assert resampled.results[name].value == pytest.approx(
            value, abs=max(resampled.results[name].resolution, step)
        )


def test_no_afterhyperpolarisation_is_said_not_guessed(spike):
    t = np.arange(0.0, 400.0, 0.01)
    v = np.maximum(spike.v(t), spike.rest)
    reading = analyse(Trace.from_samples(t, v, (Pulse(45.0, 9.7, 0.5),)), spike.rest, BAND__mV)
    assert "no afterhyperpolarisation" in str(reading.results["AHPdur__ms"])
    assert reading.results["AP__mV"].value == pytest.approx(spike.height)


def test_recovery_after_the_end_of_the_trace_is_said_not_guessed(spike):
    reading = analyse(spike.trace().between(0.0, 60.0), spike.rest, BAND__mV)
    assert isinstance(reading.results["AHPdur__ms"], NotMeasurable)
    assert reading.results["AHP_half_decay__ms"].value == pytest.approx(40 * np.log(2), rel=1e-3)


def test_threshold_is_where_the_upstroke_begins(spike):
    # A slow ramp of 1 mV/ms to 12 mV, then the spike: the upstroke begins at the end of the ramp.
    t = np.arange(0.0, 40.0, 0.01)
    ramp = np.clip(t, 0.0, 12.0)
    up = np.where(t > 12.0, np.minimum(80.0 * (t - 12.0), 80.0), 0.0)
    down = np.where(t > 13.0, np.minimum(80.0 * (t - 13.0), 92.0), 0.0)
    trace = Trace.from_samples(t, -65.0 + ramp + up - down, (Pulse(5.0, 0.0, 50.0),))
    assert threshold_depolarisation(trace, -65.0).value == pytest.approx(12.0, abs=0.2)
