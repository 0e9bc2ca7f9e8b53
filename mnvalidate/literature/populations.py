"""From the files of populations to generative descriptions of each species."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mnvalidate.datafiles import ReferenceDataError
from mnvalidate.literature.facts import Fact
from mnvalidate.literature.limits import Limit
from mnvalidate.literature.population import Population, Property
from mnvalidate.literature.reading import limit_from, refuse_repeated
from mnvalidate.literature.shelf import ANY_SPECIES, Shelf
from mnvalidate.nearest import nearest
from mnvalidate.protocols import QUANTITIES


@dataclass(frozen=True, slots=True)
class PopulationFile:
    """What a file of a population holds.

    Parameters
    ----------
    properties : mapping of str to Property
        By quantity.
    between : mapping of str to Limit
        What differs between studies, by the names that `Population` has for it; of any mammal alone.
    replaced : mapping of str to str
        Reasons, by quantity: what only literature of one's own may say.
    """

    properties: Mapping[str, Property]
    between: Mapping[str, Limit]
    replaced: Mapping[str, str]


def read_any_mammal(shelf: Shelf, facts: Mapping[str, Fact]) -> Population:
    """Read what holds for any mammal.

    Raises
    ------
    ReferenceDataError
        If anything is wrong, such as a number that does not follow from its facts. One line with file, line,
        entry and key.
    """
    found = read_properties(shelf.folder / "populations" / f"{ANY_SPECIES}.yaml", shelf, facts)
    return Population(species="", properties=found.properties, **found.between)


def population_of(species: str, base: Population, properties: Mapping[str, Property]) -> Population:
    """Return the population of a species: its own properties, the others from another population."""
    return replace(base, species=species, properties={**base.properties, **properties})


def read_properties(
    path: Path, shelf: Shelf, facts: Mapping[str, Fact], above: Mapping[str, Property] | None = None
) -> PopulationFile:
    """Read the file of a population.

    Parameters
    ----------
    path : Path
        The file.
    shelf : Shelf
        Where it is.
    facts : mapping of str to Fact
        By id.
    above : mapping of str to Property, optional
        Properties of which those of the file may be shares.

    Raises
    ------
    ReferenceDataError
        See `read_any_mammal`.
    """
    content = shelf.read(path, "populations")
    if content["species"] != path.stem:
        with shelf.line(path, "species"):
            raise ReferenceDataError(f"species: {content['species']!r} does not match the file's name")
    if ("between_studies" in content) is not (path.stem == ANY_SPECIES):
        with shelf.line(path, "between_studies"):
            raise ReferenceDataError(f"between_studies: belongs to {ANY_SPECIES}.yaml and to no other file")
    refuse_repeated((entry["quantity"] for entry in content["properties"]), shelf.named(path))
    with shelf.line(path, "between_studies"):
        between = {
            key: _checked(entry, facts, f"between_studies: {key}")
            for key, entry in content.get("between_studies", {}).items()
            if key != "why"
        }
    found: dict[str, Property] = {}
    for index, entry in enumerate(content["properties"]):
        name = entry["quantity"]
        with shelf.line(path, "properties", index):
            found[name] = _property(entry, facts, name)
            if found[name].share_of and found[name].share_of not in {**(above or {}), **found}:
                raise ReferenceDataError(f"{name}: share_of: {found[name].share_of!r} is not above it")
    return PopulationFile(found, between, content.get("replace", {}))


def _property(entry: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Property:
    values: dict[str, Any] = {
        key: _checked(value, facts, f"{where}: {key}") if isinstance(value, dict) else value
        for key, value in entry.items()
    }
    found = Property(**values)
    if found.quantity not in QUANTITIES:
        raise ReferenceDataError(f"{where}: quantity: is not measured{nearest(found.quantity, QUANTITIES)}")
    correlations = {found.weakest is not None, found.strongest is not None}
    if len({*correlations, found.direction != "none" and not found.share_of}) > 1:
        raise ReferenceDataError(
            f"{where}: weakest, strongest: must be there exactly when there is a direction"
        )
    if found.scale == "linear" and (found.middle is None or found.between is None):
        raise ReferenceDataError(f"{where}: scale: a linear one needs middle and between")
    return found


def _checked(entry: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Limit:
    limit = limit_from(entry, facts, where)
    if not limit.agrees("middle"):
        raise ReferenceDataError(
            f"{where}: value: is {limit.value:g}, but {limit.derived('middle'):g} follows from "
            f"{', '.join(fact.id for fact in limit.sources)}"
        )
    return limit
