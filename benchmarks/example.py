"""The way of MyoGen's published example, written anew: the whole pool alive, a fixed step, a linear search.

``python -m benchmarks.example MODEL N NEURON`` measures one neuron so and prints seconds and steps as JSON.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from myogen.simulator.neuron.populations import AlphaMN__Pool
from neuron import h

from mnvalidate.models.spec import ModelSpec

STEP__ms = 0.0125


class Example:
    """One neuron of a living pool under current clamp, as the example has it."""

    def __init__(self, model: str, n_neurons: int, neuron: int) -> None:
        thresholds = np.array(ModelSpec(n_neurons=n_neurons).thresholds)
        self.pool = AlphaMN__Pool(recruitment_thresholds__array=thresholds, model=model)
        self.centre = self.pool[neuron].soma(0.5)
        self.electrode = h.IClamp(self.centre)
        self.v = h.Vector().record(self.centre._ref_v)
        self.steps = 0
        h.load_file("stdrun.hoc")
        h.celsius = 36.0
        self.rest__mV = float(self.run(-67.0, 0.0, 0.0, 0.0, 1000.0)[-1])

    def run(
        self, start__mV: float, amplitude__nA: float, onset__ms: float, duration__ms: float, end__ms: float
    ):
        """Start every section at one voltage, inject one pulse, and step to the end."""
        self.electrode.amp, self.electrode.delay, self.electrode.dur = amplitude__nA, onset__ms, duration__ms
        h.dt = STEP__ms
        h.steps_per_ms = 1 / STEP__ms
        h.finitialize(start__mV)
        h.continuerun(end__ms)
        self.steps += round(end__ms / STEP__ms)
        return np.array(self.v)

    def spikes(self, amplitude__nA: float, duration__ms: float, end__ms: float) -> int:
        """Number of spikes that a pulse at 5 ms evokes."""
        v = self.run(self.rest__mV, amplitude__nA, 5.0, duration__ms, end__ms) - self.rest__mV
        return int(np.count_nonzero((v[:-1] < 50.0) & (v[1:] >= 50.0)))

    def measure(self) -> None:
        """Input resistance, time constant, rheobase by steps of 0.1 nA, action potential, and F-I curve."""
        for current in (-5.0, -4.0, -3.0, -2.0, -1.0):
            self.run(self.rest__mV, current, 5.0, 1000.0, 1005.0)
        self.run(self.rest__mV, -20.0, 5.0, 1.0, 105.0)
        current = 0.1
        while current < 50.0 and not self.spikes(current, 50.0, 105.0):
            current += 0.1
        pulse = 45.0
        while pulse < 500.0 and not self.spikes(pulse, 0.5, 30.0):
            pulse += 10.0
        self.spikes(pulse, 0.5, 505.0)
        for level in np.arange(5.0, 31.0, 5.0):
            self.spikes(level, 3000.0, 3005.0)


def main() -> None:
    """Measure one neuron and print what it cost."""
    model, n_neurons, neuron = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    begin = time.perf_counter()
    example = Example(model, n_neurons, neuron)
    example.measure()
    seconds = time.perf_counter() - begin
    print(json.dumps({"seconds": seconds, "steps": example.steps}))


if __name__ == "__main__":
    main()
