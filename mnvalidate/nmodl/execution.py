"""The blocks of an NMODL source carried out in Python, to watch what no compiled mechanism shows.

Watched are the indices of arrays, what is divided by, and what is read before it is set.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

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

_MOST_ROUNDS = 20_000
_MOST_STEPS = 200_000
_LARGEST_EXPONENT = 700.0


class CannotExecuteError(ValueError):
    """The source does something that is not carried out here, as in VERBATIM."""


@dataclass(frozen=True, slots=True)
class Overrun:
    """An index outside its array."""

    name: str
    index: int
    size: int
    line: int


@dataclass(slots=True)
class Watch:
    """What was seen.

    Parameters
    ----------
    divisors : dict
        Last divisor by the place of the division, calls included.
    comparisons : dict
        Last difference of the two sides by the place of a comparison.
    lines : dict
        Line of each of these places.
    overruns : dict of (str, int) to Overrun
        The first index outside an array by its name and line.
    unset : dict of str to int
        Line at which a variable was read before it was set.
    """

    divisors: dict[tuple[int, ...], float] = field(default_factory=dict)
    comparisons: dict[tuple[int, ...], float] = field(default_factory=dict)
    lines: dict[tuple[int, ...], int] = field(default_factory=dict)
    overruns: dict[tuple[str, int], Overrun] = field(default_factory=dict)
    unset: dict[str, int] = field(default_factory=dict)


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except (OverflowError, ValueError):
        return math.nan if base < 0 else math.inf


def _guarded(function: Callable[..., float]) -> Callable[..., float]:
    def guarded(*arguments: float) -> float:
        try:
            return float(function(*arguments))
        except (ValueError, OverflowError):
            return math.nan

    return guarded


_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "exp": lambda x: math.exp(min(x, _LARGEST_EXPONENT)) if not math.isnan(x) else x,
    "fabs": abs,
    "abs": abs,
    "pow": _power,
    **{
        name: _guarded(getattr(math, name))
        for name in (
            "sqrt", "log", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh",
            "tanh", "floor", "ceil", "fmod",
        )
    },
    "nrn_pointing": lambda x: 1.0,
    "at_time": lambda x: 0.0,
}  # fmt: skip
_SILENT = frozenset(
    {"net_send", "net_event", "net_move", "printf", "state_discontinuity", "fprintf", "WATCH"}
)
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "^": _power,
    "&&": lambda a, b: float(bool(a) and bool(b)),
    "||": lambda a, b: float(bool(a) or bool(b)),
}
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class Machine:
    """Carries out blocks of a program.

    Parameters
    ----------
    program : Program
        The program.
    values : mapping of str to float
        What is known from outside: parameters, the voltage, ions' variables, states.
    known : iterable of str
        Names that are set from outside besides those.
    """

    def __init__(self, program: Program, values: Mapping[str, float], known: Iterable[str] = ()) -> None:
        self.watch = Watch()
        self._program = program
        self._values: dict[str | tuple[str, int], float] = {}
        self._values.update(values.items())
        self._known = set(known)
        self._frames: list[dict[str | tuple[str, int], float]] = []
        self._scopes: list[frozenset[str]] = []
        self._path: tuple[int, ...] = ()
        self._steps = 0

    @property
    def steps(self) -> int:
        """Statements that have been carried out."""
        return self._steps

    def run(self, block: Block, arguments: Iterable[float] = ()) -> None:
        """Carry out a block, with rates of change assigned to nothing.

        Raises
        ------
        CannotExecuteError
            If it does something that is not carried out here.
        """
        self._frames.append(dict(zip(block.arguments, arguments, strict=False)))
        self._scopes.append(frozenset((*block.arguments, *block.locals, block.name)))
        try:
            self._all(block.body)
        except RecursionError as error:
            raise CannotExecuteError("endless recursion") from error
        finally:
            self._frames.pop()
            self._scopes.pop()

    def _all(self, statements: Iterable[Statement]) -> None:
        for statement in statements:
            self._one(statement)

    def _one(self, statement: Statement) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise CannotExecuteError("too many steps")
        match statement:
            case Assignment():
                value = self._value(statement.value)
                if statement.is_rate:
                    self._key(statement.target)
                else:
                    self._store(statement.target, value)
            case Branch():
                self._all(statement.then if self._value(statement.condition) else statement.otherwise)
            case While():
                rounds = 0
                while self._value(statement.condition) and (rounds := rounds + 1) < _MOST_ROUNDS:
                    self._all(statement.body)
            case Loop():
                first, last, step = map(self._value, (statement.first, statement.last, statement.step))
                for round_ in range(min(int((last - first) // step) + 1 if step else 0, _MOST_ROUNDS)):
                    self._frames[-1][statement.variable] = first + round_ * step
                    self._all(statement.body)
            case Effect():
                for expression in statement.expressions:
                    self._value(expression)
            case Solve():
                block = self._program.named(statement.block)
                if block is not None:
                    self.run(block)
            case Opaque():
                raise CannotExecuteError("it holds VERBATIM or what is not known here")

    def _key(self, name: Name) -> str | tuple[str, int]:
        if name.index is None:
            return name.name
        index = self._value(name.index)
        place = int(index) if math.isfinite(index) else -1
        size = self._program.sizes.get(name.name)
        if size is not None and not 0 <= place < size:
            overrun = Overrun(name.name, place, size, name.line)
            self.watch.overruns.setdefault((name.name, name.line), overrun)
        return name.name, place

    def _store(self, name: Name, value: float) -> None:
        key = self._key(name)
        own = bool(self._scopes) and name.name in self._scopes[-1]
        (self._frames[-1] if own else self._values)[key] = value

    def _load(self, name: Name) -> float:
        key = self._key(name)
        if self._scopes and name.name in self._scopes[-1]:
            return self._frames[-1].get(key, 0.0)
        if key not in self._values:
            if name.name not in self._known and name.index is None:
                self.watch.unset.setdefault(name.name, name.line)
            return 0.0
        return self._values[key]

    def _value(self, expression: Expression) -> float:
        match expression:
            case Number():
                return expression.value
            case Name():
                return self._load(expression)
            case Call():
                return self._call(expression)
            case Operation():
                return self._operate(expression)

    def _call(self, call: Call) -> float:
        block = self._program.named(call.name)
        if block is None:
            if call.name in _SILENT:
                return 0.0
            function = _FUNCTIONS.get(call.name)
            if function is None:
                raise CannotExecuteError(f"{call.name} is not known")
            return function(*map(self._value, call.arguments))
        arguments = [self._value(argument) for argument in call.arguments]
        path, self._path = self._path, (*self._path, id(call))
        self._frames.append(dict(zip(block.arguments, arguments, strict=False)))
        self._scopes.append(frozenset((*block.arguments, *block.locals, block.name)))
        try:
            self._all(block.body)
            return self._frames[-1].get(block.name, 0.0)
        finally:
            self._frames.pop()
            self._scopes.pop()
            self._path = path

    def _operate(self, operation: Operation) -> float:
        symbol = operation.operator
        values = [self._value(operand) for operand in operation.operands]
        if symbol == "/":
            place = (*self._path, id(operation))
            self.watch.divisors[place] = values[1]
            self.watch.lines[place] = operation.line
            if values[1] == 0:
                return math.nan if values[0] == 0 else math.copysign(math.inf, values[0])
            return values[0] / values[1]
        if symbol in _COMPARISONS:
            self.watch.comparisons[(*self._path, id(operation))] = values[0] - values[1]
            return float(_COMPARISONS[symbol](*values))
        if symbol.startswith("unary"):
            return {"unary-": -values[0], "unary+": values[0]}.get(symbol, float(not values[0]))
        return _ARITHMETIC[symbol](*values)
