"""Importing what may not be needed only when it is used."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Generator
from types import ModuleType
from typing import Any


@contextlib.contextmanager
def module_deferred(name: str) -> Generator[None]:
    """Let whoever imports the module `name` meanwhile load it only when something of it is used."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = _Deferred(name)
    try:
        yield
    finally:
        if isinstance(sys.modules.get(name), _Deferred):
            del sys.modules[name]


class _Deferred(ModuleType):
    """Stands for a module of its name."""

    def __getattr__(self, attribute: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), attribute)
