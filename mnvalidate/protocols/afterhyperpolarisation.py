"""What follows a spike: fast and medium afterhyperpolarisation, and the delayed depolarisation between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mnvalidate.drawing import Drawing
from mnvalidate.protocols.base import NotApplicable, NotMeasurable, Value
from mnvalidate.protocols.draw import level, point, sweeps, voltage
from mnvalidate.traces import Trace

RECOVERED_FRACTION = 0.05
"""Fraction of the afterhyperpolarisation at which `AHPdur_5pct__ms` ends."""

_LATEST_FAST__ms = 5.0
# Least rise from the fast trough to the delayed depolarisation, as a fraction of the fast AHP.
_LEAST_RISE = 0.1
# A damped oscillation takes as long down as up; the medium AHP outlasts what precedes it.
_SLOWER = 3.0


@dataclass(frozen=True, slots=True)
class Troughs:
    """Low points after a spike, each as time in ms and voltage in mV.

    Parameters
    ----------
    main : tuple of float
        Trough of the afterhyperpolarisation; of the medium one where there are two.
    fast, delayed : tuple of float, optional
        Trough of the fast afterhyperpolarisation and peak of the delayed depolarisation that follows it.
    """

    main: tuple[float, float]
    fast: tuple[float, float] | None = None
    delayed: tuple[float, float] | None = None


def find_troughs(after_peak: Trace, rest__mV: float, band__mV: float) -> Troughs:
    """Tell a fast from a medium afterhyperpolarisation.

    There are two where the voltage turns within 5 ms of the peak below rest, rises by a tenth of that and
    more than `band__mV`, and falls again to below rest - `band__mV`, taking more than three times as long as
    it took to rise.

    Parameters
    ----------
    after_peak : Trace
        From the peak of the spike on.
    rest__mV : float
        Resting potential.
    band__mV : float
        Differences from rest that are none.
    """
    lowest = Troughs(after_peak.minimum())
    t, v = after_peak.t__ms, after_peak.v__mV
    early = v[t <= t[0] + _LATEST_FAST__ms]
    below_rest = rest__mV - np.minimum.accumulate(v)
    least_rise = np.maximum(band__mV, _LEAST_RISE * below_rest)
    turned = np.flatnonzero((v > rest__mV - below_rest + least_rise) & (below_rest > band__mV))
    if early.size < 2 or turned.size == 0:
        return lowest
    fast = after_peak.between(float(t[0]), float(t[turned[0]])).minimum()
    if fast[0] > t[0] + _LATEST_FAST__ms:
        return lowest
    later = after_peak.after(float(t[turned[0]]))
    fallen = np.flatnonzero(later.v__mV < np.maximum.accumulate(later.v__mV) - band__mV)
    if fallen.size == 0:
        return lowest
    fell__ms = float(later.t__ms[fallen[0]])
    delayed = after_peak.between(fast[0], fell__ms).maximum()
    medium = after_peak.after(fell__ms).minimum()
    is_slower = medium[0] - delayed[0] > _SLOWER * (delayed[0] - fast[0])
    if medium[1] >= rest__mV - band__mV or not is_slower:
        return lowest
    return Troughs(medium, fast, delayed)


def read_afterhyperpolarisation(
    trace: Trace, rest__mV: float, band__mV: float, peak__ms: float, troughs: Troughs
) -> dict[str, Value | NotMeasurable | NotApplicable]:
    """Amplitudes and times of what follows a spike.

    Parameters
    ----------
    trace : Trace
        The sweep.
    rest__mV, band__mV : float
        Resting potential; the afterhyperpolarisation is over when it is smaller than `band__mV`.
    peak__ms : float
        Time of the spike's peak.
    troughs : Troughs
        See `find_troughs`.
    """
    trough__ms, trough__mV = troughs.main
    depth = rest__mV - trough__mV
    fast: dict[str, Value | NotMeasurable | NotApplicable] = {
        "fast_AHP__mV": NotApplicable("no fast afterhyperpolarisation that a delayed depolarisation follows")
        if troughs.fast is None
        else Value(rest__mV - troughs.fast[1], resolution=0.001)
    }
    if depth <= band__mV:
        reason = (
            f"no afterhyperpolarisation: the lowest voltage after the spike is "
            f"{-depth:.3g} mV from rest, within the band of {band__mV:g} mV"
        )
        names = ("AHP__mV", "AHPdur__ms", "AHPdur_5pct__ms", "AHP_half_decay__ms")
        return {name: NotMeasurable(reason) for name in names} | fast
    recovery = trace.after(trough__ms)
    not_over = NotMeasurable(f"not over {trace.end__ms - peak__ms:.0f} ms after the spike")

    def until(left__mV: float, since__ms: float) -> Value | NotMeasurable:
        passed = recovery.crossings(rest__mV - left__mV, rising=True)
        return Value(float(passed[0]) - since__ms, resolution=0.1) if passed.size else not_over

    return {
        "AHP__mV": Value(depth, resolution=0.001),
        "AHPdur__ms": until(band__mV, peak__ms),
        "AHPdur_5pct__ms": until(RECOVERED_FRACTION * depth, peak__ms),
        "AHP_half_decay__ms": until(depth / 2, trough__ms),
    } | fast


def draw_afterhyperpolarisation(
    trace: Trace,
    rest__mV: float,
    band__mV: float,
    read: Mapping[str, Value | NotMeasurable | NotApplicable],
    peak__ms: float,
    troughs: Troughs,
) -> Drawing:
    """Draw what follows a spike, with what was read of it."""
    returned = trace.crossings(rest__mV, rising=False)
    start = float(returned[returned > peak__ms][:1].sum()) or peak__ms
    end = trace.end__ms
    marks = [point("trough", *troughs.main)]
    if troughs.fast is not None and troughs.delayed is not None:
        marks += [point("fast trough", *troughs.fast), point("delayed depolarisation", *troughs.delayed)]
    if isinstance(half := read["AHP_half_decay__ms"], Value):
        half_way = troughs.main[0] + half.value
        marks.append(point("half-decay", half_way, float(trace.at(half_way))))
    if isinstance(duration := read["AHPdur__ms"], Value):
        end = min(end, peak__ms + 1.3 * duration.value)
        recovered = peak__ms + duration.value
        marks.append(point(f"recovered to rest - {band__mV:g} mV", recovered, float(trace.at(recovered))))
    return sweeps(
        "Afterhyperpolarisation",
        (voltage("after the spike", trace, start, end),),
        (level("rest", rest__mV, start, end), *marks),
        (),
    )
