"""What a neuron is made of, for its record and for whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from neuron import h

from mnvalidate.models.build import Build
from mnvalidate.models.content import kind_of
from mnvalidate.nmodl.loading import source_in_force
from mnvalidate.nmodl.text import without_comments
from mnvalidate.records import Cell, UnusableModel

_CLAMPS = ("IClamp", "VClamp", "OClamp")
_VOLTAGE_CLAMP = "SEClamp"
_LONGEST_LIST = 5


def describe_cell(built: Build, not_kept: str = "") -> Cell:
    """Describe what will be measured.

    Parameters
    ----------
    built : Build
        The neuron, before anything of ours is attached to it.
    not_kept : str
        Why its record is not kept.

    Raises
    ------
    UnusableModel
        If it holds a voltage clamp.
    """
    sections = list(h.allsec())
    segments = [segment for section in sections for segment in section]
    points = [point for segment in segments for point in segment.point_processes()]
    held = [point for point in points if kind_of(point) == _VOLTAGE_CLAMP]
    if held:
        raise UnusableModel(
            f"the model holds its voltage with an {_VOLTAGE_CLAMP} in {_place(held[0])} and cannot be "
            "measured: remove the clamp in the factory"
        )
    names = {mechanism.name() for segment in segments for mechanism in segment} | set(map(kind_of, points))
    built.mechanisms.prove(sorted(names))
    electrodes = [point for point in points if _is_electrode(kind_of(point))]
    warnings = [
        f"{text}: a current of the model's own is in every value" for text in _with_current(electrodes)
    ]
    if built.gone:
        gone = ", ".join(built.gone)
        warnings.append(
            f"gone when the factory returned: {gone}; what is to stay goes into the owner of the Motoneuron"
        )
    assert built.motoneuron.celsius is not None
    return Cell(
        celsius=built.motoneuron.celsius,
        celsius_source=built.celsius_source,
        sections=len(sections),
        segments=len(segments),
        area__um2=sum(segment.area() for segment in segments),
        mechanisms=built.mechanisms.describe(sorted(names)),
        electrodes=tuple(f"{kind_of(point)} in {_place(point)}" for point in electrodes),
        warnings=tuple(warnings),
        not_kept=not_kept,
    )


def _with_current(electrodes: list[Any]) -> Iterator[str]:
    for index, electrode in enumerate(electrodes):
        kind = kind_of(electrode)
        if kind == "IClamp":
            said = f"{electrode.amp:g} nA from {electrode.delay:g} ms for {electrode.dur:g} ms"
            flows = electrode.amp != 0 and electrode.dur > 0
            flows = flows or (electrode.dur > 0 and _may_be_played())
            said = said if electrode.amp != 0 else f"{said}, unless a Vector plays into it"
        elif kind == "VClamp":
            said = ", ".join(f"{electrode.amp[i]:g} mV for {electrode.dur[i]:g} ms" for i in range(3))
            flows = any(electrode.dur[i] > 0 for i in range(3))
        else:
            said, flows = "with its own time course", True
        if flows:
            yield f"{kind} in {_place(electrode)} ({said})"
        if index == _LONGEST_LIST:
            return


def _may_be_played() -> bool:
    return any(vector.size() for vector in h.List("Vector"))


def _is_electrode(kind: str) -> bool:
    if kind in _CLAMPS:
        return True
    return "ELECTRODE_CURRENT" in without_comments(source_in_force(kind) or "")


def _place(point: Any) -> str:
    segment = point.get_segment()
    return f"{segment.sec.name().rpartition('.')[2]}({segment.x:g})"
