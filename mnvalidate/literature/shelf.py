"""A folder of literature: its files, and how errors name them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnvalidate.datafiles import ReferenceDataError, first_error, position, read_yaml
from mnvalidate.nearest import nearest
from mnvalidate.yaml_lines import Lines

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

ANY_SPECIES = "any"
"""Name of the files of what holds for every species."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of literature.

    Parameters
    ----------
    folder : Path
        With ``sources.yaml``, ``facts``, ``criteria``, ``populations`` and ``limits``.
    label : str
        What errors name it; empty for the shipped one.
    """

    folder: Path
    label: str = ""

    def files(self, kind: str) -> list[Path]:
        """Files of a kind, by their names."""
        suffix = {"facts": "csv", "limits": "json"}.get(kind, "yaml")
        return sorted((self.folder / kind).glob(f"*.{suffix}"))

    def named(self, path: Path) -> str:
        """Name of a file in errors."""
        name = path.relative_to(self.folder).as_posix()
        return f"{self.label}/{name}" if self.label else name

    def read(self, path: Path, schema: str) -> dict[str, Any]:
        """Read a YAML file and check it against one of the schemas.

        Raises
        ------
        ReferenceDataError
            If anything is wrong; one line with the file and the line's number.
        """
        content = read_yaml(path, self.named(path))
        error = first_error(content, schema)
        if error is not None:
            key, hint = _unknown_key(error)
            with self.line(path, *error.absolute_path, *key):
                raise ReferenceDataError(f"{position(content, error)}{hint or error.message}")
        return content

    @contextmanager
    def line(self, path: Path, *place: str | int) -> Iterator[None]:
        """Put file and line before what is refused at a place of a YAML file."""
        try:
            yield
        except ReferenceDataError as error:
            line = Lines.of(path).of_key(place)
            raise ReferenceDataError(f"{self.named(path)}: line {line}: {error}") from None


def _unknown_key(error: ValidationError) -> tuple[list[str], str]:
    """First key that the schema does not know, and what to say of it; nothing where the error is another."""
    known = error.schema.get("properties") if isinstance(error.schema, dict) else None
    if error.validator != "additionalProperties" or known is None:
        return [], ""
    content: Any = error.instance
    unknown = [key for key in content if key not in known][:1]
    return unknown, "".join(f"there is no key {key!r}{nearest(key, known)}" for key in unknown)
