"""Literature of one's own beside the shipped: what it adds, and what it says to replace or switch off."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mnvalidate.datafiles import ReferenceDataError
from mnvalidate.literature.criteria import Criterion, Reference
from mnvalidate.literature.departures import Departure, OwnLiterature
from mnvalidate.literature.facts import Fact, Source
from mnvalidate.literature.loading import CriteriaFile, read_criteria
from mnvalidate.literature.population import Population
from mnvalidate.literature.populations import PopulationFile, population_of, read_properties
from mnvalidate.literature.reading import read_facts, read_sources
from mnvalidate.literature.shelf import ANY_SPECIES, Shelf
from mnvalidate.nearest import nearest

_FOLDERS: Mapping[str, str] = {
    "facts": ".csv",
    "criteria": ".yaml",
    "populations": ".yaml",
    "limits": ".json",
}
_SOURCES = "sources.yaml"
_BESIDE = ("README", "LICENSE", "CHANGELOG", ".")
"""What names begin with that are nobody's data."""
_TYPES = "motor_unit_types"
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class _Own:
    """All that a folder of one's own holds."""

    shelf: Shelf
    sources: Mapping[str, Source]
    facts: Mapping[str, Fact]
    criteria: Mapping[Path, CriteriaFile]
    populations: Mapping[Path, PopulationFile]


def own_shelf(folder: Path) -> Shelf:
    """Folder of one's own literature.

    Raises
    ------
    ReferenceDataError
        If it is not there, or holds what nobody would read.
    """
    label = folder.resolve().name
    if not folder.is_dir():
        raise ReferenceDataError(f"{folder}: there is no such folder of literature")
    files = [folder / name for name in (_SOURCES, *_FOLDERS)]
    for path in sorted(folder.iterdir()):
        if path not in files and not path.name.startswith(_BESIDE):
            allowed = ", ".join(file.name for file in files)
            raise ReferenceDataError(f"{label}/{path.name}: is not read; in such a folder are {allowed}")
    for name, suffix in _FOLDERS.items():
        inside = sorted((folder / name).iterdir()) if (folder / name).is_dir() else []
        for path in inside:
            if path.suffix != suffix and not path.name.startswith(_BESIDE):
                raise ReferenceDataError(
                    f"{label}/{name}/{path.name}: is not read; files there are called SPECIES{suffix}"
                )
    if not any((folder / name).is_dir() for name in ("facts", "criteria", "populations")):
        raise ReferenceDataError(f"{folder}: holds no literature: neither facts, criteria nor populations")
    return Shelf(folder, label)


def with_own(shipped: Reference, kinds: Mapping[str, type[Criterion]], folder: Path) -> Reference:
    """Add literature of one's own.

    Parameters
    ----------
    shipped : Reference
        What it stands beside.
    kinds : mapping of str to type of Criterion
        See `mnvalidate.literature.loading.read_reference`.
    folder : Path
        Of the shape of ``reference_data``: ``sources.yaml``, ``facts/*.csv``, ``criteria/*.yaml`` and
        ``populations/*.yaml``, none of which must be there.

    Returns
    -------
    Reference
        Both, without what is replaced or switched off.

    Raises
    ------
    ReferenceDataError
        If anything is wrong with a file, an id is taken, or what is replaced or switched off is not there.
        One line with file and line.
    """
    own = _read(own_shelf(folder), shipped, kinds)
    departures: list[Departure] = []
    retired: list[Criterion] = []
    added: list[Criterion] = []
    fractions = dict(shipped.type_fractions)
    for path, file in own.criteria.items():
        leaving = _leaving(path, file, own.shelf, shipped)
        staying = [c for c in (*shipped.criteria, *added) if c not in leaving]
        _refuse_taken(path, file, own.shelf, staying)
        retired += leaving
        added += file.criteria
        departures += _departures(file)
        if file.type_fractions:
            _refuse_types_taken(path, file, own.shelf, fractions.get(file.species, ()))
            fractions[file.species] = file.type_fractions
    populations = dict(_populations(own, shipped, departures))
    n_criteria = len(added)
    reference = replace(
        shipped,
        facts={**shipped.facts, **own.facts},
        criteria=(*(c for c in shipped.criteria if c not in retired), *added),
        type_fractions=fractions,
        populations={**shipped.populations, **populations},
        sources={**shipped.sources, **own.sources},
        retired=tuple(retired),
        own=OwnLiterature(own.shelf.label, _digest(own.shelf), len(own.facts), n_criteria, tuple(departures)),
    )
    assert shipped.any_mammal is not None
    lacking = {
        name: population_of(name, shipped.any_mammal, {})
        for name in reference.species
        if name not in reference.populations
    }
    return replace(reference, populations={**reference.populations, **lacking})


