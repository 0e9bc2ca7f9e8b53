"""What the user varies about a model: its arguments, settings, recruitment and seed.

Only the standard library is imported here, because pytest reads this module in every run.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mnvalidate.models.named import CONFIG
from mnvalidate.models.recruitment import Recruitment
from mnvalidate.models.spec import ModelSpec
from mnvalidate.records import Json


class VariantError(ValueError):
    """A variant that cannot be made; the message begins with the option that asks for it.

    Attributes
    ----------
    place : tuple of str
        Keys that lead to what is wrong, in what the option says; empty where it is all of it.
    """

    def __init__(self, message: str, place: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True, slots=True)
class Variant:
    """What is varied.

    Parameters
    ----------
    arguments : mapping of str to JSON values
        Options of the builder.
    config : Path, optional
        File of settings that are merged over the model's own.
    recruitment : Recruitment, optional
        Distribution of thresholds; the model's own by default.
    seed : int, optional
        Seed of the random generators; the model's own by default.
    settings : mapping, optional
        Settings in place of a file of them.
    """

    arguments: Mapping[str, Json] = field(default_factory=dict)
    config: Path | None = None
    recruitment: Recruitment | None = None
    seed: int | None = None
    settings: Mapping[str, Json] | None = None

    def applied_to(self, spec: ModelSpec) -> ModelSpec:
        """Return the variant of a model.

        Raises
        ------
        VariantError
            If the model has no such argument or setting.
        """
        if self.config is not None or self.settings is not None:
            spec = _with_options(spec, {CONFIG: self._settings_for(spec)}, "--mn-config")
        for name, value in self.arguments.items():
            spec = _with_options(spec, {name: value}, "--mn-set", (name,))
        if self.recruitment is not None:
            spec = replace(spec, recruitment=self.recruitment)
        try:
            return spec if self.seed is None else replace(spec, seed=self.seed)
        except ValueError as error:
            raise VariantError(f"--mn-seed: {error}") from error

    def _settings_for(self, spec: ModelSpec) -> Json:
        from mnvalidate.models.settings import check_settings, read_settings

        usual = None if spec.named is None else spec.named.settings_file
        if usual is None:
            problem = f"{spec.name} has no file of settings that this could be merged over"
            raise VariantError(f"--mn-config: {problem}")
        try:
            if self.config is not None:
                return read_settings(self.config, usual)
            settings = dict(self.settings or {})
            check_settings(settings, usual)
        except ValueError as error:
            raise VariantError(f"--mn-config: {error}", getattr(error, "place", ())) from error
        return settings


def read_variant(settings: Sequence[str], config: str, recruitment: str, seed: str) -> Variant:
    """Read the texts of the options of the same names; an empty one asks for nothing.

    Raises
    ------
    VariantError
        If a text has another form.
    """
    arguments: dict[str, Json] = {}
    for text in settings:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name.isidentifier() or not value:
            raise VariantError(f"--mn-set: must be NAME=VALUE, got {text!r}")
        if name in arguments:
            raise VariantError(f"--mn-set: {name} is given twice")
        try:
            arguments[name] = read_value(value)
        except ValueError as error:
            raise VariantError(f"--mn-set: {name}: {error}") from error
    try:
        distribution = Recruitment.parse(recruitment) if recruitment else None
    except ValueError as error:
        raise VariantError(f"--mn-recruitment: {error}") from error
    return Variant(arguments, Path(config) if config else None, distribution, _seed(seed) if seed else None)


def read_value(text: str) -> Json:
    """Read a number, a truth value, a list or tuple of these, or a word; tuples become lists.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        if text.isidentifier():
            return text
        raise ValueError(f"must be a number, a list like [1, 2, 3], or a word, got {text!r}") from None
    return _as_json(value, text)


def _as_json(value: Any, text: str) -> Json:
    if isinstance(value, tuple | list):
        return [_as_json(item, text) for item in value]
    if isinstance(value, str | bool) or (isinstance(value, int | float) and math.isfinite(value)):
        return value
    raise ValueError(f"must be a finite number, a list like [1, 2, 3], or a word, got {text!r}")


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise VariantError(f"--mn-seed: must be a whole number, got {text!r}") from None


def _with_options(
    spec: ModelSpec, options: Mapping[str, Json], flag: str, place: tuple[str, ...] = ()
) -> ModelSpec:
    try:
        return replace(spec, options={**spec.options, **options})
    except ValueError as error:
        raise VariantError(f"{flag}: {error}", place) from error
