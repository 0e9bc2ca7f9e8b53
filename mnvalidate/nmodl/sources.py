"""NMODL sources as plain data: what a file declares, and a user's files merged over a model's own."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from mnvalidate.nmodl.beside import expanded, files_beside, spliced
from mnvalidate.nmodl.text import blocks, normal_lines, same_code, without_verbatim

BUILT_IN_MECHANISMS = frozenset({"capacitance", "extracellular", "fastpas", "hh", "morphology", "pas"})
BUILT_IN_PROCESSES = frozenset(
    {
        "AlphaSynapse", "APCount", "Exp2Syn", "ExpSyn", "IClamp", "IntFire1", "IntFire2", "IntFire4",
        "NetStim", "OClamp", "PatternStim", "PointProcessMark", "SEClamp", "VClamp",
    }
)  # fmt: skip

_DECLARATION = re.compile(r"\b(SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL)\s+(\w+)")


class NmodlError(ValueError):
    """NMODL files that cannot be used; the message names the file and says what to do."""


class MechanismKind(StrEnum):
    """What a mechanism is to NEURON, by the keyword that declares it."""

    DENSITY = "SUFFIX"
    POINT_PROCESS = "POINT_PROCESS"
    ARTIFICIAL_CELL = "ARTIFICIAL_CELL"
    FUNCTIONS = "SUFFIX nothing"
    """No mechanism: functions for hoc and for other files."""


@dataclass(frozen=True, slots=True)
class NmodlSource:
    r"""The text of one NMODL file.

    Parameters
    ----------
    file : str
        Path as messages name it.
    text : str
        Content, with ``\n`` at the end of lines.
    beside : tuple of (str, str)
        Files that it includes, directly or not: path relative to its folder, and content.
    """

    file: str
    text: str
    beside: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> NmodlSource:
        """Restore a source from its fields as JSON values."""
        beside = tuple((path, text) for path, text in data.get("beside", ()))
        return cls(data["file"], data["text"], beside)

    @property
    def code_with_c(self) -> str:
        """Text without comments, with what it INCLUDEs; lines keep their numbers."""
        return spliced(self.text, self.beside)

    @property
    def code(self) -> str:
        """Text without comments and VERBATIM blocks, with what it INCLUDEs; lines keep their numbers."""
        return without_verbatim(self.code_with_c)

    @property
    def whole_text(self) -> str:
        """Text with what it INCLUDEs, which is what NEURON compiles and keeps."""
        return expanded(self.text, self.beside)

    @property
    def name(self) -> str:
        """Name by which NEURON knows the mechanism; that of the file where it holds nothing but functions.

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
        return _declaration(self)[0]


@lru_cache(maxsize=1024)
def _declaration(source: NmodlSource) -> tuple[MechanismKind, str]:
    """Kind and name of a mechanism."""
    interface = "\n".join(blocks(source.code, "NEURON"))
    if not interface:
        raise NmodlError(
            f"{source.file} has no NEURON block: it would compile and do nothing; add "
            "NEURON { SUFFIX name } or POINT_PROCESS or ARTIFICIAL_CELL"
        )
    found = _DECLARATION.findall(interface)
    if not found:
        raise NmodlError(
            f"{source.file}: its NEURON block names no SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL; add one"
        )
    # NEURON takes the last name, whichever keyword it has, and a point process wherever one is declared.
    name, keywords = found[-1][1], {keyword for keyword, _ in found}
    if name == "nothing":
        return MechanismKind.FUNCTIONS, f"nothing.{Path(source.file).stem}"
    kinds = (MechanismKind.ARTIFICIAL_CELL, MechanismKind.POINT_PROCESS, MechanismKind.DENSITY)
    return next(kind for kind in kinds if kind in keywords), name


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
        source = NmodlSource(str(file), normal_lines(text), files_beside(file, text))
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
    texts = {source.name: source.whole_text for source in own}
    return tuple(s.name for s in changed if s.name in texts and not same_code(texts[s.name], s.whole_text))


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
            below = sorted({file.parent.name for file in path.glob("*/*.mod")})
            raise NmodlError(
                f"there is no .mod file in {str(path)!r}"
                + (f", only in folders within it: give {', '.join(below)}" if below else "")
            )
        return files
    if not path.is_file():
        raise NmodlError(f"there is no file or folder {str(path)!r}")
    if path.suffix != ".mod":
        raise NmodlError(f"{str(path)!r} is neither a .mod file nor a folder of them")
    return [path]
