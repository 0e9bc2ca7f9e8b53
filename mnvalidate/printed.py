"""What a process printed or raised, as text that may be shown."""

from __future__ import annotations

from pathlib import Path

_TAIL__bytes = 4000
_LONGEST_LINE = 500


def printable(text: str) -> str:
    """Return text with what no terminal should see written as its number; lines stay lines."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def one_line(text: str) -> str:
    """Return text on one printable line of at most 500 characters, of which the first are kept."""
    # Ten times as many, so that white space may go: a message may have any length.
    line = printable(" ".join(text[: 10 * _LONGEST_LINE].split()))
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 4]} ..."


def described(error: BaseException) -> str:
    """Name of an error's class and its message on one line, whatever they do when they are asked."""
    try:
        message = str(error)
    except BaseException as another:
        message = f"(its message cannot be read: {type(another).__name__})"
    return one_line(f"{type(error).__name__}: {message}" if message else type(error).__name__)


def tail(file: Path) -> str:
    """Return the end of what a process printed, as printable text."""
    try:
        with file.open("rb") as output:
            output.seek(max(0, file.stat().st_size - _TAIL__bytes))
            text = output.read().decode("utf-8", errors="backslashreplace")
    except OSError:
        return ""
    return printable(text).strip()
