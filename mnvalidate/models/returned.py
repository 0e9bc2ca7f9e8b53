"""Calling a factory as it wants to be called, and making one motoneuron of whatever it returns."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from neuron import h, hoc, nrn

from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.records import UnusableModel

_WANTED = "a factory returns a Motoneuron, a soma section, a cell that has a soma, or a list with each neuron"
_STANDARD_VOLTAGE__mV = -65.0
"""What NEURON starts from where nobody has set ``v_init``."""


def call(factory: Callable[..., Any], spec: ModelSpec, neuron: int) -> Any:
    """Call a factory with the specification and the neuron's index, as far as it takes them.

    Options of the specification are given to arguments of the same names.

    Raises
    ------
    UnusableModel
        If it needs arguments that nothing says, or cannot be called.
    """
    if not callable(factory):
        raise UnusableModel(f"{spec.builder} is {_what(factory)} and no function: {_WANTED}")
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):  # something of C's, or of hoc's
        return factory(spec, neuron)
    kinds = inspect.Parameter
    takes = [p for p in parameters if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
    n_given = 2 if any(p.kind is kinds.VAR_POSITIONAL for p in parameters) else min(2, len(takes))
    rest = [*takes[n_given:], *(p for p in parameters if p.kind is kinds.KEYWORD_ONLY)]
    named = {p.name: spec.options[p.name] for p in rest if p.name in spec.options}
    missing = [p.name for p in rest if p.default is kinds.empty and p.name not in named]
    if missing:
        raise UnusableModel(
            f"{spec.builder} needs {', '.join(missing)}: a factory is called with the specification and the "
            "neuron's index; give the argument a default, or a value with --mn-set"
        )
    return factory(*(spec, neuron)[:n_given], **named)


def as_motoneuron(returned: Any, spec: ModelSpec, neuron: int) -> Motoneuron:
    """Make one motoneuron of what a factory returned.

    Of a pool it is the one with the index. What a section or a cell does not say follows from the
    specification and from NEURON: the threshold from the distribution, the voltage to start from ``v_init``.

    Raises
    ------
    UnusableModel
        If there is no soma in it, or another number of neurons than asked for.
    """
    if _is_pool(returned):
        pool = list(returned)
        if len(pool) != spec.n_neurons:
            raise UnusableModel(
                f"{spec.builder} returned {len(pool)} neurons where {spec.n_neurons} were asked for: build "
                f"spec.n_neurons of them, or say --n-neurons {len(pool)}"
            )
        returned = pool[neuron]
    if isinstance(returned, Motoneuron):
        return returned
    return Motoneuron(
        _soma_of(returned, spec),
        recruitment_threshold=spec.thresholds[neuron],
        initial_voltage__mV=float(getattr(h, "v_init", _STANDARD_VOLTAGE__mV)),
        owner=returned,
    )


def _is_pool(returned: Any) -> bool:
    if isinstance(returned, hoc.HocObject):  # a Vector is a sequence, too
        return str(returned.hname()).startswith("List[")
    return isinstance(returned, Sequence | Iterator) and not isinstance(returned, str | bytes)


def _soma_of(cell: Any, spec: ModelSpec) -> Any:
    if isinstance(cell, nrn.Section):
        return cell
    if cell is None or isinstance(cell, str | bytes | int | float | dict):
        raise UnusableModel(f"{spec.builder} returned {_what(cell)}: {_WANTED}")
    soma = getattr(cell, "soma", None)
    if isinstance(soma, nrn.Section):
        return soma
    if soma is not None and _is_array(soma):
        return soma[0]
    own = [section for section in h.allsec() if section.cell() is cell or section.cell() == cell]
    somata = own if len(own) == 1 else [section for section in own if "soma" in _short(section).lower()]
    if len(somata) == 1:
        return somata[0]
    if not own:
        raise UnusableModel(f"{spec.builder} returned {_what(cell)}, which has no soma: {_WANTED}")
    names = ", ".join(_short(section) for section in own[:8])
    raise UnusableModel(
        f"{spec.builder} returned {_what(cell)}, whose soma is not to be told from {names}: return "
        "Motoneuron(soma=...) with the section that is meant"
    )


def _is_array(sections: Any) -> bool:
    if isinstance(sections, list | tuple):
        return bool(sections) and isinstance(sections[0], nrn.Section)
    return isinstance(sections, hoc.HocObject) and isinstance(sections[0], nrn.Section)


def _short(section: Any) -> str:
    return str(section.name()).rpartition(".")[2]


def _what(value: Any) -> str:
    if isinstance(value, hoc.HocObject):
        return str(value.hname())
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
