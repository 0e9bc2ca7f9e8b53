"""Arguments of an installed class, read from its source: the program that steers imports no model."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

type Annotation = ast.expr | None


class UnfitError(Exception):
    """A value is not what an annotation says."""


@cache
def arguments_of(folder: Path, class_name: str) -> dict[str, Annotation]:
    """Annotations of the arguments of a class, by their names; empty where the class is not found.

    Parameters
    ----------
    folder : Path
        Folder of the package, in whose files the class is looked for.
    class_name : str
        Name of the class.
    """
    marker = f"class {class_name}"
    for file in sorted(folder.rglob("*.py")):
        text = file.read_text(encoding="utf-8", errors="replace")
        if marker in text:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ClassDef) and node.name == class_name:
                    return dict(_arguments(node))
    return {}


def fitted(value: Any, annotation: Annotation) -> Any:
    """Return a value as an annotation wants it: lists become tuples, whole numbers floats.

    What the annotation says in words that are not Python's own is not looked at.

    Raises
    ------
    UnfitError
        If it is something else.
    """
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _first_fit(value, [left, right])
        case ast.Subscript(value=ast.Name(id="Optional"), slice=one):
            return _first_fit(value, [one])
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=several)):
            return _first_fit(value, several)
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=several)):
            return tuple(_items(value, several))
        case ast.Subscript(value=ast.Name(id="list"), slice=one):
            return _items(value, [one, ast.Constant(...)])
        case ast.Name(id="float" | "int" | "bool" | "str" as kind):
            return _plain(value, kind)
        case ast.Constant(value=None):
            raise UnfitError
    return value


def _first_fit(value: Any, annotations: list[ast.expr]) -> Any:
    for annotation in annotations:
        try:
            return fitted(value, annotation)
        except UnfitError:
            continue
    raise UnfitError


def _items(value: Any, annotations: list[ast.expr]) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise UnfitError
    match annotations:
        case [one, ast.Constant(value=last)] if last is ...:
            annotations = [one] * len(value)
    if len(annotations) != len(value):
        raise UnfitError
    return [fitted(item, annotation) for item, annotation in zip(value, annotations, strict=True)]


def _plain(value: Any, kind: str) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "float" and is_number and math.isfinite(value):
        return float(value)
    fits = {"int": int, "bool": bool, "str": str}
    if kind != "float" and type(value) is fits[kind]:
        return value
    raise UnfitError


def _arguments(node: ast.ClassDef) -> Iterator[tuple[str, Annotation]]:
    for function in node.body:
        if isinstance(function, ast.FunctionDef) and function.name == "__init__":
            named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            yield from ((argument.arg, argument.annotation) for argument in named[1:])
