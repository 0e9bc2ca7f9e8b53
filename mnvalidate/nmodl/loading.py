"""Loading mechanism libraries into this process, and proof of which source is in force."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from functools import cache
from pathlib import Path

import neuron
from neuron import h

from mnvalidate.nmodl.compiled import library_in
from mnvalidate.nmodl.library import Library, build_library
from mnvalidate.nmodl.sources import (
    MechanismKind,
    NmodlError,
    NmodlSource,
    merge,
    myogen_folder,
    myogen_sources,
)
from mnvalidate.nmodl.text import same_code


class LoadError(NmodlError):
    """NEURON did not load what was compiled."""


@contextlib.contextmanager
def mechanisms_deferred() -> Generator[None]:
    """Let MyoGen be imported without its mechanisms, so that children can load a library of their choice."""
    load = neuron.load_mechanisms
    neuron.load_mechanisms = lambda *args, **kwargs: True
    try:
        yield
    finally:
        neuron.load_mechanisms = load


def load_mechanisms(changed: Sequence[NmodlSource]) -> None:
    """Load MyoGen's mechanisms with `changed` sources merged over them.

    It must come before MyoGen is imported, unless that happened under `mechanisms_deferred`. Where MyoGen's
    own library is loaded already and nothing is changed, it does nothing.

    Raises
    ------
    NmodlError
        If a source cannot be compiled or is not what NEURON loaded.
    """
    if changed:
        load_library(build_library(merge(myogen_sources(), changed)))
        return
    folder = myogen_folder()
    if folder is not None and source_in_force("caL") is None:
        load_folder(folder)


def load_library(library: Library) -> None:
    """Load a library and prove that every mechanism in it is the one that was compiled.

    Raises
    ------
    LoadError
        If NEURON reports an error, or holds another source under one of the names.
    """
    if not library.sources:
        return
    try:
        load_folder(library.folder)
    except RuntimeError as error:
        raise LoadError(
            f"NEURON could not load its library {library.folder.name}: {error}; "
            "a mechanism of the same name may be there"
        ) from error
    for source in library.sources:
        if source.kind is MechanismKind.FUNCTIONS:  # NEURON keeps no text of these
            continue
        loaded = source_in_force(source.name)
        if loaded is None:
            raise LoadError(f"{source.file} was compiled, but NEURON does not know {source.name}")
        if not same_code(loaded, source.whole_text):
            raise LoadError(f"NEURON holds another {source.name} than the one of {source.file}")


def load_file(file: str) -> None:
    """Load a compiled library as it is.

    Raises
    ------
    LoadError
        If NEURON reports an error.
    """
    try:
        _load(Path(file))
    except RuntimeError as error:
        raise LoadError(f"NEURON could not load {file}: {error}") from error


def load_folder(folder: Path) -> None:
    """Load the library in a folder, as `neuron.load_mechanisms` does, which may be another's by now."""
    file = library_in(folder)
    if file is None:
        raise LoadError(f"there is no compiled library in {str(folder)!r}")
    if str(folder) not in neuron.nrn_dll_loaded:
        _load(file)
        neuron.nrn_dll_loaded.append(str(folder))


def _load(file: Path) -> None:
    if str(file).isascii():
        h.nrn_load_dll(str(file))
        return
    # NEURON takes no other letters, and a name without a folder for one of the system's libraries.
    with contextlib.chdir(file.parent):
        h.nrn_load_dll(f"./{file.name}")


def source_in_force(name: str) -> str | None:
    """NMODL text embedded in the loaded mechanism; None if there is no such mechanism."""
    number = _numbers(*(int(h.MechanismType(kind).count()) for kind in (0, 1))).get(name)
    return None if number is None else _text(*number)


@cache
def _numbers(*counts: int) -> dict[str, tuple[int, int]]:
    """Kind and number of every mechanism, while there are so many: none ever goes or changes."""
    numbers: dict[str, tuple[int, int]] = {}
    text = h.ref("")
    for kind, count in enumerate(counts):
        types = h.MechanismType(kind)
        for index in range(count):
            types.select(index)
            types.selected(text)
            numbers.setdefault(str(text[0]), (kind, index))
    return numbers


@cache
def _text(kind: int, index: int) -> str:
    types = h.MechanismType(kind)
    types.select(index)
    return str(types.code())
