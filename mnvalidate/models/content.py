"""What NEURON holds once a cell is built, as JSON values.

`Section.psection` will not do: it mixes in states, currents and memory addresses, and leaves out global
parameters, temperature and the mechanisms' sources. Everything in the process counts, for everything is
integrated.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path
from typing import Any

from neuron import h

from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import MYOGEN_MODELS, ModelSpec
from mnvalidate.records import Json

_PARAMETER = 1
_GLOBAL = -1
_DENSITY, _POINT_PROCESS = 0, 1


def cell_content(motoneuron: Motoneuron, spec: ModelSpec) -> Json:
    """Describe everything that can make two cells differ in a measurement.

    Parameters
    ----------
    motoneuron : Motoneuron
        The cell that will be clamped.
    spec : ModelSpec
        Its specification, for temperature and the source of a factory.

    Returns
    -------
    Json
        The same for the same cell in any process; floats with every digit.
    """
    sections = list(h.allsec())
    names = {section: i for i, section in enumerate(sections)}
    used = {mechanism.name() for section in sections for segment in section for mechanism in segment}
    points = [point for section in sections for segment in section for point in segment.point_processes()]
    used |= {point.hname().split("[")[0] for point in points}
    return {
        "soma": names[motoneuron.soma],
        "spike_site": None if (site := motoneuron.spike_segment) is None else [names[site.sec], site.x],
        "initial_voltage__mV": motoneuron.initial_voltage__mV,
        "conduction_velocity__m_per_s": motoneuron.conduction_velocity__m_per_s,
        "voltage_frame": motoneuron.voltage_frame,
        "sections": [_section(section, names) for section in sections],
        "connections": [_connection(connection) for connection in h.List("NetCon")],
        "mechanisms": {name: _mechanism(name) for name in sorted(used)},
        "celsius": spec.celsius,
        "seed": spec.seed,
        "factory": _factory_source(spec),
    }


def _section(section: Any, names: dict[Any, int]) -> Json:
    parent = section.parentseg()
    return {
        "L": section.L,
        "Ra": section.Ra,
        "nseg": section.nseg,
        "parent": None if parent is None else [names[parent.sec], parent.x],
        "orientation": section.orientation(),
        "points": [
            [section.x3d(i), section.y3d(i), section.z3d(i), section.diam3d(i)] for i in range(section.n3d())
        ],
        "segments": [_segment(segment) for segment in section],
    }


def _segment(segment: Any) -> Json:
    mechanisms = {}
    for mechanism in segment:
        name = mechanism.name()
        values = _parameters(name, lambda parameter, index, m=mechanism: _value(m, parameter, index))
        if name.endswith("_ion"):
            values["style"] = int(h.ion_style(name, sec=segment.sec))
            ion = name.removesuffix("_ion")
            for concentration in (f"{ion}i", f"{ion}o", f"e{ion}"):
                values[concentration] = getattr(segment, concentration, None)
        mechanisms[name] = values
    return {
        "cm": segment.cm,
        "diam": segment.diam,
        "mechanisms": mechanisms,
        "point_processes": [
            [point.hname().split("[")[0], _parameters(point.hname().split("[")[0], _of(point))]
            for point in segment.point_processes()
        ],
    }


def _of(point: Any) -> Any:
    def value(parameter: str, index: int) -> float:
        found = getattr(point, parameter)
        return float(found[index]) if hasattr(found, "__getitem__") else float(found)

    return value


def _parameters(mechanism: str, value: Any) -> dict[str, Json]:
    standard = h.MechanismStandard(mechanism, _PARAMETER)
    found: dict[str, Json] = {}
    name = h.ref("")
    for i in range(int(standard.count())):
        size = int(standard.name(name, i))
        for j in range(size):
            found[f"{name[0]}[{j}]"] = value(name[0], j)
    return found


def _value(mechanism: Any, parameter: str, index: int) -> float | None:
    short = parameter.removesuffix(f"_{mechanism.name()}")
    found = getattr(mechanism, short, None)
    if found is None:
        return None
    return float(found[index]) if hasattr(found, "__getitem__") else float(found)


def _mechanism(name: str) -> Json:
    source = _source(name)
    return {"source": hashlib.sha256(source.encode()).hexdigest(), "globals": _globals(name, source)}


def _source(name: str) -> str:
    for kind in (_DENSITY, _POINT_PROCESS):
        mechanisms = h.MechanismType(kind)
        mechanisms.select(name)
        selected = h.ref("")
        mechanisms.selected(selected)
        if selected[0] == name:
            return str(mechanisms.code() or "")
    return ""


def _globals(mechanism: str, source: str) -> dict[str, Json]:
    """Values of the GLOBALs that are parameters; those that are computed change while a cell runs."""
    standard = h.MechanismStandard(mechanism, _GLOBAL)
    block = re.search(r"PARAMETER\s*\{([^}]*)\}", source)
    declared = set(re.findall(r"^\s*([A-Za-z]\w*)", block.group(1), re.MULTILINE)) if block else set()
    found: dict[str, Json] = {}
    name = h.ref("")
    for i in range(int(standard.count())):
        size = int(standard.name(name, i))
        short = name[0].removesuffix(f"_{mechanism}")
        if short in declared or not source or short.startswith("usetable"):
            value = getattr(h, name[0])
            found[name[0]] = [float(value[j]) for j in range(size)] if size > 1 else float(value)
    return found


def _connection(connection: Any) -> Json:
    return [
        str(connection.preseg()),
        str(connection.postseg()),
        float(connection.delay),
        float(connection.threshold),
        [float(connection.weight[i]) for i in range(int(connection.wcnt()))],
    ]


def _factory_source(spec: ModelSpec) -> Json:
    """Digest of a factory's own file and the options given to it: Python code is not in NEURON."""
    if spec.builder in MYOGEN_MODELS:
        return None
    found = importlib.util.find_spec(spec.builder.partition(":")[0])
    source = Path(found.origin).read_bytes() if found is not None and found.origin else b""
    return [spec.builder, hashlib.sha256(source).hexdigest(), dict(spec.options)]
