"""Action potential and afterhyperpolarisation after a single spike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mnvalidate.drawing import Curve, Drawing
from mnvalidate.protocols.afterhyperpolarisation import (
    draw_afterhyperpolarisation,
    find_troughs,
    read_afterhyperpolarisation,
)
from mnvalidate.protocols.base import NotMeasurable, Protocol, Reading, Value
from mnvalidate.protocols.draw import level, point, sweeps, voltage
from mnvalidate.protocols.rheobase import Rheobase, bracket_threshold
from mnvalidate.quantities import Quantity
from mnvalidate.spikes import SPIKE_SLOPE__mV_per_ms, find_spikes, spike_times__ms
from mnvalidate.traces import Pulse, Trace

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp

# The spike may be evoked only just; it is then late, and its peak hangs on every error on the way there.
_TOLERANCE_FACTOR = 0.1
_THRESHOLD_TOLERANCE_FACTOR = 10.0
_WATCHED__ms = 25.0
# First guess: what the threshold for a brief pulse is to rheobase in motoneurons.
_SHORT_OVER_RHEOBASE = 4.0
_GUESSED_TIME_CONSTANT__ms = 10.0
# How much later than at the site where it starts a spike peaks at the soma, at most.
_LATEST_AT_SOMA__ms = 3.0
_SLOPES_READ = 301
_READ_FROM_THE_SPIKE = (
    "AP__mV",
    "AP_half_width__ms",
    "AHP__mV",
    "AHPdur__ms",
    "AHPdur_5pct__ms",
    "AHP_half_decay__ms",
    "fast_AHP__mV",
)
_SHOWN_BEFORE_PULSE__ms, _SHOWN_AFTER_PEAK__ms = 1.0, 6.0


@dataclass(frozen=True)
class ActionPotential(Protocol):
    """A spike evoked from rest by a pulse too brief to overlap with what follows it.

    The pulse follows the cell's own threshold for such a pulse, so that no cell is hit just above threshold
    and the values are continuous in the model: the larger of `least_strength` times the threshold and the
    smaller of `usual_current__nA` and `most_strength` times the threshold. The threshold is searched for up
    to `ceiling__nA`, and not beyond what would charge the cell's capacitance by `ceiling__mV`.

    The afterhyperpolarisation is read after one spike without holding current, as in the experiments compiled
    by Caillet et al. 2022 (doi:10.7554/eLife.76489). The duration ends within `recovery_band__mV` of rest: a
    model without noise approaches rest for ever, so the band decides the number. The voltage threshold is
    read from a long pulse of 1.05 times rheobase: a brief pulse distorts the upstroke, and at rheobase itself
    the delay of the spike, and so its threshold, hangs on the last digit of the current.
    """

    name: ClassVar[str] = "action_potential"
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity("AP__mV", "mV", "Action potential amplitude", "Peak minus rest, 0.5 ms pulse."),
        Quantity(
            "AHP__mV",
            "mV",
            "AHP amplitude",
            "Rest minus the lowest voltage after the peak, or after a delayed depolarisation.",
        ),
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
        Quantity(
            "AHPdur_5pct__ms",
            "ms",
            "AHP duration to 5 %",
            "From the peak of the spike until the voltage is back within 5 % of the AHP from rest.",
        ),
        Quantity(
            "fast_AHP__mV",
            "mV",
            "Fast AHP amplitude",
            "Rest minus the trough before the delayed depolarisation, where there is one.",
        ),
        Quantity(
            "I_short__nA",
            "nA",
            "Short-pulse threshold",
            "Smallest 0.5 ms pulse from rest that evokes a spike.",
        ),
        Quantity(
            "AP_max_slope__mV_per_ms",
            "mV/ms",
            "Maximal dV/dt",
            "Largest dV/dt of the upstroke of a spike at 1.05 times rheobase.",
        ),
    )
    needs: ClassVar[tuple[str, ...]] = ("vhold_soma__mV",)

    pulse__ms: float = 0.5
    onset__ms: float = 5.0
    usual_current__nA: float = 45.0
    least_strength: float = 1.2
    most_strength: float = 2.25
    strength_resolution: float = 0.002
    ceiling__nA: float = 500.0
    ceiling__mV: float = 300.0
    duration__ms: float = 1000.0
    recovery_band__mV: float = 0.15
    threshold_current__rheobases: float = 1.05

    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """See `Protocol.measure`."""
        rest = earlier["vhold_soma__mV"]
        short, resolution = self._short_threshold(clamp, earlier, rest)
        current = max(self.least_strength * short, min(self.usual_current__nA, self.most_strength * short))
        pulse = Pulse(current, self.onset__ms, self.pulse__ms)
        trace = clamp.sweep([pulse], self.onset__ms + self.duration__ms, tolerance_factor=_TOLERANCE_FACTOR)
        reading = analyse(trace, rest, self.recovery_band__mV)
        threshold = self._threshold(clamp, earlier, rest)
        return Reading(
            {**reading.results, **threshold.results, "I_short__nA": Value(short, resolution)},
            data={"pulse__nA": (current,)},
            drawings=(*reading.drawings, *threshold.drawings),
        )

    def _short_threshold(
        self, clamp: CurrentClamp, earlier: Mapping[str, float], rest__mV: float
    ) -> tuple[float, float]:
        """Smallest brief pulse that fires, and how far below it one was tried that does not, in nA."""

        def fires(current__nA: float) -> bool:
            pulse = Pulse(current__nA, self.onset__ms, self.pulse__ms)
            end = self.onset__ms + _WATCHED__ms
            trace = clamp.sweep([pulse], end, tolerance_factor=_THRESHOLD_TOLERANCE_FACTOR)
            return spike_times__ms(trace, rest__mV).size > 0

        ceiling = self.ceiling__nA
        if "Rin__MOhm" in earlier:
            capacitance__nF = earlier.get("tau__ms", _GUESSED_TIME_CONSTANT__ms) / earlier["Rin__MOhm"]
            ceiling = min(ceiling, self.ceiling__mV * capacitance__nF / self.pulse__ms)
        guess = _SHORT_OVER_RHEOBASE * earlier["Ir__nA"] if "Ir__nA" in earlier else ceiling / 20
        bracket = bracket_threshold(fires, guess, ceiling, floor=guess / 10, factor=1.25, growth=1.5)
        if bracket is None:
            raise NotMeasurable(f"no spike up to the ceiling of {ceiling:.4g} nA for {self.pulse__ms:g} ms")
        silent, firing = bracket
        while firing - silent > self.strength_resolution * firing:
            between = 0.5 * (silent + firing)
            if fires(between):
                firing = between
            else:
                silent = between
        return firing, firing - silent

    def _threshold(self, clamp: CurrentClamp, earlier: Mapping[str, float], rest__mV: float) -> Reading:
        if "Ir__nA" not in earlier:
            reason = "needs a spike at rheobase, and rheobase is not measurable"
            missing = NotMeasurable(reason)
            return Reading({"AP_threshold__mV": missing, "AP_max_slope__mV_per_ms": missing})
        current = self.threshold_current__rheobases * earlier["Ir__nA"]
        trace = Rheobase().sweep(clamp, current, rest__mV)
        threshold = threshold_depolarisation(trace, rest__mV)
        return Reading(
            {"AP_threshold__mV": threshold, "AP_max_slope__mV_per_ms": steepest_upstroke(trace, rest__mV)},
            drawings=(_threshold_drawing(trace, threshold, rest__mV),),
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
    # dV/dt grows almost exponentially: a straight line between two samples of it is off by 0.01 mV.
    times = np.linspace(t[slow[-1]], t[slow[-1] + 1], _SLOPES_READ)
    onset = np.interp(SPIKE_SLOPE__mV_per_ms, trace.slope_at(times), times)
    return Value(float(trace.at(onset)) - rest__mV, resolution=0.01)


def steepest_upstroke(trace: Trace, rest__mV: float) -> Value | NotMeasurable:
    """Largest dV/dt at the soma on the way to the peak of the first spike.

    The first millisecond of the pulse, in which it charges the soma, is left out. A cell that is charged as
    fast as a spike rises for all of it has no upstroke that could be told from charging.
    """
    spikes = find_spikes(trace, rest__mV)
    if not spikes:
        return NotMeasurable("no spike just above rheobase")
    peak__ms = _peak_at_soma(trace, rest__mV)[0]
    onset = trace.pulses[0].onset__ms
    start = min(onset + 1.0, spikes[0].time__ms)
    charging = trace.between(onset, start)
    if charging.t__ms.size > 1 and float(charging.slope_after__mV_per_ms.min()) > SPIKE_SLOPE__mV_per_ms:
        return NotMeasurable("dV/dt exceeds 10 mV/ms from the onset of the pulse")
    upstroke = trace.between(start, peak__ms)
    if upstroke.t__ms.size < 2:
        return NotMeasurable("the spike follows the onset of the pulse at once")
    steepest = int(np.argmax(np.maximum(upstroke.slope_after__mV_per_ms, upstroke.slope_before__mV_per_ms)))
    around = upstroke.t__ms[[max(steepest - 1, 0), min(steepest + 2, upstroke.t__ms.size - 1)]]
    slopes = upstroke.slope_at(np.linspace(float(around[0]), float(around[1]), _SLOPES_READ))
    return Value(float(slopes.max()), resolution=1e-3 * float(slopes.max()))


def _peak_at_soma(trace: Trace, rest__mV: float) -> tuple[float, float]:
    """Time in ms and voltage in mV of the first spike's peak at the soma."""
    first = find_spikes(trace, rest__mV)[0]
    if trace.site is None:
        return first.peak__ms, first.peak__mV
    return trace.between(first.time__ms, first.peak__ms + _LATEST_AT_SOMA__ms).maximum()


