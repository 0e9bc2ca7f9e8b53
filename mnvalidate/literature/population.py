"""A generative description of a species' motoneurons: what a pool of any size may look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mnvalidate.literature.limits import Limit


@dataclass(frozen=True, kw_only=True)
class Property:
    """Distribution of one quantity over the neurons of a pool, and its correlation with their size.

    Parameters
    ----------
    quantity : str
        Quantity.
    direction : {"up", "down", "none"}
        Whether it rises or falls with the size of the cell; ``none`` if it does not depend on it.
    spread : Limit
        Standard deviation of the natural logarithm, or of the quantity itself on a linear scale.
    why : str
        Why these facts.
    share_of : str
        Another quantity of the population of which each neuron has a share: the numbers are those of the
        share. Empty for a quantity of its own.
    scale : {"logarithmic", "linear"}
        Whether the logarithm is normally distributed or the quantity itself.
    middle : Limit, optional
        Median; without one the quantity can be judged only by ranks and ratios.
    weakest, strongest : Limit, optional
        Correlation with cell size: as it is over all studies, and as it is within studies.
    between : Limit, optional
        Standard deviation of the middle between studies, in place of the population's.
    """

    quantity: str
    direction: Literal["up", "down", "none"]
    spread: Limit
    why: str
    share_of: str = ""
    scale: Literal["logarithmic", "linear"] = "logarithmic"
    middle: Limit | None = None
    weakest: Limit | None = None
    strongest: Limit | None = None
    between: Limit | None = None

    @property
    def sign(self) -> float:
        """Sign of its correlation with cell size."""
        return -1.0 if self.direction == "down" else 1.0

    @property
    def limits(self) -> Mapping[str, Limit]:
        """Its numbers by their keys."""
        named = {
            "spread": self.spread,
            "middle": self.middle,
            "weakest": self.weakest,
            "strongest": self.strongest,
            "between": self.between,
        }
        return {key: limit for key, limit in named.items() if limit is not None}


@dataclass(frozen=True, kw_only=True)
class Population:
    """Motoneurons of a species.

    Parameters
    ----------
    species : str
        Species; empty for any mammal.
    middles : Limit
        Standard deviation of a median's logarithm between studies.
    spreads : Limit
        Standard deviation of a spread's logarithm between groups of neurons.
    slopes : Limit
        The part of it that quantities do not share, by which slopes differ.
    properties : mapping of str to Property
        By quantity.
    """

    species: str
    middles: Limit
    spreads: Limit
    slopes: Limit
    properties: Mapping[str, Property]
