"""Reading of the data files that people edit: strict YAML, checked against a JSON schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError


class ReferenceDataError(ValueError):
    """A data file is wrong; the message is one line that names file, entry and key."""


# libyaml's loader where it is there: it reads the shipped files ten times faster.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]
    """YAML's plain types, with dates left as text and repeated keys refused."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the attribute is yaml's
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise ReferenceDataError(f"line {key_node.start_mark.line + 1}: key {key!r} is not text")
            if key in mapping:
                raise ReferenceDataError(f"line {key_node.start_mark.line + 1}: key {key!r} is repeated")
            mapping[key] = self.construct_object(value_node, deep=True)
        return mapping


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def data_folder() -> Path:
    """Folder of the reference data: inside the installed package, or beside it in a checkout."""
    package = Path(str(files("mnvalidate")))
    shipped = package / "reference_data"
    return shipped if shipped.is_dir() else package.parent / "reference_data"


def read_yaml(path: Path, name: str = "") -> dict[str, Any]:
    """Read a YAML file that holds a mapping, without tags, anchors or repeated keys.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What messages call it; its name without a folder by default.

    Returns
    -------
    dict
        Its content; dates are text.

    Raises
    ------
    ReferenceDataError
        If the file cannot be read or is anything else.
    """
    name = name or path.name
    try:
        text = path.read_text(encoding="utf-8")
        for event in yaml.parse(text, Loader=_SafeLoader):
            line = 0 if event.start_mark is None else event.start_mark.line + 1
            tag = getattr(event, "tag", None)
            if tag is not None:
                raise ReferenceDataError(f"{name}: line {line}: tag {tag} is not allowed")
            if getattr(event, "anchor", None) is not None:
                raise ReferenceDataError(f"{name}: line {line}: anchors and aliases are not allowed")
        try:
            content = yaml.load(text, Loader=_Loader)
        except ReferenceDataError as error:
            raise ReferenceDataError(f"{name}: {error}") from None
    except OSError as error:
        raise ReferenceDataError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ReferenceDataError(f"{name}: is not UTF-8 text") from None
    except RecursionError:
        raise ReferenceDataError(f"{name}: is nested too deeply") from None
    except yaml.YAMLError as error:
        raise ReferenceDataError(f"{name}: is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise ReferenceDataError(f"{name}: must hold a mapping, holds {type(content).__name__}")
    return content


def validate(content: Mapping[str, Any], schema: str, where: str) -> None:
    """Check content against one of the schemas in ``reference_data/schema``.

    Parameters
    ----------
    content : mapping
        What was read.
    schema : str
        Name of the schema, for example ``criteria``.
    where : str
        File (and row) for the message.

    Raises
    ------
    ReferenceDataError
        If the content does not follow the schema; names `where`, entry and key.
    """
    error = first_error(content, schema)
    if error is not None:
        raise ReferenceDataError(f"{where}: {position(content, error)}{error.message}")


def first_error(content: Mapping[str, Any], schema: str) -> ValidationError | None:
    """Return what is most wrong with content by one of the schemas, None if nothing is."""
    # Not at the top: what draws reads no data files, and it takes 0.04 s to load.
    from jsonschema.exceptions import best_match

    error: ValidationError | None = best_match(_validator(schema).iter_errors(content))
    return error


def schema_of(name: str) -> dict[str, Any]:
    """Return one of the schemas in ``reference_data/schema``."""
    path = data_folder() / "schema" / f"{name}.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


@cache
def _validator(schema: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema_of(schema))


def position(content: Any, error: ValidationError) -> str:
    """Say where in some content an error is, entries by their ids."""
    parts = []
    here = content
    for key in error.absolute_path:
        here = here[key]
        if isinstance(key, int):
            named = here.get("id") or here.get("checks") if isinstance(here, dict) else None
            parts.append(f"entry {key + 1}" + (f" ({named})" if named else ""))
        else:
            parts.append(str(key))
    return "".join(f"{part}: " for part in parts)
