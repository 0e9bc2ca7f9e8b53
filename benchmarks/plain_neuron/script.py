"""A plain NEURON script: clamp, run, and read each quantity by its definition, without mnvalidate.

It is a process of its own: the solver and the currents to use come as JSON from its input, and what it reads
goes as JSON to its output. ``python script.py FOLDER_OF_THE_COMPILED_LIBRARY <question``.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import neuron
import numpy as np
import numpy.typing as npt
from neuron import h

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks.plain_neuron.cells import CELLS, Cell

Array = npt.NDArray[np.float64]

SETTLE__ms = 5000.0
LONGEST__ms = 10_000.0
FEW_SEGMENTS = 4
RECOVERED__mV = 0.15
SPIKE__mV = 40.0


class Clamp:
    """An electrode in the soma, and the solver that is asked for."""

    def __init__(self, cell: Cell, fixed_step__ms: float | None) -> None:
        self.cell, self.step__ms = cell, fixed_step__ms
        self.electrode = h.IClamp(cell.sections["soma"](0.5))
        self.time, self.soma, self.site = (h.Vector() for _ in range(3))
        h.celsius = cell.celsius
        self.method = h.CVode()
        self.method.active(int(fixed_step__ms is None))
        if fixed_step__ms is None:
            self.method.atol(1e-9)
            self.method.rtol(0)
        self.rest__mV = cell.rest__mV
        self.rest__mV = self.run(0.0, 0.0, 1.0)[1][-1]

    def run(
        self, current__nA: float, pulse__ms: float, duration__ms: float, longest_step__ms: float = 5.0
    ) -> tuple[Array, Array, Array]:
        """Settle, inject from time 0, and return time, voltage of the soma, and of the spikes' site."""
        sections = self.cell.sections
        self.time.record(h._ref_t)
        self.soma.record(sections["soma"](0.5)._ref_v)
        self.site.record(sections[self.cell.spike_site](0.5)._ref_v)
        start = SETTLE__ms
        self.electrode.delay, self.electrode.dur, self.electrode.amp = start, pulse__ms, current__nA
        if self.step__ms is None:
            self.method.maxstep(1e9)
            h.finitialize(self.rest__mV)
            self.method.solve(start - 1.0)
            self.method.maxstep(longest_step__ms)
            self.method.solve(start + duration__ms)
        else:
            # Coarse steps of implicit Euler settle as exactly as fine ones of second order.
            context = h.ParallelContext()
            context.set_maxstep(10.0)
            h.secondorder, h.dt = 0, 0.1
            h.finitialize(self.rest__mV)
            context.psolve(start - 20.0)
            h.secondorder, h.dt = 2, self.step__ms
            context.psolve(start + duration__ms)
        t = np.array(self.time) - start
        keep = t >= -1e-6
        return t[keep], np.array(self.soma)[keep], np.array(self.site)[keep]


def spikes__ms(t: Array, v: Array, rest__mV: float) -> Array:
    """Times at which the voltage rises through 40 mV above rest."""
    above = v > rest__mV + SPIKE__mV
    first = np.flatnonzero(~above[:-1] & above[1:])
    share = (rest__mV + SPIKE__mV - v[first]) / (v[first + 1] - v[first])
    return t[first] + share * (t[first + 1] - t[first])


def smallest(fires: Callable[[float], bool], silent: float, firing: float, precision: float) -> float:
    """Bisect the smallest current that fires; the first current is silent, the second fires."""
    while firing - silent > precision * firing:
        middle = (silent + firing) / 2
        if fires(middle):
            firing = middle
        else:
            silent = middle
    return firing


def extreme(t: Array, v: Array, at: int) -> float:
    """Vertex of the parabola through a sample and its neighbours."""
    a, b, c = np.polyfit(t[at - 1 : at + 2] - t[at], v[at - 1 : at + 2], 2)
    return float(c - b * b / (4 * a)) if a else float(v[at])


def passes(t: Array, v: Array, level: float) -> float:
    """First time at which the voltage rises through a level, NaN if it does not."""
    passed = np.flatnonzero((v[:-1] < level) & (v[1:] >= level))
    if not passed.size:
        return math.nan
    at = int(passed[0])
    return float(t[at] + (level - v[at]) / (v[at + 1] - v[at]) * (t[at + 1] - t[at]))