def analyse(trace: Trace, rest__mV: float, recovery_band__mV: float) -> Reading:
    """Read a spike and its afterhyperpolarisation from a sweep with one brief pulse.

    Parameters
    ----------
    trace : Trace
        Sweep with a spike; without one, the reading says so.
    rest__mV : float
        Resting potential.
    recovery_band__mV : float
        The afterhyperpolarisation is over when it is smaller than this.
    """
    if not find_spikes(trace, rest__mV):
        (pulse,) = trace.pulses
        what = f"{pulse.amplitude__nA:.4g} nA for {pulse.duration__ms:g} ms"
        reason = f"no spike at {what}, although weaker pulses fire"
        return Reading(dict.fromkeys(_READ_FROM_THE_SPIKE, NotMeasurable(reason)))
    peak_time, peak = _peak_at_soma(trace, rest__mV)
    amplitude = peak - rest__mV
    half = rest__mV + amplitude / 2
    before, after = trace.between(0.0, peak_time), trace.after(peak_time)
    rise, fall = before.crossings(half, rising=True), after.crossings(half, rising=False)
    half_width: Value | NotMeasurable = NotMeasurable(
        "the voltage does not return to half of the spike's height"
    )
    if rise.size and fall.size:
        half_width = Value(float(fall[0] - rise[-1]), resolution=0.001)
    troughs = find_troughs(after, rest__mV, recovery_band__mV)
    afterhyperpolarisation = read_afterhyperpolarisation(
        trace, rest__mV, recovery_band__mV, peak_time, troughs
    )
    marked = level("half-width", half, float(rise[-1]), float(fall[0])) if rise.size and fall.size else None
    return Reading(
        {
            "AP__mV": Value(amplitude, resolution=0.01),
            "AP_half_width__ms": half_width,
            **afterhyperpolarisation,
        },
        drawings=(
            _spike_drawing(trace, rest__mV, (peak_time, peak), marked),
            draw_afterhyperpolarisation(
                trace, rest__mV, recovery_band__mV, afterhyperpolarisation, peak_time, troughs
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


def _spike_drawing(
    trace: Trace, rest__mV: float, peak: tuple[float, float], half_width: Curve | None
) -> Drawing:
    (pulse,) = trace.pulses
    start, end = pulse.onset__ms - _SHOWN_BEFORE_PULSE__ms, peak[0] + _SHOWN_AFTER_PEAK__ms
    return sweeps(
        "Action potential",
        (voltage(f"{pulse.amplitude__nA:.4g} nA, {pulse.duration__ms:g} ms", trace, start, end),),
        (level("rest", rest__mV, start, end), point("peak", *peak), *((half_width,) if half_width else ())),
        trace.pulses,
    )
