"""Input resistance and sag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mnvalidate.drawing import Drawing
from mnvalidate.protocols.base import (
    IntegrationFailed,
    NotApplicable,
    NotMeasurable,
    Protocol,
    Reading,
    Value,
)
from mnvalidate.protocols.draw import curve, level, point, sweeps, voltage
from mnvalidate.quantities import Quantity
from mnvalidate.traces import Pulse, Trace

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp

_STEADY_WINDOW__MS = 50.0
_WEAKEST_CURRENT__nA = -1e-3
"""What deflects a cell of 1000 MOhm by 1 mV: no cell is harmed by it."""
_READABLE_DEFLECTION__mV = 0.05
_CLOSE, _MARGIN = 0.98, 0.85
"""Aimed at, as fractions of a largest deflection: what is known of the cell is nearly linear, or a guess."""
_ATTEMPTS = 8


def steady_deflection__mV(trace: Trace) -> float:
    """Mean deflection from baseline over the last 50 ms of the current step."""
    (pulse,) = trace.pulses
    window = np.linspace(pulse.offset__ms - _STEADY_WINDOW__MS, pulse.offset__ms, 201)[:-1]
    drift = trace.drift__mV_per_ms * (pulse.offset__ms - _STEADY_WINDOW__MS / 2)
    return float(np.mean(trace.at(window))) - trace.baseline__mV - drift


def peak_deflection__mV(trace: Trace) -> float:
    """Largest deflection from baseline during the current step, in the direction of the current."""
    (pulse,) = trace.pulses
    step = trace.between(pulse.onset__ms, pulse.offset__ms)
    time, extreme = step.minimum() if pulse.amplitude__nA < 0 else step.maximum()
    return extreme - trace.baseline__mV - trace.drift__mV_per_ms * time


def largest_deflection__mV(trace: Trace) -> float:
    """Largest distance from baseline at any time, in either direction."""
    return max(trace.maximum()[1] - trace.baseline__mV, trace.baseline__mV - trace.minimum()[1])


def slope_through_zero__MOhm(currents__nA: Sequence[float], deflections__mV: Sequence[float]) -> float:
    """Least-squares slope of deflection against current, of a line through the origin."""
    current, deflection = np.asarray(currents__nA), np.asarray(deflections__mV)
    return float(current @ deflection / (current @ current))


def slope_resistance__MOhm(currents__nA: Sequence[float], deflections__mV: Sequence[float]) -> float:
    """Least-squares slope of deflection against current."""
    return float(np.polyfit(np.asarray(currents__nA), np.asarray(deflections__mV), 1)[0])


@dataclass(frozen=True)
class InputResistance(Protocol):
    """Slope of the current-voltage relation below rest, and about rest.

    Below rest: weak steps of current and the slope of the linear part, as in the experiments compiled by
    Caillet et al. 2022 (doi:10.7554/eLife.76489), here MyoGen's example's set. For cells that the strongest
    would deflect by more than `largest_deflection__mV` the set is scaled down, before it is applied.

    About rest: four currents, two either way, that deflect by at most `largest_small_deflection__mV`. An
    h-current makes the relation bend within the first millivolts below rest, so that both slopes differ.
    """

    name: ClassVar[str] = "input_resistance"
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "Rin__MOhm",
            "MOhm",
            "Input resistance",
            "Slope of the steady deflection against current, steps of -5 to -1 nA for 1000 ms.",
        ),
        Quantity(
            "Rin_peak__MOhm",
            "MOhm",
            "Peak input resistance",
            "Slope of the largest deflection against current, same steps.",
        ),
        Quantity(
            "sag_ratio",
            "1",
            "Sag ratio",
            "Steady over largest deflection at the strongest step; 1 is no sag.",
        ),
        Quantity(
            "Rin_rest__MOhm",
            "MOhm",
            "Input resistance at rest",
            "Slope through zero of the steady deflection against currents of either sign that deflect by at "
            "most 3 mV, steps of 1000 ms.",
        ),
        Quantity(
            "Rin_50ms__MOhm",
            "MOhm",
            "Input resistance at 50 ms",
            "Slope through zero of the deflection after 50 ms against the same currents.",
        ),
    )
    needs: ClassVar[tuple[str, ...]] = ("vhold_soma__mV",)

    currents__nA: tuple[float, ...] = (-5.0, -4.0, -3.0, -2.0, -1.0)
    duration__ms: float = 1000.0
    largest_deflection__mV: float = 15.0
    small_currents: tuple[float, ...] = (-1.0, -0.5, 0.5, 1.0)
    largest_small_deflection__mV: float = 3.0
    early__ms: float = 50.0

    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """See `Protocol.measure`."""
        probe = self._probe(clamp)
        small = self._small_set(clamp, probe)
        large = self._large_set(clamp, probe if isinstance(small, NotMeasurable) else small[0])
        return combined(
            large if isinstance(large, NotMeasurable) else analyse(large),
            small if isinstance(small, NotMeasurable) else analyse_small(small, self.early__ms),
        )

    def _probe(self, clamp: CurrentClamp) -> Trace:
        """Find a current that can be told from noise, from below."""
        current = _WEAKEST_CURRENT__nA
        for _ in range(_ATTEMPTS):
            trace = self._step(clamp, current)
            deflection = largest_deflection__mV(trace)
            if deflection >= _READABLE_DEFLECTION__mV:
                return trace
            current *= min(2 * _READABLE_DEFLECTION__mV / max(deflection, 1e-6), 1e4)
        raise NotMeasurable(f"{current:.3g} nA deflects by only {deflection:.2g} mV")

    def _small_set(self, clamp: CurrentClamp, probe: Trace) -> list[Trace] | NotMeasurable:
        largest = self.largest_small_deflection__mV
        scale = _MARGIN * largest * abs(probe.pulses[0].amplitude__nA) / largest_deflection__mV(probe)
        for _ in range(_ATTEMPTS):
            traces = []
            try:
                for fraction in self.small_currents:
                    traces.append(self._step(clamp, fraction * scale))
                    deflection = largest_deflection__mV(traces[-1])
                    if deflection > largest:
                        break
                else:
                    return traces
                failure = f"still deflects by {deflection:.3g} mV"
                shrink = max(_MARGIN * largest / deflection, 0.25)
            except IntegrationFailed as error:
                failure, shrink = f"cannot be integrated: {error}", 0.5
            failure = f"{fraction * scale:.3g} nA {failure}"
            scale *= min(shrink, _MARGIN)
        return NotMeasurable(f"no current deflects by at most {largest:g} mV: {failure}")

    def _large_set(self, clamp: CurrentClamp, weaker: Trace) -> list[Trace] | NotMeasurable:
        currents, largest = sorted(self.currents__nA), self.largest_deflection__mV
        expected = largest_deflection__mV(weaker) * currents[0] / weaker.pulses[0].amplitude__nA
        scale, failure = min(1.0, _CLOSE * largest / expected), ""
        for _ in range(_ATTEMPTS):
            scaled = [scale * current for current in currents]
            try:
                strongest = self._step(clamp, scaled[0])
                deflection = abs(peak_deflection__mV(strongest))
                if deflection <= largest:
                    return [strongest, *(self._step(clamp, current) for current in scaled[1:])]
                failure = f"still deflects by {deflection:.3g} mV"
                scale *= _CLOSE * largest / deflection
            except IntegrationFailed as error:
                failure = f"cannot be integrated: {error}"
                scale *= 0.5
        return NotMeasurable(f"{scaled[0]:.3g} nA {failure}")

    def _step(self, clamp: CurrentClamp, current__nA: float) -> Trace:
        return clamp.sweep([Pulse(current__nA, 0.0, self.duration__ms)], self.duration__ms)


def combined(below: Reading | NotMeasurable, about: Reading | NotMeasurable) -> Reading:
    """Put both sets of steps into one reading; a set that failed leaves its reason."""
    results: dict[str, Value | NotMeasurable | NotApplicable] = {}
    data: dict[str, tuple[float, ...]] = {}
    drawings: tuple[Drawing, ...] = ()
    for names, part in (
        (("Rin__MOhm", "Rin_peak__MOhm", "sag_ratio"), below),
        (("Rin_rest__MOhm", "Rin_50ms__MOhm"), about),
    ):
        if isinstance(part, NotMeasurable):
            results |= dict.fromkeys(names, part)
        else:
            results |= part.results
            data |= part.data
            drawings += part.drawings
    return Reading(results, data, drawings)


def analyse(traces: Sequence[Trace]) -> Reading:
    """Read input resistance and sag from steps of current, the strongest first."""
    currents = [trace.pulses[0].amplitude__nA for trace in traces]
    steady = [steady_deflection__mV(trace) for trace in traces]
    peak = [peak_deflection__mV(trace) for trace in traces]
    step = abs(currents[0])
    resistance = slope_resistance__MOhm(currents, steady)
    return Reading(
        {
            "Rin__MOhm": Value(resistance, resolution=0.001 / step),
            "Rin_peak__MOhm": Value(slope_resistance__MOhm(currents, peak), resolution=0.001 / step),
            "sag_ratio": Value(steady[0] / peak[0], resolution=0.001 / abs(peak[0])),
        },
        data={"current__nA": tuple(currents), "steady__mV": tuple(steady), "peak__mV": tuple(peak)},
        drawings=_drawings(traces, currents, steady, resistance),
    )


def analyse_small(traces: Sequence[Trace], early__ms: float) -> Reading:
    """Read input resistances about rest from weak steps of either sign.

    Parameters
    ----------
    traces : sequence of Trace
        One sweep for each current.
    early__ms : float
        Time after the onset at which the early deflection is read.
    """
    currents = [trace.pulses[0].amplitude__nA for trace in traces]
    steady = [steady_deflection__mV(trace) for trace in traces]
    at = [trace.pulses[0].onset__ms + early__ms for trace in traces]
    early = [float(trace.deflection__mV(t)) for trace, t in zip(traces, at, strict=True)]
    resolution = 0.001 / max(abs(current) for current in currents)
    end = traces[0].pulses[0].offset__ms
    return Reading(
        {
            "Rin_rest__MOhm": Value(slope_through_zero__MOhm(currents, steady), resolution),
            "Rin_50ms__MOhm": Value(slope_through_zero__MOhm(currents, early), resolution),
        },
        data={
            "small_current__nA": tuple(currents),
            "small_steady__mV": tuple(steady),
            "small_early__mV": tuple(early),
        },
        drawings=(
            sweeps(
                "Steps about rest",
                tuple(
                    voltage(f"{trace.pulses[0].amplitude__nA:.3g} nA", trace, 0.0, end) for trace in traces
                ),
                (
                    level("baseline", traces[0].baseline__mV, 0.0, end),
                    *(
                        point(f"at {early__ms:g} ms", t, float(trace.at(t)))
                        for t, trace in zip(at, traces, strict=True)
                    ),
                    *(
                        level("steady deflection", trace.baseline__mV + v, end - _STEADY_WINDOW__MS, end)
                        for v, trace in zip(steady, traces, strict=True)
                    ),
                ),
                traces[-1].pulses,
            ),
        ),
    )


def _drawings(
    traces: Sequence[Trace], currents: list[float], steady: list[float], resistance: float
) -> tuple[Drawing, Drawing]:
    strongest = traces[0]
    (pulse,) = strongest.pulses
    baseline, end = strongest.baseline__mV, pulse.offset__ms
    offset = float(np.mean(steady)) - resistance * float(np.mean(currents))
    steps = sweeps(
        "Steps of current",
        tuple(voltage(f"{trace.pulses[0].amplitude__nA:g} nA", trace, 0.0, end) for trace in traces),
        (
            level("baseline", baseline, 0.0, end),
            *(
                level("steady deflection", baseline + deflection, end - _STEADY_WINDOW__MS, end)
                for deflection in steady
            ),
        ),
        strongest.pulses,
    )
    relation = Drawing(
        "Current and voltage",
        "Current (nA)",
        "Steady deflection (mV)",
        (curve("measured", currents, steady),),
        (curve(f"slope {resistance:.4g} MOhm", currents, [offset + resistance * i for i in currents]),),
    )
    return steps, relation
