"""Files beside a mod file that it cannot be compiled without: what it INCLUDEs, and headers of its C code."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mnvalidate.nmodl.text import normal_lines, verbatim, without_comments, without_verbatim

INCLUDE = re.compile(r'\bINCLUDE\s*"([^"\n]*)"')
_INCLUDE_LINE = re.compile(r'^[ \t]*INCLUDE\s*"([^"\n]*)"[^\n]*', re.MULTILINE)
_C_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
_PATH_VARIABLE = "MODL_INCLUDE"
"""Folders in which NEURON's translator looks for what it does not find beside the file."""


def files_beside(file: Path, text: str) -> tuple[tuple[str, str], ...]:
    """Read what a mod file includes, and what that includes.

    What is not there is left out: the translator or the compiler says so.

    Parameters
    ----------
    file : Path
        The mod file.
    text : str
        Its content.

    Returns
    -------
    tuple of (str, str)
        Path relative to the mod file's folder, and content, by path.
    """
    home = file.parent.absolute()
    found: dict[str, str] = {}
    waiting = [(home / file.name, text, file.suffix)]
    while waiting:
        includer, content, kind = waiting.pop()
        for name, suffix in _names(content, kind):
            folders = [includer.parent, home]
            folders += map(Path, filter(None, os.environ.get(_PATH_VARIABLE, "").split(":")))
            place = next((folder / name for folder in folders if (folder / name).is_file()), None)
            path = "" if place is None else os.path.relpath(place, home)
            if place is None or path in found:
                continue
            try:
                found[path] = place.read_bytes().decode("utf-8", errors="surrogateescape")
            except OSError:
                continue
            waiting.append((place, found[path], suffix))
    return tuple(sorted(found.items()))


def spliced(text: str, beside: Sequence[tuple[str, str]]) -> str:
    """Put what is included in the place of INCLUDE, without comments and on its line: numbers are kept."""
    return _spliced(without_comments(text), ".", dict(beside), ())


def expanded(text: str, beside: Sequence[tuple[str, str]]) -> str:
    """Put what is included in the place of the lines that INCLUDE it, as NEURON keeps the text."""
    return _expanded(text, ".", dict(beside), ()) if beside else text


def _names(content: str, kind: str) -> list[tuple[str, str]]:
    """Names of the files that a file includes, and how those are to be read: as NMODL or as C."""
    if kind == ".c":
        return [(name, ".c") for name in _C_INCLUDE.findall(content)]
    code = without_comments(content)
    of_c = [name for _, inside in verbatim(code) for name in _C_INCLUDE.findall(inside)]
    return [(name, ".mod") for name in INCLUDE.findall(without_verbatim(code))] + [(n, ".c") for n in of_c]


def _resolved(name: str, folder: str, files: Mapping[str, str]) -> str | None:
    near = [posixpath.normpath(posixpath.join(folder, name)), posixpath.normpath(name)]
    elsewhere = [path for path in files if path.endswith(f"/{name}")]
    return next((path for path in (*near, *elsewhere) if path in files), None)


def _spliced(code: str, folder: str, files: Mapping[str, str], within: tuple[str, ...]) -> str:
    def included(statement: re.Match[str]) -> str:
        path = _resolved(statement[1], folder, files)
        if path is None or path in within:
            return statement[0]
        inner = without_comments(files[path])
        return _spliced(inner, posixpath.dirname(path), files, (*within, path)).replace("\n", " ")

    return INCLUDE.sub(included, code)


def _expanded(text: str, folder: str, files: Mapping[str, str], within: tuple[str, ...]) -> str:
    def included(line: re.Match[str]) -> str:
        path = _resolved(line[1], folder, files)
        if path is None or path in within:
            return line[0]
        return _expanded(files[path], posixpath.dirname(path), files, (*within, path))

    return _INCLUDE_LINE.sub(included, normal_lines(text))
