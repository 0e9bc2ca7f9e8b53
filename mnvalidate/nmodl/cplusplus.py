"""What NEURON 9, which compiles mechanisms as C++, refuses of a source that earlier versions compile as C.

The rules are those of NEURON's guide "Adapting MOD files for C++", as far as a source shows them:
https://nrn.readthedocs.io/en/latest/guide/porting_mechanisms_to_cpp.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.nmodl.text import blocks, verbatim

_KEYWORDS = (
    "and|bool|catch|class|constexpr|delete|explicit|export|false|friend|mutable|namespace|new|noexcept|not|"
    "nullptr|operator|or|private|protected|public|template|this|throw|true|try|typename|using|virtual|xor"
)
_KEYWORD = re.compile(rf"\b(?P<word>{_KEYWORDS})\b")
# NEURON 9 declares these itself, and with other types than the void* of old declarations.
_RETURNS = {
    "nrn_random_arg": "Rand*",
    "vector_arg": "IvocVect*",
    "vector_new": "IvocVect*",
    "vector_new0": "IvocVect*",
    "vector_new1": "IvocVect*",
    "vector_new2": "IvocVect*",
}
_DECLARED = re.compile(
    r"\b(?P<type>(?:void|double|int|float|char|long|short|unsigned|struct\s+\w+|Object)\b[\s*]*)"
    r"\b(?P<name>\w+)\s*\((?P<arguments>[^()]*)\)\s*;"
)
_OLD_STYLE = re.compile(r"\b(?P<name>\w+)\s*\([\w\s,]*\)\s*(?:(?:\w+[\s*]+)+\w+(?:\s*,\s*\*?\w+)*\s*;\s*)+\{")
_POINTER = re.compile(r"\b(?P<type>\w+)\s*(?P<stars>\*+)\s*(?P<name>\w+)\s*(?=[;,=)])")
_ASSIGNED = re.compile(
    r"(?:(?P<type>\b\w+)\s*(?P<stars>\*+)\s*|(?<![*.>]))\b(?P<name>\w+)\s*=\s*(?P<value>\w+)\s*(?P<call>\()?"
)
_ALLOCATORS = frozenset({"malloc", "calloc", "realloc", "emalloc", "ecalloc", "erealloc"})
_DATA = re.compile(r"\b_p\s*(?:\[|->|[,)])|\bdouble\s*\*\s*_p\b")
_GUARD = re.compile(
    r"^\s*#\s*ifndef\s+NRN_VERSION_GTEQ_\w+|^\s*#\s*if\s+!\s*(?:defined\s*\(?\s*)?(?:__cplusplus|NRN_VERSION_GTEQ)"
)
_IF, _END_IF = re.compile(r"^\s*#\s*if"), re.compile(r"^\s*#\s*(?:endif|else|elif)")
_NO_CODE = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What NEURON 9 refuses.

    Parameters
    ----------
    line : int
        Line of the mod file.
    reason : str
        Why, and what to write in its place.
    """

    line: int
    reason: str


def refusals(source: NmodlSource) -> tuple[Refusal, ...]:
    """Everything in a source that NEURON 9 is known to refuse, by line."""
    code = source.code_with_c
    found = list(_names_used_twice(source))
    for first, c_code in verbatim(code):
        plain = _without_guarded(_NO_CODE.sub(_blank, c_code))
        for position, reason in _in_c(plain):
            found.append(Refusal(first + plain.count("\n", 0, position), reason))
    return tuple(sorted(dict.fromkeys(found), key=lambda refusal: refusal.line))


def _names_used_twice(source: NmodlSource) -> Iterator[Refusal]:
    """Functions that the NEURON block calls RANGE or GLOBAL, too."""
    code = source.code
    interface = " ".join(blocks(code, "NEURON"))
    for found in re.finditer(r"\b(?:FUNCTION|PROCEDURE)\s+(\w+)", code):
        if re.search(rf"\b(?:RANGE|GLOBAL)\b[\w\s,]*\b{found[1]}\b", interface):
            line = code.count("\n", 0, found.start()) + 1
            yield Refusal(line, f"{found[1]} is a function and a RANGE or GLOBAL variable: rename one")


def _in_c(code: str) -> Iterator[tuple[int, str]]:
    """Position and reason of everything in C code without comments and strings."""
    for keyword in _KEYWORD.finditer(code):
        yield keyword.start(), f"'{keyword['word']}' is a keyword of C++: rename it"
    for old in _OLD_STYLE.finditer(code):
        yield old.start(), f"{old['name']} is defined in the style of old C: write the types between the ()"
    for data in _DATA.finditer(code):
        yield data.start(), "there is no _p: use the variables by their names"
    yield from _declarations(code)
    yield from _conversions(code)


def _declarations(code: str) -> Iterator[tuple[int, str]]:
    for declared in _DECLARED.finditer(code):
        name, kind = declared["name"], re.sub(r"\s+", "", declared["type"])
        right = _RETURNS.get(name)
        called = re.search(rf"\b{name}\s*\(\s*[^\s)]", code[: declared.start()] + code[declared.end() :])
        if right is not None and kind != right:
            yield (
                declared.start(),
                f"{name} returns {right} and is declared by NEURON: remove this declaration",
            )
        elif not declared["arguments"].strip() and called:
            yield (
                declared.start(),
                (
                    f"{name} is declared without arguments and called with some: remove the declaration, or "
                    "write the types of its arguments"
                ),
            )


def _conversions(code: str) -> Iterator[tuple[int, str]]:
    """Pointers of a type that are set from void* without a cast."""
    pointers = {found["name"]: (found["type"], found["stars"]) for found in _POINTER.finditer(code)}
    for assigned in _ASSIGNED.finditer(code):
        own = (assigned["type"], assigned["stars"]) if assigned["stars"] else pointers.get(assigned["name"])
        if own is None or own == ("void", "*"):
            continue
        value = assigned["value"]
        allocates = assigned["call"] and value in _ALLOCATORS
        if allocates or (not assigned["call"] and pointers.get(value) == ("void", "*")):
            kind = f"{own[0]}{own[1]}"
            yield (
                assigned.start("name"),
                f"{assigned['name']} is set from a void*: write ({kind}) before {value}",
            )


def _without_guarded(code: str) -> str:
    """Blank out what the preprocessor leaves out where NEURON is new or the language is C++."""
    lines = code.split("\n")
    depth = 0
    for number, line in enumerate(lines):
        if depth == 0 and _GUARD.search(line):
            depth = 1
        elif depth > 0:
            depth += 1 if _IF.search(line) else 0
            depth -= 1 if _END_IF.search(line) and (depth == 1 or "endif" in line) else 0
            lines[number] = ""
    return "\n".join(lines)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])
