"""What of a cell cannot be described, so that nobody can tell whether another cell is the same."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

from neuron import h

from mnvalidate.models.content import artificial_names, kind_of
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.nmodl.loading import source_in_force
from mnvalidate.nmodl.sources import BUILT_IN_MECHANISMS, BUILT_IN_PROCESSES
from mnvalidate.nmodl.text import without_comments

_CLASSES = {
    "FInitializeHandler": "what a FInitializeHandler does",
    "StateTransitionEvent": "what a StateTransitionEvent does",
    "LinearMechanism": "the equations of a LinearMechanism",
    "KSChan": "the states of a KSChan",
    "Random": "the stream of a Random",
    "PatternStim": "the pattern of a PatternStim",
}
_POINTER = re.compile(r"\b(?:BBCORE)?POINTER\s+\w")
_FUNCTION_TABLE = re.compile(r"\bFUNCTION_TABLE\b")
_STATE_IN_C = re.compile(r"\bVERBATIM\b(?:(?!ENDVERBATIM).)*\b(?:static|_p_\w+)\b", re.DOTALL)
_LONGEST_TRIAL__s = 10
_TRIAL__ms = 0.5
_TOOL_NUMBER = 4


def opaque_parts(motoneuron: Motoneuron) -> tuple[str, ...]:
    """Say what NEURON holds and does not show, each once; nothing where the description is whole."""
    found = [words for name, words in _CLASSES.items() if h.List(name).count()]
    found += dict.fromkeys(_of_mechanisms())
    if any(stimulus.noise for stimulus in h.List("NetStim")):
        found.append("the random numbers of a NetStim")
    if any(_is_loose(connection) for connection in h.List("NetCon")):
        found.append("what a NetCon without a source or a target is for")
    if "neuron.rxd" in sys.modules:
        found.append("reactions and diffusion (rxd)")
    return (*found, *_seen_in_trial(motoneuron))


def _of_mechanisms() -> Iterator[str]:
    names = {mechanism.name() for section in h.allsec() for segment in section for mechanism in segment}
    points = (p for section in h.allsec() for segment in section for p in segment.point_processes())
    names |= {kind_of(point) for point in points}
    names |= {name for name in artificial_names() if h.List(name).count()}
    for name in sorted(names - BUILT_IN_MECHANISMS - BUILT_IN_PROCESSES):
        source = source_in_force(name) or ""
        code = without_comments(source)
        if not source and not name.endswith("_ion"):
            yield f"{name}, which has no source"
        if _POINTER.search(code):
            yield f"what a POINTER of {name} points to"
        if _FUNCTION_TABLE.search(code):
            yield f"a FUNCTION_TABLE of {name}"
        if _STATE_IN_C.search(code):
            yield f"what the C code of {name} keeps"


def _is_loose(connection: Any) -> bool:
    return connection.syn() is None or (connection.pre() is None and connection.preseg() is None)


def _seen_in_trial(motoneuron: Motoneuron) -> tuple[str, ...]:
    """Integrate for a moment in a copy of this process, and see what cannot be seen otherwise."""
    reading, writing = os.pipe()
    copy = os.fork()
    if copy == 0:
        try:
            os.close(reading)
            _be_silent()
            signal.alarm(_LONGEST_TRIAL__s)
            os.write(writing, json.dumps(_trial(motoneuron)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(copy, 0)
    try:
        return tuple(json.loads(told))
    except ValueError:
        return ("how it begins to run, which failed in a trial",)


def _be_silent() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _trial(motoneuron: Motoneuron) -> list[str]:
    found = ["what Python does while it runs"] if _runs_python(motoneuron) else []
    vectors = [vector for vector in h.List("Vector") if vector.size()]
    # Last, because taking vectors away leaves NEURON in a state that not all of its solvers bear.
    return found + (["what a Vector plays into"] if _plays(vectors) else [])


def _runs_python(motoneuron: Motoneuron) -> bool:
    called: set[str] = set()

    def note(code: CodeType, offset: int) -> None:
        called.add(code.co_name)

    monitoring = sys.monitoring
    if monitoring.get_tool(_TOOL_NUMBER) is None:
        monitoring.use_tool_id(_TOOL_NUMBER, "mnvalidate")
        monitoring.register_callback(_TOOL_NUMBER, monitoring.events.PY_START, note)
        monitoring.set_events(_TOOL_NUMBER, monitoring.events.PY_START)
    for active in (True, False):
        h.CVode().active(active)
        h.finitialize(motoneuron.initial_voltage__mV)
        while h.t < _TRIAL__ms:
            h.fadvance()
    if monitoring.get_tool(_TOOL_NUMBER) == "mnvalidate":
        monitoring.set_events(_TOOL_NUMBER, 0)
    return bool(called)


def _plays(vectors: list[Any]) -> bool:
    """Whether a vector plays into something, by what NEURON saves of a state; none plays any more then."""
    if not vectors:
        return False
    before = _size_of_state()
    for vector in vectors:
        vector.play_remove()
    return _size_of_state() != before


def _size_of_state() -> int:
    h.finitialize()
    state, file = h.SaveState(), h.File()
    state.save()
    with tempfile.NamedTemporaryFile(prefix="mnvalidate-") as saved:
        file.wopen(saved.name)
        state.fwrite(file)  # which closes it
        return Path(saved.name).stat().st_size
