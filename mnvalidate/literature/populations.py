"""From the files of populations to generative descriptions of each species."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mnvalidate.datafiles import ReferenceDataError, read_yaml, validate
from mnvalidate.literature.facts import Fact
from mnvalidate.literature.limits import Limit
from mnvalidate.literature.population import Population, Property
from mnvalidate.literature.reading import limit_from, refuse_repeated
from mnvalidate.protocols import QUANTITIES

_ANY = "any"
"""Name of the file of what holds for any mammal, to which a species' own properties are added."""


def read_populations(folder: Path, facts: Mapping[str, Fact]) -> dict[str, Population]:
    """Read the populations of all species.

    Raises
    ------
    ReferenceDataError
        If anything is wrong, such as a number that does not follow from its facts. One line with file, entry
        and key.
    """
    any_mammal = _read(folder / f"{_ANY}.yaml")
    where = f"populations/{_ANY}.yaml"
    between = {
        key: _checked(entry, facts, f"{where}: between_studies: {key}")
        for key, entry in any_mammal["between_studies"].items()
        if key != "why"
    }
    base = Population(species="", properties=_properties(any_mammal, facts, where), **between)
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.stem == _ANY:
            continue
        own = _properties(_read(path), facts, f"populations/{path.name}")
        found[path.stem] = replace(base, species=path.stem, properties={**base.properties, **own})
    return found


def _read(path: Path) -> dict[str, Any]:
    file = f"populations/{path.name}"
    content = read_yaml(path)
    validate(content, "populations", file)
    if content["species"] != path.stem:
        raise ReferenceDataError(f"{file}: species: {content['species']!r} does not match the file's name")
    if ("between_studies" in content) is not (path.stem == _ANY):
        raise ReferenceDataError(f"{file}: between_studies: belongs to {_ANY}.yaml and to no other file")
    refuse_repeated((entry["quantity"] for entry in content["properties"]), file)
    return content


def _properties(content: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> dict[str, Property]:
    found: dict[str, Property] = {}
    for entry in content["properties"]:
        name = entry["quantity"]
        found[name] = _property(entry, facts, f"{where}: {name}")
        if found[name].share_of and found[name].share_of not in found:
            raise ReferenceDataError(f"{where}: {name}: share_of: {found[name].share_of!r} is not above it")
    return found


def _property(entry: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Property:
    values: dict[str, Any] = {
        key: _checked(value, facts, f"{where}: {key}") if isinstance(value, dict) else value
        for key, value in entry.items()
    }
    found = Property(**values)
    if found.quantity not in QUANTITIES:
        raise ReferenceDataError(f"{where}: quantity: is not measured")
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
