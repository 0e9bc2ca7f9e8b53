"""Reading the text of a baseline: whatever is not as it was written is refused, with its place."""

from __future__ import annotations

import contextlib
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from mnvalidate.baseline.state import NeuronState, PoolState, State, Widening
from mnvalidate.baseline.text import ABSENT, ANY_NEURON, SCHEMA_PREFIX, USUAL, VERSION
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Measurement, MeasurementOutcome
from mnvalidate.verdicts import neuron_label

_STATUSES = (
    "conforms", "error", "warning", "info", "excused", "not judged", "not applicable", "not measured", ABSENT
)  # fmt: skip


def parse(text: str) -> State:
    """Read the text of a baseline of this version of the format, or of an older one.

    Raises
    ------
    ValueError
        If it is anything else; the message says where and what.
    """
    content = json.loads(text, parse_constant=_no_number, object_pairs_hook=_without_repetition)
    if not isinstance(content, dict) or not str(content.get("schema", "")).startswith(SCHEMA_PREFIX):
        raise ValueError(f"its schema is not {SCHEMA_PREFIX}{VERSION}")
    version = content["schema"].removeprefix(SCHEMA_PREFIX)
    if version.isascii() and version.isdigit() and int(version) > VERSION:
        raise ValueError(
            f"its schema {content['schema']} is of a newer mnvalidate; known here is {SCHEMA_PREFIX}{VERSION}"
        )
    if version not in _READERS:
        raise ValueError(f"there is no schema {content['schema']}")
    return _READERS[version](content)


def _read_1(content: Mapping[str, Any]) -> State:
    verdicts = _texts(content, "verdicts", "the file")
    pools = tuple(
        _pool(pool, f"pool {index + 1}", verdicts)
        for index, pool in enumerate(_of(list, content, "pools", "the file"))
    )
    models = [pool.model for pool in pools]
    if not pools or len(set(models)) < len(models):
        raise ValueError("pools: must be at least one, each of another model")
    for check, status in verdicts.items():
        if status not in _STATUSES:
            raise ValueError(f"verdicts: {check}: there is no verdict {status!r}")
    return State(
        species=_of(str, content, "species", "the file"),
        solver=_of(dict, content, "solver", "the file"),
        versions=_texts(content, "versions", "the file"),
        literature=_texts(content, "literature", "the file") if "literature" in content else {},
        pools=pools,
        verdicts=verdicts,
        widened={
            name: _widening(name, entry) for name, entry in _of(dict, content, "widened", "the file").items()
        },
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], State]] = {"1": _read_1}
"""How each version of the format is read."""


def _widening(name: str, entry: Any) -> Widening:
    where = f"widened: {name}"
    if name not in QUANTITIES:
        raise ValueError(f"{where}: there is no such quantity")
    if not isinstance(entry, dict) or set(entry) - {"reason", "relative", "absolute"}:
        raise ValueError(f"{where}: must hold reason and relative or absolute")
    reason = _of(str, entry, "reason", where)
    relative, absolute = (
        _number(entry[key], f"{where}: {key}") if key in entry else 0.0 for key in ("relative", "absolute")
    )
    if not reason.strip() or min(relative, absolute) < 0 or max(relative, absolute) <= 0:
        raise ValueError(f"{where}: needs a reason and a positive number, relative or absolute")
    return Widening(reason, relative, absolute)


def _pool(pool: Any, where: str, verdicts: dict[str, str]) -> PoolState:
    """Read a pool; verdicts on its neurons are added to `verdicts`."""
    model = _of(str, pool, "model", where)
    where = f"{where} ({model})"
    size = _of(int, pool, "n_neurons", where)
    usual = _of(list, pool, "checks of each neuron", where)
    lines = _of(list, pool, "neurons", where)
    neurons = []
    for line in lines:
        neuron = _neuron(line, where)
        neurons.append(neuron)
        label = neuron_label(model, size, neuron.neuron)
        for check, status in _verdicts(line, usual, f"{where}, neuron {neuron.neuron}").items():
            verdicts[check.replace(f"[{ANY_NEURON}-", f"[{label}-", 1)] = status
    indices = [neuron.neuron for neuron in neurons]
    twice = next((index for index, n in Counter(indices).items() if n > 1), None)
    if twice is not None:
        raise ValueError(f"{where}: neuron {twice} is there twice")
    if size < 1 or len(indices) != size or indices != list(range(size)):
        raise ValueError(f"{where}: must hold {size} neurons in order, from 0 on")
    celsius = tuple(_number(value, f"{where}: celsius") for value in _of(list, pool, "celsius", where))
    return PoolState(model, size, _of(dict, pool, "spec", where), celsius, tuple(neurons))


def _neuron(line: Any, where: str) -> NeuronState:
    index = _of(int, line, "neuron", where)
    where = f"{where}, neuron {index}"
    threshold = _number(_of(object, line, "recruitment_threshold", where), f"{where}: recruitment_threshold")
    values = _of(dict, line, "values", where)
    return NeuronState(
        index, threshold, {name: _measurement(name, value, where) for name, value in values.items()}
    )


def _measurement(name: str, value: Any, where: str) -> Measurement:
    where = f"{where}: {name}"
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{where}: must be value and resolution, or outcome and reason")
    first, second = value
    unit = QUANTITIES[name].unit if name in QUANTITIES else ""
    if isinstance(first, str):
        if first not in ("not_measurable", "not_applicable") or not isinstance(second, str) or not second:
            raise ValueError(f"{where}: must be not_measurable or not_applicable, and a reason")
        return Measurement(name, unit, MeasurementOutcome(first), reason=second)
    resolution = None if second is None else _number(second, where)
    if resolution is not None and resolution < 0:
        raise ValueError(f"{where}: its resolution must not be below 0")
    return Measurement(name, unit, MeasurementOutcome.OK, _number(first, where), resolution)


def _verdicts(line: Mapping[str, Any], usual: list[Any], where: str) -> dict[str, str]:
    unusual: dict[Any, str] = {}
    for status, checks in _of(dict, line, "verdicts", where).items():
        if status not in _STATUSES or not isinstance(checks, list):
            raise ValueError(f"{where}: verdicts: there is no verdict {status!r}")
        unusual |= {str(check): status for check in checks}
    if set(unusual) - set(map(str, usual)):
        raise ValueError(f"{where}: verdicts: names a check that is not one of each neuron's")
    found = {str(check): unusual.get(str(check), USUAL) for check in usual}
    return {check: status for check, status in found.items() if status != ABSENT}


def _of[T](kind: type[T], data: Any, key: str, where: str) -> T:
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{where}: {key} is missing or of another kind")
    return value


def _texts(data: Any, key: str, where: str) -> dict[str, str]:
    found = _of(dict, data, key, where)
    if not all(isinstance(value, str) for value in found.values()):
        raise ValueError(f"{where}: {key} must hold text")
    return dict(found)


def _number(value: Any, where: str) -> float:
    number = math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        with contextlib.suppress(OverflowError):  # a whole number of hundreds of digits
            number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{where}: must be a finite number, is {str(value)[:40]}")
    return number


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)!r} is there twice")
    return found