def resistances(clamp: Clamp, strong: list[float], weak: list[float]) -> dict[str, float]:
    """Slopes of deflection against current, below rest and about it."""

    def deflections(current: float) -> tuple[float, float, float]:
        t, v, _ = clamp.run(current, 1000.0, 1000.0)
        v = v - v[0]
        steady = np.interp(np.linspace(950.0, 1000.0, 201)[:-1], t, v).mean()
        return float(steady), float(v[np.argmax(v * np.sign(current))]), float(np.interp(50.0, t, v))

    below = np.array([deflections(current) for current in strong])
    about = np.array([deflections(current) for current in weak])
    squares = np.dot(weak, weak)
    return {
        "Rin__MOhm": float(np.polyfit(strong, below[:, 0], 1)[0]),
        "Rin_peak__MOhm": float(np.polyfit(strong, below[:, 1], 1)[0]),
        "sag_ratio": float(below[0, 0] / below[0, 1]),
        "Rin_rest__MOhm": float(np.dot(weak, about[:, 0]) / squares),
        "Rin_50ms__MOhm": float(np.dot(weak, about[:, 2]) / squares),
    }


def time_constant(clamp: Clamp, current__nA: float) -> dict[str, float]:
    """Slowest time constant of the membrane, with the gates that follow slowly held where they rest.

    Those of Hodgkin and Huxley's membrane cannot be held.
    """
    if any(hasattr(segment, "hh") for segment in clamp.cell.sections["soma"]):
        return {}
    clamp.run(0.0, 0.0, 1.0)
    for section in clamp.cell.sections.values():
        for segment in section:
            if hasattr(segment, "slowgate"):
                segment.slowgate.n0, segment.slowgate.frozen = segment.slowgate.n, 1
    t, v, _ = clamp.run(current__nA / 20, 1.0, 200.0, 0.1)
    v = np.abs(v - v[0])
    size = v.max()
    late = (t > 1.5) & (v < 0.1 * size) & (v > 0.002 * size)
    return {"tau__ms": float(-1 / np.polyfit(t[late], np.log(v[late]), 1)[0])}


def action_potential(clamp: Clamp, current__nA: float) -> dict[str, float]:
    """Spike and afterhyperpolarisation after a pulse of 0.5 ms."""
    t, v, _ = clamp.run(current__nA, 0.5, 1000.0, 0.05)
    v = v - clamp.rest__mV
    top = int(np.argmax(v))
    peak = extreme(t, v, top)
    fall_from = np.flatnonzero(v[top:] < peak / 2)[0] + top
    fell = np.interp(-peak / 2, -v[fall_from - 1 : fall_from + 1], t[fall_from - 1 : fall_from + 1])
    read = {"AP__mV": peak, "AP_half_width__ms": float(fell - passes(t[: top + 1], v[: top + 1], peak / 2))}
    low = top + int(np.argmin(v[top:]))
    trough = -extreme(t, v, low)
    if trough > RECOVERED__mV:
        after, recovering = t[low:], v[low:]
        read |= {
            "AHP__mV": trough,
            "AHPdur__ms": passes(after, recovering, -RECOVERED__mV) - t[top],
            "AHPdur_5pct__ms": passes(after, recovering, -0.05 * trough) - t[top],
            "AHP_half_decay__ms": passes(after, recovering, -trough / 2) - t[low],
        }
    return read


def troughs(clamp: Clamp, current__nA: float) -> dict[str, float]:
    """The same where a delayed depolarisation parts a fast from a medium afterhyperpolarisation."""
    t, v, _ = clamp.run(current__nA, 0.5, 1000.0, 0.05)
    v = v - clamp.rest__mV
    top = int(np.argmax(v))
    turns = np.flatnonzero((np.diff(v[top:])[:-1] < 0) & (np.diff(v[top:])[1:] >= 0)) + top + 1
    turns = turns[v[turns] < 0]
    fast, medium = turns[0], turns[np.argmin(v[turns[1:]]) + 1]
    deep = -extreme(t, v, medium)
    after, recovering = t[medium:], v[medium:]
    return {
        "fast_AHP__mV": -extreme(t, v, fast),
        "AHP__mV": deep,
        "AHPdur__ms": passes(after, recovering, -RECOVERED__mV) - t[top],
        "AHPdur_5pct__ms": passes(after, recovering, -0.05 * deep) - t[top],
        "AHP_half_decay__ms": passes(after, recovering, -deep / 2) - t[medium],
    }


def onset(clamp: Clamp, current__nA: float) -> dict[str, float]:
    """Where the upstroke begins and how steep it becomes, 1.05 times above rheobase."""
    t, v, _ = clamp.run(current__nA, 50.0, 100.0, 0.005)
    top = int(np.argmax(v))
    apart = np.diff(t[: top + 1]) > 1e-9
    middle = ((t[1 : top + 1] + t[:top]) / 2)[apart]
    slope = (np.diff(v[: top + 1])[apart]) / np.diff(t[: top + 1])[apart]
    # The spike's own upstroke, not the first moments of the pulse.
    late = middle > 1.0
    steepest = int(np.flatnonzero(late)[np.argmax(slope[late])])
    last = int(np.flatnonzero(slope[:steepest] < 10.0)[-1])
    begins = np.interp(10.0, slope[last : last + 2], middle[last : last + 2])
    return {
        "AP_threshold__mV": float(np.interp(begins, t, v)) - clamp.rest__mV,
        "AP_max_slope__mV_per_ms": float(slope[steepest]),
    }


