"""Reading a spike and what follows it."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mnvalidate.protocols.action_potential import analyse, steepest_upstroke, threshold_depolarisation
from mnvalidate.records import NotApplicable, NotMeasurable
from mnvalidate.traces import Pulse, Trace

BAND__mV = 0.15


def values(reading):
    return {name: r.value for name, r in reading.results.items() if not isinstance(r, NotApplicable)}


def expected(spike):
    return {
        "AP__mV": spike.height,
        "AP_half_width__ms": (spike.peak_time - spike.onset) / 2 + (spike.end - spike.peak_time) / 2,
        "AHP__mV": spike.depth,
        "AHPdur__ms": spike.trough_time
        - spike.peak_time
        + spike.recovery__ms * np.log(spike.depth / BAND__mV),
        "AHPdur_5pct__ms": spike.trough_time - spike.peak_time + spike.recovery__ms * np.log(20),
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


@pytest.mark.parametrize("phase", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("step__ms", [0.02, 0.05, 0.1])
def test_the_threshold_does_not_hang_on_where_the_solver_stepped(step__ms, phase):
    # v = 1 mV exp(t / 0.3 ms) from rest: dV/dt is 10 mV/ms at 3 mV above it.
    t = np.arange(-3.0 + phase * step__ms, 1.2, step__ms)
    v = np.exp(t / 0.3)
    up = Trace.from_samples_and_slopes(t + 3.0, v - 65.0, v / 0.3, (Pulse(5.0, 0.0, 50.0),))
    fall = np.arange(up.end__ms + 0.1, up.end__ms + 2.0, 0.1)
    down = np.linspace(up.v__mV[-1], -65.0, fall.size)
    trace = Trace.from_samples_and_slopes(
        np.concatenate([up.t__ms, fall]),
        np.concatenate([up.v__mV, down]),
        np.concatenate([v / 0.3, np.gradient(down, fall)]),
        up.pulses,
    )
    assert threshold_depolarisation(trace, -65.0).value == pytest.approx(3.0, abs=0.002)


def test_fast_and_medium_afterhyperpolarisation_are_told_apart():
    t = np.concatenate([np.arange(0.0, 20.0, 0.005), np.arange(20.0, 1005.0, 0.05)])
    x = np.clip(t - 6.0, 0.0, None)
    spike = 100 * np.exp(-(((t - 6.0) / 0.2) ** 2))
    fast = -11 * (x / 0.35) * np.exp(1 - x / 0.35)
    delayed = 5 * (1 - np.exp(-x / 0.8)) * np.exp(-x / 6.0)
    medium = -5 * (1 - np.exp(-x / 14.0)) * np.exp(-x / 60.0)
    after = fast + delayed + medium
    read = values(
        analyse(Trace.from_samples(t, -70 + spike + after, (Pulse(45.0, 5.0, 0.5),)), -70, BAND__mV)
    )
    trough = after[t > 10].min()
    assert read["AHP__mV"] == pytest.approx(-trough, abs=0.001)
    assert read["fast_AHP__mV"] == pytest.approx(-(spike + after)[(t > 6) & (t < 8)].min(), abs=0.001)
    for name, level in (("AHPdur__ms", -BAND__mV), ("AHPdur_5pct__ms", 0.05 * trough)):
        assert read[name] == pytest.approx(t[after < level][-1] - 6.0, abs=0.1)


def test_a_damped_oscillation_has_no_fast_afterhyperpolarisation():
    t = np.arange(0.0, 400.0, 0.005)
    x = np.clip(t - 6.0, 0.0, None)
    v = -70 + 100 * np.exp(-(((t - 6.0) / 0.2) ** 2)) - 8 * np.sin(x) * np.exp(-x / 5.0)
    reading = analyse(Trace.from_samples(t, v, (Pulse(45.0, 5.0, 0.5),)), -70, BAND__mV)
    assert isinstance(reading.results["fast_AHP__mV"], NotApplicable)
    assert reading.results["AHP__mV"].value == pytest.approx(-70 - v.min(), abs=0.001)


def test_an_upstroke_that_cannot_be_told_from_charging_has_no_slope(spike):
    # Charged by more than 10 mV/ms for longer than the first millisecond, with the spike on top of it.
    t = np.arange(0.0, 60.0, 0.001)
    v = spike.v(t) + 30.0 * np.clip((t - 8.7) / 1.3, 0.0, 1.0) * np.exp(-np.clip(t - 10.0, 0.0, None))
    pulse = Pulse(3.0, 8.7, 40.0)
    found = steepest_upstroke(Trace.from_samples(t, v, (pulse,)), spike.rest)
    assert "dV/dt exceeds 10 mV/ms from the onset of the pulse" in str(found)


def test_the_steepest_upstroke_is_not_that_of_charging(spike):
    t = np.arange(0.0, 40.0, 0.01)
    charge = 10 * (1 - np.exp(-t / 0.02))
    trace = Trace.from_samples(t, spike.v(t) + charge, (Pulse(5.0, 0.0, 50.0),))
    assert steepest_upstroke(trace, spike.rest).value == pytest.approx(180.0, rel=1e-3)


def test_a_sweep_without_a_spike_is_said_not_guessed(spike):
    t = np.arange(0.0, 400.0, 0.01)
    reading = analyse(
        Trace.from_samples(t, spike.rest + 0 * t, (Pulse(45.0, 9.7, 0.5),)), spike.rest, BAND__mV
    )
    assert set(reading.results) >= {*expected(spike), "fast_AHP__mV"}
    assert {str(r) for r in reading.results.values()} == {
        "no spike at 45 nA for 0.5 ms, although weaker pulses fire"
    }
