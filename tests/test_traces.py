"""Reading between the samples of a trace."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnvalidate.traces import Trace


def sine(t):
    return 30 * np.sin(t), 30 * np.cos(t)


def coarse_trace(step=0.3, end=9.3):
    t = np.arange(0.0, end, step)
    return Trace.from_samples_and_slopes(t, *sine(t))


def test_interpolation_error_is_that_of_a_cubic():
    times = np.linspace(0.0, 8.5, 333)
    errors = [np.max(np.abs(coarse_trace(step).at(times) - sine(times)[0])) for step in (0.4, 0.2)]
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.25)


def test_crossings_and_extrema_lie_between_the_samples():
    trace = coarse_trace()
    assert trace.crossings(15.0, rising=True) == pytest.approx([np.pi / 6, np.pi / 6 + 2 * np.pi], abs=1e-3)
    assert trace.crossings(15.0, rising=False) == pytest.approx([5 * np.pi / 6, 17 * np.pi / 6], abs=1e-3)
    assert trace.between(0.0, 4.0).maximum() == pytest.approx((np.pi / 2, 30.0), abs=5e-3)
    assert trace.minimum() == pytest.approx((3 * np.pi / 2, -30.0), abs=5e-3)


def test_a_step_in_the_slope_does_not_bend_the_rest_before_it():
    # Rest for 100 ms, then a ramp: two samples at the time of the step carry the two slopes.
    trace = Trace.from_samples_and_slopes(
        [0.0, 100.0, 100.0, 110.0], [0.0, 0.0, 0.0, 20.0], [0.0, 0.0, 2.0, 2.0]
    )
    assert trace.at([50.0, 99.0, 105.0]) == pytest.approx([0.0, 0.0, 10.0])


def test_samples_alone_are_read_linearly():
    trace = Trace.from_samples([0.0, 1.0, 2.0], [0.0, 10.0, 0.0])
    assert trace.at([0.25, 1.5]) == pytest.approx([2.5, 5.0])
    assert trace.crossings(5.0, rising=True) == pytest.approx([0.5])
    assert trace.maximum() == (1.0, 10.0)


def test_one_sample_has_an_extremum():
    assert Trace.from_samples([3.0], [7.0]).maximum() == (3.0, 7.0)


@given(st.floats(-100, 100), st.floats(0.1, 10))
def test_shift_and_scale_carry_over(shift, scale):
    t = np.arange(0.0, 9.0, 0.3)
    v, slope = sine(t)
    moved = Trace.from_samples_and_slopes(t, shift + scale * v, scale * slope)
    original = Trace.from_samples_and_slopes(t, v, slope)
    assert moved.crossings(shift + scale * 15.0, rising=True) == pytest.approx(
        original.crossings(15.0, rising=True), abs=1e-6
    )
    assert moved.minimum()[1] == pytest.approx(shift + scale * original.minimum()[1], rel=1e-9, abs=1e-9)
