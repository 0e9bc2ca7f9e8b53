"""Putting the mechanisms of a model in force in this process, before and while its factory runs."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.util
import os
import sys
from collections.abc import Callable, Generator, Sequence
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import neuron

import mnvalidate.models
from mnvalidate.models.inputs import unwatched
from mnvalidate.models.layering import layer_of, stands_for
from mnvalidate.models.myogen_models import NERLAB, PACKAGE
from mnvalidate.models.named import NamedModel
from mnvalidate.nmodl.compiled import CompiledLibrary, library_in, read_compiled
from mnvalidate.nmodl.content import content_digest
from mnvalidate.nmodl.layers import ClashError, Layer, combine
from mnvalidate.nmodl.library import build_library
from mnvalidate.nmodl.loading import load_file, load_folder, load_library, source_in_force
from mnvalidate.nmodl.sources import NmodlSource, read_sources
from mnvalidate.nmodl.text import same_code
from mnvalidate.records import MechanismInForce

_OUR_MYOGEN_MODULE = "mnvalidate.models.myogen"
_MAPS = Path("/proc/self/maps")


def use_mechanisms(*folders: str | os.PathLike[str]) -> None:
    """Compile mechanisms in the user's cache and load them, from within a factory or its module.

    Parameters
    ----------
    *folders : path
        Folders of mod files, or mod files. What is in force already with the same text is left alone, and
        what ``--mn-nmodl`` replaces is left out.

    Raises
    ------
    NmodlError
        If a file cannot be used, does not compile, or contradicts what is in force.
    """
    (_active or Mechanisms(())).load_folders([Path(folder) for folder in folders])


class Mechanisms:
    """What is in force in this process, and where it came from.

    Parameters
    ----------
    changed : sequence of NmodlSource
        The user's mechanisms, which replace those of the same name wherever they come from.
    """

    def __init__(self, changed: Sequence[NmodlSource]) -> None:
        self._changed = tuple(changed)
        self._loaded: list[Layer] = []
        self._is_closed = False

    @classmethod
    def of_package(cls, model: NamedModel) -> Mechanisms:
        """Load the compiled library of a package, in a process in which no code of the user's runs."""
        mechanisms = cls(())
        file = _library_of(model)
        if file is not None and model.folder is not None:
            if not model.marker or source_in_force(model.marker) is None:
                load_folder(model.folder)
            mechanisms._loaded.append(Layer.of(_read(file)))
        mechanisms._is_closed = True
        return mechanisms

    def load(self, layers: Sequence[Layer]) -> None:
        """Put layers in force, on top of what is.

        Raises
        ------
        NmodlError
            If something cannot be compiled or loaded, or contradicts what is in force.
        """
        with unwatched():
            loading = combine(layers, self._changed, self.layers())
            for file in loading.files:
                load_file(str(file))
            if loading.to_compile:
                load_library(build_library(loading.to_compile))
            compiled = set(loading.to_compile)
            for layer in (*layers, Layer("", self._changed)):
                new = tuple(s for s in layer.sources if s in compiled)
                if layer.compiled in loading.files:
                    self._loaded.append(layer)
                elif new:
                    self._loaded.append(Layer(layer.place, new, layer.compiled))

    def load_folders(self, folders: Sequence[Path]) -> None:
        """Compile mod files and folders of mod files, and put them in force."""
        if folders:
            self.load([Layer(", ".join(map(str, folders)), read_sources(folders))])

    def load_myogen(self) -> None:
        """Put MyoGen's mechanisms in force, unless MyoGen would take what is there for them."""
        changed = {source.name for source in self._changed}
        layers = [
            Layer("", tuple(s for s in layer.sources if s.name not in changed)) for layer in self.layers()
        ]
        if not stands_for(NERLAB, layers):
            self.load([layer_of(NERLAB)])

    def layers(self) -> list[Layer]:
        """What is in force, by its place; what was loaded behind our back comes last."""
        known = {layer.compiled for layer in self._loaded}
        names = {source.name for layer in self._loaded for source in layer.sources}
        found = list(self._loaded)
        for library in () if self._is_closed else mapped_libraries():
            new = tuple(s for s in library.sources if s.name not in names and _is_in_force(s))
            if library.file not in known and new:
                found.append(Layer(str(library.file), new, library.file))
                names |= {source.name for source in new}
        return found

    @contextlib.contextmanager
    def in_charge(self) -> Generator[None]:
        """Let a factory load mechanisms and import MyoGen, which brings its own."""
        global _active
        load, _active = neuron.load_mechanisms, self
        neuron.load_mechanisms = self._load_as_neuron_does
        finder = _MyogenOnDemand(self.load_myogen)
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            neuron.load_mechanisms, _active = load, None
            finder.leave()

    def prove(self, names: Sequence[str]) -> None:
        """Refuse a cell whose mechanisms are not those of a library that was loaded, too.

        NEURON keeps the first of a name, and tells the second only if somebody listens.

        Raises
        ------
        ClashError
            If a library in this process holds another mechanism of one of the names.
        """
        replaced = {source.name for source in self._changed}
        for library in () if self._is_closed else mapped_libraries():
            for source in library.sources:
                if source.name in names and source.name not in replaced and not _is_in_force(source):
                    raise ClashError.between(source.name, self.place(source.name), str(library.file))

    def place(self, name: str) -> str:
        """Return the file that a mechanism comes from, as far as it is known."""
        for layer in self.layers():
            for source in layer.sources:
                if source.name == name:
                    return layer.place_of(source)
        return "this process"

    def describe(self, names: Sequence[str]) -> tuple[MechanismInForce, ...]:
        """Every mechanism of the names, with its file and digest."""
        places: dict[str, str] = {}
        for layer in reversed(self.layers()):
            places |= layer.places()
        return tuple(_described(name, places.get(name, "NEURON")) for name in sorted(names))

    def _load_as_neuron_does(self, path: str, warn_if_already_loaded: bool = True) -> bool:
        file = library_in(Path(path))
        if file is None:
            print(f"NEURON mechanisms not found in {path}.")
            return False
        self.load([Layer.of(_read(file.resolve()))])
        return True


