"""From the files of reference data to typed facts and criteria."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mnvalidate.datafiles import ReferenceDataError, data_folder, read_yaml, validate
from mnvalidate.literature.criteria import ConsistencyCriterion, Criterion, Reference, TypeFraction
from mnvalidate.literature.facts import Evidence, Fact
from mnvalidate.literature.populations import read_populations
from mnvalidate.literature.reading import fact_named, limit_from, read_facts, read_sources, refuse_repeated
from mnvalidate.protocols import QUANTITIES
from mnvalidate.verdicts import Severity

ANY_SPECIES = "any"
"""Name of the file of criteria that hold for every species."""


def species_names(folder: Path | None = None) -> tuple[str, ...]:
    """Names of the species that have criteria, found without reading them."""
    names = {path.stem for path in ((folder or data_folder()) / "criteria").glob("*.yaml")}
    return tuple(sorted(names - {ANY_SPECIES}))


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
        limit that does not follow from its facts, or an error that rests on memory. One line with file, entry
        and key.
    """
    folder = folder or data_folder()
    sources = read_sources(folder / "sources.yaml")
    facts = read_facts(folder / "facts", sources)
    criteria: list[Criterion] = []
    fractions: dict[str, tuple[TypeFraction, ...]] = {}
    for path in sorted((folder / "criteria").glob("*.yaml")):
        content = read_yaml(path)
        validate(content, "criteria", path.name)
        if content["species"] != path.stem:
            raise ReferenceDataError(
                f"{path.name}: species: {content['species']!r} does not match the file's name"
            )
        species = "" if path.stem == ANY_SPECIES else path.stem
        fractions[species] = _type_fractions(content.get("motor_unit_types", []), facts, path.name)
        found = [
            _criterion(kind, entry, species, facts, f"{path.name}: {section}: {entry['id']}")
            for section, kind in kinds.items()
            for entry in content.get(section, [])
        ]
        if not found:
            raise ReferenceDataError(f"{path.name}: holds no criterion")
        criteria += found
    refuse_repeated((criterion.id for criterion in criteria), "criteria")
    return Reference(facts, tuple(criteria), fractions, read_populations(folder / "populations", facts))


def _type_fractions(
    entries: Iterable[Mapping[str, Any]], facts: Mapping[str, Fact], file: str
) -> tuple[TypeFraction, ...]:
    fractions = tuple(
        TypeFraction(
            entry["type"],
            entry["fraction"],
            fact_named(entry["fact"], facts, f"{file}: motor_unit_types: {entry['type']}: fact"),
        )
        for entry in entries
    )
    for share in fractions:
        if share.fraction != share.fact.mean:
            raise ReferenceDataError(
                f"{file}: motor_unit_types: {share.type}: fraction: {share.fraction:g} is not "
                f"that of {share.fact.id}"
            )
    if fractions and not math.isclose(sum(share.fraction for share in fractions), 1.0):
        raise ReferenceDataError(f"{file}: motor_unit_types: fraction: the fractions do not sum to 1")
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
            raise ReferenceDataError(f"{where}: quantity: {name!r} is not measured")
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
