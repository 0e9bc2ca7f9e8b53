"""NEURON's translators of NMODL, one file at a time, and what they say of a file that they refuse."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import tempfile
from pathlib import Path, PurePosixPath

from mnvalidate.nmodl.sources import NmodlError, NmodlSource
from mnvalidate.nmodl.text import without_comments

TIMEOUT__s = 300.0

_PLACE = re.compile(r" *\bat line (?P<line>\d+) in file (?P<file>[^\n]*?):?$", re.MULTILINE)
_NOT_OPENED = re.compile(r"Couldn't open:? (?P<name>[^\n]+)")
_ABORTED = re.compile(r"^nocmodl: (?:.*/)?(?P<reason>\w+\.\w+:\d+: .*)$", re.MULTILINE)
_REMARK = re.compile(
    r"Translating |Thread Safe|Notice: |INCLUDEing |NOTE: |NEURON's CVode|"
    r"only affects|located in a section|refer to"
)
_NON_ASCII = "Non-Ascii character in file"
_TOO_LONG = "Line too long"
_LONGEST_LINE = 511
_SUBJECT = re.compile(r"(\w+) (?:must|does|needs|cannot)\b")
_WORD = re.compile(r"[A-Za-z_]\w*")
_DERIVATIVE = re.compile(r"(?P<state>[A-Za-z]\w*)(?:\s*\[[^]\n]*\])?\s*'\s*=[^\n}]*")


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


def write_source(source: NmodlSource, folder: Path, stem: str) -> Path:
    """Write a mod file, and what it includes where it looks for it.

    Parameters
    ----------
    source : NmodlSource
        The file.
    folder : Path
        Empty folder; everything is written within it.
    stem : str
        Name of the mod file: an identifier, because C functions are named after it.
    """
    up = max((PurePosixPath(path).parts.count("..") for path, _ in source.beside), default=0)
    home = folder.joinpath(*["d"] * up)
    for path, text in ((f"{stem}.mod", source.text), *source.beside):
        file = Path(os.path.normpath(home / path))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    home.mkdir(parents=True, exist_ok=True)
    return home / f"{stem}.mod"


def stem_of(source: NmodlSource) -> str:
    """Name of a mod file for NEURON: an identifier, whatever the user's file is called."""
    return re.sub(r"\W", "_", source.name)


def run_translator(program: str, source: NmodlSource) -> tuple[int, str]:
    """Run ``nocmodl`` or ``modlunit`` on a source, in a folder of its own.

    Returns
    -------
    tuple of int and str
        Exit code, below 0 where a signal has ended it, and output.

    Raises
    ------
    ToolsMissingError
        If the program is not there.
    """
    programs = neuron_programs()
    environment = {**os.environ, "NEURONHOME": str(programs.parent / "share" / "nrn"), "LC_ALL": "C"}
    with tempfile.TemporaryDirectory(prefix="mnvalidate-") as folder:
        file = write_source(source, Path(folder), stem_of(source))
        done = subprocess.run(
            [programs / program, file.name],
            cwd=file.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT__s,
            check=False,
        )
    return done.returncode, done.stdout.decode("utf-8", errors="replace")


def translate(source: NmodlSource) -> str:
    """Translate a source to C, and return what the translator notes about it.

    Raises
    ------
    CompileError
        If the translator refuses it or does not end.
    ToolsMissingError
        If it is not there.
    """
    try:
        code, output = run_translator("nocmodl", source)
    except subprocess.TimeoutExpired:
        raise CompileError(source, None, f"nocmodl did not end within {TIMEOUT__s:g} s") from None
    if code != 0:
        raise _explained(source, output)
    return output


def _explained(source: NmodlSource, output: str) -> CompileError:
    aborted = _ABORTED.search(output)
    if aborted is not None:
        return _abortion(source, aborted["reason"].rstrip("."))
    missing = _NOT_OPENED.search(output)
    if missing is not None:
        line = _line_with(source, f'INCLUDE "{missing["name"]}"') or _line_with(source, missing["name"])
        return CompileError(
            source, line, f"Couldn't open {missing['name']}: no such file beside it or on MODL_INCLUDE"
        )
    if _NON_ASCII in output:
        return _non_ascii(source, output)
    if _TOO_LONG in output:
        lines = enumerate(source.text.split("\n"), 1)
        line = next(
            (number for number, text in lines if len(text.encode(errors="replace")) > _LONGEST_LINE), None
        )
        return CompileError(
            source, line, f"{_TOO_LONG}: nocmodl reads at most {_LONGEST_LINE} characters a line"
        )
    return _refusal(source, output)


