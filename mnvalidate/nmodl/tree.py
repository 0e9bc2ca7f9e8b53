"""What an NMODL source says, as trees: expressions, statements and blocks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A literal."""

    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """A variable, or an element of an array."""

    name: str
    index: Expression | None
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call of a FUNCTION, a PROCEDURE or a function of NEURON's."""

    name: str
    arguments: tuple[Expression, ...]
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operator with its operands."""

    operator: str
    operands: tuple[Expression, ...]
    line: int


type Expression = Number | Name | Call | Operation


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """``target = value``; of a derivative where `is_rate`."""

    target: Name
    value: Expression
    is_rate: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """``if`` with its two blocks."""

    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class While:
    """A loop with a condition."""

    condition: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """``FROM variable = first TO last``."""

    variable: str
    first: Expression
    last: Expression
    step: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """A call for its effect, a reaction, a conservation: something that uses expressions."""

    expressions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Solve:
    """``SOLVE block``."""

    block: str


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """Text that is not read, as in VERBATIM, with the names in it."""

    names: frozenset[str]


type Statement = Assignment | Branch | While | Loop | Effect | Solve | Opaque


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the source.

    Parameters
    ----------
    kind, name : str
        Keyword, and its name where it has one.
    arguments, locals : tuple of str
        Names that hold within it.
    body : tuple of Statement
        What it does.
    """

    kind: str
    name: str
    arguments: tuple[str, ...]
    locals: tuple[str, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """The blocks of a source, and the sizes of its arrays by name."""

    blocks: tuple[Block, ...]
    sizes: dict[str, int]

    def named(self, name: str) -> Block | None:
        """The block of a name."""
        return next((block for block in self.blocks if block.name == name), None)

    def of_kind(self, kind: str) -> tuple[Block, ...]:
        """Blocks of a keyword."""
        return tuple(block for block in self.blocks if block.kind == kind)


def names_in(expression: Expression) -> set[str]:
    """Names of variables and functions in an expression."""
    match expression:
        case Name():
            return {expression.name} | (set() if expression.index is None else names_in(expression.index))
        case Call():
            return {expression.name}.union(*map(names_in, expression.arguments))
        case Operation():
            return set().union(*map(names_in, expression.operands))
    return set()
