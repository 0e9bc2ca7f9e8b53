"""Repetitive firing: the F-I curve, its primary range, and its limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mnvalidate.drawing import Curve, Drawing
from mnvalidate.protocols.base import NotMeasurable, Protocol, Reading, Value
from mnvalidate.protocols.draw import curve as draw_curve
from mnvalidate.protocols.draw import sweeps, voltage
from mnvalidate.protocols.rheobase import bracket_threshold
from mnvalidate.quantities import Quantity
from mnvalidate.spikes import SPIKE_LEVEL__mV, spike_times__ms
from mnvalidate.traces import Array, Pulse, Trace

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp

_FEWEST_INTERVALS = 2
# Firing has stopped when the pause at the end is longer than this many of the last intervals.
_LONGEST_PAUSE = 1.5
# A sweep may end early when what a drift of the rate could still add over the whole window is below this.
_TOLERATED_DRIFT = 5e-4
# An adaptation that dies away is continued to its end if it has less than this still to go, if each of its
# differences is a smaller part than this of the one before, and if it has been smaller than this all along:
# only a small one dies away geometrically, and what is left over of a large one hides a slow drift.
_TOLERATED_SETTLING = 1e-3
_SLOWEST_SETTLING = 0.85
_LARGEST_SETTLING = 0.01
_OBSERVATION__ms = 300.0
_LOOKS_GROW_BY = 1.05
_LOOKS_WITHOUT_SPIKES_GROW_BY = 1.5
# Four blocks of one interval.
_FEWEST_SPIKES_TO_TELL = 5
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

FIRST_LOOK__ms = _OBSERVATION__ms
"""When it is first tried to tell the rate of a long step."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a long current step in which the rate is read."""

    start__ms: float
    stop__ms: float


@dataclass(frozen=True, slots=True)
class Firing:
    """What a long current step did.

    Parameters
    ----------
    current__nA : float
        The current.
    rate__Hz : float or None
        Rate over the window, None where the neuron did not fire steadily to its end.
    spikes : int
        Number of spikes seen.
    blocked : bool
        Whether firing gave way to a lasting depolarisation.
    trace : Trace, optional
        The sweep, as far as it was recorded.
    """

    current__nA: float
    rate__Hz: float | None
    spikes: int
    blocked: bool
    trace: Trace | None = field(default=None, compare=False, repr=False)