_active: Mechanisms | None = None


class _MyogenOnDemand(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hides MyoGen, which the server has loaded without its mechanisms, until somebody imports it."""

    def __init__(self, on_demand: Callable[[], None]) -> None:
        self._on_demand = on_demand
        self._is_asked = False
        names = [
            name for name in sys.modules if name.partition(".")[0] == PACKAGE or name == _OUR_MYOGEN_MODULE
        ]
        self._hidden: dict[str, ModuleType] = {name: sys.modules.pop(name) for name in names}
        self._ours = mnvalidate.models.__dict__.pop("myogen", None)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Load MyoGen's mechanisms when MyoGen is first asked for."""
        if self._is_asked or (name.partition(".")[0] != PACKAGE and name != _OUR_MYOGEN_MODULE):
            return None
        self._is_asked = True
        self._on_demand()
        self._show()
        return importlib.util.spec_from_loader(name, self) if name in self._hidden else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module that is there."""
        module = self._hidden[spec.name]
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it is."""
        module.__spec__ = self._spec

    def leave(self) -> None:
        """Hide nothing any more."""
        sys.meta_path.remove(self)
        if not self._is_asked:
            self._show()

    def _show(self) -> None:
        sys.modules.update(self._hidden)
        if self._ours is not None:
            mnvalidate.models.__dict__["myogen"] = self._ours


def mapped_libraries() -> list[CompiledLibrary]:
    """Return the libraries of mechanisms that are in this process, where the system tells; none elsewhere."""
    try:
        lines = _MAPS.read_text().splitlines()
    except OSError:
        return []
    files = dict.fromkeys(line.partition("/")[2] for line in lines if "nrnmech" in line)
    present = [Path(f"/{file}") for file in files if "corenrn" not in file]
    return [_read(file) for file in present if file.is_file()]


@cache
def _read(file: Path) -> CompiledLibrary:
    return read_compiled(file)


def remember_myogen() -> None:
    """Read what MyoGen's library holds, once for this process and all that are forked from it."""
    file = _library_of(NERLAB)
    if file is not None:
        Layer.of(_read(file)).places()


def _library_of(model: NamedModel) -> Path | None:
    return library_in(model.folder) if model.folder is not None else None


def _is_in_force(source: NmodlSource) -> bool:
    loaded = source_in_force(source.name)
    return loaded is not None and same_code(loaded, source.whole_text)


def _described(name: str, place: str) -> MechanismInForce:
    code = source_in_force(name) or ""
    return MechanismInForce(name, place, content_digest(code) if code else "")
