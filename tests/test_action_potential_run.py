"""Spikes of real cells: where they start, and how smoothly they follow the model."""

import numpy as np
import pytest
from action_potentials import (
    UP_TO_THE_ACTION_POTENTIAL,
    measured,
    rheobase_and_truth__nA,
    spikes_of_long_steps,
)
from pebble import ProcessPool
from pebble.concurrent import process as concurrent_process

from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols.firing import RepetitiveFiring
from mnvalidate.run.context import process_context

N = 20
# Largest second and fourth difference along the pool, as a fraction of the quantity's mean. The pool itself
# bends at its large end; a sawtooth shows in the fourth.
SMOOTH = {
    "AP__mV": (0.005, 0.005),
    "AP_half_width__ms": (0.01, 0.01),
    "AHP__mV": (0.03, 0.015),
    "AHPdur__ms": (0.02, 0.01),
}
PROTOCOLS = (*UP_TO_THE_ACTION_POTENTIAL, RepetitiveFiring())


def in_fresh_process(function, *args, **options):
    return concurrent_process(timeout=240, context=process_context())(function)(*args, **options).result()


@pytest.mark.parametrize("site", [False, True])
def test_the_rheobase_of_spikes_that_start_in_the_axon(site):
    read, truth = in_fresh_process(rheobase_and_truth__nA, site)
    assert read == pytest.approx(truth, abs=0.012)


@pytest.mark.parametrize("site", [False, True])
def test_small_spikes_at_the_soma_are_counted(site):
    counts, highest = in_fresh_process(spikes_of_long_steps, site, (4.0, 15.0, 20.0, 25.0, 30.0))
    assert counts[0] == 1
    assert 30 < highest[0] < 40
    assert min(counts[1:]) > 40


def test_a_spike_that_peaks_as_the_pulse_ends_counts():
    values, _ = in_fresh_process(measured, ModelSpec("Powers2017", 12), 0)
    assert values["Ir__nA"] == pytest.approx(3.807, abs=0.01)


def test_a_small_cell_is_not_charged_beyond_its_spike():
    values, others = in_fresh_process(measured, ModelSpec("unusual_cells:small", 1), 0, celsius=6.3)
    assert values["AP__mV"] < 130
    assert others["pulse__nA"][0] == pytest.approx(2.25 * values["I_short__nA"])


def test_a_passive_sphere_never_spikes():
    spec = ModelSpec("unusual_cells:of_any_size", 2, {"resistances__MOhm": [0.1, 1000.0]})
    for neuron in range(2):
        _, others = in_fresh_process(measured, spec, neuron)
        assert "no spike up to the ceiling" in others["Ir__nA"]
        assert "no spike up to the ceiling" in others["I_short__nA"]


def test_action_potentials_are_smooth_along_the_pool():
    with ProcessPool(2, max_tasks=1, context=process_context()) as pool:
        futures = [pool.schedule(measured, (ModelSpec("Powers2017", N), neuron)) for neuron in range(N)]
        neurons = [future.result()[0] for future in futures]
    for name, bounds in SMOOTH.items():
        along = np.array([values[name] for values in neurons])
        for order, bound in zip((2, 4), bounds, strict=True):
            assert np.abs(np.diff(along, order)).max() < bound * along.mean(), (name, order)


@pytest.mark.parametrize("model", ["NERLab", "Powers2017"])
@pytest.mark.parametrize("neuron", [0, N - 3, N - 1])
def test_a_hundredth_of_capacitance_moves_nothing_by_more_than_three(model, neuron):
    before, _ = in_fresh_process(measured, ModelSpec(model, N), neuron, protocols=PROTOCOLS)
    after, _ = in_fresh_process(measured, ModelSpec(model, N), neuron, protocols=PROTOCOLS, cm_factor=1.01)
    assert {"tau__ms", "AP__mV", "FI_primary_gain__Hz_per_nA", "rate_min__Hz"} <= before.keys()
    for name, value in before.items():
        assert after[name] == pytest.approx(value, rel=0.03), name
