"""The outer form of NMODL text, as NEURON's translator reads it: comments, C code, blocks."""

from __future__ import annotations

import re
from functools import lru_cache

# The translator takes these words wherever they stand, and skips the rest of their line.
_TOKEN = re.compile(r'"[^"\n]*"|[:?][^\n]*|\bTITLE\b[^\n]*|\b(?P<block>COMMENT|VERBATIM)\b')
# A block ends at a line that begins with its end; what follows there is skipped, too.
_END = {
    keyword: re.compile(rf"^\s*(?P<word>END{keyword})\b[^\n]*", re.MULTILINE)
    for keyword in ("COMMENT", "VERBATIM")
}
_VERBATIM = re.compile(r"\bVERBATIM\b(.*?)\bENDVERBATIM\b", re.DOTALL)


def without_comments(text: str) -> str:
    """Blank out TITLE lines, COMMENT blocks and ``:`` and ``?`` comments, keeping line numbers."""
    text = normal_lines(text)
    pieces: list[str] = []
    position = 0
    while token := _TOKEN.search(text, position):
        pieces.append(text[position : token.start()])
        position = token.end()
        keyword = token["block"]
        if keyword is not None:
            end = _END[keyword].search(text, position)
            position = len(text) if end is None else end.end()
            inside = text[token.start() : len(text) if end is None else end.end("word")]
            pieces.append(inside if keyword == "VERBATIM" else _line_ends(inside))
        elif token[0].startswith('"'):
            pieces.append(token[0])
    return "".join([*pieces, text[position:]])


def without_verbatim(text: str) -> str:
    """Blank out VERBATIM blocks, keeping line numbers."""
    return _VERBATIM.sub(lambda found: _line_ends(found[0]), text)


def verbatim(code: str) -> list[tuple[int, str]]:
    """VERBATIM blocks of code without comments: number of the first line, and what is inside."""
    return [(code.count("\n", 0, found.start()) + 1, found[1]) for found in _VERBATIM.finditer(code)]


def normal_lines(text: str) -> str:
    r"""Use ``\n`` for line ends; old files have ``\r`` alone."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@lru_cache(maxsize=1024)
def same_code(one: str, other: str) -> bool:
    """Whether two texts are the same to the compiler.

    NEURON keeps the text of what it holds: with other white space, with line ends for what is not ASCII,
    which only comments may contain, and with lines that begin with ``:::`` around what is included.
    """
    return one == other or _compiled(one) == _compiled(other)


def _compiled(text: str) -> str:
    lines = [line for line in normal_lines(text).split("\n") if not line.startswith(":::")]
    return "".join("".join(lines).encode("ascii", errors="ignore").decode().split())


def block(code: str, keyword: str) -> str | None:
    """Content of the first ``keyword ... { ... }`` of code without comments, None if there is none."""
    return next(iter(blocks(code, keyword)), None)


def blocks(code: str, keyword: str) -> list[str]:
    """Content of every ``keyword ... { ... }`` of code without comments; NMODL allows several."""
    found: list[str] = []
    for start in re.finditer(rf"\b{keyword}\b[^{{}}\n]*(?:\n\s*)?{{", code):
        depth = 1
        for position in range(start.end(), len(code)):
            depth += {"{": 1, "}": -1}.get(code[position], 0)
            if depth == 0:
                found.append(code[start.end() : position])
                break
    return found


def _line_ends(text: str) -> str:
    return "\n" * text.count("\n")
