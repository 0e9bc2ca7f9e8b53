"""A membrane with slow currents, and a cell's decay as the sum of it and equalisation."""

from __future__ import annotations

import cmath
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import polynomial

from mnvalidate.traces import Array

_PULSE_LONG_TO = 20
"""Exponentials that are this much shorter than the pulse are over when it ends."""
_COINCIDENCE = 1e-7
_FASTEST_SUPPORT__MS = 10.0
"""No slow current that supports a deflection has a faster gate."""
# Shares of the input resistance, in multiples of the membrane's, from which a faster exponential may as
# well be the membrane: where it is one of several, as those of a cable are (0.58 at an electrotonic
# length of 2), and where it is the only one.
_DOUBTFUL_AREA_OF_SEVERAL, _DOUBTFUL_AREA_OF_ONE = 0.65, 0.3


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
    """A membrane and slow currents whose gates follow its voltage, after a rectangular pulse.

    ``dV/dt = -V / tau - sum(gain / (tau gate) w)`` and ``dw/dt = V - w / gate`` for each: the linear
    equations of voltage-dependent conductances near rest (Mauro et al. 1970, doi:10.1085/jgp.55.4.497;
    Koch 1984, doi:10.1007/BF00317936).

    Parameters
    ----------
    amplitude__mV : float
        Height at the end of the pulse, if the currents did not change.
    tau__ms : float
        Time constant of the membrane with the currents frozen.
    gains : tuple of float
        What each current adds to the steady conductance by changing, in multiples of the frozen one: above 0
        it opposes the deflection (an h-current), below 0 it supports it (a persistent inward current).
    gates__ms : tuple of float
        Time constants of the gates.
    pulse__ms : float
        Duration of the pulse.
    """

    amplitude__mV: float
    tau__ms: float
    gains: tuple[float, ...]
    gates__ms: tuple[float, ...]
    pulse__ms: float

    def at(self, t__ms: Array) -> Array:
        """Height after the pulse, shape of `t__ms`."""
        shape = membrane_shape(t__ms, self.tau__ms, self.gains, self.gates__ms, self.pulse__ms)
        return self.amplitude__mV * shape

    def without_opposition(self) -> Membrane:
        """Freeze the currents that oppose the deflection."""
        gains = tuple(min(gain, 0.0) for gain in self.gains)
        return Membrane(self.amplitude__mV, self.tau__ms, gains, self.gates__ms, self.pulse__ms)


@dataclass(frozen=True, slots=True)
class Decay:
    """Equalisation, the membrane, and how well both describe what was recorded (root mean square)."""

    fast: Exponentials
    membrane: Membrane
    residual: float

    @property
    def is_doubtful(self) -> bool:
        """Whether what is taken for equalisation may be the membrane, and what for it a supporting current.

        To the soma, a long cable and a membrane with such a current look alike.
        """
        fast, membrane = self.fast, self.membrane
        areas = areas_of_possible_membranes(
            fast.amplitudes,
            fast.time_constants__ms,
            membrane.amplitude__mV,
            membrane.tau__ms,
            membrane.pulse__ms,
        )
        doubtful = _DOUBTFUL_AREA_OF_ONE if areas.size == 1 else _DOUBTFUL_AREA_OF_SEVERAL
        return bool(np.any(areas > doubtful))

    def opposition(self, t__ms: Array) -> Array:
        """What slow currents of opposite sign take off, 0 where there are none."""
        return self.membrane.at(t__ms) - self.membrane.without_opposition().at(t__ms)

    def lengthening_if_somatic(self) -> float:
        """Factor by which the frozen time constant is longer if what opposes lies in the soma alone.

        `Membrane` has currents act on the deflection that is left after equalisation, as those do that are
        spread over the cell. One in the soma adds ``G / (s + 1 / gate)`` to the admittance there: without
        that term, the slowest pole of the impedance is the frozen membrane's. In one compartment both agree.
        """
        membrane = self.membrane
        opposing = [g for gain, g in zip(membrane.gains, membrane.gates__ms, strict=True) if gain > 0]
        numerator, denominator = self._impedance()
        for gate__ms in opposing:
            zeros = _real(polynomial.polyroots(numerator))
            if zeros.size == 0:
                return 1.0
            zero = zeros[np.argmin(np.abs(np.log(zeros * -gate__ms)))]
            factor = np.array([-zero, 1.0])
            numerator = polynomial.polydiv(numerator, factor)[0]
            conductance = polynomial.polyval(zero, denominator) / polynomial.polyval(zero, numerator)
            denominator = polynomial.polydiv(
                polynomial.polysub(denominator, conductance * numerator), factor
            )[0]
        poles = _real(polynomial.polyroots(denominator)) if opposing else np.zeros(0)
        if poles.size == 0:
            return 1.0
        ratios = -1 / (poles * membrane.tau__ms)
        return float(ratios[np.argmin(np.abs(np.log(ratios)))])

    def _impedance(self) -> tuple[Array, Array]:
        """Numerator and denominator in ``s``, of the lowest power first, up to a factor."""
        membrane = self.membrane
        pulse, tau = membrane.pulse__ms, membrane.tau__ms
        above, below = np.ones(1), np.array([1 / tau, 1.0])
        for gain, gate in zip(membrane.gains, membrane.gates__ms, strict=True):
            factor = np.array([1 / gate, 1.0])
            below = polynomial.polyadd(
                polynomial.polymul(below, factor), gain / (tau * gate) * np.asarray(above)
            )
            above = polynomial.polymul(above, factor)
        terms = [(_per_charge(membrane.amplitude__mV, tau, pulse) * above, below)]
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


