"""Building a neuron in its own process, and describing it for its record and its key."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from mnvalidate.models.build import Build, build
from mnvalidate.models.cell import describe_cell
from mnvalidate.models.content import cell_content
from mnvalidate.models.mechanisms import mapped_libraries
from mnvalidate.models.opaque import opaque_parts
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.layers import ClashError
from mnvalidate.printed import described
from mnvalidate.records import Cell, Json

_OF_HOC = "hocobj_call error"
_TAKEN = re.compile(r"The user defined name already exists: (\w+)")
_SAID = re.compile(r"^(?:NEURON: *)(.+)$", re.MULTILINE)


def build_in_child(spec: ModelSpec, neuron: int, output: Path) -> Build:
    """Build a neuron; what NEURON only prints of an error becomes its message.

    Parameters
    ----------
    spec : ModelSpec
        The model.
    neuron : int
        Index in the pool.
    output : Path
        File with what this process prints.

    Raises
    ------
    Exception
        Whatever the factory raises.
    """
    try:
        return build(spec, neuron)
    except RuntimeError as error:
        if _OF_HOC not in str(error):
            raise
        printed = output.read_text(encoding="utf-8", errors="replace")
        taken = _TAKEN.search(printed)
        if taken is not None:
            raise _clash(taken[1]) from error
        said = _SAID.findall(printed)
        raise RuntimeError(f"{error}: NEURON says {said[-1].strip()!r}" if said else str(error)) from error


def content_of(built: Build, spec: ModelSpec, *, wanted: bool) -> tuple[Json, Cell]:
    """Describe a neuron, for its key and for its record.

    Returns
    -------
    tuple of Json and Cell
        The content is None where it is not wanted, or where it is not all that matters; the cell says why.
    """
    # What a package builds of is named by the key of its inputs, and its cells hold nothing that is hidden.
    hidden = () if not wanted or spec.package else _hidden(built)
    content: Json = None
    if wanted and not hidden:
        try:
            content = cell_content(built.motoneuron, spec, built.inputs)
        except Exception as error:
            traceback.print_exc()
            hidden = (f"its description failed: {described(error)}",)
    return content, describe_cell(built, "; ".join(hidden))


def _hidden(built: Build) -> tuple[str, ...]:
    parts = opaque_parts(built.motoneuron)
    unseen = tuple(f"NEURON does not show {part}" for part in parts)
    return (*unseen, *(f"the factory {fact}" for fact in built.inputs.unknown))


def _clash(name: str) -> ClashError:
    """Two places of a mechanism that was loaded twice."""
    places = [str(lib.file) for lib in mapped_libraries() if any(s.name == name for s in lib.sources)]
    places += ["this process", "a library that the factory loads"][len(places) :]
    return ClashError.between(name, places[0], places[1])
