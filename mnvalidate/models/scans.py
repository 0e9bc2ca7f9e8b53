"""Scans: one variant of each model for each combination of values of some parameters.

Only the standard library is imported here, because pytest reads this module in every run.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mnvalidate.models.recruitment import Recruitment
from mnvalidate.models.spec import ModelSpec
from mnvalidate.models.variants import Variant, VariantError, read_variant
from mnvalidate.nearest import close_names, nearest

MOST_VARIANTS = 100
"""Variants that a scan may have. Each has every check, every neuron and a row in every table."""

MOST_NEURONS = 10_000
"""Neurons that a scan may measure."""

CELSIUS, SEED = "celsius", "seed"
_RECRUITMENT = {
    "recruitment.range": "range_ratio",
    "recruitment.slope": "slope",
    "recruitment.max": "max_threshold",
}
_RESERVED = (CELSIUS, SEED, *_RECRUITMENT)
_RECRUITMENT_PREFIX = "recruitment."
# Digits of the steps between start and stop: 0.3 is 0.3, and the record of --mn-set gamma=0.3 is found.
_DIGITS = 12
_MOST_LISTED = 8
_FORM = "KEY=VALUE,VALUE,... or KEY=START:STOP:NUMBER"


@dataclass(frozen=True, slots=True)
class ScannedParameter:
    """A parameter and its values.

    Parameters
    ----------
    key : str
        An argument of the model, ``celsius``, ``seed``, or ``recruitment.range``, ``.slope`` or ``.max``.
    values : tuple of float
        At least two different numbers; whole ones are int.
    """

    key: str
    values: tuple[float, ...]

    def __str__(self) -> str:
        if len(self.values) <= _MOST_LISTED:
            return f"{self.key} = {', '.join(map(value_text, self.values))}"
        ends = f"{value_text(min(self.values))} to {value_text(max(self.values))}"
        return f"{self.key} = {ends} ({len(self.values)} values)"


@dataclass(frozen=True, slots=True)
class ScannedVariant:
    """One model of a scan.

    Parameters
    ----------
    model : str
        Its name, which tells the values: ``NERLab,gamma=0.1``.
    base : str
        Name of the model that it is a variant of.
    values : tuple of float
        Value of each parameter of the scan.
    """

    model: str
    base: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """What was scanned.

    Parameters
    ----------
    parameters : tuple of ScannedParameter
        What is varied.
    variants : tuple of ScannedVariant
        Every combination of the values for every model, in the order of their pools.
    """

    parameters: tuple[ScannedParameter, ...]
    variants: tuple[ScannedVariant, ...]

    @property
    def bases(self) -> tuple[str, ...]:
        """Names of the models that are varied."""
        return tuple(dict.fromkeys(variant.base for variant in self.variants))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Scan:
        """Restore a scan from the JSON values of its fields."""
        return cls(
            tuple(ScannedParameter(p["key"], tuple(p["values"])) for p in data["parameters"]),
            tuple(ScannedVariant(v["model"], v["base"], tuple(v["values"])) for v in data["variants"]),
        )


def value_text(value: float) -> str:
    """Return a value as one would type it."""
    return repr(value)


def read_scan(texts: Sequence[str]) -> tuple[ScannedParameter, ...]:
    """Read ``KEY=VALUE,VALUE,...`` and ``KEY=START:STOP:NUMBER``, one for each parameter.

    Raises
    ------
    VariantError
        If a text has another form, or there is nothing to scan, or too much.
    """
    parameters: list[ScannedParameter] = []
    for text in texts:
        key, equals, said = (part.strip() for part in text.partition("="))
        if not equals or not key or not said:
            raise VariantError(f"--mn-scan: must be {_FORM}, got {text!r}")
        if key.startswith(_RECRUITMENT_PREFIX) and key not in _RECRUITMENT:
            raise VariantError(f"--mn-scan: there is no key {key!r}{nearest(key, _RECRUITMENT)}")
        if not key.isidentifier() and key not in _RECRUITMENT:
            raise VariantError(f"--mn-scan: there is no key {key!r}{nearest(key, _RESERVED)}")
        if any(key == other.key for other in parameters):
            raise VariantError(f"--mn-scan: {key} is given twice")
        parameters.append(ScannedParameter(key, _values(key, said)))
    count = math.prod(len(parameter.values) for parameter in parameters)
    _check_variants(count)
    return tuple(parameters)


def read_scanned_variant(
    scan: Sequence[str], settings: Sequence[str], given: Mapping[str, str]
) -> tuple[tuple[ScannedParameter, ...], Variant]:
    """Read what is scanned, and what is varied about every variant of the scan.

    Parameters
    ----------
    scan, settings : sequence of str
        Texts of ``--mn-scan`` and ``--mn-set``.
    given : mapping of str to str
        Texts of ``--mn-config``, ``--mn-recruitment``, ``--mn-seed`` and ``--mn-celsius``.

    Raises
    ------
    VariantError
        If a text has another form, or two options say the same.
    """
    parameters = read_scan([text for text in scan if text])
    _check_said_once(parameters, {text.partition("=")[0].strip() for text in settings}, given)
    variant = read_variant(
        [text for text in settings if text],
        given["--mn-config"],
        _completed(given["--mn-recruitment"], parameters),
        given["--mn-seed"],
    )
    return parameters, variant


def _check_said_once(
    parameters: Collection[ScannedParameter], arguments: Collection[str], given: Mapping[str, str]
) -> None:
    """Refuse a parameter that another option gives a value."""
    settings = given["--mn-recruitment"].partition(":")[2]
    named = {setting.partition("=")[0].strip() for setting in settings.split(",")}
    for key in (parameter.key for parameter in parameters):
        flag = ""
        if key in arguments:
            flag = "--mn-set"
        elif key in (CELSIUS, SEED) and given[f"--mn-{key}"]:
            flag = f"--mn-{key}"
        elif key.removeprefix(_RECRUITMENT_PREFIX) in named and key in _RECRUITMENT:
            flag = "--mn-recruitment"
        if flag:
            raise VariantError(f"--mn-scan: {key} has a value by {flag}, too: say one of them")


def _completed(text: str, parameters: Collection[ScannedParameter]) -> str:
    """Complete the text of ``--mn-recruitment``, so that what is scanned need not be said there, too."""
    scanned = [p for p in parameters if p.key in _RECRUITMENT]
    if not text or not scanned:
        return text
    settings = [f"{p.key.removeprefix(_RECRUITMENT_PREFIX)}={value_text(p.values[0])}" for p in scanned]
    return f"{text}{',' if ':' in text else ':'}{','.join(settings)}"


def scanned(
    specs: Sequence[ModelSpec], parameters: Sequence[ScannedParameter]
) -> tuple[tuple[ModelSpec, ...], Scan]:
    """Return a specification for each combination of values of each model, and what they are.

    Raises
    ------
    VariantError
        If a model has no such parameter or refuses a value, or more would have to be measured than is
        allowed.
    """
    count = math.prod(len(parameter.values) for parameter in parameters)
    _check_variants(count * len(specs))
    neurons = count * sum(spec.n_neurons for spec in specs)
    if neurons > MOST_NEURONS:
        raise VariantError(
            f"--mn-scan: {count * len(specs)} variants are {neurons} neurons, and at most {MOST_NEURONS} "
            "are measured in one scan: give fewer values or a smaller --n-neurons"
        )
    keys = [parameter.key for parameter in parameters]
    found, variants = [], []
    for spec in specs:
        for values in itertools.product(*(parameter.values for parameter in parameters)):
            settings = dict(zip(keys, values, strict=True))
            variant = _variant(spec, settings)
            found.append(variant)
            variants.append(ScannedVariant(variant.name, spec.name, values))
    return tuple(found), Scan(tuple(parameters), tuple(variants))


def _variant(spec: ModelSpec, settings: Mapping[str, float]) -> ModelSpec:
    said = ",".join(f"{key}={value_text(value)}" for key, value in settings.items())
    shape = {_RECRUITMENT[key]: value for key, value in settings.items() if key in _RECRUITMENT}
    arguments = {key: value for key, value in settings.items() if key not in _RESERVED}
    seed = settings.get(SEED)
    try:
        if seed is not None and not isinstance(seed, int):
            raise ValueError(f"seed must be a whole number, got {seed}")
        recruitment = Recruitment.from_json({**spec.recruitment.to_json(), **shape}) if shape else None
        found = Variant(arguments, recruitment=recruitment, seed=seed).applied_to(spec)
        return replace(found, celsius=settings.get(CELSIUS, found.celsius), label=f"{spec.name},{said}")
    except ValueError as error:
        problem = str(error).removeprefix("--mn-set: ").removeprefix("--mn-seed: ")
        meant = close_names(" ".join(arguments), _RESERVED) if arguments else []
        hint = f"; {' and '.join(meant)} can be scanned, too" if meant else ""
        raise VariantError(f"--mn-scan: {spec.name} with {said}: {problem}{hint}") from error


def _values(key: str, text: str) -> tuple[float, ...]:
    values = _steps(key, text) if ":" in text else tuple(_number(key, part) for part in text.split(","))
    if len(values) == 1:
        raise VariantError(
            f"--mn-scan: {key}={text} is one value: a scan needs two at least, and other options say one"
        )
    repeated = [value for value, other in itertools.pairwise(sorted(values)) if value == other]
    if repeated:
        raise VariantError(f"--mn-scan: {key}: {value_text(repeated[0])} is given twice")
    return values


def _steps(key: str, text: str) -> tuple[float, ...]:
    parts = text.split(":")
    if len(parts) != 3:
        raise VariantError(f"--mn-scan: must be {_FORM}, got {f'{key}={text}'!r}")
    start, stop = (_number(key, part) for part in parts[:2])
    if not math.isfinite(stop - start):
        raise VariantError(f"--mn-scan: {key}: {parts[0]} and {parts[1]} are too far apart")
    try:
        number = int(parts[2])
    except ValueError:
        number = 0
    if number < 2:
        raise VariantError(
            f"--mn-scan: {key}: the number of values must be a whole number of at least 2, got {parts[2]!r}"
        )
    _check_variants(number)
    steps = (start + (stop - start) * i / (number - 1) for i in range(number))
    return tuple(_plain(float(f"{step:.{_DIGITS}g}")) for step in steps)


def _check_variants(count: int) -> None:
    if count > MOST_VARIANTS:
        raise VariantError(
            f"--mn-scan: {count} variants are more than the {MOST_VARIANTS} that one scan may have: "
            "give fewer values"
        )


def _number(key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise VariantError(f"--mn-scan: {key}: {text.strip()!r} is not a finite number")
    return _plain(value)


def _plain(value: float) -> float:
    """Return a whole number as int, as ``--mn-set`` reads it: both are one model to the store."""
    return int(value) if value == int(value) and abs(value) < 10**_DIGITS else value
