"""Membrane time constant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mnvalidate.drawing import Drawing
from mnvalidate.protocols.base import NotMeasurable, Protocol, Reading, Value
from mnvalidate.protocols.draw import curve, level, point, sweeps, voltage
from mnvalidate.quantities import Quantity
from mnvalidate.traces import Array, Pulse, Trace

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp

# A further exponential must shrink the residual to this fraction to be accepted: without noise it nearly
# always shrinks it somewhat.
_WORTHWHILE = 0.3
_NEGLIGIBLE_RESIDUAL = 1e-4
# Heights are weighed by their relative error, as on a semi-logarithmic plot, down to this fraction.
_SMALLEST_WEIGHED_HEIGHT = 0.01
_FIT_POINTS = 300
_LARGEST_AREA_OF_A_MINOR_COMPONENT = 0.05
_FASTEST_OF_SLOW = 1 / 2


@dataclass(frozen=True, slots=True)
class Exponentials:
    """A sum of exponentials ``sum(amplitudes * exp(-t / time_constants))``, the slowest first."""

    amplitudes: Array
    time_constants__ms: Array

    def at(self, t__ms: Array) -> Array:
        """Value of the sum, shape of `t__ms`."""
        result: Array = np.exp(-t__ms[..., None] / self.time_constants__ms) @ self.amplitudes
        return result


@dataclass(frozen=True)
class TimeConstant(Protocol):
    """Late slope of the decay after a short pulse, on a semi-logarithmic plot.

    The decay is described by one to four exponentials. Its fast components are equalisation within the cell:
    those of the deflection's sign that are shorter than half of the slowest of that sign with at least 5 % of
    the area; a component of the opposite sign is sag. They are taken off (Rall's peeling), and from the
    moment their sum is below 1 % of the deflection, the time constant is the slope of the logarithm of what
    remains over its first e-fold. Short pulses and the late slope are the practice of the experiments
    compiled by Caillet et al. 2022 (doi:10.7554/eLife.76489); peeling is due to Rall 1969
    (doi:10.1016/S0006-3495(69)86467-2).

    ``tau_single_exp__ms`` is one line through everything down to 0.1 mV, as MyoGen's example has it.
    """

    name: ClassVar[str] = "time_constant"
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "tau__ms",
            "ms",
            "Membrane time constant",
            "Late slope of the semi-logarithmic decay after a pulse of -20 nA for 1 ms.",
        ),
        Quantity(
            "tau_single_exp__ms",
            "ms",
            "Single-exponential time constant",
            "One line through the semi-logarithmic decay down to 0.1 mV, equalisation included.",
        ),
    )
    needs: ClassVar[tuple[str, ...]] = ("vhold_soma__mV", "Rin__MOhm")

    current__nA: float = -20.0
    pulse__ms: float = 1.0
    duration__ms: float = 300.0
    equalised_below: float = 0.01
    largest_deflection__mV: float = 15.0
    single_exponential_floor__mV: float = 0.1

    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """See `Protocol.measure`."""
        weakest = self.largest_deflection__mV / (5.0 * abs(earlier["Rin__MOhm"]))
        current = self.current__nA * min(1.0, weakest)
        trace = clamp.sweep([Pulse(current, 0.0, self.pulse__ms)], self.pulse__ms + self.duration__ms)
        return analyse(trace, self.equalised_below, self.single_exponential_floor__mV)


def analyse(trace: Trace, equalised_below: float, single_exponential_floor__mV: float) -> Reading:
    """Read the time constant from a sweep with one short pulse.

    Parameters
    ----------
    trace : Trace
        The sweep.
    equalised_below : float
        Fraction of the deflection below which equalisation counts as over.
    single_exponential_floor__mV : float
        Deflection down to which the single line is drawn.
    """
    (pulse,) = trace.pulses
    decay = trace.after(pulse.offset__ms)
    start = float(decay.t__ms[0])
    deflection = np.abs(float(decay.v__mV[0]) - trace.baseline__mV)
    if deflection < 10 * single_exponential_floor__mV:
        reason = f"the pulse of {pulse.amplitude__nA:g} nA deflects by only {deflection:.3g} mV"
        raise NotMeasurable(reason)
    sign = np.sign(float(decay.v__mV[0]) - trace.baseline__mV)

    def height(t__ms: Array) -> Array:
        result: Array = sign * (decay.at(start + t__ms) - trace.baseline__mV)
        return result

    t = _sampling_times(trace.end__ms - start)
    components = fit_exponentials(t, height(t))
    fast = fast_components(components)
    equalised = equalisation_end__ms(components, fast, t, equalised_below)

    def slow_height(t__ms: Array) -> Array:
        return height(t__ms) - fast.at(t__ms)

    tau = _late_slope(slow_height, equalised, float(t[-1]))
    return Reading(
        {
            "tau__ms": tau,
            "tau_single_exp__ms": _single_exponential(height, float(t[-1]), single_exponential_floor__mV),
        },
        data={
            "pulse__nA": (pulse.amplitude__nA,),
            "equalised__ms": (equalised,),
            "component__mV": tuple(components.amplitudes.tolist()),
            "component__ms": tuple(components.time_constants__ms.tolist()),
        },
        drawings=(_drawing(trace, tau, equalised, float(sign * slow_height(np.array([equalised]))[0])),),
    )


def _drawing(trace: Trace, tau: Value | NotMeasurable, equalised__ms: float, height__mV: float) -> Drawing:
    (pulse,) = trace.pulses
    start, baseline = pulse.offset__ms, trace.baseline__mV
    shown__ms = trace.end__ms
    marks = [point("deflection", start, float(trace.at(start)))]
    if isinstance(tau, Value):
        shown__ms = min(shown__ms, start + equalised__ms + 5 * tau.value)
        t = np.linspace(0.0, 4 * tau.value, 60)
        fitted = baseline + height__mV * np.exp(-t / tau.value)
        marks.append(curve(f"exponential of {tau.value:.4g} ms", start + equalised__ms + t, fitted))
    return sweeps(
        "Decay after a short pulse",
        (voltage(f"{pulse.amplitude__nA:.3g} nA, {pulse.duration__ms:g} ms", trace, 0.0, shown__ms),),
        (level("baseline", baseline, 0.0, shown__ms), *marks),
        trace.pulses,
    )


def fit_exponentials(t__ms: Array, height__mV: Array) -> Exponentials:
    """Describe a decay by the fewest exponentials, at most four, that fit it.

    Amplitudes are solved for linearly at each step of a search over the logarithms of the time constants
    (variable projection, Golub and Pereyra 1973, doi:10.1137/0710036).
    """
    # Not at the top: the controlling program reads definitions here and fits nothing.
    from scipy.optimize import leastsq

    scale = float(np.max(np.abs(height__mV)))
    span = float(t__ms[-1])
    fastest, slowest = np.log(1e-3), np.log(10 * span)
    weight = 1 / (np.abs(height__mV) / scale + _SMALLEST_WEIGHED_HEIGHT)
    weighed = weight * height__mV / scale

    def time_constants(log_taus: Array) -> Array:
        result: Array = np.exp(np.clip(log_taus, fastest, slowest))
        return result

    def fit(log_taus: Array) -> tuple[Array, Array]:
        """Amplitudes, and residuals."""
        basis = weight[:, None] * np.exp(-t__ms[:, None] / time_constants(log_taus))
        amplitudes: Array = np.linalg.lstsq(basis, weighed, rcond=None)[0]
        return amplitudes, basis @ amplitudes - weighed

    def residuals(log_taus: Array) -> Array:
        return fit(log_taus)[1]

    best: Array | None = None
    best_residual = np.inf
    for number in (1, 2, 3, 4):
        guesses = np.log(np.geomspace(span / 500, span / 3, number + 2)[1:-1])
        found = leastsq(residuals, guesses, full_output=True)[0]
        residual = float(np.sqrt(np.mean(residuals(found) ** 2)))
        if best is None or residual < _WORTHWHILE * best_residual:
            best, best_residual = found, residual
        if best_residual < _NEGLIGIBLE_RESIDUAL:
            break
    assert best is not None
    taus = time_constants(best)
    order = np.argsort(taus)[::-1]
    return Exponentials(scale * fit(best)[0][order], taus[order])


def fast_components(components: Exponentials) -> Exponentials:
    """Those of the components that are equalisation within the cell; see `TimeConstant`."""
    amplitudes, taus = components.amplitudes, components.time_constants__ms
    area = np.abs(amplitudes * taus)
    # A component of the opposite sign is a sag, not a decay of the deflection.
    decaying = amplitudes > 0
    major = taus[decaying & (area >= _LARGEST_AREA_OF_A_MINOR_COMPONENT * area.sum())]
    fast = decaying & (taus < _FASTEST_OF_SLOW * major.max(initial=0.0))
    return Exponentials(amplitudes[fast], taus[fast])


def equalisation_end__ms(
    components: Exponentials, fast: Exponentials, t__ms: Array, equalised_below: float
) -> float:
    """Time after which the fast components are a negligible fraction of the deflection."""
    equalised = np.flatnonzero(fast.at(t__ms) < equalised_below * np.abs(components.at(t__ms)))
    return float(t__ms[equalised[0] if equalised.size else -1])


def _sampling_times(span__ms: float) -> Array:
    """Times from the end of the pulse on, dense at first, where equalisation is fast."""
    return np.concatenate([[0.0], np.geomspace(1e-2, span__ms, _FIT_POINTS - 1)])


def _late_slope(height: Callable[[Array], Array], start__ms: float, end__ms: float) -> Value | NotMeasurable:
    t = np.linspace(start__ms, end__ms, 4000)
    y = height(t)
    below = np.flatnonzero(y <= y[0] / np.e)
    if below.size == 0 or y[0] <= 0:
        return NotMeasurable("the deflection does not fall by an e-fold after equalisation")
    stop = float(t[below[0]])
    return Value(_log_slope__ms(height, start__ms, stop), resolution=0.01)


def _single_exponential(
    height: Callable[[Array], Array], end__ms: float, floor__mV: float
) -> Value | NotMeasurable:
    t = np.linspace(0.0, end__ms, 4000)
    below = np.flatnonzero(height(t) <= floor__mV)
    stop = float(t[below[0] - 1]) if below.size else end__ms
    if stop <= 0:
        return NotMeasurable(f"the deflection starts below {floor__mV:g} mV")
    return Value(_log_slope__ms(height, 0.0, stop), resolution=0.01)


def _log_slope__ms(height: Callable[[Array], Array], start__ms: float, stop__ms: float) -> float:
    t = np.linspace(start__ms, stop__ms, 4000)
    return float(-1.0 / np.polyfit(t, np.log(height(t)), 1)[0])
