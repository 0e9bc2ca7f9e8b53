"""Arguments and settings of MyoGen's pool, checked against the installed version without importing it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from mnvalidate.models.myogen_models import NERLAB, PACKAGE, POWERS_2017, SETTINGS
from mnvalidate.models.named import CONFIG, package_folder
from mnvalidate.models.settings import changed_places
from mnvalidate.models.signature import UnfitError, arguments_of, fitted
from mnvalidate.nearest import nearest

_POOL = "AlphaMN__Pool"
_SAID_OTHERWISE = {
    "n": "--n-neurons",
    "recruitment_thresholds__array": "--mn-recruitment",
    "model": "--mn-model",
    "config_file": "--mn-config",
    "cell_index": "--n-neurons",
}
_WORDS = {"mode": ("active", "passive")}
# By MyoGen's documentation of the pool these are read for Powers2017 alone.
_OF_POWERS = ("soma_", "dendrite_", "lambda_factor")
_SECTIONS = {NERLAB.name: "nerlab", POWERS_2017.name: "powers2017"}


def checked_options(model: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with values as the pool's arguments want them.

    Parameters
    ----------
    model : str
        Name of the model.
    options : mapping
        Arguments of ``AlphaMN__Pool``, and under ``config`` settings that are merged over MyoGen's own.

    Raises
    ------
    ValueError
        If an argument does not exist, has a value of another type, or does nothing in the model.
    """
    arguments = dict(options)
    config = arguments.pop(CONFIG, None)
    found: dict[str, Any] = {} if config is None else {CONFIG: _useful(model, config)}
    return found | {name: _checked(model, name, value) for name, value in arguments.items()}


def _checked(model: str, name: str, value: Any) -> Any:
    if name in _SAID_OTHERWISE:
        raise ValueError(f"{name} is given by {_SAID_OTHERWISE[name]}")
    folder = package_folder(PACKAGE)
    known = {} if folder is None else arguments_of(folder, _POOL)
    if not known:  # another version of MyoGen: the pool itself will say what it does not know
        return value
    if name not in known:
        settable = [argument for argument in known if argument not in _SAID_OTHERWISE]
        raise ValueError(f"{model} has no argument {name!r}{nearest(name, settable)}")
    if model != POWERS_2017.name and name.startswith(_OF_POWERS):
        raise ValueError(f"{name} does nothing in {model}: it is for {POWERS_2017.name}")
    if name in _WORDS and value not in _WORDS[name]:
        raise ValueError(f"{name} must be one of {', '.join(_WORDS[name])}, got {value!r}")
    annotation = known[name]
    try:
        return fitted(value, annotation)
    except UnfitError:
        wanted = "" if annotation is None else ast.unparse(annotation).replace(" | None", "")
        raise ValueError(f"{name} must be {wanted}, got {value!r}") from None


def _useful(model: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse settings that are another model's, or that change nothing in this one."""
    wanted = config.get("model", model)
    if wanted != model:
        raise ValueError(f"the settings are those of {wanted}: say --mn-model {wanted}, or take 'model' out")
    others = [section for name, section in _SECTIONS.items() if name != model]
    folder = package_folder(PACKAGE)
    if folder is not None:
        from mnvalidate.datafiles import read_yaml

        usual = read_yaml(folder / SETTINGS)
        changed = [place for place in changed_places(config, usual) if place != ("model",)]
        if changed and all(place[0] in others for place in changed):
            raise ValueError(
                f"the settings change nothing in {model}: they are in the section {changed[0][0]!r}"
            )
    return config
