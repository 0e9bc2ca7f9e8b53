"""Literature of a laboratory's own, as a run and its reports name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Departure:
    """Something shipped that does not hold here, because somebody says so.

    Parameters
    ----------
    what : str
        Id of the criterion, or the quantity of the population.
    species : str
        Species that it is about; empty for any.
    how : str
        ``replaced`` or ``switched off``.
    reason : str
        Why.
    """

    what: str
    species: str
    how: str
    reason: str

    def __str__(self) -> str:
        return f"{self.what} is {self.how}: {self.reason}"


@dataclass(frozen=True, slots=True)
class OwnLiterature:
    """What was read beside the shipped literature.

    Parameters
    ----------
    name : str
        Name of its folder.
    digest : str
        Of the files in it.
    n_facts, n_criteria : int
        How many it has.
    departures : tuple of Departure
        What of the shipped literature it replaces or switches off.
    """

    name: str
    digest: str
    n_facts: int
    n_criteria: int
    departures: tuple[Departure, ...] = ()

    @property
    def identity(self) -> Mapping[str, str]:
        """What tells it from other literature."""
        return {"name": self.name, "digest": self.digest}

    def told(self, species: str) -> list[str]:
        """Say what it is and what it changes for a species: a line each."""
        return [
            f"literature {self.name} ({self.digest}) beside the shipped: "
            f"{_counted(self.n_facts, 'fact')}, {_criteria(self.n_criteria)}",
            *(str(departure) for departure in self.departures if departure.species in (species, "")),
        ]


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _criteria(number: int) -> str:
    return "1 criterion" if number == 1 else f"{number} criteria"
