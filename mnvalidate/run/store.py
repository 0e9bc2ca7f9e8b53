"""Records of earlier runs, one file each, under keys that name everything a record depends on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mnvalidate.records import MeasurementOutcome, Record

_SCHEMA = 1
_RECORDS = "records"
_INPUTS = "inputs"
DEFAULT_SIZE__bytes = 1024**3
_LONGEST_WRITE__s = 3600.0


@dataclass
class Store:
    """A folder of records.

    A record is found by its content key, which is a digest of all that NEURON holds once the cell is built,
    of the protocols and of the versions. A shorter way is an input key, a digest of all that a cell is built
    of, where that can be named; it leads to a content key. Several runs may use one store at a time: files
    are renamed into place whole. What is damaged, foreign or of another version is passed over.

    Parameters
    ----------
    folder : Path
        The folder; made when the first record is kept.
    size__bytes : int
        Size beyond which the records unused for longest are removed.

    Attributes
    ----------
    problem : str
        Why records are no longer kept, empty while they are.
    damaged : set of str
        Content keys under which something was found that is no record.
    """

    folder: Path
    size__bytes: int = DEFAULT_SIZE__bytes
    problem: str = field(default="", init=False)
    damaged: set[str] = field(default_factory=set, init=False)

    def content_key(self, input_key: str) -> str | None:
        """Content key that an input key led to, None if it was not seen before."""
        try:
            named, _, key = self._file(_INPUTS, input_key).read_text(encoding="ascii").partition(" ")
        except (OSError, UnicodeDecodeError):
            return None
        return key if key and named == input_key else None

    def load(self, key: str) -> Record | None:
        """Record under a content key, None if there is no whole one."""
        file = self._file(_RECORDS, key)
        try:
            stored = json.loads(file.read_text(encoding="utf-8"))
            if stored["schema"] != _SCHEMA:
                return None
            if stored["key"] != key or stored["digest"] != _digest(stored["record"]):
                raise ValueError(key)
            record = Record.from_json(stored["record"])
        except OSError:
            return None
        except (ValueError, KeyError, TypeError):
            self.damaged.add(key)
            return None
        with contextlib.suppress(OSError):
            os.utime(file)
        return record

    def save(self, key: str, record: Record, input_key: str | None = None) -> None:
        """Keep a record, and the way from its inputs to it; after the first failure nothing more is kept."""
        if self.problem or not is_complete(record):
            return
        data = record.to_json()
        text = json.dumps({"schema": _SCHEMA, "key": key, "digest": _digest(data), "record": data})
        try:
            self._write(self._file(_RECORDS, key), text)
            if input_key is not None:
                self._write(self._file(_INPUTS, input_key), f"{input_key} {key}")
        except OSError as error:
            self.problem = f"{self.folder}: {error.strerror or error}"

    def trim(self) -> None:
        """Remove the records unused for longest until the store has its size, and what killed runs left."""
        for leftover in self.folder.glob("*/*/*.tmp"):
            with contextlib.suppress(OSError):
                if time.time() - leftover.stat().st_mtime > _LONGEST_WRITE__s:
                    leftover.unlink()
        records = sorted(self._files(), key=lambda file: file.last_used)
        size = sum(file.size__bytes for file in records)
        for file in records:
            if size <= self.size__bytes:
                return
            with contextlib.suppress(OSError):
                file.path.unlink()
            size -= file.size__bytes

    def _files(self) -> Iterator[_File]:
        for path in (self.folder / _RECORDS).glob("*/*.json"):
            with contextlib.suppress(OSError):
                status = path.stat()
                yield _File(path, status.st_mtime, status.st_size)

    def _file(self, kind: str, key: str) -> Path:
        return self.folder / kind / key[:2] / f"{key}.json"

    def _write(self, file: Path, text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as output:
                output.write(text)
            Path(temporary).replace(file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    last_used: float
    size__bytes: int


def is_complete(record: Record) -> bool:
    """Whether measuring ended by itself: a crash or a timeout may not happen again."""
    outcomes = {measurement.outcome for measurement in record.measurements.values()}
    return not outcomes & {MeasurementOutcome.CRASHED, MeasurementOutcome.TIMED_OUT}


def relabelled(record: Record, model: str, neuron: int, recruitment_threshold: float) -> Record:
    """Return the record of the same cell at another place."""
    return replace(record, model=model, neuron=neuron, recruitment_threshold=recruitment_threshold)


def _digest(record: Any) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
