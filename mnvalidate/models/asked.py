"""The models that a run is asked for: names, factories and model files, and what is varied about all of them.

Only the standard library is imported here, because pytest reads this module in every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mnvalidate.models.existence import check_factory
from mnvalidate.models.modifications import Modifications
from mnvalidate.models.spec import ModelSpec
from mnvalidate.models.variants import Variant
from mnvalidate.nmodl.sources import merge

FILE_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options ask of every model.

    Parameters
    ----------
    n_neurons : int
        Size of the pool.
    is_size_given : bool
        Whether somebody said so; a model file's own size counts otherwise.
    celsius : float, optional
        Temperature in place of the model's own.
    changed : Modifications
        The user's mechanisms.
    variant : Variant
        What is varied.
    """

    n_neurons: int
    is_size_given: bool
    celsius: float | None
    changed: Modifications
    variant: Variant


def is_model_file(text: str) -> bool:
    """Whether a model is asked for by a file."""
    return text.endswith(FILE_SUFFIXES)


def asked_models(models: Sequence[str], wanted: Wanted) -> tuple[tuple[ModelSpec, ...], tuple[str, ...]]:
    """Return the specification of each model, and the mechanisms that are to be checked.

    What the options say counts more than what a file says.

    Raises
    ------
    ValueError
        If there is no such model, or something in its file is not allowed; the message names the option.
    """
    mechanisms = list(wanted.changed.mechanisms)
    specs = []
    for text in models:
        try:
            spec, own = _spec(text, wanted)
            if spec.named is None:
                check_factory(spec.builder)
        except ValueError as error:
            raise ValueError(f"--mn-model: {error}") from error
        specs.append(wanted.variant.applied_to(spec))
        mechanisms += own
    return _told_apart(tuple(specs)), tuple(dict.fromkeys(mechanisms))


def _spec(text: str, wanted: Wanted) -> tuple[ModelSpec, tuple[str, ...]]:
    changed = wanted.changed
    if not is_model_file(text):
        spec = ModelSpec(
            text,
            wanted.n_neurons,
            celsius=wanted.celsius,
            nmodl=changed.nmodl,
            insertions=changed.insertions,
            library=changed.library,
        )
        return spec, ()
    from mnvalidate.models.files import read_model_file

    found = read_model_file(Path(text), wanted.n_neurons)
    spec = replace(
        found.spec,
        n_neurons=wanted.n_neurons if wanted.is_size_given else found.spec.n_neurons,
        celsius=found.spec.celsius if wanted.celsius is None else wanted.celsius,
        nmodl=merge(found.spec.nmodl, changed.nmodl),
        insertions=(*found.spec.insertions, *changed.insertions),
        library=merge(found.spec.library, changed.library),
    )
    return spec, found.mechanisms


def _told_apart(specs: tuple[ModelSpec, ...]) -> tuple[ModelSpec, ...]:
    """Name factories of one name by their modules, too."""
    names = [spec.name for spec in specs]
    found = tuple(
        replace(spec, label=spec.long_name)
        if names.count(spec.name) > 1 and spec.named is None and not spec.label
        else spec
        for spec in specs
    )
    names = [spec.name for spec in found]
    repeated = {spec.name for spec in found if names.count(spec.name) > 1}
    if repeated:
        raise ValueError(f"--mn-model: {', '.join(sorted(repeated))} is given twice")
    return found
