"""Rheobase."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnvalidate.drawing import Drawing
from mnvalidate.protocols.base import NotMeasurable, Protocol, Reading, Value
from mnvalidate.protocols.draw import level, sweeps, voltage
from mnvalidate.quantities import Quantity
from mnvalidate.spikes import SPIKE_HEIGHT__mV, spike_times__ms
from mnvalidate.traces import Pulse, Trace

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp

# Threshold depolarisation implied by the cat's rheobase and input resistance: 14.7 to 17.3 mV over the pool
# (from the relations of Caillet et al. 2022, doi:10.7554/eLife.76489). Only a first guess for the search.
_THRESHOLD_DEPOLARISATION__mV = 16.0
_LOOKS__ms = (10.0, 20.0, 30.0, 40.0, 50.0, 70.0)
# Whether a current fires needs less accuracy than the shape of what it evokes.
_TOLERANCE_FACTOR = 10.0


@dataclass(frozen=True)
class Rheobase(Protocol):
    """Smallest brief pulse from rest that evokes a spike.

    Pulses of 50 ms, as in Fleshman et al. 1981 and Zengel et al. 1985 (protocols as compiled by Caillet et
    al. 2022, doi:10.7554/eLife.76489). The result is the smallest current on a grid of `resolution__nA` (of
    1 % for currents below 1 nA) that evokes a spike; a current less than one step lower was tried and evokes
    none. The search ends at the current that would depolarise a passive cell of that input resistance by
    `ceiling__mV`, or at `ceiling__nA` where the resistance is unknown.
    """

    name: ClassVar[str] = "rheobase"
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "Ir__nA",
            "nA",
            "Rheobase",
            "Smallest 50 ms pulse from rest that evokes a spike within 100 ms of its onset.",
        ),
    )
    needs: ClassVar[tuple[str, ...]] = ("vhold_soma__mV",)

    pulse__ms: float = 50.0
    wait__ms: float = 100.0
    resolution__nA: float = 0.01
    ceiling__nA: float = 200.0
    ceiling__mV: float = 400.0

    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """See `Protocol.measure`."""
        rest = earlier["vhold_soma__mV"]
        highest_depolarisation = 0.0
        silent: dict[float, Trace] = {}
        firing: dict[float, Trace] = {}

        def fires(current__nA: float) -> bool:
            nonlocal highest_depolarisation
            trace = self.sweep(clamp, current__nA, rest, _TOLERANCE_FACTOR)
            highest_depolarisation = max(highest_depolarisation, float(trace.v__mV.max()) - rest)
            fired = spike_times__ms(trace, rest).size > 0
            (firing if fired else silent)[current__nA] = trace
            return fired

        resistance__MOhm = earlier.get("Rin__MOhm", self.ceiling__mV / self.ceiling__nA)
        ceiling = self.ceiling__mV / resistance__MOhm
        guess = _THRESHOLD_DEPOLARISATION__mV / resistance__MOhm
        floor = min(self.resolution__nA, guess)
        bracket = bracket_threshold(fires, guess, ceiling, floor)
        if bracket is None:
            kind = (
                f"depolarises by {highest_depolarisation:.3g} mV without a spike"
                if highest_depolarisation >= SPIKE_HEIGHT__mV
                else f"reaches only {highest_depolarisation:.3g} mV above rest"
            )
            raise NotMeasurable(f"no spike up to the ceiling of {ceiling:.4g} nA; {kind}")
        rheobase, step = smallest_on_grid(fires, bracket, self.resolution__nA)
        closest = [silent[max(silent)]] if silent else []
        drawing = _drawing([*closest, firing[min(firing)]], rest)
        return Reading({"Ir__nA": Value(rheobase, resolution=step)}, drawings=(drawing,))

    def sweep(
        self, clamp: CurrentClamp, current__nA: float, rest__mV: float, tolerance_factor: float = 1.0
    ) -> Trace:
        """One pulse, recorded until the first spike is over or the wait has passed."""
        later_looks = iter(_LOOKS__ms[1:])

        def look(trace: Callable[[float], Trace]) -> float | None:
            fired = spike_times__ms(trace(0.0), rest__mV).size > 0
            return None if fired else next(later_looks, self.wait__ms)

        pulse = Pulse(current__nA, 0.0, self.pulse__ms)
        return clamp.sweep(
            [pulse],
            self.wait__ms,
            look=look,
            first_look__ms=_LOOKS__ms[0],
            tolerance_factor=tolerance_factor,
        )


def _drawing(traces: Sequence[Trace], rest__mV: float) -> Drawing:
    end = max(trace.end__ms for trace in traces)
    return sweeps(
        "Just below and at rheobase",
        tuple(voltage(f"{trace.pulses[0].amplitude__nA:.6g} nA", trace, 0.0, end) for trace in traces),
        (
            level("rest", rest__mV, 0.0, end),
            level("a spike is at least as high", rest__mV + SPIKE_HEIGHT__mV, 0.0, end),
        ),
        traces[-1].pulses,
    )


def bracket_threshold(
    fires: Callable[[float], bool],
    guess: float,
    ceiling: float,
    floor: float,
    factor: float = 1.5,
    growth: float = 1.0,
) -> tuple[float, float] | None:
    """Find a current that does not fire and a larger one that does.

    Parameters
    ----------
    fires : callable
        Whether a current fires.
    guess : float
        Current to begin with.
    ceiling : float
        Largest current to try.
    floor : float
        Currents below a hundredth of it are not tried; 0 is then the lower end of the bracket.
    factor : float
        First step of the search.
    growth : float
        Power to which the factor is raised with each step.

    Returns
    -------
    tuple of float or None
        The two currents, or None if even the ceiling does not fire.
    """
    current = min(max(guess, floor), ceiling)
    if fires(current):
        while current > floor / 100:
            lower = current / factor
            if not fires(lower):
                return lower, current
            current, factor = lower, factor**growth
        return 0.0, current
    while current < ceiling:
        higher = min(factor * current, ceiling)
        if fires(higher):
            return current, higher
        current, factor = higher, factor**growth
    return None


def grid_step(current: float, resolution: float) -> float:
    """Resolution to search with: `resolution`, but 1 % of the decade for currents below 1 nA."""
    decade = 10.0 ** math.floor(math.log10(current))
    return resolution * min(decade, 1.0)


def smallest_on_grid(
    fires: Callable[[float], bool], bracket: tuple[float, float], resolution: float
) -> tuple[float, float]:
    """Smallest current of the grid within the bracket that fires, by bisection, and the grid's step there.

    The lower end of the bracket does not fire and the upper end does. The grid is finer below each decade:
    see `grid_step`.
    """
    step = grid_step(bracket[1], resolution)
    while True:
        smallest = _smallest_multiple(fires, bracket, step)
        finer = grid_step(smallest - step / 2, resolution)
        if finer >= step or smallest <= step:  # at one step from 0 it is finer without end
            return smallest, step
        bracket, step = (smallest - step, smallest), finer


def _smallest_multiple(fires: Callable[[float], bool], bracket: tuple[float, float], step: float) -> float:
    decimals = max(0, -math.floor(math.log10(step)))
    silent, firing = math.floor(bracket[0] / step), math.ceil(bracket[1] / step)
    while firing - silent > 1:
        middle = (silent + firing) // 2
        if fires(round(middle * step, decimals)):
            firing = middle
        else:
            silent = middle
    return round(firing * step, decimals)
