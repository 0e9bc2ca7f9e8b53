"""Rates of synthetic spike trains."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pebble.concurrent import process as concurrent_process
from slow_firing import coarse_and_fine, order_after_a_sweep, scripted_step, silent_samples
from threshold_search import minimum_rates

from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols.base import Value
from mnvalidate.protocols.fi_curve import Firing, analyse, gain__Hz_per_nA
from mnvalidate.protocols.firing import RepetitiveFiring, stands_still
from mnvalidate.protocols.steadiness import (
    FIRST_LOOK__ms,
    Window,
    foreseen_rate__Hz,
    next_look__ms,
    steady_rate__Hz,
)
from mnvalidate.records import NotMeasurable
from mnvalidate.run.context import process_context
from mnvalidate.traces import Trace

WINDOW = Window(500.0, 3000.0)


def train(interval_at, end__ms=3000.0, start__ms=10.0):
    """Spikes whose next interval depends on time."""
    times = [start__ms]
    while times[-1] < end__ms:
        times.append(times[-1] + interval_at(times[-1]))
    return np.array(times[:-1])


def foreseen(spikes, window=WINDOW):
    """Look when the protocol does; the rate and the time at which it is known."""
    now = FIRST_LOOK__ms
    while now < window.stop__ms:
        seen = spikes[spikes <= now]
        rate = foreseen_rate__Hz(seen, now, window)
        if rate is not None:
            return rate, now
        now = next_look__ms(seen, now)
    return steady_rate__Hz(spikes, window), window.stop__ms


@given(rate=st.floats(4.0, 200.0))
def test_a_regular_train_has_its_rate_wherever_the_window_begins(rate):
    spikes = train(lambda t: 1000.0 / rate)
    assert steady_rate__Hz(spikes, WINDOW) == pytest.approx(rate, rel=1e-9)
    assert foreseen(spikes)[0] == pytest.approx(rate, rel=1e-9)


def test_a_regular_train_is_known_before_the_window_begins():
    assert foreseen(train(lambda t: 20.0)) == (pytest.approx(50.0), pytest.approx(315.0))


@given(interval=st.floats(6.0, 100.0), depth=st.floats(-0.3, 0.3), tau=st.floats(50.0, 10_000.0))
def test_adaptation_of_any_speed_does_not_fool_it(interval, depth, tau):
    spikes = train(lambda t: interval * (1 + depth * (1 - np.exp(-t / tau))))
    assert foreseen(spikes)[0] == pytest.approx(steady_rate__Hz(spikes, WINDOW), rel=2e-3)


@given(
    interval=st.floats(6.0, 100.0),
    fast=st.floats(-0.3, 0.3),
    slow=st.floats(-0.1, 0.1),
    fast__ms=st.floats(20.0, 150.0),
    slow__ms=st.floats(1500.0, 10_000.0),
)
def test_a_slow_drift_behind_a_fast_adaptation_is_seen(interval, fast, slow, fast__ms, slow__ms):
    def at(t):
        return interval * (1 + fast * (1 - np.exp(-t / fast__ms)) + slow * (1 - np.exp(-t / slow__ms)))

    spikes = train(at)
    assert foreseen(spikes)[0] == pytest.approx(steady_rate__Hz(spikes, WINDOW), rel=2e-3)


def test_where_a_fast_adaptation_ends_is_foreseen():
    spikes = train(lambda t: 20.0 * (1 - 0.3 * np.exp(-t / 80.0)))
    rate, now = foreseen(spikes)
    assert rate == pytest.approx(50.0, rel=2e-4)
    assert now < 600.0  # waiting until nothing drifts would take 300 ms more


@pytest.mark.parametrize("interval", [8.0, 25.0, 60.0])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_turning_point_is_not_taken_for_an_end(interval, sign):
    def at(t):
        return interval * (1 + sign * (0.2 * (1 - np.exp(-t / 150)) - 0.15 * (1 - np.exp(-t / 2500))))

    spikes = train(at)
    known, now = foreseen(spikes)
    assert known == pytest.approx(steady_rate__Hz(spikes, WINDOW), rel=2e-3)
    assert now > 1500.0


@pytest.mark.parametrize("drift_per_interval", [1e-5, 1e-4])
def test_a_drift_too_small_to_see_in_one_interval_is_seen_in_many(drift_per_interval):
    interval = [20.0]

    def slower(t):
        interval[0] *= 1 + drift_per_interval
        return interval[0]

    spikes = train(slower)
    assert foreseen(spikes)[0] == pytest.approx(steady_rate__Hz(spikes, WINDOW), rel=2e-3)


@pytest.mark.parametrize("last_spike__ms", [600.0, 1500.0, 2800.0])
def test_firing_that_stops_is_not_steady(last_spike__ms):
    spikes = train(lambda t: 40.0, end__ms=last_spike__ms)
    assert steady_rate__Hz(spikes, WINDOW) is None


def test_a_pause_delays_the_decision():
    spikes = 510.0 + 40.0 * np.arange(12)
    assert foreseen_rate__Hz(spikes, 960.0, WINDOW) == pytest.approx(25.0)
    assert foreseen_rate__Hz(spikes, 1100.0, WINDOW) is None


@given(gain=st.floats(0.1, 20.0), offset=st.floats(-10, 10), scale=st.floats(0.1, 10.0), n=st.integers(2, 6))
def test_gain_is_the_slope_and_scales(gain, offset, scale, n):
    currents = [5.0 * (i + 1) for i in range(n)]
    rates = [offset + gain * current for current in currents]
    assert gain__Hz_per_nA(currents, rates) == pytest.approx(gain, rel=1e-6)
    scaled = [scale * current for current in currents]
    assert gain__Hz_per_nA(scaled, rates) == pytest.approx(gain / scale, rel=1e-6)


def test_one_level_is_no_slope():
    with pytest.raises(NotMeasurable, match="a slope needs two"):
        gain__Hz_per_nA([20.0], [10.0])


def test_the_minimum_rate_is_known_as_well_as_the_threshold():
    threshold = Firing(10.0, 2.0, 5, blocked=False)
    primary = [Firing(10.1, 8.0, 20, blocked=False), Firing(20.0, 30.0, 90, blocked=False)]
    results = analyse([], threshold, primary, 0.002).results
    assert results["I_repetitive__nA"] == Value(10.0, resolution=pytest.approx(0.02))
    assert results["rate_min__Hz"] == Value(8.0, resolution=pytest.approx(0.02 * (8.0 - 2.0) / 0.1))
    assert results["FI_primary_gain__Hz_per_nA"].value == pytest.approx(22.0 / 9.9)


@pytest.mark.parametrize(("model", "neuron"), [("NERLab", 5), ("NERLab", 17), ("Powers2017", 5)])
def test_the_minimum_rate_does_not_hang_on_where_the_search_begins(model, neuron):
    in_process = concurrent_process(timeout=300, context=process_context())(minimum_rates)
    (rate, resolution), *others = in_process(ModelSpec(model, 20), neuron, (0.85, 0.9, 1.0)).result()
    assert resolution < 0.02 * rate
    for other, its_resolution in others:
        assert other == pytest.approx(rate, abs=max(resolution, its_resolution))


def test_block_and_silence_are_named():
    curve = [
        Firing(10.0, 20.0, 60, blocked=False),
        Firing(15.0, None, 1, blocked=False),
        Firing(20.0, None, 3, blocked=True),
    ]
    results = analyse(curve, NotMeasurable("does not fire steadily"), [], 0.01).results
    assert "15 nA: 1 spikes" in str(results["FI_gain__Hz_per_nA"])
    assert "20 nA: depolarisation block" in str(results["FI_gain__Hz_per_nA"])
    assert results["I_block__nA"].value == 20.0
    assert results["rate_max__Hz"].value == 20.0


def test_intervals_that_grow_as_spikes_fail_have_no_rate():
    failing = np.array([18.0] * 110 + [25.0, 40.0, 60.0, 98.0])
    growing = 18.0 * (98.0 / 18.0) ** (np.arange(60) / 59)
    for intervals in (failing, growing, np.array([18.0, 25.0, 40.0, 60.0, 98.0])):
        spikes = 2950.0 - np.cumsum(intervals[::-1])[::-1]
        assert steady_rate__Hz(np.append(spikes, 2950.0), WINDOW) is None


def test_what_fails_is_no_part_of_the_gain():
    failing = 2950.0 - np.cumsum((18.0 * (98.0 / 18.0) ** (np.arange(60) / 59))[::-1])[::-1]
    rates = [20.0, 29.3, 38.6, steady_rate__Hz(failing, WINDOW)]
    curve = [Firing(5.0 * (i + 1), rate, 90, blocked=False) for i, rate in enumerate(rates)]
    results = analyse(curve, NotMeasurable("does not fire steadily"), [], 0.002).results
    assert results["FI_gain__Hz_per_nA"].value == pytest.approx(1.86)


@given(interval=st.floats(6.0, 100.0), depth=st.floats(-0.5, 0.7), tau=st.floats(50.0, 10_000.0))
def test_slow_adaptation_is_steady(interval, depth, tau):
    spikes = train(lambda t: interval * (1 + depth * (1 - np.exp(-t / tau))))
    assert steady_rate__Hz(spikes, WINDOW) is not None


@pytest.mark.parametrize("period", [510.0, 980.0, 1500.0, 2500.0])
@pytest.mark.parametrize("shortfall__ms", [0.0, 1e-9])
@pytest.mark.parametrize("latency", [0.1, 1.0])
def test_a_neuron_that_fires_slowly_for_ever_is_firing(period, shortfall__ms, latency):
    spikes = np.arange(latency * period, 10_000.0, period)
    step = scripted_step(spikes, shortfall__ms=shortfall__ms)
    assert step.rate__Hz == pytest.approx(1000.0 / period, rel=1e-3)
    assert step.trace.end__ms <= max(2000.0, 500.0 + 6 * period)


def test_without_leave_to_lengthen_it_the_window_ends_the_step():
    step = scripted_step(np.arange(980.0, 10_000.0, 980.0), longest__ms=None)
    assert step.rate__Hz is None
    assert step.trace.end__ms == 2000.0


def test_a_step_is_not_lengthened_for_ever_nor_where_nothing_moves():
    assert scripted_step([300.0]).trace.end__ms == 10_000.0
    still = scripted_step([300.0], creep__mV_per_ms=0.0)
    assert (still.rate__Hz, still.trace.end__ms) == (None, 2000.0)


@pytest.mark.parametrize("first", [20.0, 600.0, 1400.0, 1990.0])
def test_slow_firing_is_seen_wherever_its_first_spike_falls(first):
    step = scripted_step(np.arange(first, 10_000.0, 1500.0))
    assert step.rate__Hz == pytest.approx(1000 / 1500, rel=1e-3)


def test_a_creeping_voltage_is_not_still_because_the_solver_took_long_steps():
    # A recording with one sample in the last 100 ms.
    t = np.array([0.0, 1000.0, 1890.0, 2000.0])
    assert not stands_still(Trace.from_samples(t, 1e-3 * t))
    assert stands_still(Trace.from_samples(t, 1e-6 * t))


def test_the_turning_point_of_a_slow_voltage_is_not_still():
    # An oscillation of 2 mV with Powers2017's slowest time constant.
    t = np.arange(0.0, 2000.5, 0.5)
    assert not stands_still(Trace.from_samples(t, 2.0 * np.cos((t - 1850.0) / 2500.0)))
    assert stands_still(Trace.from_samples(t, 0.05 * np.cos((t - 1850.0) / 2500.0)))


def test_a_step_ends_once_the_voltage_has_come_to_rest():
    step = scripted_step([300.0], creep__mV_per_ms=0.0, comes_to_rest__ms=3500.0)
    assert step.rate__Hz is None
    assert 3500.0 < step.trace.end__ms < 6000.0


def test_a_silent_membrane_lets_the_solver_take_long_steps():
    in_process = concurrent_process(timeout=300, context=process_context())(silent_samples)
    quiet, jitter__mV = in_process(ModelSpec("Powers2017", 20), 4, 3.24).result()
    assert jitter__mV < 1e-3  # what is taken for still
    assert quiet < 2000  # 8900 with formulas of order 5


@pytest.mark.parametrize("highest", [2, 4, 5])
def test_a_model_keeps_its_own_lower_order(highest):
    in_process = concurrent_process(timeout=300, context=process_context())(order_after_a_sweep)
    assert in_process(ModelSpec("NERLab", 5), highest).result() == highest


def test_firing_that_stopped_is_not_waited_for():
    step = scripted_step(train(lambda t: 25.0 + 0.004 * t, end__ms=1700.0))
    assert (step.rate__Hz, step.trace.end__ms) == (None, 2000.0)


@given(rheobase=st.floats(1e-3, 1e3))
def test_the_currents_fit_the_neuron(rheobase):
    levels = RepetitiveFiring().levels__nA(rheobase)
    assert 1.249 * rheobase <= levels[-1] <= 12.001 * rheobase
    assert sum(level >= rheobase for level in levels) >= 2
    assert RepetitiveFiring().levels__nA(1.001 * rheobase) == pytest.approx(levels, rel=0.0011)
    if 2.5 <= rheobase <= 24.0:  # MyoGen's neurons: 3.7 to 23.84 nA
        assert levels == (5.0, 10.0, 15.0, 20.0, 25.0, 30.0)


@pytest.mark.parametrize("neuron", [0, 4])
@pytest.mark.parametrize("model", ["NERLab", "Powers2017"])
def test_resolutions_carry_the_error_of_the_threshold(model, neuron):
    in_process = concurrent_process(timeout=300, context=process_context())(coarse_and_fine)
    for name, (value, resolution, finer) in in_process(ModelSpec(model, 5), neuron).result().items():
        assert abs(finer - value) <= resolution, name
