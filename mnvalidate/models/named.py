"""A model that has a name of its own."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONFIG = "config"
"""Option that holds the content of a file of settings."""


@dataclass(frozen=True, slots=True)
class NamedModel:
    """What is known of a model before a neuron of it is built.

    Parameters
    ----------
    name : str
        What ``--mn-model`` calls it.
    factory : str
        ``package.module:function``, called in the neuron's own process with the specification and the index.
    celsius : float, optional
        Its usual temperature in degrees Celsius; by default it is as the factory leaves it.
    package : str
        Installed package that holds everything a neuron is built of, apart from the specification: its files
        key the records. By default whatever the factory turns out to read does.
    title : str
        Name of the package in sentences.
    mechanisms : str
        Folder of its mod files, and of their compiled library if there is one, within `package`.
    marker : str
        Mechanism by which the package sees that its library is loaded, for one that loads it by itself.
    settings : str
        YAML file with all its settings, within `package`, over which ``--mn-config`` is merged.
    check : str
        ``package.module:function`` that is called with the name and the options before anything is measured.
        It returns the options as the factory wants them, or raises ValueError.
    """

    name: str
    factory: str
    celsius: float | None = None
    package: str = ""
    title: str = ""
    mechanisms: str = ""
    marker: str = ""
    settings: str = ""
    check: str = ""

    @property
    def folder(self) -> Path | None:
        """Folder of its mechanisms; None where it has none, or its package is not installed."""
        place = package_folder(self.package) if self.package and self.mechanisms else None
        return None if place is None else place / self.mechanisms

    @property
    def settings_file(self) -> Path | None:
        """File of its settings; None where it has none, or its package is not installed."""
        place = package_folder(self.package) if self.package and self.settings else None
        return None if place is None else place / self.settings

    def require(self) -> None:
        """Make sure that its package is there.

        Raises
        ------
        ValueError
            If it is not.
        """
        if self.package and package_folder(self.package) is None:
            title = self.title or self.package
            raise ValueError(
                f"{self.name} is a model of {title}, which is not installed: install {self.package}, or say "
                "--mn-model package.module:factory"
            )

    def checked(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return options as the factory wants them.

        Raises
        ------
        ValueError
            If one of them is not allowed.
        """
        if not self.check:
            return options
        module, _, function = self.check.partition(":")
        check: Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
        check = getattr(importlib.import_module(module), function)
        return check(self.name, options)


def package_folder(package: str) -> Path | None:
    """Folder of an installed package, None where it is not there."""
    try:
        found = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations)))