def steady_rate__Hz(spikes__ms: Array, window: Window) -> float | None:
    """Rate over a window that was recorded to its end.

    The number of interspike intervals between the first and the last spike in the window over their total
    duration, so that the rate does not depend on where the window begins within an interval.

    Returns
    -------
    float or None
        None if there are fewer than two intervals, or firing stopped before the end.
    """
    seen = spikes__ms[(spikes__ms >= window.start__ms) & (spikes__ms <= window.stop__ms)]
    if seen.size <= _FEWEST_INTERVALS:
        return None
    if window.stop__ms - seen[-1] > _LONGEST_PAUSE * (seen[-1] - seen[-2]):
        return None
    return float(1000.0 * (seen.size - 1) / (seen[-1] - seen[0]))


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The part of a window that is not yet seen.

    Parameters
    ----------
    distance__ms : float
        How far ahead it lies on average.
    share : float
        Its share of the window.
    """

    distance__ms: float
    share: float

    def change(self, drift_per_ms: float) -> float:
        """What a relative drift of the interval changes in the mean of the whole window."""
        return drift_per_ms * self.distance__ms * self.share


def foreseen_rate__Hz(spikes__ms: Array, now__ms: float, window: Window) -> float | None:
    """Rate over the whole window as far as it can be told before its end, or even before its start.

    It can be told once the intervals of the last 300 ms no longer drift, or drift less and less in a way that
    says where they end. What a drift could still change in the window's rate must be below 0.05 % either way;
    the rest of the window is taken to go on with the interval at which the neuron arrives.

    Parameters
    ----------
    spikes__ms : ndarray, shape (n_spikes,)
        Times of the spikes so far.
    now__ms : float
        Time up to which the neuron was recorded.
    window : Window
        The window.

    Returns
    -------
    float or None
        None while it cannot be told.
    """
    if spikes__ms.size <= _FEWEST_INTERVALS:
        return None
    last = float(spikes__ms[-1])
    if now__ms - last > _LONGEST_PAUSE * (last - spikes__ms[-2]):
        return None
    observed = int(np.searchsorted(spikes__ms, last - _OBSERVATION__ms, side="right")) - 1
    if observed < 0:
        return None
    remaining = window.stop__ms - last
    # The part of the window that is not seen lies, on average, half of it before its end.
    unseen = min(remaining, window.stop__ms - window.start__ms)
    ahead = _Ahead(remaining - unseen / 2, unseen / (window.stop__ms - window.start__ms))
    interval = _steady_interval__ms(spikes__ms, observed, ahead)
    if interval is None:
        interval = _settling_interval__ms(spikes__ms, observed, ahead)
    if interval is None:
        return None
    seen = spikes__ms[spikes__ms >= window.start__ms]
    if not seen.size:
        return 1000.0 / interval
    to_come = int(remaining / interval)
    return float(1000.0 * (seen.size - 1 + to_come) / (last + to_come * interval - seen[0]))


def _steady_interval__ms(spikes__ms: Array, observed: int, ahead: _Ahead) -> float | None:
    """Interval of a train that no longer drifts.

    Of three blocks of two intervals at least, the largest relative change between neighbours, continued at
    the same pace, bounds what slow adaptation can still add, as long as it slows down.
    """
    blocks = _blocks(spikes__ms, observed, number=3, fewest_intervals=2)
    if blocks is None:
        return None
    intervals, centres = blocks
    drift_per_ms = float(np.max(np.abs(np.diff(intervals)) / np.diff(centres))) / float(intervals[-1])
    return float(intervals[-1]) if ahead.change(drift_per_ms) <= _TOLERATED_DRIFT else None


def _settling_interval__ms(spikes__ms: Array, observed: int, ahead: _Ahead) -> float | None:
    """Interval at which a train arrives that still adapts, but less from block to block.

    The differences between four blocks are taken for those of an adaptation that dies away geometrically and
    of another that is so slow that it adds the same to each. Aitken's formula parts them: the limit of the
    differences is the slow one's, and bounds what it can still add.
    """
    blocks = _blocks(spikes__ms, observed, number=4, fewest_intervals=1)
    if blocks is None:
        return None
    intervals, centres = blocks
    if abs(intervals[0] / intervals[-1] - 1.0) > _LARGEST_SETTLING:
        return None
    differences = np.diff(intervals) / intervals[-1]
    first, second = np.diff(differences)
    if not 0.0 < second * np.sign(first) < _SLOWEST_SETTLING * abs(first):
        return None
    ratio = second / first
    to_come = ratio / (1.0 - ratio)
    lasting = differences[-1] + second * to_come
    settling = (differences[-1] - lasting) * to_come
    drift_per_ms = abs(lasting) / (centres[-1] - centres[-2])
    if ahead.change(drift_per_ms) > _TOLERATED_DRIFT or abs(settling) * ahead.share > _TOLERATED_SETTLING:
        return None
    return float(intervals[-1] * (1.0 + settling))


def _blocks(
    spikes__ms: Array, observed: int, *, number: int, fewest_intervals: int
) -> tuple[Array, Array] | None:
    """Mean intervals and centres of blocks that end with the last spike and begin at the observed one.

    They begin earlier where there are too few intervals, and there are none where the train has too few.
    """
    size = max((spikes__ms.size - 1 - observed) // number, fewest_intervals)
    if spikes__ms.size <= number * size:
        return None
    edges = spikes__ms[-1 - size * np.arange(number, -1, -1)]
    return np.diff(edges) / size, 0.5 * (edges[1:] + edges[:-1])


def gain__Hz_per_nA(currents__nA: Sequence[float], rates__Hz: Sequence[float]) -> float:
    """Least-squares slope of rate against current.

    Raises
    ------
    NotMeasurable
        If there are fewer than two points.
    """
    if len(currents__nA) < 2:
        raise NotMeasurable(f"fires steadily at {len(currents__nA)} of the currents; a slope needs two")
    return float(np.polyfit(np.asarray(currents__nA), np.asarray(rates__Hz), 1)[0])


@dataclass(frozen=True)
class RepetitiveFiring(Protocol):
    """Long steps of current from rest.

    ``FI_gain__Hz_per_nA`` keeps the currents of MyoGen's example. The primary range follows Kernell 1965
    (doi:10.1111/j.1748-1716.1965.tb04252.x): it begins at the smallest current that fires without end. The
    rate is read 1 % above it, which is as close as a current is known in an experiment: at the threshold of a
    neuron that may fire as slowly as it likes, the rate says only how closely the threshold was searched for.
    """

    name: ClassVar[str] = "repetitive_firing"
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "FI_gain__Hz_per_nA",
            "Hz/nA",
            "F-I gain",
            "Slope of the rate (500 to 3000 ms) over those of 5, 10, ... 30 nA, at or above rheobase, at "
            "which the neuron fires steadily.",
        ),
        Quantity(
            "I_repetitive__nA",
            "nA",
            "Repetitive firing threshold",
            "Smallest current that fires steadily to the end of 2000 ms, to 0.2 %.",
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
    threshold_resolution: float = 0.002
    primary_range: tuple[float, ...] = (1.01, 1.25, 1.5, 1.75, 2.0)
    ceiling_over_rheobase: float = 5.0

    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """See `Protocol.measure`."""
        rest, rheobase = earlier["vhold_soma__mV"], earlier["Ir__nA"]
        curve = [self.step(clamp, current, rest) for current in self.currents__nA if current >= rheobase]
        threshold: Firing | NotMeasurable
        try:
            threshold = self._at_threshold(clamp, rheobase, rest)
            currents = [factor * threshold.current__nA for factor in self.primary_range]
            primary = [self.step(clamp, current, rest) for current in currents]
        except NotMeasurable as reason:
            threshold, primary = reason, []
        return analyse(curve, threshold, primary, self.threshold_resolution)

    def step(self, clamp: CurrentClamp, current__nA: float, rest__mV: float) -> Firing:
        """One long step, ended early once the rate over the whole window can be told."""
        window = Window(self.window_start__ms, self.duration__ms)
        return long_step(clamp, current__nA, rest__mV, window)

    def _at_threshold(self, clamp: CurrentClamp, rheobase__nA: float, rest__mV: float) -> Firing:
        """Firing at the smallest current that fires steadily."""
        window = Window(self.window_start__ms, self.threshold_duration__ms)
        seen: dict[float, Firing] = {}

        def fires_steadily(current__nA: float) -> bool:
            seen[current__nA] = long_step(clamp, current__nA, rest__mV, window)
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


def long_step(clamp: CurrentClamp, current__nA: float, rest__mV: float, window: Window) -> Firing:
    """Inject a current to the end of the window and read the rate."""
    spikes, rate = np.empty(0), None

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
        now = read(trace)
        return next_look__ms(spikes, now) if rate is None else None

    pulse = Pulse(current__nA, 0.0, window.stop__ms)
    trace = clamp.sweep(
        [pulse],
        window.stop__ms,
        look=look,
        first_look__ms=FIRST_LOOK__ms,
        tolerance_factor=_TOLERANCE_FACTOR,
    )
    if rate is None:
        read(lambda since__ms: trace.between(since__ms, trace.end__ms))
        rate = rate or steady_rate__Hz(spikes, window)
    blocked = rate is None and _is_blocked(trace, spikes, rest__mV)
    return Firing(current__nA, rate, int(spikes.size), blocked, trace)


def next_look__ms(spikes__ms: Array, now__ms: float) -> float:
    """Time at which it is worth while to try again to tell the rate."""
    idle = _LOOKS_WITHOUT_SPIKES_GROW_BY * now__ms
    if spikes__ms.size < 2:
        return idle
    missing = max(0, _FEWEST_SPIKES_TO_TELL - spikes__ms.size)
    interval = (spikes__ms[-1] - spikes__ms[0]) / (spikes__ms.size - 1)
    return max(_LOOKS_GROW_BY * now__ms, min(float(spikes__ms[-1] + missing * interval), idle))


def _is_blocked(trace: Trace, spikes__ms: Array, rest__mV: float) -> bool:
    if spikes__ms.size == 0:
        return False
    end = trace.at(np.linspace(trace.end__ms - 100.0, trace.end__ms, 101))
    return bool(np.min(end) > rest__mV + _BLOCKED_ABOVE_REST__mV and np.ptp(end) < SPIKE_LEVEL__mV)


def analyse(
    curve: Sequence[Firing],
    threshold: Firing | NotMeasurable,
    primary: Sequence[Firing],
    threshold_resolution: float,
) -> Reading:
    """Read gains and limits from the firing at the currents of the F-I curve and of the primary range.

    Parameters
    ----------
    curve, primary : sequence of Firing
        By increasing current.
    threshold : Firing or NotMeasurable
        Firing at the smallest current that fires steadily.
    threshold_resolution : float
        Fraction of that current by which a smaller one may do so, too.
    """
    results: dict[str, Value | NotMeasurable] = {"FI_gain__Hz_per_nA": _gain(curve)}
    if isinstance(threshold, NotMeasurable):
        needs_threshold = NotMeasurable(f"no repetitive firing threshold: {threshold}")
        results |= {
            "I_repetitive__nA": threshold,
            "FI_primary_gain__Hz_per_nA": needs_threshold,
            "rate_min__Hz": needs_threshold,
        }
    else:
        known_to__nA = threshold_resolution * threshold.current__nA
        results |= {
            "I_repetitive__nA": Value(threshold.current__nA, resolution=known_to__nA),
            "FI_primary_gain__Hz_per_nA": _gain(primary),
            "rate_min__Hz": _minimum_rate(threshold, primary[0], known_to__nA),
        }
    rates = [f.rate__Hz for f in (*curve, *primary) if f.rate__Hz is not None]
    blocked = [f.current__nA for f in (*curve, *primary) if f.blocked]
    highest = max((f.current__nA for f in (*curve, *primary)), default=0.0)
    results["rate_max__Hz"] = (
        Value(max(rates), resolution=0.002 * max(rates)) if rates else NotMeasurable("fires steadily nowhere")
    )
    results["I_block__nA"] = (
        Value(min(blocked), resolution=min(blocked))
        if blocked
        else NotMeasurable(f"no depolarisation block up to {highest:.3g} nA")
    )
    return Reading(
        results,
        data={
            **_columns("curve", [f for f in curve if f.rate__Hz is not None]),
            **_columns("primary", [f for f in primary if f.rate__Hz is not None]),
        },
        drawings=(*_rate_drawing(curve, primary), *_firing_drawing(primary)),
    )


def _rate_drawing(curve: Sequence[Firing], primary: Sequence[Firing]) -> tuple[Drawing, ...]:
    """F-I curve with the lines that were fitted to it; nothing where nothing fires steadily."""
    curves: list[Curve] = []
    fits: list[Curve] = []
    for label, firing in (("F-I curve", curve), ("primary range", primary)):
        steady = [(f.current__nA, f.rate__Hz) for f in firing if f.rate__Hz is not None]
        if not steady:
            continue
        currents, rates = np.transpose(steady)
        curves.append(draw_curve(label, currents, rates))
        if len(steady) > 1:
            gain, offset = np.polyfit(currents, rates, 1)
            fits.append(draw_curve(f"{label}: {gain:.4g} Hz/nA", currents, offset + gain * currents))
    if not curves:
        return ()
    return (Drawing("F-I curve", "Current (nA)", "Steady rate (Hz)", tuple(curves), tuple(fits)),)


def _firing_drawing(primary: Sequence[Firing]) -> tuple[Drawing, ...]:
    """Firing just above the repetitive firing threshold, where it was recorded."""
    return tuple(
        sweeps(
            "Firing just above the repetitive firing threshold",
            (voltage(f"{firing.current__nA:.4g} nA", firing.trace, 0.0, firing.trace.end__ms),),
            (),
            firing.trace.pulses,
        )
        for firing in primary[:1]
        if firing.trace is not None
    )


def _minimum_rate(threshold: Firing, above: Firing, threshold_known_to__nA: float) -> Value | NotMeasurable:
    """Rate just above the threshold, known as well as it varies with the uncertainty of the threshold."""
    if above.rate__Hz is None:
        return NotMeasurable(
            f"fires steadily at its threshold for 2000 ms, but not at {above.current__nA:.4g} nA for 3000 ms"
        )
    rise = abs(above.rate__Hz - (threshold.rate__Hz or 0.0)) / (above.current__nA - threshold.current__nA)
    return Value(above.rate__Hz, resolution=max(0.002 * above.rate__Hz, rise * threshold_known_to__nA))


def _gain(curve: Sequence[Firing]) -> Value | NotMeasurable:
    steady = [(f.current__nA, f.rate__Hz) for f in curve if f.rate__Hz is not None]
    try:
        gain = gain__Hz_per_nA([current for current, _ in steady], [rate for _, rate in steady])
    except NotMeasurable as reason:
        return NotMeasurable(f"{reason} ({_described(curve)})")
    return Value(gain, resolution=0.002 * abs(gain))


def _described(curve: Sequence[Firing]) -> str:
    if not curve:
        return "rheobase lies above all of them"
    return ", ".join(
        f"{f.current__nA:.3g} nA: "
        + (
            "depolarisation block"
            if f.blocked
            else "steady"
            if f.rate__Hz is not None
            else f"{f.spikes} spikes"
        )
        for f in curve
    )


def _columns(name: str, firing: Sequence[Firing]) -> dict[str, tuple[float, ...]]:
    return {
        f"{name}__nA": tuple(f.current__nA for f in firing),
        f"{name}__Hz": tuple(f.rate__Hz for f in firing if f.rate__Hz is not None),
    }
