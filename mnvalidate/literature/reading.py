"""From files to facts, their sources, and the numbers that follow from them."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mnvalidate.datafiles import ReferenceDataError, validate
from mnvalidate.literature.facts import Evidence, Fact, Source
from mnvalidate.literature.limits import FACTS_OF_RULE, Limit
from mnvalidate.literature.shelf import Shelf
from mnvalidate.nearest import nearest
from mnvalidate.protocols import QUANTITIES

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


def read_sources(shelf: Shelf) -> dict[str, Source]:
    """Read publications, by id.

    Raises
    ------
    ReferenceDataError
        If anything is wrong with the file.
    """
    path = shelf.folder / "sources.yaml"
    entries = shelf.read(path, "sources")["sources"]
    refuse_repeated((entry["id"] for entry in entries), shelf.named(path))
    return {entry["id"]: Source(**{**entry, "doi": entry["doi"] or ""}) for entry in entries}


def read_facts(shelf: Shelf, sources: Mapping[str, Source]) -> dict[str, Fact]:
    """Read the files of facts, one for each species, by id.

    Raises
    ------
    ReferenceDataError
        If anything is wrong with a row.
    """
    files = shelf.files("facts")
    facts = [fact for path in files for fact in _facts_of_species(path, shelf.named(path), sources)]
    refuse_repeated((fact.id for fact in facts), "facts")
    return {fact.id: fact for fact in facts}


def _facts_of_species(path: Path, file: str, sources: Mapping[str, Source]) -> list[Fact]:
    try:
        # A spreadsheet's CSV may begin with a byte-order mark.
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            if "id" not in (reader.fieldnames or ()):
                raise ReferenceDataError(f"{file}: line 1: no column is called id; commas separate columns")
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReferenceDataError(f"{file}: cannot be read: {error}") from None
    facts = []
    for line, row in rows:
        fact = _fact(row, sources, f"{file}: line {line}")
        if fact.species not in (path.stem, f"model ({path.stem})"):
            raise ReferenceDataError(
                f"{file}: line {line} ({fact.id}): species: {fact.species!r} does not match the file's name"
            )
        facts.append(fact)
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
    source = content["source"]
    if source not in sources:
        raise ReferenceDataError(
            f"{where}: source: {source!r} is not in sources.yaml{nearest(source, sources)}"
        )
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


def refuse_repeated(ids: Iterable[str], where: str) -> None:
    """Refuse a name that is used twice.

    Raises
    ------
    ReferenceDataError
        If there is one.
    """
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise ReferenceDataError(f"{where}: {name}: id: is used twice")
        seen.add(name)


def fact_named(name: str, facts: Mapping[str, Fact], where: str) -> Fact:
    """Fact of a name.

    Raises
    ------
    ReferenceDataError
        If there is none.
    """
    if name not in facts:
        raise ReferenceDataError(f"{where}: {name!r} is not in facts/*.csv{nearest(name, facts)}")
    return facts[name]


def limit_from(entry: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Limit:
    """Read a limit.

    Raises
    ------
    ReferenceDataError
        If it names a fact that is not there, or as many facts as its rule does not take.
    """
    sources = tuple(fact_named(name, facts, f"{where}: from") for name in entry["from"])
    takes = FACTS_OF_RULE[entry["rule"]]
    if takes is not None and len(sources) != takes:
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