def areas_of_possible_membranes(
    amplitudes: Array, fast__ms: Array, amplitude: float, tau__ms: float, pulse__ms: float
) -> Array:
    """Areas of faster exponentials, in multiples of the membrane's; 0 for those that are equalisation.

    The area of an exponential is its share of the input resistance. Two exponentials are a membrane and a
    supporting current as well as equalisation and a membrane. But the gate of that current would have the
    rate ``slow + share of slow * (fast - slow)``, and be too fast for one unless both are slow.
    """
    fast, slow = 1 / fast__ms, 1 / tau__ms
    of_slow = _per_charge(amplitude, tau__ms, pulse__ms)
    of_fast = np.array(
        [_per_charge(float(a), float(t), pulse__ms) for a, t in zip(amplitudes, fast__ms, strict=True)]
    )
    total = of_slow + of_fast
    share = np.divide(of_slow, total, out=np.ones_like(total), where=total > 0)
    possible = slow + share * (fast - slow) <= 1 / _FASTEST_SUPPORT__MS
    result: Array = np.where(possible, amplitudes * fast__ms / (amplitude * tau__ms), 0.0)
    return result


def membrane_shape(
    t__ms: Array, tau__ms: float, gains: Sequence[float], gates__ms: Sequence[float], pulse__ms: float
) -> Array:
    """Response of `Membrane` to a pulse, per its height without slow currents.

    Its exponentials are complex where a current makes the membrane resonate, and coincide at the border,
    where their amplitudes grow beyond all bounds: what they add up to passes it smoothly.
    """
    frozen = _spread(1 / tau__ms, pulse__ms).real
    result: Array = np.zeros(t__ms.shape)
    for rate, share in _modes(tau__ms, gains, gates__ms):
        height = share * _spread(rate, pulse__ms) / frozen
        if rate.imag:
            # Of two that are each other's conjugates, one is listed.
            result += 2 * (height * np.exp(-rate * t__ms)).real
        else:
            result += height.real * np.exp(-rate.real * t__ms)
    return result


def _modes(
    tau__ms: float, gains: Sequence[float], gates__ms: Sequence[float]
) -> list[tuple[complex, complex]]:
    """Rates of a membrane's exponentials and their shares in the response to an impulse."""
    if not gains:
        return [(complex(1 / tau__ms), 1 + 0j)]
    if len(gains) == 1:
        mean, half = (1 / tau__ms + 1 / gates__ms[0]) / 2, (1 / tau__ms - 1 / gates__ms[0]) / 2
        root = cmath.sqrt(half**2 - gains[0] / (tau__ms * gates__ms[0]))
        if abs(root) < _COINCIDENCE * mean:
            root = complex(_COINCIDENCE * mean)
        signs = (1,) if root.imag else (1, -1)
        return [(mean + sign * root, (1 + sign * half / root) / 2) for sign in signs]
    gates = np.asarray(gates__ms)
    matrix = np.diag(np.concatenate([[1 / tau__ms], 1 / gates]))
    matrix[0, 1:] = np.asarray(gains) / (tau__ms * gates)
    matrix[1:, 0] = -1
    rates, vectors = np.linalg.eig(matrix)
    shares = vectors[0] * np.linalg.inv(vectors)[:, 0]
    return [(complex(r), complex(s)) for r, s in zip(rates, shares, strict=True) if r.imag >= 0]


def _spread(rate: complex, pulse__ms: float) -> complex:
    """Mean of an exponential over the moments of a rectangular pulse at which the charge came in."""
    return complex(-np.expm1(-rate * pulse__ms) / (rate * pulse__ms))


def _per_charge(amplitude__mV: float, tau__ms: float, pulse__ms: float) -> float:
    """Response to an impulse, from the height at the end of a rectangular pulse."""
    return float(amplitude__mV * (pulse__ms / tau__ms) / -np.expm1(-pulse__ms / tau__ms))


def _real(roots: Array) -> Array:
    """Those of the roots that belong to a decay without oscillation."""
    real = np.real(roots[np.abs(np.imag(roots)) < 1e-9 * np.abs(roots)])
    result: Array = real[real < 0]
    return result