def _read(shelf: Shelf, shipped: Reference, kinds: Mapping[str, type[Criterion]]) -> _Own:
    sources = read_sources(shelf) if (shelf.folder / _SOURCES).is_file() else {}
    _refuse_shipped(sources, shipped.sources, f"{shelf.label}/{_SOURCES}", "source")
    facts = read_facts(shelf, {**shipped.sources, **sources})
    _refuse_shipped(facts, shipped.facts, f"{shelf.label}/facts", "fact")
    every = {**shipped.facts, **facts}
    criteria = {path: read_criteria(path, shelf, kinds, every) for path in shelf.files("criteria")}
    populations = {}
    for path in shelf.files("populations"):
        if path.stem == ANY_SPECIES:
            raise ReferenceDataError(
                f"{shelf.named(path)}: what holds for any mammal is shipped; describe a species"
            )
        populations[path] = read_properties(path, shelf, every, _above(path.stem, shipped).properties)
    return _Own(shelf, sources, facts, criteria, populations)


def _above(species: str, shipped: Reference) -> Population:
    found = shipped.populations.get(species) or shipped.any_mammal
    assert found is not None
    return found


def _refuse_shipped(names: Iterable[str], taken: Iterable[str], where: str, what: str) -> None:
    for name in names:
        if name in taken:
            raise ReferenceDataError(f"{where}: {name}: id: a shipped {what} is called so; take another")


def _leaving(path: Path, file: CriteriaFile, shelf: Shelf, shipped: Reference) -> list[Criterion]:
    """Shipped criteria that the file replaces or switches off."""
    there = {c.id: c for c in shipped.criteria if c.species == file.species}
    own = {c.id: c for c in file.criteria}
    leaving = []
    for word, reasons in (("replace", file.replaced), ("switch_off", file.switched_off)):
        for name in reasons:
            if name == _TYPES and word == "replace":
                continue
            with shelf.line(path, word, name):
                if name not in there:
                    raise ReferenceDataError(
                        f"{word}: {name}: is no shipped criterion of {path.stem}{nearest(name, there)}"
                    )
                if word == "switch_off" and name in {**file.replaced, **own}:
                    raise ReferenceDataError(f"{word}: {name}: is in this file, too: replace it instead")
                if word == "replace" and name not in own:
                    raise ReferenceDataError(
                        f"{word}: {name}: no criterion of this id is in this file; switch_off does without it"
                    )
                if word == "replace" and type(own[name]) is not type(there[name]):
                    raise ReferenceDataError(
                        f"{word}: {name}: is in another section than the shipped criterion; "
                        "switch that off, and give this one an id of its own"
                    )
            leaving.append(there[name])
    return leaving


def _refuse_taken(path: Path, file: CriteriaFile, shelf: Shelf, staying: Iterable[Criterion]) -> None:
    ids = {other.id: other for other in staying}
    questions = {other.question: other for other in staying}
    for criterion in file.criteria:
        taken = ids.get(criterion.id) or questions.get(criterion.question)
        if taken is not None:
            what = "id is taken" if taken.id == criterion.id else f"question is asked by {taken.id}"
            word = f"say replace: {{{taken.id}: REASON}} if it stands in place of that one"
            section, index = file.places[criterion.id]
            with shelf.line(path, section, index):
                raise ReferenceDataError(f"{section}: {criterion.id}: its {what}; {word}")
        ids[criterion.id] = questions[criterion.question] = criterion


def _refuse_types_taken(path: Path, file: CriteriaFile, shelf: Shelf, shipped: Iterable[object]) -> None:
    if shipped and _TYPES not in file.replaced:
        with shelf.line(path, _TYPES):
            raise ReferenceDataError(
                f"{_TYPES}: the shipped literature has them; say replace: {{{_TYPES}: REASON}}"
            )


def _departures(file: CriteriaFile) -> Iterator[Departure]:
    for how, reasons in (("replaced", file.replaced), ("switched off", file.switched_off)):
        for what, reason in reasons.items():
            yield Departure(what, file.species, how, reason)


def _populations(
    own: _Own, shipped: Reference, departures: list[Departure]
) -> Iterator[tuple[str, Population]]:
    for path, file in own.populations.items():
        species = path.stem
        base = _above(species, shipped)
        theirs = base.properties if species in shipped.populations else {}
        for name in file.properties:
            if name in theirs and name not in file.replaced:
                with own.shelf.line(path, "properties"):
                    raise ReferenceDataError(
                        f"{name}: the shipped population has it; say replace: {{{name}: REASON}}"
                    )
        for name, reason in file.replaced.items():
            with own.shelf.line(path, "replace", name):
                if name not in theirs or name not in file.properties:
                    raise ReferenceDataError(
                        f"replace: {name}: must be in this file and in the shipped population"
                    )
            departures.append(Departure(f"{name} of the population", species, "replaced", reason))
        yield species, population_of(species, base, file.properties)


def _digest(shelf: Shelf) -> str:
    """Digest of every file that is read, with its place."""
    digest = hashlib.sha256()
    paths = [path for kind in _FOLDERS for path in shelf.files(kind)]
    for path in sorted([*paths, *(p for p in [shelf.folder / _SOURCES] if p.is_file())]):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(shelf.folder).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:_DIGITS]
