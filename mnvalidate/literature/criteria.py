"""What a run is judged by: criteria, and all of them as one value with their facts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace

from mnvalidate.datafiles import ReferenceDataError
from mnvalidate.literature.departures import OwnLiterature
from mnvalidate.literature.facts import Evidence, Fact, Source
from mnvalidate.literature.limits import Limit, Side
from mnvalidate.literature.population import Population
from mnvalidate.literature.predictions import Prediction, Predictions
from mnvalidate.literature.sampling import Array, Columns
from mnvalidate.records import MotorUnitType
from mnvalidate.verdicts import Severity

_SIDES: Mapping[str, Side] = {
    "lower": "lower",
    "upper": "upper",
}

type Statistics = tuple[Array | None, Array | None]


@dataclass(frozen=True, kw_only=True)
class Criterion(ABC):
    """What every criterion has in common; a subclass belongs to the family of checks that applies it.

    Parameters
    ----------
    id : str
        Unique name; a profile refers to it.
    species : str
        Species whose pools it judges; empty for those of any species.
    severity : Severity
        What a deviation means for the run.
    why : str
        How it follows, and why it is drawn there.
    facts : tuple of Fact
        The facts behind it.
    """

    id: str
    species: str
    severity: Severity
    why: str
    facts: tuple[Fact, ...] = ()

    @property
    @abstractmethod
    def quantities(self) -> tuple[str, ...]:
        """Names of the quantities that it judges, the main one first."""

    @abstractmethod
    def demand(self) -> str:
        """What it demands, in words; its limits stand beside it."""

    def problems(self) -> Iterable[str]:
        """What is wrong with it beyond what its schema says, as ``key: what is wrong``."""
        return ()

    @property
    def is_predicted(self) -> bool:
        """Whether its limits are what pools of its species look like, and thus depend on their size."""
        return False

    def statistics(self, columns: Columns) -> Statistics:
        """Statistics of pools that are limited from below and from above by what a population may look like.

        Parameters
        ----------
        columns : mapping of str to array, shape (pools, neurons)
            By quantity, each pool in order of recruitment.

        Returns
        -------
        tuple of array, shape (pools,)
            The one with a lower limit and the one with an upper limit; None for no limit on that side.
        """
        return None, None

    @property
    def limits(self) -> tuple[tuple[str, Side, Limit], ...]:
        """Every number of the criterion with its key and the side on which it limits."""
        values = ((name.name, getattr(self, name.name)) for name in fields(self))
        return tuple(
            (name, _SIDES.get(name, "middle"), value) for name, value in values if isinstance(value, Limit)
        )

    @property
    def question(self) -> tuple[type[Criterion], str, tuple[str, ...], str]:
        """What it asks, and of which species: no two criteria of a run ask the same."""
        return type(self), self.species, self.quantities, getattr(self, "scope", "")

    @property
    def about(self) -> str:
        """Whose motoneurons it is about, in words."""
        return self.species or "any mammal"

    @property
    def source(self) -> Source | None:
        """The source of its first fact, which the verdict names; None without facts."""
        return self.facts[0].source if self.facts else None

    @property
    def from_memory(self) -> bool:
        """Whether it, or one of its limits, rests on memory alone."""
        return all(fact.evidence is Evidence.MEMORY for fact in self.facts) or any(
            limit.from_memory for _, _, limit in self.limits
        )

    @property
    def only_from_memory(self) -> bool:
        """Whether nothing but memory draws it: all of its facts, or every one of its limits."""
        limits = [limit for _, _, limit in self.limits]
        return all(fact.evidence is Evidence.MEMORY for fact in self.facts) or (
            bool(limits) and all(limit.from_memory for limit in limits)
        )


@dataclass(frozen=True, kw_only=True)
class ConsistencyCriterion(Criterion):
    """A rule that holds for any excitable cell, whatever the literature says: its reason stands for facts."""

    @property
    def from_memory(self) -> bool:
        """A reason needs no memory."""
        return False

    @property
    def only_from_memory(self) -> bool:
        """A reason needs no memory."""
        return False


@dataclass(frozen=True, slots=True)
class TypeFraction:
    """Share of a motor-unit type in the pool, in order of recruitment."""

    type: MotorUnitType
    fraction: float
    fact: Fact


@dataclass(frozen=True, slots=True)
class Reference:
    """Facts and the criteria of every species.

    Parameters
    ----------
    facts : mapping of str to Fact
        By id.
    criteria : tuple of Criterion
        All of them.
    type_fractions : mapping of str to tuple of TypeFraction
        By species; empty where types are not assigned.
    populations : mapping of str to Population
        Generative descriptions by species.
    predictions : mapping of str to Predictions
        Limits for pools of any size, by species.
    sources : mapping of str to Source
        Publications by id.
    any_mammal : Population, optional
        What every population has that does not say otherwise.
    retired : tuple of Criterion
        Shipped ones that are replaced or switched off.
    own : OwnLiterature, optional
        What was read beside the shipped literature.
    """

    facts: Mapping[str, Fact]
    criteria: tuple[Criterion, ...]
    type_fractions: Mapping[str, tuple[TypeFraction, ...]] = field(default_factory=dict)
    populations: Mapping[str, Population] = field(default_factory=dict)
    predictions: Mapping[str, Predictions] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    any_mammal: Population | None = None
    retired: tuple[Criterion, ...] = ()
    own: OwnLiterature | None = None

    @property
    def species(self) -> tuple[str, ...]:
        """Species that can be judged."""
        return tuple(sorted({criterion.species for criterion in self.criteria} - {""}))

    def of_species(self, species: str) -> tuple[Criterion, ...]:
        """Criteria that apply to one species.

        One for any species applies where the species has none of its kind on the same quantities; one that is
        switched off leaves its place empty. Of an empty name they are those for any species alone.

        Raises
        ------
        ReferenceDataError
            If there is none.
        """
        if species and species not in self.species:
            raise ReferenceDataError(
                f"no reference for species {species!r}: there are {', '.join(self.species)}"
            )
        stated = (*self.criteria, *self.retired)
        own = {(type(c), c.quantities) for c in stated if c.species == species != ""}
        return tuple(
            c
            for c in self.criteria
            if c.species == species
            or (not c.species and (isinstance(c, ConsistencyCriterion) or (type(c), c.quantities) not in own))
        )

    def predicted(self, species: str, criterion: str) -> Prediction | None:
        """Limits of a criterion for pools of any size; None if it has none of that kind."""
        found = self.predictions.get(species)
        return None if found is None else found.by_criterion.get(criterion)

    def population(self, species: str) -> Population | None:
        """Population of a species, or of any mammal for an empty name; None if there is none."""
        return self.populations.get(species) if species else self.any_mammal

    def of_kind[C: Criterion](self, species: str, kind: type[C]) -> tuple[C, ...]:
        """Criteria of one kind that apply to one species."""
        return tuple(criterion for criterion in self.of_species(species) if isinstance(criterion, kind))

    def of_quantity(self, quantity: str) -> tuple[Criterion, ...]:
        """Criteria of every species that judge a quantity."""
        return tuple(criterion for criterion in self.criteria if quantity in criterion.quantities)

    def with_severities(self, severities: Mapping[str, Severity]) -> Reference:
        """Return the reference with other severities, by id of the criterion."""
        criteria = tuple(replace(c, severity=severities.get(c.id, c.severity)) for c in self.criteria)
        return replace(self, criteria=criteria)
