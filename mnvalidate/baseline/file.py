"""Reading and writing the file of a baseline."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from mnvalidate.baseline.parsing import parse
from mnvalidate.baseline.state import State
from mnvalidate.baseline.text import baseline_text

_LONGEST_FILE__bytes = 256 * 1024**2
_READABLE = 0o644
_REPAIR = "; take it from git again, or remove it and write one with --mn-save-baseline"


class BaselineError(ValueError):
    """A baseline cannot be read, written or compared; the message is one line that says what to do."""


def read_baseline(path: Path) -> State | None:
    """Read a baseline.

    Parameters
    ----------
    path : Path
        A file that `write_baseline` has written, edited or not.

    Returns
    -------
    State or None
        None where there is no file.

    Raises
    ------
    BaselineError
        If it is anything else than a baseline.
    """
    try:
        if not path.exists() and not path.is_symlink():
            return None
        if not path.is_file():
            what = "a folder" if path.is_dir() else "no file"
            raise BaselineError(f"{path}: is {what}; allowed is a file that --mn-save-baseline has written")
        if path.stat().st_size > _LONGEST_FILE__bytes:
            raise BaselineError(f"{path}: is too large for a baseline")
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BaselineError(f"{path}: is not UTF-8 text{_REPAIR}") from None
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError in some versions of Python
        reason = getattr(error, "strerror", None) or error
        raise BaselineError(f"{path}: cannot be read: {reason}") from None
    try:
        return parse(text)
    except (ValueError, RecursionError) as error:
        conflict = any(line.startswith(("<<<<<<<", ">>>>>>>")) for line in text.splitlines())
        reason = "it has conflicts of a merge" if conflict else " ".join(str(error).split())[:300]
        raise BaselineError(f"{path}: is no baseline: {reason}{_REPAIR}") from None


def write_baseline(path: Path, state: State) -> None:
    """Write a baseline, whole or not at all; of a link, the file that it points to.

    Raises
    ------
    BaselineError
        If it cannot be written.
    """
    try:
        target = path.resolve(strict=False)
        descriptor, waiting = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(baseline_text(state))
            Path(waiting).chmod(target.stat().st_mode & 0o777 if target.exists() else _READABLE)
            Path(waiting).replace(target)
        except BaseException:
            Path(waiting).unlink(missing_ok=True)
            raise
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BaselineError(f"{path}: cannot be written: {reason}") from None


def check_can_be_written(path: Path) -> None:
    """Refuse a place for a baseline before anything is measured for it.

    Raises
    ------
    BaselineError
        If nothing can be written there.
    """
    try:
        folder = path.resolve(strict=False).parent
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BaselineError(f"{path}: cannot be written: {reason}") from None
