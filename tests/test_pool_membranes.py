"""Time constants along MyoGen's pools: what must not make them jump."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from converged import passive_values
from pebble.concurrent import process as concurrent_process

from mnvalidate.models.spec import ModelSpec
from mnvalidate.run.context import process_context
from mnvalidate.solver import Solver

CVODE = Solver()
# Of the time constant, along 20 neurons: twice what either model's smooth curve has.
LARGEST_SECOND_DIFFERENCE__MS = 0.12


def pool(spec, solver=CVODE, neurons=None, **options):
    """Passive values of a pool's neurons, each in a fresh process, as arrays."""
    in_process = concurrent_process(timeout=120, context=process_context())(passive_values)
    chosen = range(spec.n_neurons) if neurons is None else neurons
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda i: in_process(spec, i, solver, **options).result(), chosen))
    return {name: np.array([values[name] for values in found], dtype=float) for name in found[0]}


@pytest.fixture(scope="module")
def pools():
    return {model: pool(ModelSpec(model, 20)) for model in ("NERLab", "Powers2017")}


@pytest.mark.parametrize("model", ["NERLab", "Powers2017"])
@pytest.mark.parametrize("quantity", ["tau__ms", "Rin__MOhm", "Rin_rest__MOhm", "Rin_50ms__MOhm"])
def test_values_fall_smoothly_along_the_pool(pools, model, quantity):
    values = pools[model][quantity]
    assert np.all(np.diff(values) < 0)
    if quantity == "tau__ms":
        assert np.max(np.abs(np.diff(values, 2))) < LARGEST_SECOND_DIFFERENCE__MS


def test_the_h_current_does_not_shorten_powers2017s_time_constants(pools):
    tau = pools["Powers2017"]["tau__ms"]
    # With the h-current frozen, the first and the last neuron have 12.99 and 4.31 ms.
    assert tau[0] == pytest.approx(12.99, rel=0.02)
    assert tau[-1] == pytest.approx(4.31, rel=0.02)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 0.31, 0.4, 1.2])
def test_a_slow_tail_does_not_take_the_membranes_place(gamma):
    tau = pool(ModelSpec("NERLab", 5, {"gamma": gamma}))["tau__ms"]
    assert tau == pytest.approx(np.array([10.5, 10.17, 9.41, 7.9, 5.59]), rel=0.025)


@pytest.mark.parametrize("step__ms", [0.0125, 0.025, 0.1])
def test_fixed_steps(pools, step__ms):
    neurons = [1, 4, 8, 11, 14, 17, 19]
    fixed = pool(ModelSpec("NERLab", 20), Solver(fixed_step__ms=step__ms), neurons)["tau__ms"]
    # Implicit Euler lengthens an exponential by half a step.
    assert fixed == pytest.approx(pools["NERLab"]["tau__ms"][neurons] + step__ms / 2, rel=2e-3)


@pytest.mark.parametrize("model", ["NERLab", "Powers2017"])
def test_a_percent_of_capacitance(pools, model):
    neurons = (0, 6, 11, 14, 19)
    more = pool(ModelSpec(model, 20), neurons=neurons, capacitance_factor=1.01)
    for name in ("tau__ms", "Rin__MOhm", "Rin_rest__MOhm", "Rin_50ms__MOhm"):
        before = pools[model][name][list(neurons)]
        assert more[name] == pytest.approx(before, rel=0.03), name
    assert np.all(more["tau__ms"] > pools[model]["tau__ms"][list(neurons)])
