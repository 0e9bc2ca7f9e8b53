"""Input resistance and sag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mnvalidate.drawing import Drawing
from mnvalidate.protocols.base import NotMeasurable, Protocol, Reading, Value
from mnvalidate.protocols.draw import curve, level, sweeps, voltage
from mnvalidate.quantities import Quantity
from mnvalidate.traces import Pulse, Trace

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp

_STEADY_WINDOW__MS = 50.0


def steady_deflection__mV(trace: Trace) -> float:
    """Mean deflection from baseline over the last 50 ms of the current step."""
    (pulse,) = trace.pulses
    window = np.linspace(pulse.offset__ms - _STEADY_WINDOW__MS, pulse.offset__ms, 201)[:-1]
    return float(np.mean(trace.at(window))) - trace.baseline__mV


def peak_deflection__mV(trace: Trace) -> float:
    """Largest deflection from baseline during the current step, in the direction of the current."""
    (pulse,) = trace.pulses
    step = trace.between(pulse.onset__ms, pulse.offset__ms)
    extreme = step.minimum() if pulse.amplitude__nA < 0 else step.maximum()
    return extreme[1] - trace.baseline__mV


def slope_resistance__MOhm(currents__nA: Sequence[float], deflections__mV: Sequence[float]) -> float:
    """Least-squares slope of deflection against current."""
    return float(np.polyfit(np.asarray(currents__nA), np.asarray(deflections__mV), 1)[0])


@dataclass(frozen=True)
class InputResistance(Protocol):
    """Slope of the steady current-voltage relation below rest.

    Weak steps of current and the slope of the linear part near rest, as in the experiments compiled by
    Caillet et al. 2022 (doi:10.7554/eLife.76489). The set of currents is halved until the strongest deflects
    by no more than `largest_deflection__mV`, for small cells.
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
    )
    needs: ClassVar[tuple[str, ...]] = ("vhold_soma__mV",)

    currents__nA: tuple[float, ...] = (-5.0, -4.0, -3.0, -2.0, -1.0)
    duration__ms: float = 1000.0
    largest_deflection__mV: float = 15.0

    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """See `Protocol.measure`."""
        currents, traces = self._strongest_set(clamp)
        traces += [self._step(clamp, current) for current in currents[1:]]
        return analyse(traces)

    def _strongest_set(self, clamp: CurrentClamp) -> tuple[list[float], list[Trace]]:
        currents = sorted(self.currents__nA)
        for _ in range(20):
            strongest = self._step(clamp, currents[0])
            if abs(peak_deflection__mV(strongest)) <= self.largest_deflection__mV:
                return currents, [strongest]
            currents = [current / 2 for current in currents]
        raise NotMeasurable(
            f"{currents[0]:.3g} nA still deflects by more than {self.largest_deflection__mV:g} mV"
        )

    def _step(self, clamp: CurrentClamp, current__nA: float) -> Trace:
        return clamp.sweep([Pulse(current__nA, 0.0, self.duration__ms)], self.duration__ms)


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
