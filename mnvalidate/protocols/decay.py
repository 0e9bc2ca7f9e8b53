"""Describing a decay after a short pulse by equalisation, the membrane, and slow currents that act on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mnvalidate.protocols.membrane import (
    Decay,
    Exponentials,
    Membrane,
    areas_of_possible_membranes,
    membrane_shape,
)
from mnvalidate.traces import Array

# Heights are weighed by their relative error, as on a semi-logarithmic plot, down to this fraction.
_SMALLEST_WEIGHED_HEIGHT = 0.01
# Equalisation is at least this much faster than the membrane, a slow current's gate no faster than that.
_FASTEST_OF_SLOW = 1 / 2
_SLOWEST_GATE = 1e3
# The membrane's time constant lies this close to the decay's largest local one: a slow current of the
# opposite sign steepens the decay, one of the same sign, or what is left of equalisation, flattens it.
_SHORTEST_MEMBRANE, _LONGEST_MEMBRANE = 1 / 2, 4.0
# A search that ends this close to its bounds has not found anything.
_BOUND = 1.02
# A richer model counts as far as it shrinks the residual, since without noise it nearly always shrinks it
# somewhat, and as far as the simpler one leaves something to describe. Between these limits both count, so
# that no threshold makes the result jump.
_WORTHLESS, _WORTHWHILE = 0.6, 0.3
_NEGLIGIBLE_RESIDUAL, _NOTABLE_RESIDUAL = 6e-4, 2e-3
# A first slow current shows in a smaller residual than one exponential more; what a second one leaves is
# told from a current's not being linear where it is larger.
_FIRST_CURRENT, _SECOND_CURRENT = 0.5, 3.0
_LARGEST_BEFORE_SECOND_CURRENT = 0.1
_LARGEST_RESIDUAL = 0.01
_LARGEST_AMPLITUDE = 3.0
_CLOSEST_TIME_CONSTANTS, _CLOSEST_GATES = 1.2, 1.5
# What has a smaller share of the input resistance than a faster exponential that may be the membrane is none.
_LARGEST_AREA = 1.0
_EVALUATIONS = 100
# Time constants of the gates from which the search starts, in multiples of the membrane's, by their number.
_FIRST_GATES: tuple[tuple[tuple[float, ...], ...], ...] = (
    ((),),
    ((3.0,), (12.0,)),
    ((2.0, 12.0), (4.0, 30.0), (1.0, 4.0)),
)
# Numbers of slow currents and of faster exponentials, the models with fewer parameters first.
_MODELS = (
    *((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (0, 3), (1, 2), (0, 4), (1, 3)),
    *((2, 0), (2, 1), (2, 2), (2, 3)),
)


def describe(
    t__ms: Array, height__mV: Array, pulse__ms: float, local__ms: float
) -> list[tuple[float, Decay]]:
    """Describe a decay by the simplest models that fit it, each with its weight; the weights add up to 1.

    The models have a membrane, up to four faster exponentials, and up to two slow currents. Amplitudes are
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
        if slow == 2 and residual > _LARGEST_BEFORE_SECOND_CURRENT:
            continue
        before = max((len(decay.membrane.gains) for _, decay in weighed), default=0)
        limit = _SECOND_CURRENT if slow == 2 else _FIRST_CURRENT if slow > before else 1.0
        notable = _share(residual, limit * _NEGLIGIBLE_RESIDUAL, limit * _NOTABLE_RESIDUAL)
        if notable == 0:
            continue
        found = _fit(t__ms, height__mV, pulse__ms, local__ms, fast, slow)
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


