"""Time constants of synthetic decays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
