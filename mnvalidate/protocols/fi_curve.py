"""Gains and limits of repetitive firing, read from what long current steps did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mnvalidate.drawing import Curve, Drawing
from mnvalidate.protocols.base import NotMeasurable, Reading, Value
from mnvalidate.protocols.draw import curve as draw_curve
from mnvalidate.protocols.draw import sweeps, voltage
from mnvalidate.traces import Array, Trace


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


def gain__Hz_per_nA(currents__nA: Sequence[float] | Array, rates__Hz: Sequence[float] | Array) -> float:
    """Least-squares slope of rate against current.

    Raises
    ------
    NotMeasurable
        If there are fewer than two points.
    """
    if len(currents__nA) < 2:
        raise NotMeasurable(f"fires steadily at {len(currents__nA)} of the currents; a slope needs two")
    return float(np.polyfit(np.asarray(currents__nA), np.asarray(rates__Hz), 1)[0])


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
            "FI_primary_gain__Hz_per_nA": _primary_gain(threshold, primary, threshold_resolution),
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


def _primary_gain(
    threshold: Firing, primary: Sequence[Firing], threshold_resolution: float
) -> Value | NotMeasurable:
    """Gain of the primary range, known as well as it varies with the uncertainty of the threshold.

    Were the threshold lower by that, so would be all the currents. Their rates are read from straight lines
    between those that were measured, which lie below the true curve and so tell rather more than its change.
    """
    gain = _gain(primary)
    if isinstance(gain, NotMeasurable):
        return gain
    steady = [(f.current__nA, f.rate__Hz) for f in primary if f.rate__Hz is not None]
    currents, rates = np.transpose([(threshold.current__nA, threshold.rate__Hz or 0.0), *steady])
    lower = (1.0 - threshold_resolution) * currents[1:]
    shifted = gain__Hz_per_nA(lower, np.interp(lower, currents, rates))
    return Value(gain.value, resolution=gain.resolution + abs(shifted - gain.value))


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
