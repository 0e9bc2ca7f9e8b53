"""What NEURON holds once a cell is built, as JSON values.

`Section.psection` will not do: it mixes in currents and memory addresses, and leaves out global parameters,
temperature and the mechanisms' sources. Everything in the process counts, for everything is integrated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import Any

from neuron import h, nrn

from mnvalidate.models.inputs import Inputs, installed_packages
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.loading import source_in_force
from mnvalidate.records import Json

_EVERYTHING, _GLOBAL = 0, -1
# Fields of a motoneuron that are no values, or that are described otherwise.
_NO_VALUES = ("owner", "mechanisms", "recruitment_threshold", "motor_unit_type")
# What decides how NEURON integrates, and is not set for every sweep.
_SETTINGS = ("maxorder", "minstep", "maxstep", "stiff", "use_daspk", "use_fast_imem", "store_events")


def cell_content(motoneuron: Motoneuron, spec: ModelSpec, inputs: Inputs | None = None) -> Json:
    """Describe everything that can make two cells differ in a measurement.

    Parameters
    ----------
    motoneuron : Motoneuron
        The cell that will be clamped.
    spec : ModelSpec
        Its specification, for the options of a factory.
    inputs : Inputs, optional
        What a factory has read.

    Returns
    -------
    Json
        The same for the same cell in any process; floats with every digit.
    """
    sections = list(h.allsec())
    places = Places(sections)
    points = [point for section in sections for segment in section for point in segment.point_processes()]
    cells = [cell for name in artificial_names() for cell in h.List(name)]
    used = {mechanism.name() for section in sections for segment in section for mechanism in segment}
    used |= {kind_of(point) for point in (*points, *cells)}
    for each in (*points, *cells):
        places.add(each)
    return {
        "motoneuron": {
            field.name: places.value(getattr(motoneuron, field.name))
            for field in fields(motoneuron)
            if field.name not in _NO_VALUES
        },
        "sections": [_section(section, places) for section in sections],
        "cells": [[kind_of(cell), _values(cell, kind_of(cell))] for cell in cells],
        "connections": [_connection(connection, places) for connection in h.List("NetCon")],
        "mechanisms": {name: _mechanism(name) for name in sorted(used)},
        "settings": _settings(),
        "seed": spec.seed,
        "factory": None if spec.package else _factory(spec, inputs or Inputs()),
    }


class Places:
    """Numbers for what NEURON knows by address."""

    def __init__(self, sections: Iterable[Any]) -> None:
        self._sections = {section: number for number, section in enumerate(sections)}
        self._points: dict[str, Json] = {}
        self._counts: dict[str, int] = {}

    def add(self, point: Any) -> None:
        """Number a point process or an artificial cell."""
        kind = kind_of(point)
        self._counts[kind] = self._counts.get(kind, -1) + 1
        self._points[point.hname()] = [kind, self._counts[kind]]

    def value(self, value: Any) -> Json:
        """Return a value, or the place it stands for.

        Raises
        ------
        TypeError
            If it is something else.
        """
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, nrn.Section):
            return self._sections[value]
        if isinstance(value, nrn.Segment):
            return [self._sections[value.sec], value.x]
        if isinstance(value, tuple | list):
            return [self.value(item) for item in value]
        if hasattr(value, "hname"):
            return self._points.get(value.hname())
        raise TypeError(f"no description of {type(value).__name__}")


def kind_of(point: Any) -> str:
    """Name of the class of a point process or an artificial cell."""
    return str(point.hname()).split("[")[0]


@cache
def artificial_names() -> tuple[str, ...]:
    """Names of the artificial cells that NEURON knows now."""
    types, name, found = h.MechanismType(1), h.ref(""), []
    for index in range(int(types.count())):
        if types.is_artificial(index):
            types.select(index)
            types.selected(name)
            found.append(str(name[0]))
    return tuple(found)


def _section(section: Any, places: Places) -> Json:
    parent = section.parentseg()
    return {
        "L": section.L,
        "Ra": section.Ra,
        "nseg": section.nseg,
        "rallbranch": section.rallbranch,
        "parent": None if parent is None else places.value(parent),
        "orientation": section.orientation(),
        "points": [
            [section.x3d(i), section.y3d(i), section.z3d(i), section.diam3d(i)] for i in range(section.n3d())
        ],
        "segments": [_segment(segment) for segment in section],
    }


def _segment(segment: Any) -> Json:
    mechanisms: dict[str, Json] = {}
    for mechanism in segment:
        name = mechanism.name()
        if name.endswith("_ion"):
            values = {each: getattr(segment, each, None) for each, _ in _variables(name, _EVERYTHING)}
            mechanisms[name] = [values, int(h.ion_style(name, sec=segment.sec))]
        else:
            mechanisms[name] = _values(mechanism, name, segment)
    return {
        "cm": segment.cm,
        "diam": segment.diam,
        "mechanisms": mechanisms,
        "point_processes": [
            [kind_of(point), _values(point, kind_of(point))] for point in segment.point_processes()
        ],
    }


def _values(holder: Any, name: str, segment: Any = None) -> dict[str, Json]:
    """RANGE variables of all kinds: a factory can set those that are computed as well."""
    found: dict[str, Json] = {}
    for variable, size in _variables(name, _EVERYTHING):
        # Some of extracellular's are known to the segment alone.
        value = getattr(holder, variable, None)
        value = getattr(segment, variable, None) if value is None else value
        if value is not None:  # a POINTER is none
            found[variable] = [float(value[i]) for i in range(size)] if size > 1 else float(value)
    return found


@cache
def _variables(name: str, kind: int) -> tuple[tuple[str, int], ...]:
    """Names and sizes of a mechanism's variables, as its instances know them."""
    standard, variable = h.MechanismStandard(name, kind), h.ref("")
    found = []
    for i in range(int(standard.count())):
        size = int(standard.name(variable, i))
        full = str(variable[0])
        found.append((full if kind == _GLOBAL else full.removesuffix(f"_{name}"), size))
    return tuple(found)


def _mechanism(name: str) -> Json:
    source = source_in_force(name) or ""
    return {"source": hashlib.sha256(source.encode()).hexdigest(), "globals": _globals(name)}


def _globals(name: str) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for variable, size in _variables(name, _GLOBAL):
        value = getattr(h, variable)
        found[variable] = [float(value[j]) for j in range(size)] if size > 1 else float(value)
    return found


def _connection(connection: Any, places: Places) -> Json:
    return [
        places.value(connection.preseg()),
        places.value(connection.pre()),
        places.value(connection.syn()),
        float(connection.delay),
        float(connection.threshold),
        bool(connection.active()),
        [float(connection.weight[i]) for i in range(int(connection.wcnt()))],
    ]


def _settings() -> Json:
    cvode = h.CVode()
    settings: dict[str, Json] = {name: float(getattr(cvode, name)()) for name in _SETTINGS}
    return settings | {"secondorder": int(h.secondorder), "threads": int(h.ParallelContext().nthread())}


def _factory(spec: ModelSpec, inputs: Inputs) -> Json:
    """What is not in NEURON: the code of a factory, what it read, and what it was given."""
    return [spec.builder, dict(spec.options), inputs.to_json(), list(installed_packages())]
