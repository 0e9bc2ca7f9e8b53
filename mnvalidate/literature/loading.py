"""From the files of reference data to typed facts and criteria."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnvalidate.datafiles import ReferenceDataError, data_folder
from mnvalidate.literature.criteria import ConsistencyCriterion, Criterion, Reference, TypeFraction
from mnvalidate.literature.facts import Evidence, Fact
from mnvalidate.literature.populations import population_of, read_any_mammal, read_properties
from mnvalidate.literature.reading import fact_named, limit_from, read_facts, read_sources, refuse_repeated
from mnvalidate.literature.shelf import ANY_SPECIES, Shelf
from mnvalidate.nearest import nearest
from mnvalidate.protocols import QUANTITIES
from mnvalidate.verdicts import Severity


@dataclass(frozen=True, slots=True)
class CriteriaFile:
    """What a file of criteria holds.

    Parameters
    ----------
    species : str
        Species; empty for any.
    criteria : tuple of Criterion
        In the order of their sections.
    type_fractions : tuple of TypeFraction
        Motor-unit types; empty where they are not assigned.
    replaced, switched_off : mapping of str to str
        Reasons, by id of the shipped criterion: what only literature of one's own may say.
    places : mapping of str to tuple
        Section and index of each criterion, by its id.
    """

    species: str
    criteria: tuple[Criterion, ...]
    type_fractions: tuple[TypeFraction, ...]
    replaced: Mapping[str, str]
    switched_off: Mapping[str, str]
    places: Mapping[str, tuple[str, int]]


def species_names(*folders: Path) -> tuple[str, ...]:
    """Names of the species that have criteria in folders, the shipped one by default; no file is read."""
    criteria = [path for folder in folders or (data_folder(),) for path in Shelf(folder).files("criteria")]
    return tuple(sorted({path.stem for path in criteria} - {ANY_SPECIES}))


def read_reference(kinds: Mapping[str, type[Criterion]], folder: Path | None = None) -> Reference:
    """Read and check facts and criteria.

    Parameters
    ----------
    kinds : mapping of str to type of Criterion
        Kind of the criteria in each section of a file of criteria.
    folder : Path, optional
        Folder with ``sources.yaml``, ``facts/*.csv``, ``criteria/*.yaml`` and ``populations/*.yaml``; the
        shipped one by default.

    Returns
    -------
    Reference
        Typed facts and criteria.

    Raises
    ------
    ReferenceDataError
        If anything is wrong: a unit, a missing source, an unknown key, a repeated id, reversed limits, a
        limit that does not follow from its facts, or an error that rests on memory. One line with file, line,
        entry and key.
    """
    shelf = Shelf(folder or data_folder())
    sources = read_sources(shelf)
    facts = read_facts(shelf, sources)
    files = [read_criteria(path, shelf, kinds, facts) for path in shelf.files("criteria")]
    criteria = tuple(criterion for file in files for criterion in file.criteria)
    refuse_repeated((criterion.id for criterion in criteria), "criteria")
    base = read_any_mammal(shelf, facts)
    return Reference(
        facts,
        criteria,
        {file.species: file.type_fractions for file in files},
        {
            path.stem: population_of(path.stem, base, read_properties(path, shelf, facts).properties)
            for path in shelf.files("populations")
            if path.stem != ANY_SPECIES
        },
        sources=sources,
        any_mammal=base,
    )


def read_criteria(
    path: Path, shelf: Shelf, kinds: Mapping[str, type[Criterion]], facts: Mapping[str, Fact]
) -> CriteriaFile:
    """Read and check a file of criteria.

    Raises
    ------
    ReferenceDataError
        If anything is wrong with it; one line with file, line, entry and key.
    """
    content = shelf.read(path, "criteria")
    if content["species"] != path.stem:
        with shelf.line(path, "species"):
            raise ReferenceDataError(f"species: {content['species']!r} does not match the file's name")
    species = "" if path.stem == ANY_SPECIES else path.stem
    with shelf.line(path, "motor_unit_types"):
        fractions = _type_fractions(content.get("motor_unit_types", []), facts)
    found, places = [], {}
    for section, kind in kinds.items():
        for index, entry in enumerate(content.get(section, [])):
            with shelf.line(path, section, index):
                found.append(_criterion(kind, entry, species, facts, f"{section}: {entry['id']}"))
            places[entry["id"]] = (section, index)
    if not (found or content.get("replace") or content.get("switch_off")):
        raise ReferenceDataError(f"{shelf.named(path)}: holds no criterion")
    reasons = (content.get("replace", {}), content.get("switch_off", {}))
    return CriteriaFile(species, tuple(found), fractions, *reasons, places)


def _type_fractions(
    entries: Iterable[Mapping[str, Any]], facts: Mapping[str, Fact]
) -> tuple[TypeFraction, ...]:
    fractions = tuple(
        TypeFraction(
            entry["type"],
            entry["fraction"],
            fact_named(entry["fact"], facts, f"motor_unit_types: {entry['type']}: fact"),
        )
        for entry in entries
    )
    for share in fractions:
        if share.fraction != share.fact.mean:
            raise ReferenceDataError(
                f"motor_unit_types: {share.type}: fraction: {share.fraction:g} is not that of {share.fact.id}"
            )
    if fractions and not math.isclose(sum(share.fraction for share in fractions), 1.0):
        raise ReferenceDataError("motor_unit_types: fraction: the fractions do not sum to 1")
    return fractions


def _criterion(
    kind: type[Criterion], entry: Mapping[str, Any], species: str, facts: Mapping[str, Fact], where: str
) -> Criterion:
    values = {key: _value(value, facts, f"{where}: {key}") for key, value in entry.items()}
    listed = tuple(fact_named(name, facts, f"{where}: facts") for name in entry.get("facts", ()))
    criterion = kind(
        **{**values, "species": species, "severity": Severity(entry["severity"]), "facts": listed}
    )
    _check_criterion(criterion, where)
    return criterion


def _value(value: Any, facts: Mapping[str, Fact], where: str) -> Any:
    is_limit = isinstance(value, dict) and "rule" in value
    return limit_from(value, facts, where) if is_limit else value


def _check_criterion(criterion: Criterion, where: str) -> None:
    for name in criterion.quantities:
        if name not in QUANTITIES:
            raise ReferenceDataError(
                f"{where}: quantity: {name!r} is not measured{nearest(name, QUANTITIES)}"
            )
    values = {key: limit.value for key, _, limit in criterion.limits}
    if values.get("lower", -math.inf) > values.get("upper", math.inf):
        raise ReferenceDataError(f"{where}: lower: {values['lower']:g} is above upper {values['upper']:g}")
    for key, side, limit in criterion.limits:
        if not limit.agrees(side):
            raise ReferenceDataError(
                f"{where}: {key}: value: is {limit.value:g}, but {limit.derived(side):g} follows from "
                f"{', '.join(fact.id for fact in limit.sources)}"
            )
        if missing := [fact.id for fact in limit.sources if fact not in criterion.facts]:
            raise ReferenceDataError(f"{where}: facts: {missing[0]} is used by {key} but not listed")
    _check_severity(criterion, where)
    for problem in criterion.problems():
        raise ReferenceDataError(f"{where}: {problem}")


def _check_severity(criterion: Criterion, where: str) -> None:
    if criterion.severity is Severity.WARNING and criterion.only_from_memory:
        raise ReferenceDataError(f"{where}: severity: what rests on memory alone can only inform")
    if criterion.severity is not Severity.ERROR or isinstance(criterion, ConsistencyCriterion):
        return
    if criterion.from_memory:
        raise ReferenceDataError(f"{where}: severity: what rests on memory alone can only warn")
    if not criterion.species:
        return
    if not any(f.species == criterion.species and f.evidence is not Evidence.MEMORY for f in criterion.facts):
        raise ReferenceDataError(
            f"{where}: severity: without a fact on {criterion.species} beyond memory, it can only warn"
        )
