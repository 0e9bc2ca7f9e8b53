"""What a decay after a short pulse is made of: equalisation, the membrane, a slow current that acts on it."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import polynomial

from mnvalidate.traces import Array

# Heights are weighed by their relative error, as on a semi-logarithmic plot, down to this fraction.
_SMALLEST_WEIGHED_HEIGHT = 0.01
# Equalisation is at least this much faster than the membrane, a slow current's gate no faster than that.
_FASTEST_OF_SLOW = 1 / 2
_SLOWEST_GATE = 1e3
# The membrane's time constant lies this close to the decay's largest local one: a slow current of the
# opposite sign steepens the decay, one of the same sign, or what is left of equalisation, flattens it.
_SHORTEST_MEMBRANE, _LONGEST_MEMBRANE = 1 / 2, 4.0
# A richer model counts as far as it shrinks the residual, since without noise it nearly always shrinks it
# somewhat, and as far as the simpler one leaves something to describe. Between these limits both count, so
# that no threshold makes the result jump.
_WORTHLESS, _WORTHWHILE = 0.6, 0.3
# A slow current shows in a smaller residual than one exponential more.
_NEGLIGIBLE_RESIDUAL, _NOTABLE_RESIDUAL = 6e-4, 2e-3
_RESIDUAL_WITHOUT_CURRENT = 0.5
_LARGEST_RESIDUAL = 0.01
_LARGEST_AMPLITUDE = 3.0
_CLOSEST_TIME_CONSTANTS = 1.2
_NOT_MUCH_FASTER, _LARGEST_AREA_OF_FAST = 0.1, 3.0
_EVALUATIONS = 200
# Numbers of slow currents and of faster exponentials, the models with fewer parameters first.
_MODELS = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (0, 3), (1, 2), (0, 4), (1, 3))
_PULSE_LONG_TO = 20
"""Exponentials that are this much shorter than the pulse are over when it ends."""


@dataclass(frozen=True, slots=True)
class Exponentials:
    """A sum of exponentials ``sum(amplitudes * exp(-t / time_constants))``."""

    amplitudes: Array
    time_constants__ms: Array

    def at(self, t__ms: Array) -> Array:
        """Value of the sum, shape of `t__ms`."""
        result: Array = np.exp(-t__ms[..., None] / self.time_constants__ms) @ self.amplitudes
        return result


@dataclass(frozen=True, slots=True)
class Membrane:
    """A membrane and one slow current whose gate follows its voltage, after a rectangular pulse.

    ``dV/dt = -V / tau - gain / (tau gate) w`` and ``dw/dt = V - w / gate``: the linear equations of any
    voltage-dependent conductance near rest (Mauro et al. 1970, doi:10.1085/jgp.55.4.497; Koch 1984,
    doi:10.1007/BF00317936).

    Parameters
    ----------
    amplitude__mV : float
        Height at the end of the pulse, if the current did not change.
    tau__ms : float
        Time constant of the membrane with the current frozen.
    gain : float
        Share of the steady conductance that the current adds by changing: above 0 it opposes the deflection
        (an h-current), below 0 it supports it (a persistent inward current), at 0 there is none.
    gate__ms : float
        Time constant of the gate.
    pulse__ms : float
        Duration of the pulse.
    """

    amplitude__mV: float
    tau__ms: float
    gain: float
    gate__ms: float
    pulse__ms: float

    def at(self, t__ms: Array) -> Array:
        """Height after the pulse, shape of `t__ms`."""
        shape = membrane_shape(t__ms, self.tau__ms, self.gain, self.gate__ms, self.pulse__ms)
        return self.amplitude__mV * shape

    def without_opposition(self) -> Membrane:
        """Freeze the slow current if it opposes the deflection."""
        return Membrane(self.amplitude__mV, self.tau__ms, min(self.gain, 0.0), self.gate__ms, self.pulse__ms)


@dataclass(frozen=True, slots=True)
class Decay:
    """Equalisation, the membrane, and how well both describe what was recorded (root mean square)."""

    fast: Exponentials
    membrane: Membrane
    residual: float

    def opposition(self, t__ms: Array) -> Array:
        """What the slow current of opposite sign takes off, 0 where there is none."""
        return self.membrane.at(t__ms) - self.membrane.without_opposition().at(t__ms)

    def lengthening_if_somatic(self) -> float:
        """Factor by which the frozen time constant is longer if the opposing current lies in the soma alone.

        `Membrane` has the current act on the deflection that is left after equalisation, as one does that
        is spread over the cell. One in the soma adds ``G / (s + 1 / gate)`` to the admittance there: without
        that term, the slowest pole of the impedance is the frozen membrane's. In one compartment both agree.
        """
        if self.membrane.gain <= 0:
            return 1.0
        numerator, denominator = self._impedance()
        zeros = _real(polynomial.polyroots(numerator))
        if zeros.size == 0:
            return 1.0
        gate = zeros[np.argmin(np.abs(np.log(zeros / (-1 / self.membrane.gate__ms))))]
        conductance = polynomial.polyval(gate, denominator) / polynomial.polyval(
            gate, polynomial.polyder(numerator)
        )
        rest = polynomial.polydiv(numerator, np.array([-gate, 1.0]))[0]
        admittance = polynomial.polysub(denominator, conductance * rest)
        poles = _real(polynomial.polyroots(polynomial.polydiv(admittance, np.array([-gate, 1.0]))[0]))
        if poles.size == 0:
            return 1.0
        ratios = -1 / (poles * self.membrane.tau__ms)
        return float(ratios[np.argmin(np.abs(np.log(ratios)))])

    def _impedance(self) -> tuple[Array, Array]:
        """Numerator and denominator in ``s``, of the lowest power first, up to a factor."""
        membrane = self.membrane
        pulse, tau, gate = membrane.pulse__ms, membrane.tau__ms, 1 / membrane.gate__ms
        coupling = membrane.gain / (tau * membrane.gate__ms)
        terms = [
            (
                _per_charge(membrane.amplitude__mV, tau, pulse) * np.array([gate, 1.0]),
                np.array([gate / tau + coupling, gate + 1 / tau, 1.0]),
            )
        ]
        for amplitude, fast in zip(self.fast.amplitudes, self.fast.time_constants__ms, strict=True):
            # What is over before the pulse is charges no capacitance that the membrane's decay could see.
            if fast > pulse / _PULSE_LONG_TO:
                terms.append(
                    (np.array([_per_charge(float(amplitude), float(fast), pulse)]), np.array([1 / fast, 1.0]))
                )
        numerator: Array = np.zeros(1)
        denominator: Array = np.ones(1)
        for above, below in terms:
            numerator = np.asarray(
                polynomial.polyadd(
                    polynomial.polymul(numerator, below), polynomial.polymul(above, denominator)
                ),
                dtype=float,
            )
            denominator = np.asarray(polynomial.polymul(denominator, below), dtype=float)
        return numerator, denominator


def membrane_shape(t__ms: Array, tau__ms: float, gain: float, gate__ms: float, pulse__ms: float) -> Array:
    """Response of `Membrane` to a pulse, per its height without the slow current.

    The two exponentials are complex where the current makes the membrane resonate, and coincide at the
    border, where their amplitudes grow beyond all bounds: what they add up to passes it smoothly.
    """
    mean, half = (1 / tau__ms + 1 / gate__ms) / 2, (1 / tau__ms - 1 / gate__ms) / 2
    root = cmath.sqrt(half**2 - gain / (tau__ms * gate__ms))
    if abs(root) < 1e-7 * mean:
        root = complex(1e-7 * mean)
    frozen = -math.expm1(-pulse__ms / tau__ms) / (pulse__ms / tau__ms)
    shares = []
    for sign in (1, -1):
        rate = mean + sign * root
        # Mean over the moments of a rectangular pulse at which the charge came in.
        spread = -np.expm1(-rate * pulse__ms) / (rate * pulse__ms)
        shares.append((complex((1 + sign * half / root) / 2 * spread / frozen), rate))
    (first, fast), (second, slow) = shares
    if root.imag:
        # The other one is its conjugate.
        oscillating: Array = 2 * (first * np.exp(-fast * t__ms)).real
        return oscillating
    result: Array = first.real * np.exp(-fast.real * t__ms)
    result += second.real * np.exp(-slow.real * t__ms)
    return result


def describe(
    t__ms: Array, height__mV: Array, pulse__ms: float, local__ms: float
) -> list[tuple[float, Decay]]:
    """Describe a decay by the simplest models that fit it, each with its weight; the weights add up to 1.

    The models have a membrane, up to four faster exponentials, and a slow current or none. Amplitudes are
    solved for linearly at each step of a search over the time constants and the gain (variable projection,
    Golub and Pereyra 1973, doi:10.1137/0710036). A fit whose amplitudes cancel is no description.

    Parameters
    ----------
    t__ms, height__mV : ndarray
        Samples after the pulse, dense where the decay is fast.
    pulse__ms : float
        Duration of the pulse.
    local__ms : float
        Largest local time constant, near which the membrane's is searched for.

    Returns
    -------
    list of (float, Decay)
        Nearly always one; empty if no model fits.
    """
    weighed: list[tuple[float, Decay]] = []
    residual = 1.0
    for slow, fast in _MODELS:
        if weighed and fast < min(decay.fast.amplitudes.size for _, decay in weighed):
            continue
        first = slow and all(decay.membrane.gain == 0 for _, decay in weighed)
        limit = _RESIDUAL_WITHOUT_CURRENT if first else 1.0
        notable = _share(residual, limit * _NEGLIGIBLE_RESIDUAL, limit * _NOTABLE_RESIDUAL)
        if notable == 0:
            continue
        found = _fit(t__ms, height__mV, pulse__ms, local__ms, fast, with_current=bool(slow))
        if found is None:
            continue
        weight = notable * _share(found.residual / residual, _WORTHLESS, _WORTHWHILE)
        if weight > 0:
            weighed = [(w * (1 - weight), d) for w, d in weighed if w * (1 - weight) > 0]
            weighed.append((weight if weighed else 1.0, found))
            residual *= (found.residual / residual) ** weight
    return weighed if residual < _LARGEST_RESIDUAL else []


def _share(value: float, none: float, full: float) -> float:
    """Share that rises from 0 at `none` to 1 at `full`, evenly in the logarithm."""
    return float(np.clip(np.log(max(value, 1e-12) / none) / np.log(full / none), 0, 1))


def _per_charge(amplitude__mV: float, tau__ms: float, pulse__ms: float) -> float:
    """Response to an impulse, from the height at the end of a rectangular pulse."""
    return float(amplitude__mV * (pulse__ms / tau__ms) / -np.expm1(-pulse__ms / tau__ms))


def _real(roots: Array) -> Array:
    """Those of the roots that belong to a decay without oscillation."""
    real = np.real(roots[np.abs(np.imag(roots)) < 1e-9 * np.abs(roots)])
    result: Array = real[real < 0]
    return result


def _fit(
    t__ms: Array, height__mV: Array, pulse__ms: float, local__ms: float, fast: int, *, with_current: bool
) -> Decay | None:
    # Not at the top: the controlling program reads definitions here and fits nothing.
    from scipy.optimize import leastsq

    scale = float(np.max(np.abs(height__mV)))
    weight = 1 / (np.abs(height__mV) / scale + _SMALLEST_WEIGHED_HEIGHT)
    weight /= np.sqrt(t__ms.size)
    weighed = weight * height__mV / scale

    def parameters(x: Array) -> tuple[float, Array, float, float]:
        tau = local__ms * _between(x[0], _SHORTEST_MEMBRANE, _LONGEST_MEMBRANE)
        taus = tau * _FASTEST_OF_SLOW / (1 + np.exp(-np.minimum(np.maximum(x[1 : 1 + fast], -50), 50)))
        if not with_current:
            return tau, taus, 0.0, tau
        gain = math.expm1(min(max(float(x[1 + fast]), -20.0), 5.0))
        return tau, taus, gain, tau * _between(x[2 + fast], _FASTEST_OF_SLOW, _SLOWEST_GATE)

    def solve(x: Array) -> tuple[Array, Array]:
        """Amplitudes, and residuals."""
        tau, taus, gain, gate = parameters(x)
        shapes = np.empty((t__ms.size, 1 + fast))
        shapes[:, 0] = membrane_shape(t__ms, tau, gain, gate, pulse__ms)
        shapes[:, 1:] = np.exp(-t__ms[:, None] / taus)
        shapes *= weight[:, None]
        amplitudes: Array = np.linalg.lstsq(shapes, weighed, rcond=None)[0]
        return amplitudes, shapes @ amplitudes - weighed

    def misfit(x: Array) -> Array:
        return solve(x)[1]

    best: tuple[float, Array] | None = None
    for start in _starts(fast, with_current=with_current):
        found = leastsq(misfit, start, full_output=True, maxfev=_EVALUATIONS)[0]
        amplitudes, residuals = solve(found)
        residual = float(np.sqrt(residuals @ residuals))
        tau, taus, gain, gate = parameters(found)
        # What supports the deflection and is faster than the membrane is equalisation.
        if gain < 0 and gate < tau:
            continue
        if _is_sound(amplitudes, taus, tau) and (best is None or residual < best[0]):
            best = residual, found
        if best is not None and best[0] < _NOTABLE_RESIDUAL:
            break
    if best is None:
        return None
    residual, found = best
    tau, taus, gain, gate = parameters(found)
    amplitudes = scale * solve(found)[0]
    order = np.argsort(taus)[::-1]
    return Decay(
        Exponentials(amplitudes[1:][order], taus[order]),
        Membrane(float(amplitudes[0]), tau, gain, gate, pulse__ms),
        residual,
    )


def _is_sound(amplitudes: Array, fast__ms: Array, tau__ms: float) -> bool:
    """Whether a membrane is left and no amplitudes all but cancel; they are fractions of the height."""
    if amplitudes[0] <= 0 or np.max(np.abs(amplitudes)) > _LARGEST_AMPLITUDE:
        return False
    # The area of an exponential is its share of the input resistance: what has less of it than one not much
    # faster is no membrane, but a slow current that supports the deflection.
    most = np.where(fast__ms > _NOT_MUCH_FASTER * tau__ms, 1.0, _LARGEST_AREA_OF_FAST)
    if np.any(amplitudes[1:] * fast__ms > most * amplitudes[0] * tau__ms):
        return False
    order = np.argsort(fast__ms)
    ratios, signs = fast__ms[order][1:] / fast__ms[order][:-1], np.sign(amplitudes[1:][order])
    return not np.any((ratios < _CLOSEST_TIME_CONSTANTS) & (signs[1:] != signs[:-1]))


def _between(x: float, low: float, high: float) -> float:
    """Map a number to a range, evenly on a logarithmic scale."""
    return low * math.pow(high / low, 1 / (1 + math.exp(-min(max(x, -50.0), 50.0))))


def _within(value: float, low: float, high: float) -> float:
    """Inverse of `_between`."""
    share = np.log(value / low) / np.log(high / low)
    return float(np.log(share / (1 - share)))


def _starts(fast: int, *, with_current: bool) -> list[Array]:
    equalisation = [-1.0, -3.0, -4.5, -6.0][:fast]
    starts = []
    for ratio in (1.05, 1.4):
        membrane = _within(ratio, _SHORTEST_MEMBRANE, _LONGEST_MEMBRANE)
        if not with_current:
            starts.append(np.array([membrane, *equalisation]))
            continue
        for gate in (3.0, 12.0):
            slow = _within(gate, _FASTEST_OF_SLOW, _SLOWEST_GATE)
            starts.append(np.array([membrane, *equalisation, 0.1, slow]))
    return starts
