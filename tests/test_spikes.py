"""What counts as an action potential."""

from dataclasses import replace

import numpy as np
import pytest

from mnvalidate.spikes import spike_times__ms
from mnvalidate.traces import Pulse, Trace

REST__mV = -65.0


def passive(current_deflection__mV, pulse, tau__ms=0.5):
    t = np.arange(0.0, 100.0, 0.01)
    charge = 1 - np.exp(-np.clip(t - pulse.onset__ms, 0, pulse.duration__ms) / tau__ms)
    decay = np.exp(-np.clip(t - pulse.offset__ms, 0, None) / tau__ms)
    return Trace.from_samples(t, REST__mV + current_deflection__mV * charge * decay, (pulse,))


def test_a_spike_is_found_where_its_upstroke_is_half_over(spike):
    expected = 0.5 * (spike.onset + spike.peak_time)
    assert spike_times__ms(spike.trace(), spike.rest) == pytest.approx([expected], abs=0.01)


@pytest.mark.parametrize("pulse", [Pulse(500.0, 5.0, 0.5), Pulse(200.0, 0.0, 50.0)])
def test_passive_depolarisation_is_no_spike(pulse):
    trace = passive(120.0, pulse)
    assert trace.v__mV.max() > REST__mV + 60
    assert spike_times__ms(trace, REST__mV).size == 0


@pytest.mark.parametrize("pulse_end", [9.9, 10.2, 10.45, 11.0, 60.0])
def test_a_spike_counts_wherever_the_pulse_ends(spike, pulse_end):
    assert spike_times__ms(spike.trace(pulse_end=pulse_end), spike.rest).size == 1


@pytest.mark.parametrize("step", [2e-4, 5e-4, 2e-3, 0.02])
@pytest.mark.parametrize("pulse_end", [10.45, 10.6, 10.8])
def test_a_spike_counts_however_finely_its_upstroke_is_sampled(step, pulse_end):
    # The solver's steps are shortest where the voltage moves fastest; the current ends while it comes back.
    t = np.sort(np.concatenate([np.arange(0.0, 100.0, 0.05), np.arange(10.1, 10.5, step)]))
    v = REST__mV + 100 * np.exp(-(((t - 10.4) / np.where(t < 10.4, 0.1, 0.3)) ** 2))
    trace = Trace.from_samples(t, v, (Pulse(45.0, pulse_end - 0.5, 0.5),))
    assert spike_times__ms(trace, REST__mV).size == 1


def test_a_slow_wave_is_no_spike():
    t = np.arange(0.0, 200.0, 0.1)
    wave = Trace.from_samples(t, REST__mV + 60 * np.sin(t / 200 * np.pi))
    assert spike_times__ms(wave, REST__mV).size == 0


def test_a_spike_that_does_not_repolarise_is_none(spike):
    t = np.arange(0.0, 100.0, 0.01)
    v = np.where(t < spike.peak_time, spike.v(t), spike.rest + spike.height)
    assert spike_times__ms(Trace.from_samples(t, v), spike.rest).size == 0


def test_a_spike_cut_on_its_way_up_is_not_counted_again(spike):
    trace = spike.trace()
    (time,) = spike_times__ms(trace, spike.rest)
    assert spike_times__ms(trace.between(time, trace.end__ms), spike.rest).size == 0


def test_ringing_on_a_plateau_is_no_firing():
    t = np.arange(0.0, 200.0, 0.01)
    plateau = 45 * (1 - np.exp(-t / 5.0)) + 3 * np.sin(2 * np.pi * t / 8.0)
    trace = Trace.from_samples(t, REST__mV + plateau, (Pulse(40.0, 0.0, 200.0),))
    assert spike_times__ms(trace, REST__mV).size == 0


def test_spikes_are_looked_for_at_their_site(spike):
    soma = Trace.from_samples(np.arange(0.0, 400.0, 0.01), np.full(40000, spike.rest))
    trace = replace(soma, site=spike.trace())
    assert spike_times__ms(trace, spike.rest).size == 1
