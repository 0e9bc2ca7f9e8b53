"""A file of settings that is merged over a model's own: what it may say, and where it does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mnvalidate.nearest import nearest
from mnvalidate.records import Json

_PLAIN_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?")


class SettingError(ValueError):
    """A setting that a model does not have.

    Attributes
    ----------
    place : tuple of str
        Keys that lead to it.
    """

    def __init__(self, place: tuple[str, ...], problem: str) -> None:
        super().__init__(f"{'.'.join(place)}: {problem}")
        self.place = place


def read_settings(path: Path, usual: Path) -> dict[str, Json]:
    """Read a file of settings, each of which a model's own file must have, too.

    Parameters
    ----------
    path : Path
        The user's YAML file.
    usual : Path
        The model's own.

    Raises
    ------
    ValueError
        If the file cannot be read, or says what the model's own does not; one line with the line's number.
    """
    # Not at the top: pytest reads what imports this in every run, and starts faster without YAML.
    from mnvalidate.datafiles import read_yaml
    from mnvalidate.yaml_lines import Lines

    content, lines = read_yaml(path), Lines.of(path)
    for place, problem in problems_of(content, read_yaml(usual)):
        raise ValueError(f"{path.name}: line {lines.of_key(place)}: {'.'.join(place)}: {problem}")
    return content


def check_settings(content: Mapping[str, Any], usual: Path) -> None:
    """Refuse settings that a model's own file does not have.

    Raises
    ------
    SettingError
        For the first of them.
    """
    from mnvalidate.datafiles import read_yaml

    for place, problem in problems_of(content, read_yaml(usual)):
        raise SettingError(place, problem)


def changed_places(content: Mapping[str, Any], usual: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the place of every setting that differs from the usual one."""
    for key, value in content.items():
        if isinstance(value, dict) and isinstance(usual.get(key), dict):
            yield from ((key, *place) for place in changed_places(value, usual[key]))
        elif value != usual.get(key):
            yield (key,)


def problems_of(
    content: Mapping[str, Any], usual: Mapping[str, Any], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield place and problem of each setting that is not in the model's own, or is of another kind."""
    for key, value in content.items():
        place = (*above, key)
        if key not in usual:
            yield place, f"there is no such setting{nearest(key, usual)}"
        elif isinstance(usual[key], dict) and isinstance(value, dict):
            yield from problems_of(value, usual[key], place)
        elif not _is_alike(value, usual[key]):
            yield place, f"must be {_kind(usual[key])}, got {value!r}{number_hint(value)}"


def _is_alike(value: Any, usual: Any) -> bool:
    if isinstance(usual, list):
        same = isinstance(value, list) and len(value) == len(usual)
        return same and all(_is_alike(one, other) for one, other in zip(value, usual, strict=True))
    if isinstance(usual, int | float) and not isinstance(usual, bool):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and abs(value) < float("inf")
    return type(value) is type(usual)


def _kind(usual: Any) -> str:
    if isinstance(usual, dict):
        return "a mapping"
    if isinstance(usual, list):
        return f"a list like {usual}"
    return {bool: "true or false", str: "text"}.get(type(usual), "a finite number")


def _with_point(number: float) -> str:
    """Return a number as YAML reads it: with a point, and a sign in its exponent."""
    digits = repr(number)
    return digits if "." in digits or "e" not in digits else digits.replace("e", ".0e")


def number_hint(value: Any) -> str:
    """Return a word on what YAML does not take for a number, to the surprise of many."""
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        if isinstance(text, str) and _PLAIN_NUMBER.fullmatch(text):
            return f": in quotes it is text, write {text} without them"
        try:
            if isinstance(text, str) and float(text) is not None:
                return f": YAML reads {text} as text, write {_with_point(float(text))}"
        except ValueError:
            continue
    return ""
