"""What compiled mechanism libraries hold, read from their files without loading them."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mnvalidate.nmodl.sources import NmodlError, NmodlSource
from mnvalidate.nmodl.text import normal_lines

_LIBRARY_NAMES = ("libnrnmech.so", "libnrnmech.dylib")
# Text shorter than this declares no mechanism.
_SHORTEST_TEXT = len("NEURON{SUFFIX a}")
# Compilers align longer strings so, and may put numbers directly before one.
_ALIGNMENT = 8
_TEXT = frozenset(b"\t\n\r\f") | frozenset(range(32, 127))

PATH_VARIABLE = "NRN_NMODL_PATH"
"""Environment variable with which NEURON loads libraries by itself."""


@dataclass(frozen=True, slots=True)
class CompiledLibrary:
    """A file that NEURON can load.

    Parameters
    ----------
    file : Path
        The file.
    sources : tuple of NmodlSource
        What was compiled, whose text NEURON's translator embeds; `NmodlSource.file` is the mod file.
    """

    file: Path
    sources: tuple[NmodlSource, ...]


def library_in(folder: Path) -> Path | None:
    """File that NEURON loads when it is told of, or started in, `folder`; None if there is none."""
    for architecture in dict.fromkeys((platform.machine(), "i686", "x86_64", "powerpc", "umac")):
        for within in (".libs", "."):
            for name in _LIBRARY_NAMES:
                file = folder / architecture / within / name
                if file.is_file():
                    return file
    return None


def libraries_in_surroundings(folder: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Files that NEURON loads by itself when it starts in `folder`, each once.

    Raises
    ------
    NmodlError
        If the environment names a folder without a library.
    """
    found = [library_in(folder)]
    for place in filter(None, environment.get(PATH_VARIABLE, "").split(":")):
        named = library_in(folder / place)
        if named is None:
            raise NmodlError(
                f"{PATH_VARIABLE} names {place!r}, which holds no compiled mechanisms: run nrnivmodl there, "
                "or unset the variable"
            )
        found.append(named)
    return tuple({file.resolve(): file for file in found if file is not None}.values())


def surrounding_sources() -> tuple[NmodlSource, ...]:
    """Mechanisms that NEURON finds by itself where this process is."""
    files = libraries_in_surroundings(Path.cwd(), os.environ)
    return tuple(source for file in files for source in read_compiled(file).sources)


def read_compiled(file: Path) -> CompiledLibrary:
    """Read which mechanisms a compiled library holds.

    Raises
    ------
    NmodlError
        If the file cannot be read.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise NmodlError(f"cannot read {str(file)!r} ({error.strerror})") from error
    sources: dict[str, NmodlSource] = {}
    texts = list(_strings(content))
    for index, (start, piece) in enumerate(texts):
        if b"NEURON" not in piece or len(piece) < _SHORTEST_TEXT:
            continue
        near = (text for _, text in texts[index + 1 : index + 4] if text.endswith(b".mod"))
        mod = next(near, str(file).encode()).decode("utf-8", "replace")
        source = NmodlSource(mod, _text(piece, start, mod))
        try:
            sources.setdefault(source.name, source)
        except NmodlError:  # a message that speaks of NEURON, or functions without a mechanism
            continue
    return CompiledLibrary(file, tuple(sources[name] for name in sorted(sources)))


def _strings(content: bytes) -> list[tuple[int, bytes]]:
    return [(found.start(), found[0]) for found in re.finditer(rb"[^\0]{5,}", content)]


def _text(piece: bytes, start: int, mod: str) -> str:
    """Text of a mechanism without what lies before it in the file."""
    try:
        original = Path(mod).read_bytes()
    except OSError:
        original = b""
    if mod.endswith(".mod") and original and piece.endswith(original):
        piece = original
    else:
        first = -start % _ALIGNMENT
        while any(byte not in _TEXT for byte in piece[first : first + _ALIGNMENT]) and first < len(piece):
            first += _ALIGNMENT
        # A text that begins with other than ASCII has nothing to be told from numbers by.
        piece = piece[first:] if b"NEURON" in piece[first:] else piece
    return normal_lines(piece.decode("utf-8", errors="surrogateescape"))
