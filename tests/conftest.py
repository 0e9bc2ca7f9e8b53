"""Synthetic traces with known answers, and a store of the tests' own."""

import os

import numpy as np
import pytest
from hypothesis import settings

from mnvalidate.traces import Pulse, Trace

# A machine under load is no defect: no example has a deadline. CI takes the same examples in every run.
settings.register_profile("mnvalidate", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("mnvalidate")


class Spike:
    """A triangular spike on a resting baseline, followed by an exponential afterhyperpolarisation."""

    rest = -65.0
    onset, peak_time, end, height = 10.0, 10.5, 11.5, 90.0
    depth, trough_time, recovery__ms = 5.0, 16.0, 40.0

    def v(self, t):
        """Voltage at any time."""
        return self.rest + np.select(
            [t < self.onset, t < self.peak_time, t < self.end, t < self.trough_time],
            [
                0.0,
                self.height * (t - self.onset) / (self.peak_time - self.onset),
                self.height * (self.end - t) / (self.end - self.peak_time),
                -self.depth * (t - self.end) / (self.trough_time - self.end),
            ],
            -self.depth * np.exp(-(t - self.trough_time) / self.recovery__ms),
        )

    def trace(self, step=0.01, shift=0.0, pulse_end=10.2):
        """Sampled with a step, and the voltage frame shifted."""
        t = np.arange(0.0, 400.0, step)
        pulses = (Pulse(45.0, pulse_end - 0.5, 0.5),)
        return Trace.from_samples(t, self.v(t) + shift, pulses)


@pytest.fixture(scope="session")
def spike():
    return Spike()


@pytest.fixture(scope="session", autouse=True)
def own_store(tmp_path_factory):
    """No test reads or writes the user's records."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
