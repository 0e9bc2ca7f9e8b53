"""Whose mechanisms are in force where several places have some, and what must be compiled for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mnvalidate.nmodl.compiled import CompiledLibrary
from mnvalidate.nmodl.sources import NmodlError, NmodlSource
from mnvalidate.nmodl.text import same_code


class ClashError(NmodlError):
    """Two places have different mechanisms of one name."""

    @classmethod
    def between(cls, name: str, first: str, second: str) -> ClashError:
        """Say which mechanism it is, where the two are, and what to do."""
        return cls(
            f"mechanism {name} is there twice, in {first} and in {second}, and they differ; NEURON holds "
            "only one of a name: rename or remove one, or give the one that is meant with --mn-nmodl"
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """Mechanisms from one place.

    Parameters
    ----------
    place : str
        The file or folder, as messages name it.
    sources : tuple of NmodlSource
        The mechanisms.
    compiled : Path, optional
        File that holds them ready for NEURON; None where they have to be compiled.
    """

    place: str
    sources: tuple[NmodlSource, ...]
    compiled: Path | None = None

    @classmethod
    def of(cls, library: CompiledLibrary) -> Layer:
        """Make a layer of a compiled library."""
        return cls(str(library.file), library.sources, library.file)

    def places(self) -> dict[str, str]:
        """Return where each mechanism of this layer is, by its name."""
        return {source.name: self.place_of(source) for source in self.sources}

    def place_of(self, source: NmodlSource) -> str:
        """Return where a mechanism of this layer is, as messages name it."""
        return self.place if self.compiled is not None else source.file


def names_of(layers: Iterable[Layer]) -> tuple[str, ...]:
    """Names of all mechanisms, sorted."""
    return tuple(sorted({source.name for layer in layers for source in layer.sources}))


@dataclass(frozen=True, slots=True)
class Loading:
    """What has to be loaded, in this order.

    Parameters
    ----------
    files : tuple of Path
        Compiled libraries as they are.
    to_compile : tuple of NmodlSource
        What goes into one more library.
    places : dict of str to str
        Where each mechanism comes from.
    """

    files: tuple[Path, ...]
    to_compile: tuple[NmodlSource, ...]
    places: dict[str, str]


def combine(
    layers: Iterable[Layer], changed: Sequence[NmodlSource], present: Sequence[Layer] = ()
) -> Loading:
    """Merge `changed` over the mechanisms of all layers, which must not contradict each other.

    Parameters
    ----------
    layers : iterable of Layer
        What is to be in force.
    changed : sequence of NmodlSource
        Mechanisms that replace those of the same name in any layer.
    present : sequence of Layer
        What NEURON holds already; nothing of it can be replaced.

    Raises
    ------
    ClashError
        If two layers have different mechanisms of one name.
    """
    replaced = {source.name for source in changed}
    known = {source.name: (layer.place_of(source), source) for layer in present for source in layer.sources}
    files: list[Path] = []
    to_compile: dict[str, NmodlSource] = {}
    for source in changed:
        if source.name not in known:
            known[source.name] = (source.file, source)
            to_compile[source.name] = source
    for layer in layers:
        new: list[NmodlSource] = []
        for source in layer.sources:
            if source.name not in known:
                new.append(source)
            elif source.name not in replaced and not same_code(
                known[source.name][1].whole_text, source.whole_text
            ):
                raise ClashError.between(source.name, known[source.name][0], layer.place_of(source))
        known |= {source.name: (layer.place_of(source), source) for source in new}
        if layer.compiled is not None and len(new) == len(layer.sources):
            files.append(layer.compiled)
        else:
            to_compile |= {source.name: source for source in new}
    return Loading(
        tuple(files),
        tuple(to_compile[name] for name in sorted(to_compile)),
        {name: place for name, (place, _) in known.items()},
    )
