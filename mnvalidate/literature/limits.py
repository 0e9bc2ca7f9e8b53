"""Numbers that criteria apply, and how they follow from facts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from mnvalidate.literature import distributions
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
        How it follows, one of `FACTS_OF_RULE`. ``scaled``: a number of a fact, times `times`. ``spread``:
        mean plus `sds` standard deviations. ``root``: square root of a fact (r squared to r) times `times`.
        The others are explained in `mnvalidate.literature.distributions`.
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


def _of_facts(rule: Callable[[Sequence[Fact]], float]) -> Callable[[Limit, Side], float]:
    return lambda limit, side: rule(limit.sources) * limit.times


_RULES: dict[str, Callable[[Limit, Side], float]] = {
    "scaled": _scaled,
    "spread": _spread,
    "root": _root,
    **{name: _of_facts(rule) for name, rule in distributions.RULES.items()},
}
FACTS_OF_RULE: dict[str, int | None] = {
    "scaled": 1,
    "spread": 1,
    "root": 1,
    **dict.fromkeys(distributions.RULES),
    "triad": 3,
}
"""Number of facts that each rule takes; None for any number."""
