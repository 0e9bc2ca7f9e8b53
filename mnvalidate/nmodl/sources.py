"""NMODL sources as plain data: what a file declares, and a user's files merged over a model's own."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

BUILT_IN_MECHANISMS = frozenset({"capacitance", "extracellular", "fastpas", "hh", "morphology", "pas"})
BUILT_IN_PROCESSES = frozenset(
    {
        "AlphaSynapse", "APCount", "Exp2Syn", "ExpSyn", "IClamp", "IntFire1", "IntFire2", "IntFire4",
        "NetStim", "OClamp", "PatternStim", "PointProcessMark", "SEClamp", "VClamp",
    }
)  # fmt: skip

_BLOCK_COMMENT = re.compile(r"^[ \t]*COMMENT\b.*?^[ \t]*ENDCOMMENT\b", re.DOTALL | re.MULTILINE)
_VERBATIM = re.compile(r"\bVERBATIM\b(.*?)\bENDVERBATIM\b", re.DOTALL)
_TITLE = re.compile(r"^[ \t]*TITLE\b.*$", re.MULTILINE)
_LINE_COMMENT = re.compile(r"[:?].*")
_DECLARATION = re.compile(r"\b(SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL)\s+(\w+)")


class NmodlError(ValueError):
    """NMODL files that cannot be used; the message names the file and says what to do."""


class MechanismKind(StrEnum):
    """What a mechanism is to NEURON, by the keyword that declares it."""

    DENSITY = "SUFFIX"
    POINT_PROCESS = "POINT_PROCESS"
    ARTIFICIAL_CELL = "ARTIFICIAL_CELL"


@dataclass(frozen=True, slots=True)
class NmodlSource:
    r"""The text of one NMODL file.

    Parameters
    ----------
    file : str
        Path as messages name it.
    text : str
        Content, with ``\n`` at the end of lines.
    """

    file: str
    text: str

    @property
    def code(self) -> str:
        """Text without comments and VERBATIM blocks; lines keep their numbers."""
        return without_verbatim(without_comments(self.text))

    @property
    def name(self) -> str:
        """Name by which NEURON knows the mechanism.

        Raises
        ------
        NmodlError
            If the file declares none.
        """
        return _declaration(self)[1]

    @property
    def kind(self) -> MechanismKind:
        """Density mechanism, point process or artificial cell.

        Raises
        ------
        NmodlError
            If the file declares none.
        """
        return MechanismKind(_declaration(self)[0])


@lru_cache(maxsize=1024)
def _declaration(source: NmodlSource) -> tuple[str, str]:
    """Keyword and name of a mechanism."""
    interface = block(source.code, "NEURON")
    if interface is None:
        raise NmodlError(
            f"{source.file} has no NEURON block: it would compile and do nothing; add "
            "NEURON { SUFFIX name } or POINT_PROCESS or ARTIFICIAL_CELL"
        )
    found = _DECLARATION.search(interface)
    if found is None:
        raise NmodlError(
            f"{source.file}: its NEURON block names no SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL; add one"
        )
    return found[1], found[2]


def without_comments(text: str) -> str:
    """Blank out TITLE lines, COMMENT blocks and ``:`` and ``?`` comments, keeping line numbers."""
    text = _BLOCK_COMMENT.sub(_line_ends, normal_lines(text))
    text = _TITLE.sub("", text)
    pieces = []
    end = 0
    for verbatim in _VERBATIM.finditer(text):  # a colon in C code is no comment
        pieces += [_LINE_COMMENT.sub("", text[end : verbatim.start()]), verbatim[0]]
        end = verbatim.end()
    return "".join([*pieces, _LINE_COMMENT.sub("", text[end:])])


def without_verbatim(text: str) -> str:
    """Blank out VERBATIM blocks, keeping line numbers."""
    return _VERBATIM.sub(_line_ends, text)


def normal_lines(text: str) -> str:
    r"""Use ``\n`` for line ends; old files have ``\r`` alone."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def block(code: str, keyword: str) -> str | None:
    """Content of the first ``keyword ... { ... }`` of code without comments, None if there is none."""
    found = re.search(rf"\b{keyword}\b[^{{}}\n]*(?:\n\s*)?{{", code)
    if found is None:
        return None
    depth = 1
    for position in range(found.end(), len(code)):
        depth += {"{": 1, "}": -1}.get(code[position], 0)
        if depth == 0:
            return code[found.end() : position]
    return None


def read_sources(paths: Iterable[Path]) -> tuple[NmodlSource, ...]:
    """Read mod files and folders of mod files.

    Parameters
    ----------
    paths : iterable of Path
        Files, or folders whose ``*.mod`` files are meant.

    Returns
    -------
    tuple of NmodlSource
        In order of their names.

    Raises
    ------
    NmodlError
        If a path does not exist or cannot be read, a folder holds no mod file, a file has no NEURON block,
        two files declare one name, or a name is built into NEURON.
    """
    by_name: dict[str, NmodlSource] = {}
    for file in (file for path in paths for file in _mod_files(path)):
        try:
            text = file.read_bytes().decode("utf-8", errors="surrogateescape")
        except OSError as error:
            raise NmodlError(f"cannot read {str(file)!r} ({error.strerror})") from error
        source = NmodlSource(str(file), normal_lines(text))
        other = by_name.get(source.name)
        if other is not None and other.file != source.file:
            raise NmodlError(
                f"{other.file} and {source.file} both declare {source.name}: NEURON can load only one of "
                "them; rename or leave out the other"
            )
        if source.name in BUILT_IN_MECHANISMS | BUILT_IN_PROCESSES:
            raise NmodlError(f"{source.file} declares {source.name}, which is built into NEURON: rename it")
        by_name[source.name] = source
    return tuple(by_name[name] for name in sorted(by_name))


def merge(own: Sequence[NmodlSource], changed: Sequence[NmodlSource]) -> tuple[NmodlSource, ...]:
    """Put `changed` sources in place of those of the same name among `own`, and add the new ones."""
    by_name = {source.name: source for source in (*own, *changed)}
    return tuple(by_name[name] for name in sorted(by_name))


def replaced_names(own: Sequence[NmodlSource], changed: Sequence[NmodlSource]) -> tuple[str, ...]:
    """Names of `changed` that `own` has, too, with another text."""
    texts = {source.name: source.text for source in own}
    return tuple(s.name for s in changed if s.name in texts and texts[s.name] != s.text)


def myogen_folder() -> Path | None:
    """Folder of MyoGen's mod files and of its compiled library; None where MyoGen is not installed."""
    spec = importlib.util.find_spec("myogen")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "simulator" / "nmodl_files"


def myogen_sources() -> tuple[NmodlSource, ...]:
    """MyoGen's own mechanisms; none where it is not installed."""
    folder = myogen_folder()
    return () if folder is None else read_sources([folder])


def _mod_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.glob("*.mod"))
        if not files:
            raise NmodlError(f"there is no .mod file in {str(path)!r}")
        return files
    if not path.is_file():
        raise NmodlError(f"there is no file or folder {str(path)!r}")
    if path.suffix != ".mod":
        raise NmodlError(f"{str(path)!r} is neither a .mod file nor a folder of them")
    return [path]


def _line_ends(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")
