"""From the files of reference data to typed facts and criteria."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mnvalidate.datafiles import ReferenceDataError, data_folder, read_yaml, validate
from mnvalidate.literature.criteria import ConsistencyCriterion, Criterion, Reference, TypeFraction
from mnvalidate.literature.facts import Evidence, Fact, Source
from mnvalidate.literature.limits import FACTS_OF_RULE, Limit
from mnvalidate.protocols import QUANTITIES
from mnvalidate.verdicts import Severity

_TEXT_COLUMNS = frozenset(
    {
        "id",
        "quantity",
        "statistic",
        "against",
        "unit",
        "species",
        "muscle",
        "preparation",
        "mu_type",
        "protocol",
    }
    | {"source", "where", "evidence", "note"}
)


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
        Folder with ``sources.yaml``, ``facts/*.csv`` and ``criteria/*.yaml``; the shipped one by default.

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
    sources = _load_sources(folder / "sources.yaml")
    facts = _load_facts(folder / "facts", sources)
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
    _refuse_repeated((criterion.id for criterion in criteria), "criteria")
    return Reference(facts, tuple(criteria), fractions)


def _load_sources(path: Path) -> dict[str, Source]:
    content = read_yaml(path)
    validate(content, "sources", path.name)
    entries = content["sources"]
    _refuse_repeated((entry["id"] for entry in entries), path.name)
    return {entry["id"]: Source(**{**entry, "doi": entry["doi"] or ""}) for entry in entries}


def _load_facts(folder: Path, sources: Mapping[str, Source]) -> dict[str, Fact]:
    """Read a file of facts for each species."""
    facts = [fact for path in sorted(folder.glob("*.csv")) for fact in _facts_of_species(path, sources)]
    _refuse_repeated((fact.id for fact in facts), folder.name)
    return {fact.id: fact for fact in facts}


def _facts_of_species(path: Path, sources: Mapping[str, Source]) -> list[Fact]:
    file = f"facts/{path.name}"
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReferenceDataError(f"{file}: cannot be read: {error}") from None
    facts = [_fact(row, sources, f"{file}: row {i}") for i, row in enumerate(rows, start=2)]
    for fact in facts:
        if fact.species not in (path.stem, f"model ({path.stem})"):
            raise ReferenceDataError(
                f"{file}: {fact.id}: species: {fact.species!r} does not match the file's name"
            )
    return facts


def _fact(row: Mapping[str | None, Any], sources: Mapping[str, Source], where: str) -> Fact:
    where = f"{where} ({row.get('id')})"
    if None in row or None in row.values():
        raise ReferenceDataError(f"{where}: has not as many cells as the header")
    content: dict[str, Any] = {
        str(key): cell if key in _TEXT_COLUMNS else _number(cell, f"{where}: {key}")
        for key, cell in row.items()
        if cell != ""
    }
    validate(content, "facts", where)
    if content["source"] not in sources:
        raise ReferenceDataError(f"{where}: source: {content['source']!r} is not in sources.yaml")
    quantity = QUANTITIES.get(content["quantity"])
    wanted = {"value": quantity.unit if quantity else content["unit"], "coefficient": "SI"}.get(
        content["statistic"], "1"
    )
    if content["unit"] != wanted:
        raise ReferenceDataError(f"{where}: unit: is {content['unit']!r}, must be {wanted!r}")
    if content.get("min", -math.inf) > content.get("max", math.inf):
        raise ReferenceDataError(f"{where}: min: {content['min']:g} is above max {content['max']:g}")
    if "n" in content:
        content["n"] = int(content["n"])
    return Fact(
        **{**content, "source": sources[content["source"]], "evidence": Evidence(content["evidence"])}
    )


def _number(cell: Any, where: str) -> float | str:
    try:
        number = float(cell)
    except ValueError:
        return str(cell)
    if not math.isfinite(number):
        raise ReferenceDataError(f"{where}: {cell!r} is not a finite number")
    return number


def _refuse_repeated(ids: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise ReferenceDataError(f"{where}: {name}: id: is used twice")
        seen.add(name)


def _type_fractions(
    entries: Iterable[Mapping[str, Any]], facts: Mapping[str, Fact], file: str
) -> tuple[TypeFraction, ...]:
    fractions = tuple(
        TypeFraction(
            entry["type"],
            entry["fraction"],
            _fact_named(entry["fact"], facts, f"{file}: motor_unit_types: {entry['type']}: fact"),
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


def _fact_named(name: str, facts: Mapping[str, Fact], where: str) -> Fact:
    if name not in facts:
        raise ReferenceDataError(f"{where}: {name!r} is not in facts/*.csv")
    return facts[name]


def _criterion(
    kind: type[Criterion], entry: Mapping[str, Any], species: str, facts: Mapping[str, Fact], where: str
) -> Criterion:
    values = {key: _value(value, facts, f"{where}: {key}") for key, value in entry.items()}
    listed = tuple(_fact_named(name, facts, f"{where}: facts") for name in entry.get("facts", ()))
    criterion = kind(
        **{**values, "species": species, "severity": Severity(entry["severity"]), "facts": listed}
    )
    _check_criterion(criterion, where)
    return criterion


def _value(value: Any, facts: Mapping[str, Fact], where: str) -> Any:
    is_limit = isinstance(value, dict) and "rule" in value
    return _limit(value, facts, where) if is_limit else value


def _limit(entry: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Limit:
    sources = tuple(_fact_named(name, facts, f"{where}: from") for name in entry["from"])
    takes = FACTS_OF_RULE[entry["rule"]]
    if len(sources) != takes:
        raise ReferenceDataError(
            f"{where}: from: rule {entry['rule']} takes {takes} facts, got {len(sources)}"
        )
    return Limit(
        value=float(entry["value"]),
        rule=entry["rule"],
        sources=sources,
        number=entry.get("field", "mean"),
        times=entry.get("times", 1.0),
        sds=entry.get("sds", 0.0),
        step=entry.get("step", 0.0),
        rounding=entry.get("rounding", "outward"),
    )


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
    if criterion.severity is not Severity.ERROR or isinstance(criterion, ConsistencyCriterion):
        return
    if criterion.from_memory:
        raise ReferenceDataError(f"{where}: severity: what rests on memory alone can only warn")
    if not any(f.species == criterion.species and f.evidence is not Evidence.MEMORY for f in criterion.facts):
        raise ReferenceDataError(
            f"{where}: severity: without a fact on {criterion.species} beyond memory, it can only warn"
        )
