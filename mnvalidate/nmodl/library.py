"""Compiling NMODL into libraries that NEURON loads, kept in a cache by content."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from mnvalidate.nmodl.sources import NmodlError, NmodlSource

_TIMEOUT__s = 300.0
_UNFINISHED = "building-"
# No build lives longer than its timeout, on whatever computer shares the folder.
_ABANDONED_AFTER__s = 2 * _TIMEOUT__s
_NOCMODL_PLACE = re.compile(r"(?P<reason>[^\n]*(?:\n[^\n]*)?)\bat line (?P<line>\d+) in file (?P<file>\S+)")
_COMPILER_ERROR = re.compile(
    r"^(?P<file>\w+)\.c(?:pp)?:\d+:\d+: (?:fatal )?error: (?P<reason>[^\n]*)\n\s*\d+ \|(?P<code>[^\n]*)",
    re.MULTILINE,
)
_QUOTED = re.compile(r"[‘'](\w+)[’']")


class ToolsMissingError(NmodlError):
    """A program that compiling needs is not installed."""


class CompileError(NmodlError):
    """A mechanism does not compile.

    Parameters
    ----------
    source : NmodlSource
        The file.
    line : int or None
        Line of the error, where it is known.
    reason : str
        What the translator or the compiler says.
    """

    def __init__(self, source: NmodlSource, line: int | None, reason: str) -> None:
        where = source.file if line is None else f"{source.file}:{line}"
        super().__init__(f"{where}: {reason}")
        self.source, self.line, self.reason = source, line, reason


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


def neuron_programs() -> Path:
    """Folder of NEURON's translators (``nocmodl``, ``modlunit``).

    Raises
    ------
    ToolsMissingError
        If NEURON is not installed from a wheel.
    """
    spec = importlib.util.find_spec("neuron")
    places = spec.submodule_search_locations if spec is not None else None
    folder = Path(places[0]) / ".data" / "bin" if places else None
    if folder is None or not (folder / "nocmodl").is_file():
        raise ToolsMissingError("NEURON's nocmodl is not installed: install NEURON from its wheel")
    return folder


def run_translator(program: str, source: NmodlSource) -> tuple[int, str]:
    """Run ``nocmodl`` or ``modlunit`` on a source, in a folder of its own.

    Returns
    -------
    tuple of int and str
        Exit code and output.

    Raises
    ------
    ToolsMissingError
        If the program is not there.
    """
    programs = neuron_programs()
    environment = {**os.environ, "NEURONHOME": str(programs.parent / "share" / "nrn"), "LC_ALL": "C"}
    with tempfile.TemporaryDirectory(prefix="mnvalidate-") as folder:
        _write(source, Path(folder))
        done = subprocess.run(
            [programs / program, f"{source.name}.mod"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT__s,
            check=False,
        )
    return done.returncode, done.stdout.decode("utf-8", errors="replace")


def check_tools(sources: Sequence[NmodlSource]) -> None:
    """Look for the programs that compiling `sources` needs, unless they are in the cache.

    Raises
    ------
    ToolsMissingError
        If one is missing.
    """
    if _place(sources).is_dir():
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

    Nothing is written beside the user's files or NEURON's. Several processes may build at once: each compiles
    in a temporary folder and moves the result into place. A build that was killed leaves its folder; a later
    one removes it.

    Raises
    ------
    ToolsMissingError
        If a program is missing.
    CompileError
        If a mechanism does not compile.
    NmodlError
        If the cache cannot be written.
    """
    check_tools(sources)
    cache, place = cache_folder(), _place(sources)
    if not place.is_dir():
        try:
            cache.mkdir(parents=True, exist_ok=True)
            _clear_abandoned(cache)
            with tempfile.TemporaryDirectory(dir=cache, prefix=_UNFINISHED) as folder:
                built = Path(folder) / "library"
                built.mkdir()
                _compile(sources, built)
                with contextlib.suppress(OSError):  # another process was faster
                    built.replace(place)
        except OSError as error:
            raise NmodlError(
                f"cannot compile mechanisms in {str(cache)!r} ({error.strerror}); "
                "XDG_CACHE_HOME names another folder"
            ) from error
    return Library(place, tuple(sources))


