"""What the user changes about a model's mechanisms, checked before anything is compiled or measured.

Only the standard library is imported here, because pytest reads this module in every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mnvalidate.models.registry import named_model
from mnvalidate.models.spec import Insertion
from mnvalidate.nearest import nearest
from mnvalidate.nmodl.compiled import surrounding_sources
from mnvalidate.nmodl.interface import read_interface
from mnvalidate.nmodl.sources import (
    MechanismKind,
    NmodlError,
    NmodlSource,
    merge,
    myogen_folder,
    myogen_sources,
    read_sources,
)

ALL = "all"

MYOGEN_LIBRARY = "myogen"
"""What stands for MyoGen's mechanisms in place of a folder."""

_BUILT_IN_PARAMETERS: Mapping[str, frozenset[str]] = {
    "pas": frozenset({"g", "e"}),
    "hh": frozenset({"gnabar", "gkbar", "gl", "el"}),
}


@dataclass(frozen=True, slots=True)
class Modifications:
    """What is changed and what is checked.

    Parameters
    ----------
    nmodl : tuple of NmodlSource
        The user's mechanisms.
    insertions : tuple of Insertion
        What every neuron gets.
    mechanisms : tuple of str
        Names of the mechanisms to check: the user's own and those asked for by name.
    all_mechanisms : bool
        Whether the model's are to be checked, too.
    library : tuple of NmodlSource
        What a factory's cells are made of.
    """

    nmodl: tuple[NmodlSource, ...] = ()
    insertions: tuple[Insertion, ...] = ()
    mechanisms: tuple[str, ...] = ()
    all_mechanisms: bool = False
    library: tuple[NmodlSource, ...] = ()


def read_modifications(
    nmodl: Sequence[str],
    insertions: Sequence[str],
    mechanisms: Sequence[str],
    library: Sequence[str] = (),
    models: Sequence[str] = (),
) -> Modifications:
    """Read and check what the user wants changed.

    Parameters
    ----------
    nmodl : sequence of str
        Mod files and folders of mod files.
    insertions : sequence of str
        ``SECTION:SUFFIX[,param=value...]``.
    mechanisms : sequence of str
        Names of mechanisms to check, or ``all``.
    library : sequence of str
        Mod files and folders of mod files that a factory's cells are made of; ``myogen`` for MyoGen's.
    models : sequence of str
        Models that are changed; the mechanisms of those that have a name are known.

    Raises
    ------
    NmodlError
        If a file cannot be used, or a mechanism or a parameter does not exist; the message names the option,
        and the names that are nearest.
    """
    if not (nmodl or insertions or mechanisms or library):
        return Modifications()
    changed = _read("--mn-nmodl", nmodl)
    own = _read("--mn-library", library)
    found = surrounding_sources() if insertions or mechanisms else ()
    of_models = _of_models(models) if insertions or mechanisms else ()
    unchanged = merge(merge(myogen_sources(), of_models), (*found, *own))
    known = {source.name: source for source in merge(unchanged, changed)}
    return Modifications(
        nmodl=changed,
        insertions=tuple(_insertion(text, known) for text in insertions),
        mechanisms=tuple(dict.fromkeys([*(s.name for s in changed), *_asked_for(mechanisms, known)])),
        all_mechanisms=ALL in mechanisms,
        library=own,
    )


def _read(flag: str, paths: Sequence[str]) -> tuple[NmodlSource, ...]:
    folders = [(myogen_folder() or Path(path)) if path == MYOGEN_LIBRARY else Path(path) for path in paths]
    try:
        return read_sources(folders)
    except NmodlError as error:
        raise NmodlError(f"{flag}: {error}") from error


def _of_models(models: Iterable[str]) -> tuple[NmodlSource, ...]:
    """Mechanisms of named models; a name that is none is refused where the models are read."""
    sources: tuple[NmodlSource, ...] = ()
    for name in models:
        try:
            named = named_model(name)
            folder = None if named is None else named.folder
            sources = sources if folder is None else merge(sources, read_sources([folder]))
        except ValueError:
            continue
    return sources


def _asked_for(mechanisms: Iterable[str], known: Mapping[str, NmodlSource]) -> list[str]:
    names: list[str] = []
    for name in mechanisms:
        if name == ALL:
            continue
        if name in known or name in _BUILT_IN_PARAMETERS:
            names.append(name)
        else:
            raise NmodlError(
                f"--mn-mechanism: unknown mechanism {name!r}{nearest(name, [*known, *_BUILT_IN_PARAMETERS])}"
            )
    return names


def _insertion(text: str, known: Mapping[str, NmodlSource]) -> Insertion:
    try:
        insertion = Insertion.parse(text)
    except ValueError as error:
        raise NmodlError(f"--mn-insert: {error}") from error
    density = {name for name, source in known.items() if source.kind is MechanismKind.DENSITY}
    allowed = _BUILT_IN_PARAMETERS.get(insertion.suffix)
    if allowed is None:
        if insertion.suffix in known and insertion.suffix not in density:
            kind = known[insertion.suffix].kind
            raise NmodlError(f"--mn-insert: {insertion.suffix} is of the kind {kind}; allowed is a SUFFIX")
        if insertion.suffix not in density:
            near = nearest(insertion.suffix, [*density, *_BUILT_IN_PARAMETERS])
            raise NmodlError(f"--mn-insert: unknown mechanism {insertion.suffix!r}{near}")
        allowed = frozenset(p.name for p in read_interface(known[insertion.suffix]).parameters)
    for parameter in insertion.parameters:
        if parameter not in allowed:
            near = nearest(parameter, allowed)
            raise NmodlError(f"--mn-insert: {insertion.suffix} has no parameter {parameter!r}{near}")
    return insertion