def _fit(
    t__ms: Array, height__mV: Array, pulse__ms: float, local__ms: float, fast: int, slow: int
) -> Decay | None:
    # Not at the top: the controlling program reads definitions here and fits nothing.
    from scipy.optimize import leastsq

    scale = float(np.max(np.abs(height__mV)))
    weight = 1 / (np.abs(height__mV) / scale + _SMALLEST_WEIGHED_HEIGHT)
    weight /= np.sqrt(t__ms.size)
    weighed = weight * height__mV / scale

    def parameters(x: Array) -> tuple[float, Array, list[float], list[float]]:
        tau = local__ms * _between(x[0], _SHORTEST_MEMBRANE, _LONGEST_MEMBRANE)
        taus = tau * _FASTEST_OF_SLOW / (1 + np.exp(-np.minimum(np.maximum(x[1 : 1 + fast], -50), 50)))
        gains = [math.expm1(min(max(float(u), -20.0), 5.0)) for u in x[1 + fast : 1 + fast + slow]]
        gates = [tau * _between(u, _FASTEST_OF_SLOW, _SLOWEST_GATE) for u in x[1 + fast + slow :]]
        return tau, taus, gains, gates

    def solve(x: Array) -> tuple[Array, Array]:
        """Amplitudes, and residuals."""
        tau, taus, gains, gates = parameters(x)
        shapes = np.empty((t__ms.size, 1 + fast))
        shapes[:, 0] = membrane_shape(t__ms, tau, gains, gates, pulse__ms)
        shapes[:, 1:] = np.exp(-t__ms[:, None] / taus)
        shapes *= weight[:, None]
        amplitudes: Array = np.linalg.lstsq(shapes, weighed, rcond=None)[0]
        return amplitudes, shapes @ amplitudes - weighed

    def misfit(x: Array) -> Array:
        return solve(x)[1]

    best: tuple[float, Array] | None = None
    for start in _starts(fast, slow):
        found = leastsq(misfit, start, full_output=True, maxfev=_EVALUATIONS * (1 + slow))[0]
        amplitudes, residuals = solve(found)
        residual = float(np.sqrt(residuals @ residuals))
        tau, taus, gains, gates = parameters(found)
        within = _SHORTEST_MEMBRANE * _BOUND < tau / local__ms < _LONGEST_MEMBRANE / _BOUND
        sound = within and _is_sound(amplitudes, taus, tau, pulse__ms) and _are_slow(gains, gates, tau)
        if sound and (best is None or residual < best[0]):
            best = residual, found
        if best is not None and best[0] < _NOTABLE_RESIDUAL:
            break
    if best is None:
        return None
    residual, found = best
    tau, taus, gains, gates = parameters(found)
    amplitudes = scale * solve(found)[0]
    order = np.argsort(taus)[::-1]
    return Decay(
        Exponentials(amplitudes[1:][order], taus[order]),
        Membrane(float(amplitudes[0]), tau, tuple(gains), tuple(gates), pulse__ms),
        residual,
    )


def _is_sound(amplitudes: Array, fast__ms: Array, tau__ms: float, pulse__ms: float) -> bool:
    """Whether a membrane is left and no amplitudes all but cancel; they are fractions of the height."""
    if amplitudes[0] <= 0 or np.max(np.abs(amplitudes)) > _LARGEST_AMPLITUDE:
        return False
    areas = areas_of_possible_membranes(amplitudes[1:], fast__ms, float(amplitudes[0]), tau__ms, pulse__ms)
    if np.any(areas > _LARGEST_AREA):
        return False
    order = np.argsort(fast__ms)
    ratios, signs = fast__ms[order][1:] / fast__ms[order][:-1], np.sign(amplitudes[1:][order])
    return not np.any((ratios < _CLOSEST_TIME_CONSTANTS) & (signs[1:] != signs[:-1]))


def _are_slow(gains: Sequence[float], gates__ms: Sequence[float], tau__ms: float) -> bool:
    """Whether each current is one: no equalisation, and no two that all but cancel."""
    # What supports the deflection and is faster than the membrane is equalisation.
    if any(gain < 0 and gate < tau__ms for gain, gate in zip(gains, gates__ms, strict=True)):
        return False
    return len(gates__ms) < 2 or max(gates__ms) > _CLOSEST_GATES * min(gates__ms)


def _between(x: float, low: float, high: float) -> float:
    """Map a number to a range, evenly on a logarithmic scale."""
    return low * math.pow(high / low, 1 / (1 + math.exp(-min(max(x, -50.0), 50.0))))


def _within(value: float, low: float, high: float) -> float:
    """Inverse of `_between`."""
    share = np.log(value / low) / np.log(high / low)
    return float(np.log(share / (1 - share)))


def _starts(fast: int, slow: int) -> list[Array]:
    equalisation = [-1.0, -3.0, -4.5, -6.0][:fast]
    starts = []
    for ratio in (1.05, 1.4):
        membrane = _within(ratio, _SHORTEST_MEMBRANE, _LONGEST_MEMBRANE)
        for gates in _FIRST_GATES[slow]:
            ratios = [_within(gate, _FASTEST_OF_SLOW, _SLOWEST_GATE) for gate in gates]
            starts.append(np.array([membrane, *equalisation, *(0.1 for _ in gates), *ratios]))
    return starts
