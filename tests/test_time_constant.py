"""Time constants of synthetic decays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from mnvalidate.protocols.time_constant import analyse
from mnvalidate.records import NotMeasurable
from mnvalidate.traces import Pulse, Trace


def decay(components, shift=-65.0, scale=1.0, step=0.01):
    """A deflection at the end of a 1 ms pulse that decays as a sum of (amplitude, time constant)."""
    t = np.arange(0.0, 301.0, step)
    after = t - 1.0
    y = sum(a * np.exp(-np.clip(after, 0, None) / tau) for a, tau in components)
    v = shift - scale * np.where(after < 0, np.clip(t, 0, 1) * sum(a for a, _ in components), y)
    return Trace.from_samples(t, v, (Pulse(-20.0, 0.0, 1.0),))


def read(trace):
    reading = analyse(trace, 0.01, 0.1)
    return {name: result.value for name, result in reading.results.items()}


def test_one_exponential():
    assert read(decay([(8.0, 7.5)])) == pytest.approx({"tau__ms": 7.5, "tau_single_exp__ms": 7.5}, rel=1e-3)


def test_equalisation_does_not_shorten_it():
    tau = read(decay([(1.5, 10.5), (16.9, 0.17)]))
    assert tau["tau__ms"] == pytest.approx(10.5, rel=2e-3)
    assert tau["tau_single_exp__ms"] < 0.97 * 10.5


def test_sag_does_not_lengthen_it():
    with_sag = read(decay([(4.0, 8.0), (-0.4, 40.0), (1.2, 1.0)]))["tau__ms"]
    assert with_sag < 8.0


@settings(deadline=None)
@given(shift=st.floats(-100, 100), tau=st.floats(2, 30), fast=st.floats(0.1, 0.5), share=st.floats(0, 5))
def test_the_voltage_frame_changes_nothing(shift, tau, fast, share):
    components = [(2.0, tau), (2.0 * share, fast)]
    assert read(decay(components, shift=shift))["tau__ms"] == pytest.approx(
        read(decay(components))["tau__ms"], rel=1e-5
    )


@settings(deadline=None)
@given(scale=st.floats(0.2, 20), tau=st.floats(2, 30))
def test_the_size_of_the_deflection_changes_nothing(scale, tau):
    components = [(6.0, tau), (12.0, 0.2)]
    assert read(decay(components, scale=scale))["tau__ms"] == pytest.approx(
        read(decay(components))["tau__ms"], rel=1e-5
    )


@settings(deadline=None, max_examples=20)
@given(step=st.sampled_from([0.002, 0.005, 0.01, 0.02]), tau=st.floats(3, 20))
def test_resampling_changes_nothing_beyond_a_part_in_a_thousand(step, tau):
    assert read(decay([(2.0, tau), (10.0, 0.3)], step=step))["tau__ms"] == pytest.approx(
        tau, rel=1e-3, abs=0.01
    )


def test_a_deflection_too_small_to_read_is_said_to_be():
    with pytest.raises(NotMeasurable, match=r"deflects by only 0\.5 mV"):
        read(decay([(0.5, 10.0)]))


def membrane(tau, currents, fast=()):
    """The membrane equations with gates (gain, time constant), integrated by a series of exact steps."""
    size = 1 + len(currents)
    matrix = np.zeros((size, size))
    matrix[0, 0] = -1 / tau
    for row, (gain, gate) in enumerate(currents, 1):
        matrix[0, row], matrix[row, 0], matrix[row, row] = -gain / (tau * gate), 1.0, -1 / gate
    step__ms, pulse, steps = 0.005, 200, 60_200
    propagator = expm(matrix * step__ms)
    driven = np.linalg.solve(matrix, propagator - np.eye(size))[:, 0] * 7.0
    state, v = np.zeros(size), [0.0]
    for k in range(steps):
        state = propagator @ state + (driven if k < pulse else 0.0)
        v.append(state[0])
    t = step__ms * np.arange(len(v))
    after = np.clip(t - 1.0, 0, None)
    equalisation = sum((a * np.where(t < 1, t, np.exp(-after / f)) for a, f in fast), np.zeros_like(t))
    return Trace.from_samples(t, -70.0 - np.array(v) - equalisation, (Pulse(-20.0, 0.0, 1.0),))


@pytest.mark.parametrize(
    ("gain", "gate"),
    [
        (0.1, 20.0),
        (0.5, 50.0),
        # The two exponentials coincide at (1 / tau - 1 / gate)^2 = 4 gain / (tau gate); above, it resonates.
        (0.45, 28.0),
        (0.4628571, 28.0),
        (0.48, 28.0),
        (3.0, 40.0),
        (1.0, 12.0),
        (-0.1, 60.0),
        (-0.2, 60.0),
        (-0.1, 300.0),
    ],
)
@pytest.mark.parametrize("fast", [(), ((8.0, 0.4),), ((3.0, 2.0), (5.0, 0.3))])
def test_an_opposing_current_is_taken_off_and_a_supporting_one_left_in(gain, gate, fast):
    reading = analyse(membrane(10.0, [(gain, gate)], fast), 0.01, 0.1)
    tau = reading.results["tau__ms"]
    assert reading.data["membrane__ms"][0] == pytest.approx(10.0, rel=0.01)
    if isinstance(tau, NotMeasurable):
        assert "depending on where in the cell it lies" in str(tau)
        assert fast
    elif gain > 0:
        assert tau.value == pytest.approx(10.0, rel=0.03)
    else:
        assert 10.0 < tau.value < 11.5


@pytest.mark.parametrize("currents", [[(0.2, 30.0), (0.2, 200.0)], [(0.3, 15.0), (0.3, 60.0)]])
@pytest.mark.parametrize("tau", [5.0, 20.0])
def test_an_h_current_may_have_two_time_constants(currents, tau):
    reading = analyse(membrane(tau, currents), 0.01, 0.1)
    assert reading.results["tau__ms"].value == pytest.approx(tau, rel=0.01)
    assert sorted(reading.data["slow_current__ms"]) == pytest.approx([gate for _, gate in currents], rel=0.02)


def test_a_strong_supporting_current_is_not_told_from_a_cable():
    tau = analyse(membrane(10.0, [(-0.5, 80.0)]), 0.01, 0.1).results["tau__ms"]
    assert isinstance(tau, NotMeasurable)
    assert "have similar shares of the decay" in str(tau)


@pytest.mark.parametrize("drift__mV_per_ms", [1e-6, -1e-6, 1e-5])
def test_a_small_drift_decides_nothing(drift__mV_per_ms):
    still = decay([(7.0, 8.5)])
    drifting = Trace.from_samples(still.t__ms, still.v__mV + drift__mV_per_ms * still.t__ms, still.pulses)
    assert read(drifting)["tau__ms"] == pytest.approx(8.5, rel=2e-3)


@pytest.mark.parametrize("tail__mV", [0.0, 1e-5, 1e-4, 5e-4, 1e-3, 2e-3])
def test_a_tail_of_a_few_thousandths_of_a_percent_decides_nothing(tail__mV):
    tau = read(decay([(8.47, 0.172), (0.347, 5.55), (tail__mV, 97.0)]))["tau__ms"]
    assert tau == pytest.approx(5.55, rel=0.013)


@pytest.mark.parametrize(
    ("base", "part", "time"),
    [
        ([(8.47, 0.172), (0.347, 5.55)], 0.02, 97.0),
        ([(4.0, 12.0), (2.0, 1.7)], 0.3, 30.0),
        ([(4.0, 12.0), (2.0, 1.7)], -0.3, 30.0),
        ([(4.0, 12.0)], 2.0, 3.0),
    ],
)
def test_the_value_is_continuous(base, part, time):
    parts = part * np.linspace(0.0, 1.0, 41)
    taus = np.array([read(decay([*base, (p, time)], step=0.02))["tau__ms"] for p in parts])
    assert np.max(np.abs(np.diff(taus, 2))) < 0.01 * taus[0]
    # A hundredth of the way at a time: the trace moves by 0.002 %, and so must the value.
    total = np.sum(np.abs(base), axis=0)[0]
    nudged = np.array([read(decay([*base, (p + 2e-5 * total, time)], step=0.02))["tau__ms"] for p in parts])
    assert np.max(np.abs(nudged / taus - 1)) < 1e-3


def test_what_no_membrane_describes_is_read_as_the_eye_does():
    t = np.arange(0.0, 301.0, 0.01)
    after = np.clip(t - 1.0, 0, None)
    # Falls ever more slowly, then ever faster, as no sum of a few exponentials does.
    v = -65.0 - 6.0 * np.where(t < 1, t, np.exp(-((after / 12.0) ** 2)))
    reading = analyse(Trace.from_samples(t, v, (Pulse(-20.0, 0.0, 1.0),)), 0.01, 0.1)
    assert reading.data["read_as"] == (2.0,)
    assert reading.results["tau__ms"].value == pytest.approx(12.0, rel=0.02)


def test_a_deflection_that_does_not_fall_has_no_time_constant():
    t = np.arange(0.0, 301.0, 0.01)
    v = -65.0 - 6.0 * np.where(t < 1, t, np.exp(-np.clip(t - 1.0, 0, None) / 400))
    tau = analyse(Trace.from_samples(t, v, (Pulse(-20.0, 0.0, 1.0),)), 0.01, 0.1).results["tau__ms"]
    assert isinstance(tau, NotMeasurable)
    assert "does not fall by an e-fold" in str(tau)
