"""Reads NMODL blocks into trees; a block that holds what is not known here becomes opaque."""

from __future__ import annotations

import re

from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.nmodl.tree import (
    Assignment,
    Block,
    Branch,
    Call,
    Effect,
    Expression,
    Loop,
    Name,
    Number,
    Opaque,
    Operation,
    Program,
    Solve,
    Statement,
    While,
)

_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<text>\"[^\"\n]*\")|"
    r"(?P<mark><->|->|<<|<=|>=|==|!=|&&|\|\||[-+*/^()\[\]{},=<>!~';$@&.%#|])|(?P<line>\n)|(?P<space>[^\S\n]+)"
)
_BLOCKS = frozenset(
    {
        "INITIAL", "BREAKPOINT", "DERIVATIVE", "KINETIC", "PROCEDURE", "FUNCTION", "NET_RECEIVE", "LINEAR",
        "NONLINEAR", "DISCRETE", "CONSTRUCTOR", "DESTRUCTOR", "BEFORE", "AFTER", "FUNCTION_TABLE", "WATCH",
    }
)  # fmt: skip
_DECLARATIONS = frozenset({"PARAMETER", "ASSIGNED", "STATE", "NEURON", "UNITS", "CONSTANT", "INDEPENDENT"})
_BINDING = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
}


class UnknownSyntaxError(ValueError):
    """Something that this reader does not know."""


def read_program(source: NmodlSource) -> Program:
    """Read every block; where one cannot be read, its body is a single `Opaque`."""
    text = source.code_with_c
    defined = {name: int(value) for name, value in re.findall(r"\bDEFINE\s+(\w+)\s+(\d+)", text)}
    tokens = _tokens(text)
    blocks: list[Block] = []
    sizes: dict[str, int] = {}
    place = 0
    while place < len(tokens):
        word = tokens[place][1]
        if word in _BLOCKS or word in _DECLARATIONS:
            opening = _next(tokens, place, "{")
            closing = _closing(tokens, opening)
            if word in _BLOCKS:
                block, local_sizes = _block(tokens[place:opening], tokens[opening + 1 : closing], defined)
                blocks.append(block)
                sizes |= local_sizes
            else:
                sizes |= _sizes(tokens[opening + 1 : closing], defined)
            place = closing
        elif word == "LOCAL":
            sizes |= _sizes(tokens[place : place + 40], defined)
        place += 1
    return Program(tuple(blocks), sizes)


type _Token = tuple[str, str, int]


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    line, place = 1, 0
    while place < len(text):
        verbatim = re.compile(r"VERBATIM\b(.*?)\bENDVERBATIM\b", re.DOTALL).match(text, place)
        if verbatim:
            found.append(("verbatim", verbatim[1], line))
            line += verbatim[0].count("\n")
            place = verbatim.end()
            continue
        match = _TOKEN.match(text, place)
        place = match.end() if match else place + 1
        if match is None or match.lastgroup == "space":
            continue
        if match.lastgroup == "line":
            line += 1
        else:
            found.append((str(match.lastgroup), match[0], line))
    return found


def _next(tokens: list[_Token], place: int, mark: str) -> int:
    return next((i for i in range(place, len(tokens)) if tokens[i][1] == mark), len(tokens) - 1)


def _closing(tokens: list[_Token], opening: int) -> int:
    depth = 0
    for place in range(opening, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[place][1], 0)
        if depth == 0:
            return place
    return len(tokens)


def _sizes(tokens: list[_Token], defined: dict[str, int]) -> dict[str, int]:
    found = {}
    for (kind, name, _), (_, mark, _), (_, size, _) in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if kind == "name" and mark == "[" and (size.isdigit() or size in defined):
            found[name] = int(size) if size.isdigit() else defined[size]
    return found


