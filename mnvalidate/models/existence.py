"""Whether a factory exists, told from its module's source: the program that steers imports no model."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

from mnvalidate.nearest import nearest

# A module that does one of these may have names that do not stand in its source.
_MAKES_NAMES = ("globals(", "__getattr__", "exec(", "import *", "setattr(")


def check_factory(path: str) -> None:
    """Refuse a factory whose module does not have its name.

    Parameters
    ----------
    path : str
        ``package.module:factory``, of a module that exists.

    Raises
    ------
    ValueError
        If the name does not stand in the module, or the module's source is no Python; with the nearest names.
    """
    module, _, name = path.partition(":")
    found = find_spec(module)
    file = Path(found.origin) if found is not None and found.origin else None
    if file is None or file.suffix != ".py" or not file.is_file():
        return
    text = file.read_text(encoding="utf-8", errors="replace")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if line else ""
        raise ValueError(
            f"unknown model {path!r}: {file.name}{where} is no Python: {error.args[0]}"
        ) from error
    bound = {each for node in ast.walk(tree) for each in _names_of(node)}
    if name in bound or any(words in text for words in _MAKES_NAMES):
        return
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    near = nearest(name, functions) if functions else ""
    raise ValueError(f"unknown model {path!r}: there is no {name!r} in {file.name}{near}")


def _names_of(node: ast.AST) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Name(id=name, ctx=ast.Store()):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [(alias.asname or alias.name).partition(".")[0] for alias in names]
    return []
