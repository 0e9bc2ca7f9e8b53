"""Keeping what a factory builds: a section of NEURON's dies with the last variable that holds it."""

from __future__ import annotations

import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

from neuron import h, hoc, nrn

from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.nmodl.sources import BUILT_IN_PROCESSES

# How a dataclass, as a Motoneuron is one, is initialised.
_OF_DATACLASS = ("<string>", "__init__")
# Python's tools that watch functions return; the numbers below are for debuggers and the like.
_TOOL_NUMBERS = (4, 3)
# What couples sections that are not connected.
_COUPLING = ("NetCon", "LinearMechanism")
# What is part of a model and dies with its last variable, apart from sections.
_PARTS = (*_COUPLING, "FInitializeHandler", "StateTransitionEvent", *sorted(BUILT_IN_PROCESSES))


class Holding:
    """Keeps the sections that are alive when a function of the factory's returns; a context manager.

    Attributes
    ----------
    held : list of object
        Sections, and the cells they belong to. They must live as long as the neuron.
    ran : set of CodeType
        Code of the factory's that ran.
    """

    def __init__(self) -> None:
        self.held: list[Any] = []
        self.ran: set[CodeType] = set()
        self._sections: dict[Any, Any] = {}
        self._parts: Counter[str] = Counter()
        self._points = False
        self._tool: int | None = None

    def __enter__(self) -> Holding:
        """Begin."""
        monitoring = sys.monitoring
        self._tool = next((n for n in _TOOL_NUMBERS if monitoring.get_tool(n) is None), None)
        if self._tool is not None:
            monitoring.use_tool_id(self._tool, "mnvalidate")
            monitoring.register_callback(self._tool, monitoring.events.PY_RETURN, self._returns)
            monitoring.set_events(self._tool, monitoring.events.PY_RETURN)
        return self

    def __exit__(self, *error: object) -> None:
        """End; what is held stays held."""
        if self._tool is not None:
            sys.monitoring.set_events(self._tool, 0)
            sys.monitoring.register_callback(self._tool, sys.monitoring.events.PY_RETURN, None)
            sys.monitoring.free_tool_id(self._tool)
        self._sections.clear()

    def speaks_of(self, word: str) -> bool:
        """Whether code that ran has a name, or a text, with a word in it."""
        return any(
            word in code.co_names or any(isinstance(c, str) and word in c for c in code.co_consts)
            for code in self.ran
        )

    def gone(self) -> tuple[str, ...]:
        """What a factory built besides sections, and what was gone when it returned, by kind and number."""
        lost = self._parts - _count_parts()
        return tuple(f"{number} {kind}" for kind, number in sorted(lost.items()))

    def _returns(self, code: CodeType, offset: int, returned: object) -> object:
        if _builds_nothing(code.co_filename):
            return sys.monitoring.DISABLE
        if (code.co_filename, code.co_name) != _OF_DATACLASS:
            self.ran.add(code)
        for section in h.allsec():
            if section not in self._sections:
                self._sections[section] = section.cell()
        if isinstance(returned, Motoneuron | nrn.Section | hoc.HocObject | list | tuple):
            # Now: with the function, its variables go.
            self._parts, self._points = _count_parts(), _has_pointers()
        return None

    def keep(self, soma: Any) -> None:
        """Keep the tree of the soma, and everything where something couples trees.

        Other neurons of a pool go as they would; a helper's own sections, too.
        """
        if not is_there(soma):
            return
        tree = set(soma.wholetree())
        coupled = any(self._parts[kind] for kind in _COUPLING) or self._points
        cells = {id(self._sections[section]) for section in tree if self._sections[section] is not None}
        self.held = [
            (section, cell)
            for section, cell in self._sections.items()
            if coupled or section in tree or id(cell) in cells
        ]
        self._sections = dict(self.held)


def is_there(section: Any) -> bool:
    """Whether an object is a section that NEURON still has."""
    try:
        return section in list(h.allsec())
    except ReferenceError:
        return False


def _count_parts() -> Counter[str]:
    return Counter({kind: int(h.List(kind).count()) for kind in _PARTS})


def _has_pointers() -> bool:
    return any("POINTER" in str(code) for code in _codes_of_point_processes())


def _codes_of_point_processes() -> Iterator[str | None]:
    types = h.MechanismType(1)
    name = h.ref("")
    for index in range(int(types.count())):
        types.select(index)
        types.selected(name)
        if name[0] not in BUILT_IN_PROCESSES and h.List(name[0]).count():
            yield types.code()


def _builds_nothing(file: str) -> bool:
    """Whether a file is of Python's own library or of a package that builds no sections of its own accord."""
    if file.startswith((*_PACKAGES, _MNVALIDATE)):
        return True
    return file.startswith(_STANDARD) and "site-packages" not in file


_MNVALIDATE = str(Path(__file__).parents[1])
_STANDARD = ("<frozen", f"{sysconfig.get_path('stdlib')}/")
_PACKAGES = tuple(
    f"{sysconfig.get_path(place)}/{name}/"
    for place in ("purelib", "platlib")
    for name in ("numpy", "scipy", "pandas", "matplotlib", "neuron", "myogen", "yaml", "quantities")
)
