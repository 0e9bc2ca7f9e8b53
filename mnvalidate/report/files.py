"""Writing the files of a report so that a reader never sees half of one."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

_PREFIX = ".mnvalidate-"


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
        An existing folder; files in it are replaced, and what killed runs left waiting is removed.
    """
    with contextlib.ExitStack() as stack:
        with _locked(folder):
            _remove_abandoned(folder)
            waiting = TemporaryDirectory(dir=folder, prefix=_PREFIX, ignore_cleanup_errors=True)
            place = Path(stack.enter_context(waiting))
            stack.enter_context(_locked(place))
        yield Stage(place)
        for file in sorted(place.iterdir()):
            file.replace(folder / file.name)


def _remove_abandoned(folder: Path) -> None:
    """Remove what waits and is not locked: the kernel unlocks it when a run ends, however it ends."""
    for waiting in folder.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError), _locked(waiting, wait=False):
            rmtree(waiting, ignore_errors=True)


@contextmanager
def _locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Lock a folder against other runs.

    Raises
    ------
    OSError
        If `wait` is false and another run holds it, or it cannot be locked.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if wait:
            with contextlib.suppress(OSError):  # a file system without locks: then nothing is ever removed
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


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
