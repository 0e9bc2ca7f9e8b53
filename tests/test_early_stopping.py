"""Steps that end early give the rate of the whole window."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pebble.concurrent import process as concurrent_process
from whole_window import rates__Hz

from mnvalidate.models.spec import ModelSpec
from mnvalidate.run.context import process_context
from mnvalidate.run.pool import default_jobs


@pytest.mark.slow
@pytest.mark.parametrize("model", ["NERLab", "Powers2017"])
def test_every_neurons_rates_are_those_of_the_whole_window(model):
    spec = ModelSpec(model, 20)
    in_process = concurrent_process(timeout=120, context=process_context())(rates__Hz)
    with ThreadPoolExecutor(default_jobs()) as pool:
        neurons = list(
            pool.map(lambda n: in_process(spec, n, (5.0, 10.0, 15.0, 20.0, 25.0, 30.0)).result(), range(20))
        )
    steady = [pair for pairs in neurons for pair in pairs if pair != (None, None)]
    assert len(steady) > 60
    for foreseen, whole in steady:
        assert foreseen == pytest.approx(whole, rel=2e-3)