def build_what_compiles(
    sources: Sequence[NmodlSource],
) -> tuple[Library, tuple[CompileError, ...]]:
    """Compile `sources`, leaving out those that do not compile.

    Raises
    ------
    ToolsMissingError
        If a program is missing.
    """
    errors: list[CompileError] = []
    left = list(sources)
    while True:
        try:
            return build_library(left), tuple(errors)
        except CompileError as error:
            errors.append(error)
            left = [source for source in left if source.name != error.source.name]


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
    for part in (version("neuron"), platform.system(), platform.machine(), compiler):
        digest.update(part.encode() + b"\0")
    for source in sorted(sources, key=lambda source: source.name):
        digest.update(source.name.encode() + b"\0")
        digest.update(source.text.encode("utf-8", errors="surrogateescape") + b"\0")
    return cache_folder() / digest.hexdigest()[:32]


def _compile(sources: Sequence[NmodlSource], folder: Path) -> None:
    for source in sources:
        _write(source, folder)
    done = subprocess.run(
        [sys.executable, Path(sysconfig.get_path("scripts")) / "nrnivmodl", "."],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_TIMEOUT__s,
        check=False,
    )
    if done.returncode != 0 or not any(folder.rglob("libnrnmech.*")):
        raise _explained(done.stdout.decode("utf-8", errors="replace"), sources)
    for left_over in (*folder.rglob("*.c"), *folder.rglob("*.cpp"), *folder.rglob("*.o")):
        left_over.unlink()


def _explained(output: str, sources: Sequence[NmodlSource]) -> NmodlError:
    by_name = {source.name: source for source in sources}
    translator = _NOCMODL_PLACE.search(output)
    if translator is not None:
        source = by_name[Path(translator["file"]).stem]
        reason = " ".join(line.strip() for line in translator["reason"].splitlines() if line.strip())
        return CompileError(source, int(translator["line"]), _without_place(reason))
    compiler = _COMPILER_ERROR.search(output)
    if compiler is not None and compiler["file"] in by_name:
        source = by_name[compiler["file"]]
        return CompileError(
            source, _line_of(compiler["code"], compiler["reason"], source), compiler["reason"]
        )
    for line in output.splitlines():  # nocmodl's other complaints name the file it was translating
        translating = re.search(r"Translating (\w+)\.mod", line)
        if translating:
            last = translating[1]
    messages = [line for line in output.splitlines() if line.strip() and not line.startswith(" ->")]
    own = messages[: next((i for i, line in enumerate(messages) if "Traceback" in line), None)]
    if "Translating" in output and last in by_name:
        return CompileError(by_name[last], None, " ".join(own[-3:]))
    return NmodlError(f"nrnivmodl failed: {' '.join(own[-5:])}")


def _without_place(reason: str) -> str:
    return re.sub(r"^(?:syntax error:\s*)+", "syntax error: ", reason).strip() or "syntax error"


def _line_of(c_code: str, reason: str, source: NmodlSource) -> int | None:
    """Line of the mod file that became a line of C: VERBATIM is copied, other code keeps its identifiers."""
    lines = source.text.splitlines()
    for number, line in enumerate(lines, 1):
        if line.strip() and line.strip() == c_code.strip():
            return number
    for identifier in _QUOTED.findall(reason):
        for number, line in enumerate(source.code.splitlines(), 1):
            if re.search(rf"\b{re.escape(identifier)}\b", line):
                return number
    return None


def _write(source: NmodlSource, folder: Path) -> None:
    text = source.text.encode("utf-8", errors="surrogateescape")
    (folder / f"{source.name}.mod").write_bytes(text)


def _configured(variable: str) -> str:
    compiler = str(sysconfig.get_config_var(variable) or "cc").split()
    return compiler[0]
