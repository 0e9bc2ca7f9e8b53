"""Input resistance and sag of synthetic current steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnvalidate.protocols.input_resistance import analyse
from mnvalidate.traces import Pulse, Trace

CURRENTS__nA = (-5.0, -4.0, -3.0, -2.0, -1.0)


def steps(steady__MOhm, peak__MOhm, shift=-65.0, currents=CURRENTS__nA, step=0.5):
    """A fast deflection to the peak that sags to the steady value."""
    t = np.arange(0.0, 1000.0 + step / 2, step)
    course = peak__MOhm * (1 - np.exp(-t / 5)) - (peak__MOhm - steady__MOhm) * (1 - np.exp(-t / 60))
    return [
        Trace.from_samples(t, shift + current * course, (Pulse(current, 0.0, 1000.0),))
        for current in currents
    ]


def read(traces):
    return {name: result.value for name, result in analyse(traces).results.items()}


def test_without_sag():
    assert read(steps(1.7, 1.7)) == pytest.approx(
        {"Rin__MOhm": 1.7, "Rin_peak__MOhm": 1.7, "sag_ratio": 1.0}, rel=1e-6
    )


def test_sag_is_the_steady_over_the_largest_deflection():
    reading = read(steps(2.0, 2.6))
    assert reading["Rin__MOhm"] == pytest.approx(2.0, rel=1e-6)
    assert 2.0 < reading["Rin_peak__MOhm"] < 2.6
    assert reading["sag_ratio"] == pytest.approx(2.0 / reading["Rin_peak__MOhm"], rel=1e-6)


@given(shift=st.floats(-100, 100), scale=st.floats(0.05, 20))
def test_shift_and_scale(shift, scale):
    original = read(steps(2.0, 2.6))
    currents = tuple(scale * current for current in CURRENTS__nA)
    scaled = read(steps(2.0, 2.6, shift=shift, currents=currents))
    assert scaled == pytest.approx(original, rel=1e-6)
    larger = read(steps(2.0 * scale, 2.6 * scale, shift=shift))
    assert larger["Rin__MOhm"] == pytest.approx(scale * original["Rin__MOhm"], rel=1e-6)


@given(step=st.sampled_from([0.1, 0.25, 1.0]))
def test_resampling(step):
    assert read(steps(2.0, 2.6, step=step)) == pytest.approx(read(steps(2.0, 2.6)), rel=2e-3)