def _refusal(source: NmodlSource, output: str) -> CompileError:
    """Error at a place that the translator names."""
    place = _PLACE.search(output)
    said = output[: place.start()] if place is not None else output
    words = [line.strip().removeprefix("Error: ") for line in said.splitlines() if not _REMARK.search(line)]
    reason = _sentence([word for word in words if word])
    if place is None:
        return CompileError(source, _line_of_words(source, reason), reason)
    number, file = int(place["line"]), place["file"]
    if file != f"{stem_of(source)}.mod":
        text = next((text for path, text in source.beside if path == os.path.normpath(file)), "")
        return CompileError(
            source, None, f"in {file}:{number}, which it includes: {reason}{_near(text, number)}"
        )
    echo = output[place.end() :].strip("\n").splitlines()[:1]
    if not (echo and echo[0].strip(" ^\t")):  # the end of the file, where the fault is not
        number = _line_of_words(source, reason) or min(number, source.text.rstrip("\n").count("\n") + 1)
    number = _line_of_subject(source, reason, number)
    return CompileError(source, number, f"{reason}{_near(source.text, number)}")


def _sentence(words: list[str]) -> str:
    reason = " ".join(words)
    reason = re.sub(r"^(?:syntax error:\s*)+", "syntax error: ", reason)
    reason = re.sub(r"\b(VERBATIM|COMMENT)block goes", r"\1 block goes", reason)
    reason = re.sub(r"^(\w+)must be", r"\1 must be", reason)
    return reason.strip().rstrip(":") or "syntax error"


def _near(text: str, number: int) -> str:
    lines = text.split("\n")
    near = lines[number - 1].strip(" \t\r") if 1 <= number <= len(lines) else ""
    return f" at {near!r}" if near else ""


def _non_ascii(source: NmodlSource, output: str) -> CompileError:
    """Error at the first character that the translator cannot read; it counts lines from 0 here."""
    place = _PLACE.search(output)
    file = place["file"] if place is not None else ""
    text = next((text for path, text in source.beside if path == os.path.normpath(file)), source.text)
    before = output.partition(f"{_NON_ASCII}:")[2].partition("\n")[0]
    shown = text.encode("utf-8", errors="surrogateescape").decode("utf-8", errors="replace")
    wrong = [
        (number, line)
        for number, line in enumerate(shown.split("\n"), 1)
        if not line.isascii() and re.split(r"[^\x00-\x7f]", line)[0] == before
    ]
    number, line = wrong[0] if wrong else (None, "")
    inside = "" if text is source.text else f"in {file}:{number}, which it includes: "
    what = "the byte order mark (BOM)" if line.startswith("\ufeff") else f"{line.strip()!r}"
    advice = "save the file without it" if line.startswith("\ufeff") else "write it with ASCII characters"
    return CompileError(
        source,
        None if inside else number,
        f"{inside}{_NON_ASCII}: {what}; nocmodl reads others in COMMENT blocks only: {advice}",
    )


def _abortion(source: NmodlSource, reason: str) -> CompileError:
    """Error of a translator that gave up, at the equation without which it does not, if there is one."""
    code = without_comments(source.text)
    for equation in _DERIVATIVE.finditer(code):
        text = f"{code[: equation.start()]}{equation['state']}' = 0{code[equation.end() :]}"
        without = NmodlSource(source.file, text, source.beside)
        if _ABORTED.search(run_translator("nocmodl", without)[1]) is None:
            why = (
                "it cannot analyse '^' in a derivative: compute the power in a LOCAL before, or write "
                "pow(x, y)"
                if "^" in equation[0]
                else "it cannot analyse this equation: compute a part of it in a LOCAL before"
            )
            line = code.count("\n", 0, equation.start()) + 1
            return CompileError(
                source, line, f"nocmodl gives up at {equation[0].strip()!r}; {why} (nocmodl: {reason})"
            )
    return CompileError(source, None, f"nocmodl gives up: {reason}")


def _line_with(source: NmodlSource, words: str) -> int | None:
    lines = enumerate(source.text.split("\n"), 1)
    return next((number for number, line in lines if words in line), None)


def _line_of_subject(source: NmodlSource, reason: str, number: int) -> int:
    """Line of the variable that a reason speaks of: some are found at the end of a block only."""
    subject = _SUBJECT.match(reason)
    if subject is None:
        return number
    named = re.compile(rf"\b{subject[1]}\b")
    lines = enumerate(without_comments(source.text).split("\n")[:number], 1)
    return max((at for at, line in lines if named.search(line)), default=number)


def _line_of_words(source: NmodlSource, reason: str) -> int | None:
    """Line that has most of the names that a reason gives."""
    wanted = set(_WORD.findall(reason))
    lines = [set(_WORD.findall(line)) & wanted for line in without_comments(source.text).split("\n")]
    most = max(map(len, lines), default=0)
    return (
        next((number for number, names in enumerate(lines, 1) if len(names) == most), None) if most else None
    )
