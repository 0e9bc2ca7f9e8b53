"""Families of checks on pools, a file each; what a file calls ``FAMILY`` is found here by itself."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from mnvalidate.checks.check import Family

FAMILIES: tuple[Family, ...] = tuple(
    import_module(f"{__name__}.{module.name}").FAMILY for module in iter_modules(__path__)
)
"""Every family, in alphabetical order of the files."""
