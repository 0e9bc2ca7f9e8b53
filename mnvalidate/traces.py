"""Voltage traces at the solver's own steps, read between the steps by Hermite interpolation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnvalidate.drawing import Pulse

__all__ = ["Array", "Pulse", "Trace"]

Array = NDArray[np.float64]

_NEWTON_STEPS = 40
_CROSSING_ACCURACY__ms = 1e-10


@dataclass(frozen=True, slots=True)
class Trace:
    """The somatic voltage of one sweep.

    Parameters
    ----------
    t__ms, v__mV : ndarray, shape (n,)
        Non-decreasing times and voltages. Two samples share a time where the current is switched: the last
        before and the first after.
    slope_after__mV_per_ms, slope_before__mV_per_ms : ndarray, shape (n - 1,)
        dV/dt at the beginning and at the end of each interval between samples.
    pulses : tuple of Pulse
        The current that was injected.
    drift__mV_per_ms : float
        Slope of the baseline, where the neuron had not quite come to rest.
    site : Trace, optional
        Voltage where spikes start, where that is not the soma, shifted so that it rests where the soma does.
    """

    t__ms: Array
    v__mV: Array
    slope_after__mV_per_ms: Array
    slope_before__mV_per_ms: Array
    pulses: tuple[Pulse, ...] = ()
    drift__mV_per_ms: float = 0.0
    site: Trace | None = None

    @classmethod
    def from_samples(cls, t__ms: ArrayLike, v__mV: ArrayLike, pulses: tuple[Pulse, ...] = ()) -> Trace:
        """Make a trace of samples alone; it is read by linear interpolation."""
        t = np.asarray(t__ms, dtype=float)
        v = np.asarray(v__mV, dtype=float)
        step = np.diff(t)
        secant = np.divide(np.diff(v), step, out=np.zeros_like(step), where=step > 0)
        return cls(t, v, secant, secant, pulses)

    @classmethod
    def from_samples_and_slopes(
        cls, t__ms: ArrayLike, v__mV: ArrayLike, slope__mV_per_ms: ArrayLike, pulses: tuple[Pulse, ...] = ()
    ) -> Trace:
        """Make a trace of samples and their dV/dt; it is read by cubic Hermite interpolation."""
        slope = np.asarray(slope__mV_per_ms, dtype=float)
        return cls(
            np.asarray(t__ms, dtype=float), np.asarray(v__mV, dtype=float), slope[:-1], slope[1:], pulses
        )

    @property
    def baseline__mV(self) -> float:
        """Voltage at the first sample."""
        return float(self.v__mV[0])

    @property
    def is_polyline(self) -> bool:
        """Whether the trace is read by linear interpolation, as one of samples alone is."""
        return self.slope_after__mV_per_ms is self.slope_before__mV_per_ms or np.array_equal(
            self.slope_after__mV_per_ms, self.slope_before__mV_per_ms
        )

    @property
    def end__ms(self) -> float:
        """Time of the last sample."""
        return float(self.t__ms[-1])

    def shifted(self, shift__mV: float) -> Trace:
        """Return the trace with its voltage shifted."""
        return replace(self, v__mV=self.v__mV + shift__mV)

    def between(self, start__ms: float, stop__ms: float) -> Trace:
        """Part of the trace whose samples lie in [start, stop]."""
        first = int(np.searchsorted(self.t__ms, start__ms, side="left"))
        last = int(np.searchsorted(self.t__ms, stop__ms, side="right"))
        return Trace(
            self.t__ms[first:last],
            self.v__mV[first:last],
            self.slope_after__mV_per_ms[first : max(last - 1, first)],
            self.slope_before__mV_per_ms[first : max(last - 1, first)],
            self.pulses,
            self.drift__mV_per_ms,
            None if self.site is None else self.site.between(start__ms, stop__ms),
        )

    def after(self, start__ms: float) -> Trace:
        """Part of the trace from the last sample taken at `start__ms` on."""
        first = max(int(np.searchsorted(self.t__ms, start__ms, side="right")) - 1, 0)
        return Trace(
            self.t__ms[first:],
            self.v__mV[first:],
            self.slope_after__mV_per_ms[first:],
            self.slope_before__mV_per_ms[first:],
            self.pulses,
            self.drift__mV_per_ms,
            None if self.site is None else self.site.after(start__ms),
        )

    def at(self, times__ms: ArrayLike) -> Array:
        """Voltage at any times within the trace, shape of `times__ms`."""
        times = np.asarray(times__ms, dtype=float)
        return self._hermite(self._interval(times), times) if times.size else times

    def deflection__mV(self, times__ms: ArrayLike) -> Array:
        """Voltage at any times less the baseline and its drift; for a trace that begins at rest."""
        times = np.asarray(times__ms, dtype=float)
        result: Array = self.at(times) - (self.baseline__mV + self.drift__mV_per_ms * times)
        return result

    def slope_at(self, times__ms: ArrayLike) -> Array:
        """Return dV/dt in mV/ms at any times within the trace, shape of `times__ms`."""
        times = np.asarray(times__ms, dtype=float)
        return self._hermite_slope(self._interval(times), times)

    def crossings(self, level__mV: float, *, rising: bool) -> Array:
        """Times at which the voltage passes a level, upwards or downwards."""
        intervals = self._crossed_intervals(level__mV, rising=rising)
        return np.array([self.crossing(int(i), level__mV)[0] for i in intervals], dtype=float)

    def _crossed_intervals(self, level__mV: float, *, rising: bool) -> NDArray[np.int64]:
        """Indices of the samples before each passage of a level."""
        above = self.v__mV >= level__mV
        passed = (~above[:-1] & above[1:]) if rising else (above[:-1] & ~above[1:])
        return np.flatnonzero(passed)

    def crossing(self, interval: int, level__mV: float) -> tuple[float, float]:
        """Time in ms of the passage of a level after a sample, and dV/dt in mV/ms there.

        Found on the interpolant by Newton's method, kept within the interval by bisection.
        """
        start = float(self.t__ms[interval])
        step = float(self.t__ms[interval + 1]) - start
        above = float(self.v__mV[interval]) - level__mV
        rise = float(self.v__mV[interval + 1] - self.v__mV[interval])
        begin = float(self.slope_after__mV_per_ms[interval]) * step
        end = float(self.slope_before__mV_per_ms[interval]) * step
        square, cube = 3 * rise - 2 * begin - end, begin + end - 2 * rise
        low, high, x = 0.0, 1.0, -above / rise
        for _ in range(_NEWTON_STEPS):
            error = above + x * (begin + x * (square + x * cube))
            if (error >= 0) == (rise > 0):
                high = x
            else:
                low = x
            slope = begin + x * (2 * square + 3 * cube * x)
            previous, x = x, x - error / slope if slope else -1.0
            if not low <= x <= high:
                x = 0.5 * (low + high)
            if abs(x - previous) * step < _CROSSING_ACCURACY__ms:
                break
        return start + x * step, (begin + x * (2 * square + 3 * cube * x)) / step

    def minimum(self) -> tuple[float, float]:
        """Time in ms and value in mV of the lowest point."""
        return self._extremum(int(np.argmin(self.v__mV)), np.argmin)

    def maximum(self) -> tuple[float, float]:
        """Time in ms and value in mV of the highest point."""
        return self._extremum(int(np.argmax(self.v__mV)), np.argmax)

    def _extremum(self, sample: int, choose: Callable[[Array], np.intp]) -> tuple[float, float]:
        times = [float(self.t__ms[sample])]
        for interval in (sample - 1, sample):
            if 0 <= interval < self.t__ms.size - 1:
                times += self._stationary_points(interval)
        values = np.concatenate([self.v__mV[sample : sample + 1], self.at(times[1:])])
        best = int(choose(values))
        return times[best], float(values[best])

    def _stationary_points(self, interval: int) -> list[float]:
        start, step = self.t__ms[interval], self.t__ms[interval + 1] - self.t__ms[interval]
        if step <= 0:
            return []
        rise = self.v__mV[interval + 1] - self.v__mV[interval]
        begin = self.slope_after__mV_per_ms[interval] * step
        end = self.slope_before__mV_per_ms[interval] * step
        square, half_linear = 3.0 * (begin + end - 2.0 * rise), 3.0 * rise - 2.0 * begin - end
        discriminant = half_linear**2 - square * begin
        if discriminant < 0:
            return []
        # The form of the quadratic formula that loses no digits, whichever coefficient is small.
        larger = -(half_linear + math.copysign(math.sqrt(discriminant), half_linear))
        roots = [n / d for n, d in ((larger, square), (begin, larger)) if d != 0]
        return [float(start + x * step) for x in roots if 0 < x < 1]

    def _interval(self, times: Array) -> NDArray[np.int64]:
        found = np.searchsorted(self.t__ms, times, side="right") - 1
        return np.asarray(np.clip(found, 0, self.t__ms.size - 2), dtype=np.int64)

    def _hermite(self, interval: NDArray[np.int64], times: Array) -> Array:
        step = self.t__ms[interval + 1] - self.t__ms[interval]
        x = np.divide(times - self.t__ms[interval], step, out=np.ones_like(times), where=step > 0)
        v0, v1 = self.v__mV[interval], self.v__mV[interval + 1]
        begin = self.slope_after__mV_per_ms[interval] * step
        end = self.slope_before__mV_per_ms[interval] * step
        rise = v1 - v0
        result: Array = v0 + x * (begin + x * (3 * rise - 2 * begin - end + x * (begin + end - 2 * rise)))
        return result

    def _hermite_slope(self, interval: NDArray[np.int64], times: Array) -> Array:
        step = self.t__ms[interval + 1] - self.t__ms[interval]
        x = np.divide(times - self.t__ms[interval], step, out=np.ones_like(times), where=step > 0)
        begin, end = self.slope_after__mV_per_ms[interval], self.slope_before__mV_per_ms[interval]
        rise = self.v__mV[interval + 1] - self.v__mV[interval]
        secant = np.divide(rise, step, out=np.zeros_like(times), where=step > 0)
        result: Array = begin + x * (2 * (3 * secant - 2 * begin - end) + 3 * x * (begin + end - 2 * secant))
        return result
