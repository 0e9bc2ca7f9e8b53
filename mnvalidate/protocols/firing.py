"""Repetitive firing: the F-I curve, its primary range, and its limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mnvalidate.protocols.base import NotMeasurable, Protocol, Reading
from mnvalidate.protocols.fi_curve import Firing, analyse
from mnvalidate.protocols.rheobase import bracket_threshold
from mnvalidate.protocols.steadiness import (
    FIRST_LOOK__ms,
    Window,
    foreseen_rate__Hz,
    lengthened,
    next_look__ms,
    steady_rate__Hz,
)
from mnvalidate.quantities import Quantity
from mnvalidate.solver import HIGHEST_ORDER, QUIET_ORDER
from mnvalidate.spikes import SPIKE_LEVEL__mV, spike_times__ms
from mnvalidate.traces import Array, Pulse, Trace

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp

# Only the times of spikes are read from a long step; a larger tolerance saves a third of the solver's steps.
# The jitter that it adds to the intervals, 0.002 %, lets their drift be told within 300 ms.
_TOLERANCE_FACTOR = 30.0
# Where the search for the repetitive firing threshold begins, in rheobases, and its first step. It is at 0.82
# to 1.04 rheobases in MyoGen's neurons, and a current that does not fire takes less time than one that does.
_BELOW_RHEOBASE = 0.85
_FIRST_STEP = 1.03
_STEPS_GROW_BY = 1.5
# Where the next current lies between one that does not fire and one that does. A step without spikes takes
# a quarter of the time of one with some, so that more is to be had below the middle.
_SEARCHED_AT = 0.35
_BLOCKED_ABOVE_REST__mV = 15.0
# What is silent and moves less than this within 300 ms will not fire: passing the bottleneck before a spike
# takes a membrane with one of some seconds, so that it moves by several times as much.
_STILL__mV = 1e-3
_STILL_FOR__ms = 300.0
_STILL_SEEN_AT = 31
# What the end of a recording may fall short of the time that was asked for.
_ROUNDING__ms = 1e-3
# Smallest and largest ratio of the strongest current of the F-I curve to rheobase. In MyoGen's neurons it is
# 1.26 to 8.0, so that all of them have the currents of the example. At 1.25, the second strongest of the six
# is still above rheobase, and a slope needs two.
_CURVE_ENDS_AT__rheobases = (1.25, 12.0)


@dataclass(frozen=True)
class RepetitiveFiring(Protocol):
    """Long steps of current from rest.

    ``FI_gain__Hz_per_nA`` keeps the currents of MyoGen's example, for neurons of that size. The primary
    range follows Kernell 1965 (doi:10.1111/j.1748-1716.1965.tb04252.x): it begins at the smallest current
    that fires without end. The rate is read 1 % above it, which is as close as a
    current is known in an experiment: at the threshold of a neuron that may fire as slowly as it likes, the
    rate says only how closely the threshold was searched for.
    """

    name: ClassVar[str] = "repetitive_firing"
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "FI_gain__Hz_per_nA",
            "Hz/nA",
            "F-I gain",
            "Slope of the rate (500 to 3000 ms) over those of 5, 10, ... 30 nA, at or above rheobase, at "
            "which the neuron fires steadily; the currents are scaled where the largest is not 1.25 to 12 "
            "rheobases.",
        ),
        Quantity(
            "I_repetitive__nA",
            "nA",
            "Repetitive firing threshold",
            "Smallest current that fires steadily to the end of 2000 ms, to 0.02 %; up to 10 s where "
            "intervals are longer than 500 ms.",
        ),
        Quantity(
            "FI_primary_gain__Hz_per_nA",
            "Hz/nA",
            "F-I gain, primary range",
            "Slope of the steady rate over 1.01 to 2 times the repetitive firing threshold.",
        ),
        Quantity(
            "rate_min__Hz",
            "Hz",
            "Minimum steady rate",
            "Steady rate at 1.01 times the repetitive firing threshold.",
        ),
        Quantity(
            "rate_max__Hz", "Hz", "Maximum steady rate", "Highest steady rate at any of the currents used."
        ),
        Quantity(
            "I_block__nA",
            "nA",
            "Depolarisation block",
            "Smallest of the currents used at which firing gives way to a lasting depolarisation.",
        ),
    )
    needs: ClassVar[tuple[str, ...]] = ("vhold_soma__mV", "Ir__nA")

    currents__nA: tuple[float, ...] = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0)
    duration__ms: float = 3000.0
    window_start__ms: float = 500.0
    threshold_duration__ms: float = 2000.0
    longest_step__ms: float = 10_000.0
    threshold_resolution: float = 0.0002
    primary_range: tuple[float, ...] = (1.01, 1.25, 1.5, 1.75, 2.0)
    ceiling_over_rheobase: float = 5.0

    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """See `Protocol.measure`."""
        rest, rheobase = earlier["vhold_soma__mV"], earlier["Ir__nA"]
        levels = self.levels__nA(rheobase)
        curve = [self.step(clamp, current, rest) for current in levels if current >= rheobase]
        threshold: Firing | NotMeasurable
        try:
            threshold = self._at_threshold(clamp, rheobase, rest)
            currents = [factor * threshold.current__nA for factor in self.primary_range]
            primary = [self.step(clamp, current, rest, self.longest_step__ms) for current in currents]
        except NotMeasurable as reason:
            threshold, primary = reason, []
        reading = analyse(curve, threshold, primary, self.threshold_resolution)
        return replace(reading, data={"levels__nA": levels, **reading.data})

    def levels__nA(self, rheobase__nA: float) -> tuple[float, ...]:
        """Currents of the F-I curve, scaled to a neuron of that rheobase."""
        smallest, largest = (
            ratio * rheobase__nA / self.currents__nA[-1] for ratio in _CURVE_ENDS_AT__rheobases
        )
        scale = min(max(1.0, smallest), largest)
        return tuple(scale * current for current in self.currents__nA)

    def step(
        self, clamp: CurrentClamp, current__nA: float, rest__mV: float, longest__ms: float | None = None
    ) -> Firing:
        """One long step, ended early once the rate over the whole window can be told."""
        window = Window(self.window_start__ms, self.duration__ms)
        return long_step(clamp, current__nA, rest__mV, window, longest__ms)

    def _at_threshold(self, clamp: CurrentClamp, rheobase__nA: float, rest__mV: float) -> Firing:
        """Firing at the smallest current that fires steadily."""
        window = Window(self.window_start__ms, self.threshold_duration__ms)
        seen: dict[float, Firing] = {}

        def fires_steadily(current__nA: float) -> bool:
            seen[current__nA] = long_step(
                clamp, current__nA, rest__mV, window, self.longest_step__ms, QUIET_ORDER
            )
            return seen[current__nA].rate__Hz is not None

        ceiling = self.ceiling_over_rheobase * rheobase__nA
        bracket = bracket_threshold(
            fires_steadily,
            _BELOW_RHEOBASE * rheobase__nA,
            ceiling,
            0.1 * rheobase__nA,
            _FIRST_STEP,
            _STEPS_GROW_BY,
        )
        if bracket is None:
            raise NotMeasurable(f"does not fire steadily up to the ceiling of {ceiling:.3g} nA")
        silent, firing = bracket
        while firing - silent > self.threshold_resolution * firing:
            between = silent + _SEARCHED_AT * (firing - silent)
            if fires_steadily(between):
                firing = between
            else:
                silent = between
        return seen[firing]


def long_step(
    clamp: CurrentClamp,
    current__nA: float,
    rest__mV: float,
    window: Window,
    longest__ms: float | None = None,
    highest_order: int = HIGHEST_ORDER,
) -> Firing:
    """Inject a current to the end of the window and read the rate.

    Parameters
    ----------
    clamp : CurrentClamp
        The neuron.
    current__nA : float
        The current.
    rest__mV : float
        Resting potential.
    window : Window
        Where the rate is read.
    longest__ms : float, optional
        Up to when the window is lengthened where it holds too few intervals; never if not given.
    highest_order : int
        Highest order of CVODE's formulas: see `mnvalidate.solver`.
    """
    spikes, rate = np.empty(0), None
    shortest, duration = window.stop__ms, max(longest__ms or 0.0, window.stop__ms)

    def read(trace: Callable[[float], Trace]) -> float:
        """Read the spikes that are new, and return the time up to which the neuron was recorded."""
        nonlocal spikes, rate
        unread = trace(float(spikes[-1]) if spikes.size else 0.0)
        more = spike_times__ms(unread, rest__mV)
        if more.size:
            spikes = np.concatenate([spikes, more])
            rate = foreseen_rate__Hz(spikes, unread.end__ms, window)
        return unread.end__ms

    def look(trace: Callable[[float], Trace]) -> float | None:
        nonlocal window
        now = read(trace)
        if rate is not None:
            return None
        if now >= shortest - _ROUNDING__ms and stands_still(trace(0.0)):
            return None
        if now >= window.stop__ms - _ROUNDING__ms:
            longer = lengthened(window, spikes, duration)
            if longer is None:
                return None
            window = longer
        return min(next_look__ms(spikes, now), window.stop__ms)

    trace = clamp.sweep(
        [Pulse(current__nA, 0.0, duration)],
        duration,
        look=look,
        first_look__ms=FIRST_LOOK__ms,
        tolerance_factor=_TOLERANCE_FACTOR,
        highest_order=highest_order,
    )
    if rate is None:
        read(lambda since__ms: trace.between(since__ms, trace.end__ms))
        rate = rate or steady_rate__Hz(spikes, window)
    blocked = rate is None and _is_blocked(trace, spikes, rest__mV)
    return Firing(current__nA, rate, int(spikes.size), blocked, trace)


def stands_still(trace: Trace) -> bool:
    """Tell whether the voltage moves by less than 0.001 mV in the last 300 ms of a recording."""
    # The solver's own steps may be longer than that where the voltage creeps.
    last = trace.at(np.linspace(trace.end__ms - _STILL_FOR__ms, trace.end__ms, _STILL_SEEN_AT))
    return float(np.ptp(last)) < _STILL__mV


def _is_blocked(trace: Trace, spikes__ms: Array, rest__mV: float) -> bool:
    if spikes__ms.size == 0:
        return False
    end = trace.at(np.linspace(trace.end__ms - 100.0, trace.end__ms, 101))
    return bool(np.min(end) > rest__mV + _BLOCKED_ABOVE_REST__mV and np.ptp(end) < SPIKE_LEVEL__mV)
