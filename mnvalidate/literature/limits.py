"""Numbers that criteria apply, and how they follow from facts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mnvalidate.literature.facts import Evidence, Fact

type Side = Literal["lower", "upper", "middle"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that a criterion applies, and how it follows from facts.

    Parameters
    ----------
    value : float
        The number.
    rule : str
        How it follows. ``scaled``: a number of a fact, times `times`. ``spread``: mean plus `sds` standard
        deviations. ``root``: square root of a fact (r squared to r) times `times`. ``single_cell``: the
        factor that holds 95 % of single neurons about a power law, from a fold and an r squared, times
        `times`. ``union``: the outermost of a direct exponent's 95 % interval and of the quotients of
        the 95 % intervals of the two relations to cell size.
    sources : tuple of Fact
        The facts.
    number : str
        Which number of the fact.
    times, sds : float
        Parameters of the rule.
    step : float
        Grid to which the result is rounded; 0 for none.
    rounding : {"outward", "nearest"}
        Outward: down for a lower limit and up for an upper one.
    """

    value: float
    rule: str
    sources: tuple[Fact, ...]
    number: str = "mean"
    times: float = 1.0
    sds: float = 0.0
    step: float = 0.0
    rounding: str = "outward"

    @property
    def from_memory(self) -> bool:
        """Whether all of its facts are from memory."""
        return all(fact.evidence is Evidence.MEMORY for fact in self.sources)

    def derived(self, side: Side) -> float:
        """Return the number as it follows from the facts; `value` must agree with it."""
        exact = _RULES[self.rule](self, side)
        if not self.step:
            return exact
        steps = exact / self.step
        nearest = round(steps)
        if self.rounding == "nearest" or side == "middle" or math.isclose(steps, nearest, abs_tol=1e-6):
            return nearest * self.step
        return (math.floor(steps) if side == "lower" else math.ceil(steps)) * self.step

    def agrees(self, side: Side) -> bool:
        """Whether the number written is the one that follows."""
        return math.isclose(self.value, self.derived(side), rel_tol=1e-6, abs_tol=1e-9)


def _scaled(limit: Limit, side: Side) -> float:
    return limit.sources[0].number(limit.number) * limit.times


def _spread(limit: Limit, side: Side) -> float:
    return limit.sources[0].number("mean") + limit.sds * limit.sources[0].number("sd")


def _root(limit: Limit, side: Side) -> float:
    return math.sqrt(limit.sources[0].number("mean")) * limit.times


def _single_cell(limit: Limit, side: Side) -> float:
    # Extremes four standard deviations apart, and the part of the variance that the relation leaves over.
    fold, r2 = (fact.number("mean") for fact in limit.sources)
    residual = math.log(fold) / 4 * math.sqrt(1 - r2)
    return math.exp(1.96 * residual) * limit.times


def _union(limit: Limit, side: Side) -> float:
    direct, quantity, against = limit.sources
    ends = [q / a for q in (quantity.number("min"), quantity.number("max")) for a in _interval(against)]
    return min(direct.number("min"), *ends) if side == "lower" else max(direct.number("max"), *ends)


def _interval(fact: Fact) -> tuple[float, float]:
    return fact.number("min"), fact.number("max")


_RULES: dict[str, Callable[[Limit, Side], float]] = {
    "scaled": _scaled,
    "spread": _spread,
    "root": _root,
    "single_cell": _single_cell,
    "union": _union,
}
FACTS_OF_RULE = {"scaled": 1, "spread": 1, "root": 1, "single_cell": 2, "union": 3}
"""Number of facts that each rule takes."""
