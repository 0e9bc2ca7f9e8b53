"""Action potential and afterhyperpolarisation after a single spike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mnvalidate.drawing import Curve, Drawing
from mnvalidate.protocols.base import NotMeasurable, Protocol, Reading, Value
from mnvalidate.protocols.draw import level, point, sweeps, voltage
from mnvalidate.protocols.rheobase import Rheobase
from mnvalidate.quantities import Quantity
from mnvalidate.spikes import SPIKE_SLOPE__mV_per_ms, spike_times__ms
from mnvalidate.traces import Pulse, Trace

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp

_LARGEST_PASSIVE_DEPOLARISATION__mV = 40.0
# The first pulse that fires may do so only just; the spike is then late, and its peak hangs on every error
# on the way there: 0.1 mV for one of 20 Powers2017 neurons with the tolerance of other sweeps, 0.03 mV so.
_TOLERANCE_FACTOR = 0.1
_SHOWN_BEFORE_PULSE__ms, _SHOWN_AFTER_PEAK__ms = 1.0, 6.0


@dataclass(frozen=True)
class ActionPotential(Protocol):
    """A spike evoked from rest by a pulse too brief to overlap with what follows it.

    The afterhyperpolarisation is read after one spike without holding current, as in the experiments compiled
    by Caillet et al. 2022 (doi:10.7554/eLife.76489). The duration ends within `recovery_band__mV` of rest: a
    model without noise approaches rest for ever, so the band decides the number. The voltage threshold is
    read from a long pulse of 1.05 times rheobase: a brief pulse distorts the upstroke, and at rheobase itself
    the delay of the spike, and so its threshold, hangs on the last digit of the current.
    """

    name: ClassVar[str] = "action_potential"
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity("AP__mV", "mV", "Action potential amplitude", "Peak minus rest, 0.5 ms pulse."),
        Quantity("AHP__mV", "mV", "AHP amplitude", "Rest minus the lowest voltage after the peak."),
        Quantity(
            "AHPdur__ms",
            "ms",
            "AHP duration",
            "From the peak of the spike until the voltage is back above rest - 0.15 mV.",
        ),
        Quantity(
            "AP_threshold__mV",
            "mV",
            "Threshold depolarisation",
            "Depolarisation above rest where dV/dt of a spike at 1.05 times rheobase first exceeds 10 mV/ms.",
        ),
        Quantity("AP_half_width__ms", "ms", "Action potential half-width", "Width at half amplitude."),
        Quantity(
            "AHP_half_decay__ms",
            "ms",
            "AHP half-decay time",
            "From the trough until half of the afterhyperpolarisation has gone.",
        ),
    )
    needs: ClassVar[tuple[str, ...]] = ("vhold_soma__mV",)

    pulse__ms: float = 0.5
    onset__ms: float = 5.0
    first_current__nA: float = 45.0
    current_step__nA: float = 10.0
    ceiling__nA: float = 500.0
    duration__ms: float = 1000.0
    recovery_band__mV: float = 0.15
    threshold_current__rheobases: float = 1.05

    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """See `Protocol.measure`."""
        rest = earlier["vhold_soma__mV"]
        scale = self._scale(earlier)
        for step in range(round((self.ceiling__nA - self.first_current__nA) / self.current_step__nA) + 1):
            current = scale * (self.first_current__nA + step * self.current_step__nA)
            pulse = Pulse(current, self.onset__ms, self.pulse__ms)
            if spike_times__ms(clamp.sweep([pulse], self.onset__ms + 25.0), rest).size > 0:
                break
        else:
            raise NotMeasurable(f"no spike up to the ceiling of {scale * self.ceiling__nA:g} nA for 0.5 ms")
        trace = clamp.sweep([pulse], self.onset__ms + self.duration__ms, tolerance_factor=_TOLERANCE_FACTOR)
        reading = analyse(trace, rest, self.recovery_band__mV)
        threshold = self._threshold(clamp, earlier, rest)
        return Reading(
            {**reading.results, **threshold.results},
            data={"pulse__nA": (current,)},
            drawings=(*reading.drawings, *threshold.drawings),
        )

    def _scale(self, earlier: Mapping[str, float]) -> float:
        if "Rin__MOhm" not in earlier or "tau__ms" not in earlier:
            return 1.0
        capacitance__nF = earlier["tau__ms"] / earlier["Rin__MOhm"]
        passive__mV = self.first_current__nA * self.pulse__ms / capacitance__nF
        return min(1.0, _LARGEST_PASSIVE_DEPOLARISATION__mV / passive__mV)

    def _threshold(self, clamp: CurrentClamp, earlier: Mapping[str, float], rest__mV: float) -> Reading:
        if "Ir__nA" not in earlier:
            reason = "needs a spike at rheobase, and rheobase is not measurable"
            return Reading({"AP_threshold__mV": NotMeasurable(reason)})
        current = self.threshold_current__rheobases * earlier["Ir__nA"]
        trace = Rheobase().sweep(clamp, current, rest__mV)
        threshold = threshold_depolarisation(trace, rest__mV)
        return Reading(
            {"AP_threshold__mV": threshold}, drawings=(_threshold_drawing(trace, threshold, rest__mV),)
        )


def threshold_depolarisation(trace: Trace, rest__mV: float) -> Value | NotMeasurable:
    """Depolarisation above rest at which the upstroke of the first spike begins.

    That is where dV/dt last rose above 10 mV/ms before the spike.
    """
    spikes = spike_times__ms(trace, rest__mV)
    if spikes.size == 0:
        return NotMeasurable("no spike just above rheobase")
    upstroke = trace.between(0.0, float(spikes[0]))
    t, slope = upstroke.t__ms[1:], upstroke.slope_before__mV_per_ms
    slow = np.flatnonzero(slope <= SPIKE_SLOPE__mV_per_ms)
    if slow.size == 0 or slow[-1] + 1 >= t.size:
        return NotMeasurable("dV/dt exceeds 10 mV/ms from the onset of the pulse")
    last = slow[-1]
    onset = np.interp(SPIKE_SLOPE__mV_per_ms, slope[last : last + 2], t[last : last + 2])
    return Value(float(trace.at(onset)) - rest__mV, resolution=0.01)


def analyse(trace: Trace, rest__mV: float, recovery_band__mV: float) -> Reading:
    """Read a spike and its afterhyperpolarisation from a sweep with one brief pulse.

    Parameters
    ----------
    trace : Trace
        Sweep with at least one spike.
    rest__mV : float
        Resting potential.
    recovery_band__mV : float
        The afterhyperpolarisation is over when it is smaller than this.
    """
    first_spike = float(spike_times__ms(trace, rest__mV)[0])
    level_passed = trace.crossings(rest__mV + 20.0, rising=False)
    end_of_spike = float(level_passed[level_passed > first_spike][0])
    peak_time, peak = trace.between(first_spike, end_of_spike).maximum()
    amplitude = peak - rest__mV
    half = rest__mV + amplitude / 2
    rise = trace.crossings(half, rising=True)
    fall = trace.crossings(half, rising=False)
    half_width = float(fall[fall > peak_time][0] - rise[rise < peak_time][-1])
    after_peak = trace.after(peak_time)
    trough_time, trough = after_peak.minimum()
    afterhyperpolarisation = _afterhyperpolarisation(
        trace, rest__mV, recovery_band__mV, peak_time, trough_time, trough
    )
    half_way = float(rise[rise < peak_time][-1])
    return Reading(
        {
            "AP__mV": Value(amplitude, resolution=0.01),
            "AP_half_width__ms": Value(half_width, resolution=0.001),
            **afterhyperpolarisation,
        },
        drawings=(
            _spike_drawing(
                trace, rest__mV, (peak_time, peak), level("half-width", half, half_way, half_way + half_width)
            ),
            _afterhyperpolarisation_drawing(
                trace, rest__mV, recovery_band__mV, afterhyperpolarisation, peak_time, (trough_time, trough)
            ),
        ),
    )


def _threshold_drawing(trace: Trace, threshold: Value | NotMeasurable, rest__mV: float) -> Drawing:
    end = trace.end__ms
    marks = [level("rest", rest__mV, 0.0, end)]
    if isinstance(threshold, Value):
        marks.append(
            level(f"threshold, {threshold.value:.4g} mV above rest", rest__mV + threshold.value, 0.0, end)
        )
    title = "Threshold of a spike just above rheobase"
    curves = (voltage(f"{trace.pulses[0].amplitude__nA:.4g} nA", trace, 0.0, end),)
    return sweeps(title, curves, tuple(marks), trace.pulses)


def _spike_drawing(trace: Trace, rest__mV: float, peak: tuple[float, float], half_width: Curve) -> Drawing:
    (pulse,) = trace.pulses
    start, end = pulse.onset__ms - _SHOWN_BEFORE_PULSE__ms, peak[0] + _SHOWN_AFTER_PEAK__ms
    return sweeps(
        "Action potential",
        (voltage(f"{pulse.amplitude__nA:.4g} nA, {pulse.duration__ms:g} ms", trace, start, end),),
        (level("rest", rest__mV, start, end), point("peak", *peak), half_width),
        trace.pulses,
    )


def _afterhyperpolarisation_drawing(
    trace: Trace,
    rest__mV: float,
    recovery_band__mV: float,
    read: Mapping[str, Value | NotMeasurable],
    peak_time__ms: float,
    trough: tuple[float, float],
) -> Drawing:
    returned = trace.crossings(rest__mV, rising=False)
    start = float(returned[returned > peak_time__ms][:1].sum()) or peak_time__ms
    end = trace.end__ms
    marks = [point("trough", *trough)]
    if isinstance(half := read["AHP_half_decay__ms"], Value):
        marks.append(point("half-decay", trough[0] + half.value, float(trace.at(trough[0] + half.value))))
    if isinstance(duration := read["AHPdur__ms"], Value):
        end = min(end, peak_time__ms + 1.3 * duration.value)
        recovered = peak_time__ms + duration.value
        marks.append(
            point(f"recovered to rest - {recovery_band__mV:g} mV", recovered, float(trace.at(recovered)))
        )
    return sweeps(
        "Afterhyperpolarisation",
        (voltage("after the spike", trace, start, end),),
        (level("rest", rest__mV, start, end), *marks),
        (),
    )


def _afterhyperpolarisation(
    trace: Trace,
    rest__mV: float,
    recovery_band__mV: float,
    peak_time__ms: float,
    trough_time__ms: float,
    trough__mV: float,
) -> dict[str, Value | NotMeasurable]:
    depth = rest__mV - trough__mV
    if depth <= recovery_band__mV:
        reason = (
            f"no afterhyperpolarisation: the lowest voltage after the spike is "
            f"{-depth:.3g} mV from rest, within the band of {recovery_band__mV:g} mV"
        )
        return {name: NotMeasurable(reason) for name in ("AHP__mV", "AHPdur__ms", "AHP_half_decay__ms")}
    recovery = trace.after(trough_time__ms)
    recovered = recovery.crossings(rest__mV - recovery_band__mV, rising=True)
    half_recovered = recovery.crossings(rest__mV - depth / 2, rising=True)
    not_over = NotMeasurable(f"not over {trace.end__ms - peak_time__ms:.0f} ms after the spike")
    return {
        "AHP__mV": Value(depth, resolution=0.001),
        "AHPdur__ms": Value(float(recovered[0]) - peak_time__ms, resolution=0.1)
        if recovered.size
        else not_over,
        "AHP_half_decay__ms": (
            Value(float(half_recovered[0]) - trough_time__ms, resolution=0.1)
            if half_recovered.size
            else not_over
        ),
    }
