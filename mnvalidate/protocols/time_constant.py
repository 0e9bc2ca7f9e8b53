"""Membrane time constant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mnvalidate.drawing import Drawing
from mnvalidate.protocols.base import IntegrationFailed, NotMeasurable, Protocol, Reading, Value
from mnvalidate.protocols.decay import describe
from mnvalidate.protocols.draw import curve, level, point, sweeps, voltage
from mnvalidate.protocols.membrane import Decay
from mnvalidate.protocols.semilog import (
    Height,
    fall__ms,
    largest_local__ms,
    log_slope__ms,
    passage__ms,
    sampling_times,
)
from mnvalidate.quantities import Quantity
from mnvalidate.traces import Array, Pulse, Trace

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp

_FIT_POINTS = 150
_RESOLUTION__MS = 0.01
# Short pulses deflect by less than this fraction of it: they are aimed at it from a weaker one.
_CLOSE = 0.97
_ATTEMPTS = 6
# Nothing is read below these fractions of the deflection at the end of the pulse: the one where a description
# of the decay has been found, so that it is known what else there is, the other where it has not.
_LOWEST_DESCRIBED = 0.002
_LOWEST_LOCAL = 0.01
_EARLIER_FLOORS = (0.1, 0.3)
_ANOTHER = 1.3
# Where the h-current lies cannot be told at the soma. What that leaves open must be below this.
_LARGEST_DOUBT = 1.05
_READ_FROM_FIT, _READ_LOCALLY = 1.0, 2.0


@dataclass(frozen=True)
class TimeConstant(Protocol):
    """Time constant of the passive membrane, from the decay after a short pulse.

    The decay is described by the membrane, up to four faster exponentials, which are equalisation within the
    cell, and up to two slow currents whose gates follow the voltage. Equalisation is subtracted
    (Rall's peeling), and so is all that a slow current of opposite sign (an h-current) does to the decay, as
    if it were frozen. From the moment equalisation is below 1 % of the deflection, the time constant is the
    slope of the logarithm of what remains, over its first e-fold. The h-current may be spread over the cell
    or lie in the soma: the value is the geometric mean of what follows from either, and none where they are
    5 % apart. Nothing is read below 0.2 % of the deflection.

    If nothing so simple describes the decay, the value is the largest local time constant: the longest
    e-fold of the decay above 1 % of the deflection. ``read_as`` records 1 for the first, 2 for the second.

    Short pulses and the late slope are the practice of the experiments compiled by Caillet et al. 2022
    (doi:10.7554/eLife.76489); peeling is due to Rall 1969 (doi:10.1016/S0006-3495(69)86467-2).

    ``tau_single_exp__ms`` is one line through everything down to 0.1 mV, as MyoGen's example has it.
    """

    name: ClassVar[str] = "time_constant"
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "tau__ms",
            "ms",
            "Membrane time constant",
            "Late slope of the semi-logarithmic decay after a pulse of -20 nA for 1 ms, equalisation and "
            "h-current subtracted.",
        ),
        Quantity(
            "tau_single_exp__ms",
            "ms",
            "Single-exponential time constant",
            "One line through the semi-logarithmic decay down to 0.1 mV, equalisation included.",
        ),
    )
    needs: ClassVar[tuple[str, ...]] = ("vhold_soma__mV",)

    current__nA: float = -20.0
    pulse__ms: float = 1.0
    duration__ms: float = 300.0
    equalised_below: float = 0.01
    largest_deflection__mV: float = 15.0
    smallest_deflection__mV: float = 1.5
    single_exponential_floor__mV: float = 0.1

    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """See `Protocol.measure`."""
        trace = self._sweep(clamp, self._current(clamp, earlier))
        (pulse,) = trace.pulses
        # The example's floor is one for its current.
        floor = self.single_exponential_floor__mV * min(1.0, pulse.amplitude__nA / self.current__nA)
        return analyse(trace, self.equalised_below, floor)

    def _current(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> float:
        """Scale the current to the cell: by its resistance, and by what a weak pulse does to it."""
        known = [
            abs(earlier[name])
            for name in ("Rin__MOhm", "Rin_rest__MOhm", "Rin_50ms__MOhm")
            if name in earlier and earlier[name] != 0
        ]
        if not known:
            raise NotMeasurable("needs an input resistance, to tell how strong a pulse the cell can take")
        # The experiments' current for cells of up to 3 MOhm.
        current = self.current__nA * min(1.0, self.largest_deflection__mV / (5.0 * known[0]))
        weak = current / 20
        per_nA = abs(deflection__mV(self._sweep(clamp, weak, recovery__ms=0.0))) / abs(weak)
        if per_nA <= 0:
            raise NotMeasurable(f"a pulse of {weak:.3g} nA does not deflect the cell")
        strongest = _CLOSE * self.largest_deflection__mV / per_nA
        weakest = self.smallest_deflection__mV / per_nA
        return -float(np.clip(abs(current), weakest, strongest))

    def _sweep(self, clamp: CurrentClamp, current__nA: float, recovery__ms: float | None = None) -> Trace:
        """Sweep with a pulse, weakened until it is taken and deflects by no more than allowed."""
        recovery = self.duration__ms if recovery__ms is None else recovery__ms
        for _ in range(_ATTEMPTS):
            pulse = Pulse(current__nA, 0.0, self.pulse__ms)
            try:
                trace = clamp.sweep([pulse], self.pulse__ms + recovery)
            except IntegrationFailed as error:
                failure, shrink = f"cannot be integrated: {error}", 0.5
            else:
                largest = max(abs(v - trace.baseline__mV) for _, v in (trace.minimum(), trace.maximum()))
                if largest < self.largest_deflection__mV:
                    return trace
                failure = f"deflects by {largest:.3g} mV"
                shrink = max(_CLOSE * self.largest_deflection__mV / largest, 0.1)
            current__nA *= shrink
        raise NotMeasurable(f"a pulse of {pulse.amplitude__nA:.3g} nA {failure}")


def deflection__mV(trace: Trace) -> float:
    """Deflection from baseline at the end of the pulse."""
    (pulse,) = trace.pulses
    return float(trace.deflection__mV(float(trace.after(pulse.offset__ms).t__ms[0])))


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
    start, end = float(trace.after(pulse.offset__ms).t__ms[0]), trace.end__ms
    deflection = deflection__mV(trace)
    if abs(deflection) < 10 * single_exponential_floor__mV:
        reason = f"the pulse of {pulse.amplitude__nA:g} nA deflects by only {abs(deflection):.3g} mV"
        raise NotMeasurable(reason)
    sign = np.sign(deflection)

    def height(t__ms: Array) -> Array:
        result: Array = sign * trace.deflection__mV(start + t__ms)
        return result

    finding = _Finding.of(height, fitted_times(trace, start), pulse.duration__ms, equalised_below)
    return Reading(
        {
            "tau__ms": finding.tau,
            "tau_single_exp__ms": _single_exponential(height, end - start, single_exponential_floor__mV),
        },
        data={"pulse__nA": (pulse.amplitude__nA,), "deflection__mV": (deflection,), **finding.data},
        drawings=(_drawing(trace, float(sign), finding),),
    )


@dataclass(frozen=True, slots=True)
class _Finding:
    """The time constant, and the line on semi-logarithmic paper from which it was read."""

    tau: Value | NotMeasurable
    data: Mapping[str, tuple[float, ...]]
    line_start__ms: float = 0.0
    line_height__mV: float = 0.0

    @classmethod
    def of(cls, height: Height, t__ms: Array, pulse__ms: float, equalised_below: float) -> _Finding:
        end = float(t__ms[-1])
        local = largest_local__ms(height, end, _LOWEST_LOCAL)
        if local is None:
            reason = f"the deflection does not fall by an e-fold above {_LOWEST_LOCAL:.0%} of itself"
            return cls(NotMeasurable(reason), {})
        decays = _described(height, t__ms, pulse__ms, local[0])
        if not decays:
            value = Value(local[0], _RESOLUTION__MS)
            at = float(height(np.array([local[1]]))[0])
            return cls(value, {"read_as": (_READ_LOCALLY,), "local__ms": (local[0],)}, local[1], at)
        parts = [_from(decay, height, t__ms, equalised_below) for _, decay in decays]
        # One of them describes the decay at least as well as the others.
        main = parts[int(np.argmax([weight for weight, _ in decays]))]
        data = {"read_as": (_READ_FROM_FIT,), "local__ms": (local[0],), **main.data}
        read = [
            (weight, part.tau.value)
            for (weight, _), part in zip(decays, parts, strict=True)
            if isinstance(part.tau, Value)
        ]
        if isinstance(main.tau, NotMeasurable):
            return cls(main.tau, data)
        tau = sum(w * v for w, v in read) / sum(w for w, _ in read)
        return cls(Value(tau, _RESOLUTION__MS), data, main.line_start__ms, main.line_height__mV)


def _described(height: Height, t__ms: Array, pulse__ms: float, local__ms: float) -> list[tuple[float, Decay]]:
    """Describe the decay, searching for the membrane near ever earlier parts of it.

    The latest part is the membrane's, unless a slow current supports the deflection there.
    """
    nearby = [local__ms]
    for floor in _EARLIER_FLOORS:
        earlier = largest_local__ms(height, float(t__ms[-1]), floor)
        if earlier is not None and earlier[0] < nearby[-1] / _ANOTHER:
            nearby.append(earlier[0])
    for local in nearby:
        if decays := describe(t__ms, height(t__ms), pulse__ms, local):
            return decays
    return []


def _from(decay: Decay, height: Height, t__ms: Array, equalised_below: float) -> _Finding:
    def equalisation(t: Array) -> Array:
        return np.abs(decay.fast.at(t)) - equalised_below * np.abs(height(t))

    def remaining(t: Array) -> Array:
        return height(t) - decay.fast.at(t) - decay.opposition(t)

    end = float(t__ms[-1])
    membrane, fast = decay.membrane, decay.fast
    data = {
        "fast__mV": tuple(fast.amplitudes.tolist()),
        "fast__ms": tuple(fast.time_constants__ms.tolist()),
        "membrane__mV": (membrane.amplitude__mV,),
        "membrane__ms": (membrane.tau__ms,),
        "slow_current_gain": membrane.gains,
        "slow_current__ms": membrane.gates__ms,
        "residual": (decay.residual,),
    }
    if decay.is_doubtful:
        reason = (
            f"parts of {fast.time_constants__ms[0]:.3g} and {membrane.tau__ms:.3g} ms have similar shares of "
            "the decay: a cable that equalises, or a membrane with a slow current that supports it"
        )
        return _Finding(NotMeasurable(reason), data)
    equalised = passage__ms(equalisation, t__ms, 0.0) if fast.amplitudes.size else 0.0
    if equalised is None:
        return _Finding(NotMeasurable("equalisation within the cell does not end before the sweep"), data)
    data["equalised__ms"] = (equalised,)
    at = float(remaining(np.array([equalised]))[0])
    if at < np.e * _LOWEST_DESCRIBED * float(height(t__ms[:1])[0]):
        share = f"{_LOWEST_DESCRIBED:.1%}"
        reason = f"what equalisation leaves does not fall by an e-fold above {share} of the deflection"
        return _Finding(NotMeasurable(reason), data)
    stop = fall__ms(remaining, equalised, end, 1 / np.e)
    if stop is None:
        return _Finding(NotMeasurable("the deflection does not fall by an e-fold after equalisation"), data)
    spread_out = log_slope__ms(remaining, equalised, stop)
    somatic = spread_out * decay.lengthening_if_somatic()
    data |= {"tau_current_spread_out__ms": (spread_out,), "tau_current_somatic__ms": (somatic,)}
    if not 1 / _LARGEST_DOUBT < somatic / spread_out < _LARGEST_DOUBT:
        reason = (
            f"a slow current of {' and '.join(f'{gate:.3g}' for gate in membrane.gates__ms)} ms bends the "
            "decay, and depending on where in the cell it lies, the membrane's time constant is "
            f"{spread_out:.3g} or {somatic:.3g} ms"
        )
        return _Finding(NotMeasurable(reason), data)
    tau = float(np.sqrt(spread_out * somatic))
    return _Finding(Value(tau, _RESOLUTION__MS), data, equalised, at)


def fitted_times(trace: Trace, start__ms: float) -> Array:
    """Times after `start__ms` at which a decay is read for the fit.

    A trace without slopes is read at its own samples, between which it is a chord, and not at the first:
    where a fixed step ends a pulse, its current is half on.
    """
    t = sampling_times(trace.end__ms - start__ms, _FIT_POINTS)
    if not trace.is_polyline:
        return t
    own = trace.t__ms[trace.t__ms > start__ms] - start__ms
    nearest = np.unique(np.searchsorted(own, t).clip(0, own.size - 1))
    result: Array = np.unique(own[nearest])
    return result


def _single_exponential(height: Height, end__ms: float, floor__mV: float) -> Value | NotMeasurable:
    t = np.linspace(0.0, end__ms, 4000)
    below = np.flatnonzero(height(t) <= floor__mV)
    # The last time before, as in the example.
    stop = float(t[below[0] - 1]) if below.size else end__ms
    if stop <= 0:
        return NotMeasurable(f"the deflection starts below {floor__mV:g} mV")
    return Value(log_slope__ms(height, 0.0, stop), _RESOLUTION__MS)


def _drawing(trace: Trace, sign: float, finding: _Finding) -> Drawing:
    (pulse,) = trace.pulses
    start, baseline = pulse.offset__ms, trace.baseline__mV
    shown__ms = trace.end__ms
    marks = [point("deflection", start, float(trace.at(start)))]
    if isinstance(finding.tau, Value):
        tau = finding.tau.value
        shown__ms = min(shown__ms, start + finding.line_start__ms + 5 * tau)
        t = np.linspace(0.0, 4 * tau, 60)
        fitted = baseline + sign * finding.line_height__mV * np.exp(-t / tau)
        marks.append(curve(f"exponential of {tau:.4g} ms", start + finding.line_start__ms + t, fitted))
    return sweeps(
        "Decay after a short pulse",
        (voltage(f"{pulse.amplitude__nA:.3g} nA, {pulse.duration__ms:g} ms", trace, 0.0, shown__ms),),
        (level("baseline", baseline, 0.0, shown__ms), *marks),
        trace.pulses,
    )
