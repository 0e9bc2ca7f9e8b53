"""Compiling mechanisms with NEURON's nrnivmodl, and whose fault it is where that fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mnvalidate.nmodl.ions import contradictions
from mnvalidate.nmodl.sources import MechanismKind, NmodlError, NmodlSource
from mnvalidate.nmodl.text import without_comments
from mnvalidate.nmodl.translating import CompileError, TIMEOUT__s, stem_of, translate, write_source

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ERROR = re.compile(
    r"^(?P<file>[^\s:][^:\n]*):\d+:(?:\d+:)? (?:fatal )?error: (?P<reason>[^\n]*)"
    r"(?:\n\s*\d+ \|(?P<code>[^\n]*))?",
    re.MULTILINE,
)
_QUOTED = re.compile(r"[‘'`](\w+)['’]")
_TWICE = re.compile(r"multiple definition of [`'‘](?P<name>[^'’]+)['’]")
_NOWHERE = re.compile(r"undefined reference to [`'‘](?P<name>[^'’]+)['’]|undefined symbol: (?P<symbol>\w+)")
_TAKEN = re.compile(r"The user defined name already exists: *(?P<name>\w+)")
_MANGLED = re.compile(r"_Z(?P<length>\d+)(?P<rest>\w+)")
_FOLDERS = re.compile(r"(?:/[^\s:/]+)+/")
_MOST_ERRORS = 3
_TRIAL = Path(__file__).with_name("trial.py")


def compile_all(sources: Sequence[NmodlSource], folder: Path) -> tuple[CompileError, ...]:
    """Compile what compiles of `sources` into one library that NEURON can load.

    Each file is translated by itself, those that are left are compiled together and linked, and the library
    is loaded once. Whatever is refused on the way is left out and accused by itself.

    Parameters
    ----------
    sources : sequence of NmodlSource
        The mechanisms.
    folder : Path
        Empty folder for the library.

    Returns
    -------
    tuple of CompileError
        One for each file that is left out.

    Raises
    ------
    NmodlError
        If it fails through none of the files.
    """
    refused = {error.source: error for error in (*contradictions(sources), *_in_parallel(sources, _refusal))}
    for source in sources:
        write_source(source, folder / "mod" / stem_of(source), stem_of(source))
    while left := [source for source in sources if source not in refused]:
        code, output = _nrnivmodl(left, folder)
        if code != 0:
            found = _accused_of_building(left, folder, output, tuple(refused))
        else:
            found = _accused_of_loading(left, folder, tuple(refused))
        if not found:
            break
        refused |= {error.source: error for error in found}
    return tuple(refused[source] for source in sources if source in refused)


def _in_parallel(
    sources: Sequence[NmodlSource], question: Callable[[NmodlSource], CompileError | None]
) -> list[CompileError]:
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return [error for error in pool.map(question, sources) if error is not None]


def _refusal(source: NmodlSource) -> CompileError | None:
    try:
        translate(source)
    except CompileError as error:
        return error
    return None


def _nrnivmodl(sources: Sequence[NmodlSource], folder: Path) -> tuple[int, str]:
    """Compile and link files that lie in a folder; what has been compiled there is not compiled again."""
    home = folder / "mod"
    files = [next((home / stem_of(source)).rglob(f"{stem_of(source)}.mod")) for source in sources]
    for library in folder.rglob("libnrnmech.*"):
        library.unlink()
    try:
        done = subprocess.run(
            [
                sys.executable,
                Path(sysconfig.get_path("scripts")) / "nrnivmodl",
                *(file.relative_to(folder) for file in files),
            ],
            cwd=folder,
            # One file that does not compile keeps no other from it.
            env={**os.environ, "LC_ALL": "C", "MAKEFLAGS": "-k"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT__s * (1 + len(sources) / 20),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, "nrnivmodl did not end"
    output = _COLOURS.sub("", done.stdout.decode("utf-8", errors="replace"))
    return (done.returncode if any(folder.rglob("libnrnmech.*")) else done.returncode or 1), output


def _accused_of_building(
    sources: Sequence[NmodlSource], folder: Path, output: str, absent: Sequence[NmodlSource]
) -> list[CompileError]:
    missing = [source for source in sources if not _object(source, folder)]
    if (missing and len(missing) < len(sources)) or len(sources) == 1:
        return _in_parallel(missing or sources, _alone)
    found = _accused_of_linking(sources, folder, output, absent) or _in_parallel(sources, _alone)
    if not found:
        own = [
            line for line in output.split("Traceback")[0].splitlines() if line.strip() and "->" not in line
        ]
        raise NmodlError(f"nrnivmodl failed: {' '.join(own[-5:])}")
    return found


def _object(source: NmodlSource, folder: Path) -> Path | None:
    return next(folder.rglob(f"{stem_of(source)}.o"), None)


def _alone(source: NmodlSource) -> CompileError | None:
    """What is wrong with a file that is compiled by itself, None if nothing is."""
    with tempfile.TemporaryDirectory(prefix="mnvalidate-") as name:
        folder = Path(name)
        write_source(source, folder / "mod" / stem_of(source), stem_of(source))
        code, output = _nrnivmodl([source], folder)
        if code == 0:
            return next(iter(_accused_of_loading([source], folder)), None)
        if _object(source, folder) is not None:
            linking = _accused_of_linking([source], folder, output)
            return linking[0] if linking else CompileError(source, None, _last_words(output))
        return _explained(source, output)


def _explained(source: NmodlSource, output: str) -> CompileError:
    """Error of the C compiler."""
    stem = stem_of(source)
    reasons: dict[str, int | None] = {}
    for found in _ERROR.finditer(output):
        file = Path(found["file"])
        reason, line = found["reason"].strip(), None
        if file.stem == stem:
            line = _line_of(found["code"] or "", reason, source)
        else:
            reason = f"in {file.name}, which it includes: {reason}"
        reasons.setdefault(reason, line)
    if not reasons:
        return CompileError(source, None, _last_words(output))
    (first, line), *others = reasons.items()
    rest = [text if at in (None, line) else f"line {at}: {text}" for text, at in others[: _MOST_ERRORS - 1]]
    more = f"; and {len(reasons) - _MOST_ERRORS} more" if len(reasons) > _MOST_ERRORS else ""
    return CompileError(source, line, "; ".join([first, *rest]) + more)


def _last_words(output: str) -> str:
    lines = [_FOLDERS.sub("", line).strip() for line in output.split("Traceback")[0].splitlines()]
    own = [line for line in lines if line and "->" not in line and not line.startswith(("make", "(cd"))]
    return " ".join(own[-3:])


def _line_of(c_code: str, reason: str, source: NmodlSource) -> int | None:
    """Line of the mod file that became a line of C: VERBATIM is copied, other code keeps its identifiers."""
    wanted = c_code.strip()
    for number, line in enumerate(source.text.split("\n"), 1):
        if wanted and line.strip() == wanted:
            return number
    code = without_comments(source.text).split("\n")
    for identifier in _QUOTED.findall(reason):
        names = (identifier, identifier.removeprefix("_l"), identifier.removesuffix(f"_{source.name}"))
        for name in dict.fromkeys(names):
            for number, line in enumerate(code, 1):
                if name and re.search(rf"\b{re.escape(name)}\b", line):
                    return number
    return None


def _accused_of_linking(
    sources: Sequence[NmodlSource], folder: Path, output: str, absent: Sequence[NmodlSource] = ()
) -> list[CompileError]:
    """Files that define what another defines, too, and files that use what none defines."""
    found: dict[NmodlSource, CompileError] = {}
    for twice in _TWICE.finditer(output):
        users = _users(twice["name"], sources, folder)
        for source in users[1:]:
            reason = (
                f"its C code defines {twice['name']}, and so does {users[0].file}: the two cannot be linked; "
                "declare it static in both"
            )
            found.setdefault(source, CompileError(source, _line_naming(source, twice["name"]), reason))
    for nowhere in _NOWHERE.finditer(output):
        name = _plain(nowhere["name"] or nowhere["symbol"])
        for source in _users(name, sources, folder):
            giver = next((other for other in absent if _line_naming(other, name) is not None), None)
            reason = f"undefined reference to {name}: " + (
                "no file and not NEURON defines it"
                if giver is None
                else f"{giver.file} seems to define it, which does not compile"
            )
            found.setdefault(source, CompileError(source, _line_naming(source, name), reason))
    return list(found.values())


def _plain(symbol: str) -> str:
    """Name of a function that C++ names by its arguments, too."""
    mangled = _MANGLED.match(symbol)
    return mangled["rest"][: int(mangled["length"])] if mangled is not None else symbol


def _users(symbol: str, sources: Sequence[NmodlSource], folder: Path) -> list[NmodlSource]:
    """Sources whose compiled code names a symbol."""
    name = re.escape(symbol.partition("(")[0].encode())
    named = re.compile(rb"\0(?:%b\0|_Z%d%b)" % (name, len(name), name))  # as C and as C++ name it
    objects = [(source, _object(source, folder)) for source in sources]
    return [source for source, file in objects if file is not None and named.search(file.read_bytes())]


def _line_naming(source: NmodlSource, symbol: str) -> int | None:
    name = symbol.partition("(")[0].removesuffix(f"_{source.name}")
    lines = enumerate(without_comments(source.text).split("\n"), 1)
    return next((number for number, line in lines if re.search(rf"\b{re.escape(name)}\b", line)), None)


def _accused_of_loading(
    sources: Sequence[NmodlSource], folder: Path, absent: Sequence[NmodlSource] = ()
) -> list[CompileError]:
    """Files through which NEURON does not load the library."""
    library = next(folder.rglob("libnrnmech.*"))
    names = [source.name for source in sources if source.kind is not MechanismKind.FUNCTIONS]
    with tempfile.TemporaryDirectory(prefix="mnvalidate-") as empty:
        environment = {key: value for key, value in os.environ.items() if key != "NRN_NMODL_PATH"}
        try:
            done = subprocess.run(
                [sys.executable, "-P", _TRIAL, library.resolve(), *names],
                cwd=empty,
                env=environment | {"NEURON_MODULE_OPTIONS": "-nogui"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT__s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            done = None
    if done is not None and done.returncode == 0:
        return []
    output = "it does not return" if done is None else done.stdout.decode("utf-8", errors="replace")
    taken = _TAKEN.search(output)
    if taken is not None:
        owners = [source for source in sources if _brings(source, taken["name"])]
        if owners:
            reason = (
                f"NEURON says {taken[0]!r}: a function, a keyword or another file has this name; rename it"
            )
            return [CompileError(owners[-1], _line_naming(owners[-1], taken["name"]), reason)]
    if len(sources) > 1:
        return (
            _accused_of_linking(sources, folder, output, absent)
            or _in_parallel(sources, _alone)
            or _unloadable(output)
        )
    linking = _accused_of_linking(sources, folder, output, absent)
    said = " ".join(_FOLDERS.sub("", output).split())[-400:]
    ended = "" if done is None or done.returncode > 0 else f" (signal {-done.returncode})"
    return linking or [CompileError(sources[0], None, f"NEURON cannot load it{ended}: {said}")]


def _unloadable(output: str) -> list[CompileError]:
    raise NmodlError(f"NEURON cannot load the library: {' '.join(output.split())[-400:]}")


def _brings(source: NmodlSource, name: str) -> bool:
    """Whether a source brings a name into hoc: its own, or that of a function or a global variable."""
    if source.kind is MechanismKind.FUNCTIONS:
        return re.search(rf"\b(?:FUNCTION|PROCEDURE|FUNCTION_TABLE)\s+{name}\b", source.code) is not None
    return source.name == name or (
        name.endswith(f"_{source.name}") and name.removesuffix(f"_{source.name}") in source.code
    )


def remove_leftovers(folder: Path) -> None:
    """Remove everything that loading a compiled library does not need."""
    for left_over in (*folder.rglob("*.c"), *folder.rglob("*.cpp"), *folder.rglob("*.o")):
        left_over.unlink()
    shutil.rmtree(folder / "mod", ignore_errors=True)
