"""Compiling NMODL into libraries that NEURON loads, kept in a cache by content."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from mnvalidate.nmodl.compiling import compile_all, remove_leftovers
from mnvalidate.nmodl.sealing import is_whole, seal
from mnvalidate.nmodl.sources import NmodlError, NmodlSource
from mnvalidate.nmodl.translating import CompileError, TIMEOUT__s, ToolsMissingError, neuron_programs

_UNFINISHED = "building-"
# No build lives longer than its timeout, on whatever computer shares the folder.
_ABANDONED_AFTER__s = 10 * TIMEOUT__s
_REFUSED_FILE = "refused.json"
_LAYOUT = "3"
"""Changes whenever the content of a folder in the cache does."""


@dataclass(frozen=True, slots=True)
class Library:
    """A compiled library.

    Parameters
    ----------
    folder : Path
        What ``neuron.load_mechanisms`` takes.
    sources : tuple of NmodlSource
        What is in it.
    """

    folder: Path
    sources: tuple[NmodlSource, ...]


def check_tools(sources: Sequence[NmodlSource]) -> None:
    """Look for the programs that compiling `sources` needs, unless they are in the cache.

    Raises
    ------
    ToolsMissingError
        If one is missing.
    """
    if is_built(sources):
        return
    compilers = [os.environ.get("CC", "").split()[:1] or [_configured("CC")]]
    compilers += [os.environ.get("CXX", "").split()[:1] or [_configured("CXX")]]
    for program in ("bash", "make", "perl", *(compiler[0] for compiler in compilers)):
        if shutil.which(program) is None:
            raise ToolsMissingError(
                f"cannot compile mechanisms: {program} is not on PATH; NEURON's nrnivmodl needs bash, make, "
                "perl, and a C and a C++ compiler (CC and CXX name others)"
            )
    neuron_programs()


def build_library(sources: Sequence[NmodlSource]) -> Library:
    """Compile `sources` into one library, or find it in the cache.

    Raises
    ------
    ToolsMissingError
        If a program is missing.
    CompileError
        If a mechanism does not compile; the first one.
    NmodlError
        If the cache cannot be written.
    """
    library, errors = build_what_compiles(sources)
    if errors:
        raise errors[0]
    return library


def build_what_compiles(sources: Sequence[NmodlSource]) -> tuple[Library, tuple[CompileError, ...]]:
    """Compile `sources` into one library without those that do not compile, or find it in the cache.

    Nothing is written beside the user's files or NEURON's. Several processes may build at once: each compiles
    in a temporary folder and moves the result into place. A build that was killed leaves its folder; a later
    one removes it. What is refused is kept with the library. A library that is not as it was built is built
    again.

    Raises
    ------
    ToolsMissingError
        If a program is missing.
    NmodlError
        If the cache cannot be written, or the build fails through none of the files.
    """
    cache, place = cache_folder(), _place(sources)
    if not is_whole(place):
        check_tools(sources)
        try:
            cache.mkdir(parents=True, exist_ok=True)
            _clear_abandoned(cache)
            with tempfile.TemporaryDirectory(dir=cache, prefix=_UNFINISHED) as folder:
                built = Path(folder) / "library"
                built.mkdir()
                errors = compile_all(sources, built)
                remove_leftovers(built)
                _keep_refused(errors, built)
                seal(built)
                if not is_whole(place):
                    shutil.rmtree(place, ignore_errors=True)
                with contextlib.suppress(OSError):  # another process was faster
                    built.replace(place)
        except OSError as error:
            raise NmodlError(
                f"cannot compile mechanisms in {str(cache)!r} ({error.strerror}); "
                "XDG_CACHE_HOME names another folder"
            ) from error
    refused = _refused(place, sources)
    broken = {error.source for error in refused}
    return Library(place, tuple(source for source in sources if source not in broken)), refused


def is_built(sources: Sequence[NmodlSource]) -> bool:
    """Whether the library of `sources` is in the cache."""
    return is_whole(_place(sources))


def _keep_refused(errors: Sequence[CompileError], folder: Path) -> None:
    kept = [{"name": error.source.name, "line": error.line, "reason": error.reason} for error in errors]
    (folder / _REFUSED_FILE).write_text(json.dumps(kept), encoding="utf-8")


def _refused(folder: Path, sources: Sequence[NmodlSource]) -> tuple[CompileError, ...]:
    by_name = {source.name: source for source in sources}
    kept = json.loads((folder / _REFUSED_FILE).read_text(encoding="utf-8"))
    return tuple(CompileError(by_name[each["name"]], each["line"], each["reason"]) for each in kept)


def cache_folder() -> Path:
    """Folder of compiled libraries; ``XDG_CACHE_HOME`` moves it."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "mnvalidate" / "mechanisms"


def _clear_abandoned(cache: Path) -> None:
    """Remove what builds that were killed have left."""
    for folder in cache.glob(f"{_UNFINISHED}*"):
        with contextlib.suppress(OSError):  # another process was faster
            if time.time() - folder.stat().st_mtime > _ABANDONED_AFTER__s:
                shutil.rmtree(folder)


def _place(sources: Sequence[NmodlSource]) -> Path:
    """Folder of the library in the cache, by everything that it depends on."""
    digest = hashlib.sha256()
    compiler = " ".join(os.environ.get(name, "") for name in ("CC", "CXX", "CFLAGS"))
    user = str(os.getuid())  # nobody loads what another user has compiled
    for part in (_LAYOUT, version("neuron"), platform.system(), platform.machine(), compiler, user):
        digest.update(part.encode() + b"\0")
    for source in sorted(sources, key=lambda source: source.name):
        digest.update(source.name.encode() + b"\0")
        for text in (source.text, *(part for pair in source.beside for part in pair)):
            digest.update(text.encode("utf-8", errors="surrogateescape") + b"\0")
    return cache_folder() / digest.hexdigest()[:32]


def _configured(variable: str) -> str:
    compiler = str(sysconfig.get_config_var(variable) or "cc").split()
    return compiler[0]
