"""Model files: everything about a model in one YAML file, read with line numbers and written again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mnvalidate.datafiles import ReferenceDataError, first_error, read_yaml, schema_of
from mnvalidate.models.modifications import MYOGEN_LIBRARY, Modifications, read_modifications
from mnvalidate.models.named import CONFIG
from mnvalidate.models.recruitment import Recruitment
from mnvalidate.models.registry import model_names
from mnvalidate.models.settings import number_hint
from mnvalidate.models.spec import Insertion, ModelSpec
from mnvalidate.models.variants import Variant, VariantError
from mnvalidate.nearest import nearest
from mnvalidate.yaml_lines import Lines

_SCHEMA = "model"
_RECRUITMENT = {"mode": "mode", "range": "range_ratio", "slope": "slope", "max": "max_threshold"}
_PATHS = ("nmodl", "library")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What a model file says.

    Parameters
    ----------
    spec : ModelSpec
        The model.
    mechanisms : tuple of str
        Mechanisms of the user's that are to be checked.
    says_size : bool
        Whether the file says how many neurons there are.
    """

    spec: ModelSpec
    mechanisms: tuple[str, ...] = ()
    says_size: bool = False


def read_model_file(path: Path, n_neurons: int) -> ModelFile:
    """Read a model file. Paths in it are relative to its folder.

    Parameters
    ----------
    path : Path
        The YAML file; every key of it is the command-line option of the same name.
    n_neurons : int
        Size of the pool where the file says none.

    Raises
    ------
    ValueError
        If the file cannot be read or says what is not allowed; one line with the file and the line's number.
    """
    content = read_yaml(path)
    lines = Lines.of(path)

    def refusal(
        place: tuple[str | int, ...], problem: str, within: tuple[str | int, ...] = ()
    ) -> ReferenceDataError:
        where = "".join(f"{part}: " for part in place)
        return ReferenceDataError(f"{path.name}: line {lines.of_key((*place, *within))}: {where}{problem}")

    for place, problem in _problems(content):
        raise refusal(place, problem)
    changed = _modifications(content, path, refusal)
    try:
        spec = ModelSpec(
            content["model"],
            content.get("n_neurons", n_neurons),
            celsius=content.get("celsius"),
            nmodl=changed.nmodl,
            insertions=changed.insertions,
            library=changed.library,
            label=_name(content, path),
        )
    except ValueError as error:
        raise refusal(("model",), str(error)) from error
    try:
        spec = _variant(content, path).applied_to(spec)
    except VariantError as error:
        flag, _, problem = str(error).partition(": ")
        raise refusal((flag.removeprefix("--mn-"),), problem, error.place) from error
    return ModelFile(spec, changed.mechanisms, "n_neurons" in content)


def as_model_file(spec: ModelSpec) -> str:
    """Return a specification as the text of a model file that says everything."""
    temperature = spec.celsius
    if temperature is None and spec.named is not None:
        temperature = spec.named.celsius
    options = dict(spec.options)
    given = spec.recruitment
    numbers = {name: getattr(given, field) for name, field in _RECRUITMENT.items()}
    content: dict[str, Any] = {
        "name": spec.label,
        "model": spec.builder,
        "n_neurons": spec.n_neurons,
        "celsius": temperature,
        "seed": spec.seed,
        "recruitment": {name: value for name, value in numbers.items() if value is not None},
        "config": options.pop(CONFIG, None),
        "set": options,
        "nmodl": [str(Path(source.file).resolve()) for source in spec.nmodl],
        "library": [str(Path(source.file).resolve()) for source in spec.library],
        "insert": [_as_text(insertion) for insertion in spec.insertions],
    }
    said = {key: value for key, value in content.items() if value not in (None, "", [], {})}
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)


def _problems(content: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    known = schema_of(_SCHEMA)["properties"]
    for key in content:
        if key not in known:
            yield (key,), f"there is no such key{nearest(key, known)}"
    for key in content.get("recruitment") or () if isinstance(content.get("recruitment"), dict) else ():
        if key not in _RECRUITMENT:
            yield ("recruitment", key), f"there is no such key{nearest(key, _RECRUITMENT)}"
    error = first_error(content, _SCHEMA)
    if error is not None:
        yield tuple(error.absolute_path), f"{error.message}{number_hint(error.instance)}"


def _name(content: Mapping[str, Any], path: Path) -> str:
    name: str = content.get("name") or re.sub(r"\W", "_", path.stem)
    if name in model_names() and name != content["model"]:
        raise ValueError(f"{name!r} is the name of another model: give this one a name of its own")
    return "" if name == content["model"] else name


def _modifications(content: Mapping[str, Any], path: Path, refusal: Any) -> Modifications:
    given = {
        key: [_beside(path, text) for text in content.get(key, ())] if key in _PATHS else content.get(key, ())
        for key in (*_PATHS, "insert")
    }

    def read(**changed: list[str]) -> Modifications:
        all_of = {**given, **changed}
        return read_modifications(
            all_of["nmodl"], all_of["insert"], (), all_of["library"], [content["model"]]
        )

    try:
        return read()
    except ValueError as error:
        flag, _, problem = str(error).partition(": ")
        key = flag.removeprefix("--mn-")
        items = given.get(key, [])
        wrong = next((n for n in range(len(items)) if _fails(read, key, items[: n + 1])), 0)
        raise refusal((key,), problem, (wrong,)) from error


def _fails(read: Callable[..., object], key: str, items: list[str]) -> bool:
    try:
        read(**{key: items})
    except ValueError:
        return True
    return False


def _variant(content: Mapping[str, Any], path: Path) -> Variant:
    try:
        given = {_RECRUITMENT[key]: value for key, value in content.get("recruitment", {}).items()}
        recruitment = Recruitment(**given)
    except ValueError as error:
        raise VariantError(f"--mn-recruitment: {error}") from error
    config = content.get("config")
    return Variant(
        content.get("set", {}),
        Path(_beside(path, config)) if isinstance(config, str) else None,
        recruitment,
        content.get("seed"),
        config if isinstance(config, dict) else None,
    )


def _beside(path: Path, text: str) -> str:
    return text if text == MYOGEN_LIBRARY else str(path.parent / text)


def _as_text(insertion: Insertion) -> str:
    settings = [f"{name}={value!r}" for name, value in insertion.parameters.items()]
    return ",".join([f"{insertion.section}:{insertion.suffix}", *settings])