def _block(
    heading: list[_Token], body: list[_Token], defined: dict[str, int]
) -> tuple[Block, dict[str, int]]:
    words = [text for kind, text, _ in heading[1:] if kind in ("name", "mark")]
    name = words[0] if words and words[0] not in "(" else ""
    arguments, depth = [], 0
    for word in words:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 1 and word not in "(),":
            arguments.append(word)
    try:
        reader = _Reader(body, defined)
        statements = reader.statements()
        block = Block(heading[0][1], name, tuple(arguments), tuple(reader.locals), statements)
        return block, reader.sizes
    except (UnknownSyntaxError, IndexError):
        words_of = " ".join(text for _, text, _ in body)
        opaque = Opaque(frozenset(re.findall(r"[A-Za-z_]\w*", words_of)))
        return Block(heading[0][1], name, tuple(arguments), (), (opaque,)), {}


class _Reader:
    """Reads the statements of one block."""

    def __init__(self, tokens: list[_Token], defined: dict[str, int]) -> None:
        self._tokens = tokens
        self._place = 0
        self._defined = defined
        self.locals: list[str] = []
        self.sizes: dict[str, int] = {}

    def statements(self) -> tuple[Statement, ...]:
        """Read up to the end or a closing brace."""
        found: list[Statement] = []
        while self._place < len(self._tokens) and self._word() != "}":
            statement = self._statement()
            if statement is not None:
                found.append(statement)
        return tuple(found)

    def _word(self, ahead: int = 0) -> str:
        place = self._place + ahead
        return self._tokens[place][1] if place < len(self._tokens) else ""

    def _take(self, expected: str = "") -> str:
        word = self._tokens[self._place][1]
        if expected and word != expected:
            raise UnknownSyntaxError(word)
        self._place += 1
        return word

    @property
    def _line(self) -> int:
        return self._tokens[min(self._place, len(self._tokens) - 1)][2]

    def _braced(self) -> tuple[Statement, ...]:
        self._take("{")
        body = self.statements()
        self._take("}")
        return body

    def _statement(self) -> Statement | None:
        kind, word, _ = self._tokens[self._place]
        if kind == "verbatim":
            self._place += 1
            return Opaque(frozenset(re.findall(r"[A-Za-z_]\w*", word)))
        match word:
            case ";" | "UNITSON" | "UNITSOFF" | "PROTECT" | "MUTEXLOCK" | "MUTEXUNLOCK":
                self._take()
                return None
            case "LOCAL":
                self._local()
                return None
            case "TABLE" | "CONDUCTANCE":
                self._skip_line()
                return None
            case "SOLVE":
                return self._solve()
            case "if":
                return self._branch()
            case "while" | "WHILE":
                self._take()
                return While(self._expression(), self._braced())
            case "FROM":
                return self._loop()
            case "INITIAL":
                self._take()
                return Branch(Number(1.0), self._braced(), ())
            case "~":
                return self._reaction()
            case "CONSERVE":
                self._take()
                left = self._expression()
                self._take("=")
                return Effect((left, self._expression()))
            case "COMPARTMENT" | "LONGITUDINAL_DIFFUSION":
                return self._compartment()
        if kind != "name":
            raise UnknownSyntaxError(word)
        return self._assignment_or_call()

    def _local(self) -> None:
        self._take()
        while True:
            self.locals.append(self._take())
            if self._word() == "[":
                self.sizes |= _sizes(self._tokens[self._place - 1 : self._place + 3], self._defined)
                self._place = _next(self._tokens, self._place, "]") + 1
            if self._word() != ",":
                return
            self._take()

    def _skip_line(self) -> None:
        line = self._line
        while self._place < len(self._tokens) and self._line == line:
            self._place += 1
            last = self._tokens[self._place - 1][1]
            if last in (",", "DEPEND", "FROM", "TO", "WITH") and self._place < len(self._tokens):
                line = self._line

    def _solve(self) -> Solve:
        self._take()
        name = self._take()
        while self._word() in ("METHOD", "STEADYSTATE"):
            self._place += 2
        if self._word() == "IFERROR":
            self._take()
            self._braced()
        return Solve(name)

    def _branch(self) -> Branch:
        self._take()
        condition = self._expression()
        then = self._braced()
        if self._word() != "else":
            return Branch(condition, then, ())
        self._take()
        return Branch(condition, then, (self._branch(),) if self._word() == "if" else self._braced())

    def _loop(self) -> Loop:
        self._take("FROM")
        variable = self._take()
        self._take("=")
        first = self._expression()
        self._take("TO")
        last = self._expression()
        step: Expression = Number(1.0)
        if self._word() == "BY":
            self._take()
            step = self._expression()
        self.locals.append(variable)
        return Loop(variable, first, last, step, self._braced())

    def _reaction(self) -> Effect:
        self._take("~")
        used: list[Expression] = []
        while self._word() not in ("<->", "->", "<<"):
            used += self._member()
        if self._take() == "<->":
            while self._word() != "(":
                used += self._member()
        self._take("(")
        used.append(self._expression())
        if self._word() == ",":
            self._take()
            used.append(self._expression())
        self._take(")")
        return Effect(tuple(used))

    def _member(self) -> list[Expression]:
        """A state of a reaction, its count and plus sign left out."""
        kind, word, line = self._tokens[self._place]
        self._place += 1
        if kind == "name":
            return [Name(word, self._index(), line)]
        if kind != "number" and word != "+":
            raise UnknownSyntaxError(word)
        return []

    def _compartment(self) -> Statement:
        self._take()
        if self._tokens[self._place][0] == "name" and self._word(1) == ",":
            index = self._take()
            self._take(",")
            self.locals.append(index)
        volume = self._expression()
        self._take("{")
        while self._take() != "}":
            pass
        return Effect((volume,))

    def _assignment_or_call(self) -> Statement:
        line = self._line
        name = self._take()
        if self._word() == "(":
            return Effect((Call(name, self._arguments(), line),))
        index = self._index()
        is_rate = self._word() == "'"
        if is_rate:
            self._take()
        self._take("=")
        return Assignment(Name(name, index, line), self._expression(), is_rate)

    def _index(self) -> Expression | None:
        if self._word() != "[":
            return None
        self._take()
        index = self._expression()
        self._take("]")
        return index

    def _arguments(self) -> tuple[Expression, ...]:
        self._take("(")
        found: list[Expression] = []
        while self._word() != ")":
            if self._tokens[self._place][0] == "text" or self._word() == "&":
                self._take()
            else:
                found.append(self._expression())
            if self._word() == ",":
                self._take()
        self._take(")")
        return tuple(found)

    def _expression(self, least: int = 1) -> Expression:
        left = self._unary()
        while _BINDING.get(self._word(), 0) >= least:
            line = self._line
            operator = self._take()
            right = self._expression(_BINDING[operator] + 1)
            left = Operation(operator, (left, right), line)
        return left

    def _unary(self) -> Expression:
        if self._word() in ("-", "!", "+"):
            line = self._line
            operator = self._take()
            return Operation(f"unary{operator}", (self._unary(),), line)
        base = self._primary()
        if self._word() == "^":
            line = self._line
            self._take()
            return Operation("^", (base, self._unary()), line)
        return base

    def _primary(self) -> Expression:
        kind, word, line = self._tokens[self._place]
        self._place += 1
        if kind == "number":
            self._skip_unit()
            return Number(float(word))
        if word == "(":
            inner = self._expression()
            self._take(")")
            return inner
        if kind != "name":
            raise UnknownSyntaxError(word)
        if word in self._defined:
            return Number(float(self._defined[word]))
        if self._word() == "(":
            return Call(word, self._arguments(), line)
        return Name(word, self._index(), line)

    def _skip_unit(self) -> None:
        if self._word() != "(":
            return
        depth = 0
        while True:
            depth += {"(": 1, ")": -1}.get(self._take(), 0)
            if depth == 0:
                return
