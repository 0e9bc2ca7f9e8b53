"""Writing the files of a report so that a reader never sees half of one."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


class Stage:
    """Files that are not yet in their place.

    Parameters
    ----------
    folder : Path
        Where they wait.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: bytes) -> None:
        """Write a file that waits under its name."""
        (self.folder / name).write_bytes(content)

    def write_text(self, name: str, content: str) -> None:
        """Write text as UTF-8; what is not text, such as a lone surrogate, is written as an escape."""
        self.write_parts(name, (content,))

    def write_parts(self, name: str, parts: Iterable[str]) -> None:
        """Write text as `write_text` does, part by part."""
        with (self.folder / name).open("wb") as file:
            file.writelines(encoded(part) for part in parts)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Collect files beside their place and rename all of them into it at the end, or none after an error.

    Parameters
    ----------
    folder : Path
        An existing folder; files in it are replaced.
    """
    with TemporaryDirectory(dir=folder, prefix=".mnvalidate-", ignore_cleanup_errors=True) as waiting:
        yield Stage(Path(waiting))
        for file in sorted(Path(waiting).iterdir()):
            file.replace(folder / file.name)


def encoded(text: str) -> bytes:
    """Encode text as UTF-8; what is not text is written as an escape."""
    return text.encode("utf-8", errors="backslashreplace")


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Spare the collector's visits to a heap full of records, which take a tenth of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