def rate__Hz(t: Array, v: Array, rest__mV: float, start__ms: float, stop__ms: float) -> float:
    """Rate of the intervals within a window; 0 where firing does not go on to its end."""
    times = spikes__ms(t, v, rest__mV)
    within = times[(times >= start__ms) & (times <= stop__ms)]
    if within.size < 3:
        return 0.0
    intervals = np.diff(within)
    third = -(-intervals.size // 3)
    goes_on = (
        stop__ms - within[-1] < 1.5 * intervals[-1]
        and intervals[-1] < 1.5 * intervals.mean()
        and intervals[-third:].mean() < 1.5 * intervals[:third].mean()
    )
    return float(1000 / intervals.mean()) if goes_on else 0.0


def firing(clamp: Clamp, rheobase__nA: float, levels__nA: list[float], near__nA: float) -> dict[str, float]:
    """Gains and rates of long steps; the threshold of steady firing is looked for about a guess."""

    def rate(current: float, stop__ms: float) -> float:
        found = 0.0
        for stop in (stop__ms, LONGEST__ms):
            t, _, v = clamp.run(current, stop, stop)
            found = rate__Hz(t, v, clamp.rest__mV, 500.0, stop)
            if found * (stop - 500.0) > 3000.0:
                break
        return found

    def fires(current: float) -> bool:
        return rate(current, 2000.0) > 0

    silent, firing = 0.98 * near__nA, 1.02 * near__nA
    while fires(silent):
        silent *= 0.9
    while not fires(firing):
        firing *= 1.1
    threshold = smallest(fires, silent, firing, 2e-4)
    primary = [factor * near__nA for factor in (1.01, 1.25, 1.5, 1.75, 2.0)]
    rates = [rate(current, 3000.0) for current in primary]
    currents = [current for current in levels__nA if current >= rheobase__nA]
    curve = [(current, r) for current in currents if (r := rate(current, 3000.0))]
    read = {
        "I_repetitive__nA": threshold,
        "rate_min__Hz": rates[0],
        "rate_max__Hz": max([*rates, *(r for _, r in curve)]),
        "FI_primary_gain__Hz_per_nA": float(np.polyfit(primary, rates, 1)[0]),
    }
    if len(curve) > 1:
        read["FI_gain__Hz_per_nA"] = float(np.polyfit(*zip(*curve, strict=True), 1)[0])
    return read


def _is_small(cell: Cell) -> bool:
    """Whether a million fixed steps for each current of an F-I curve are to be had in minutes."""
    return sum(section.nseg for section in cell.sections.values()) <= FEW_SEGMENTS


def answer(question: dict[str, Any]) -> dict[str, float]:
    """Read everything that the question has the currents for."""
    cell = CELLS[question["cell"]]()
    clamp = Clamp(cell, question["fixed_step__ms"])
    read = {"vhold_soma__mV": clamp.rest__mV}
    read |= resistances(clamp, question["strong__nA"], question["weak__nA"])
    if question["rheobase__nA"]:

        def fires(pulse__ms: float, watched__ms: float) -> Callable[[float], bool]:
            def at(current: float) -> bool:
                t, _, v = clamp.run(current, pulse__ms, watched__ms, 0.5)
                return bool(spikes__ms(t, v, clamp.rest__mV).size)

            return at

        for name, near, pulse__ms, watched__ms in (
            ("Ir__nA", question["rheobase__nA"], 50.0, 100.0),
            ("I_short__nA", question["short__nA"], 0.5, 25.0),
        ):
            read[name] = smallest(fires(pulse__ms, watched__ms), 0.5 * near, 2.0 * near, 2e-4)
        read |= action_potential(clamp, question["pulse__nA"])
        if question["fast"]:
            read |= troughs(clamp, question["pulse__nA"])
        read |= onset(clamp, 1.05 * question["rheobase__nA"])
        if question["fixed_step__ms"] is None or _is_small(cell):
            read |= firing(
                clamp, question["rheobase__nA"], question["levels__nA"], question["repetitive__nA"]
            )
    return read | time_constant(clamp, question["decay__nA"])


if __name__ == "__main__":
    neuron.load_mechanisms(sys.argv[1])
    print(json.dumps(answer(json.load(sys.stdin))))
