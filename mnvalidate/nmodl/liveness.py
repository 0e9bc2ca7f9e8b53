"""Which variables of an NMODL source can reach an output, by following assignments backwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mnvalidate.nmodl.tree import (
    Assignment,
    Block,
    Branch,
    Call,
    Effect,
    Expression,
    Loop,
    Name,
    Opaque,
    Operation,
    Program,
    Solve,
    Statement,
    While,
    names_in,
)

_STARTS = ("INITIAL", "BREAKPOINT", "NET_RECEIVE", "BEFORE", "AFTER", "CONSTRUCTOR")


@dataclass(frozen=True, slots=True)
class Use:
    """Names that flow into a target, or into an effect where there is none.

    Parameters
    ----------
    target : str
        Variable that is assigned; empty for an effect.
    names : frozenset of str
        Names that it is computed from, conditions included.
    is_conditional : bool
        Whether it happens in some cases only, or when an event comes.
    """

    target: str
    names: frozenset[str]
    is_conditional: bool


def uses(program: Program) -> tuple[Use, ...]:
    """Every flow in the blocks that NEURON can reach; locals are named ``block.name``."""
    waiting = [block for block in program.blocks if block.kind in _STARTS]
    reached: list[Block] = []
    found: list[Use] = []
    while waiting:
        block = waiting.pop()
        if block in reached:
            continue
        reached.append(block)
        found += _flows(block, block.body, frozenset(), block.kind == "NET_RECEIVE")
        for name in _mentioned(block.body):
            other = program.named(name)
            if other is not None:
                waiting.append(other)
    return tuple(found)


def live_names(flows: Iterable[Use], outputs: Iterable[str]) -> set[str]:
    """Names that reach an output or an effect."""
    flows = tuple(flows)
    live = set(outputs)
    while True:
        more = {name for use in flows if not use.target or use.target in live for name in use.names} - live
        if not more:
            return live
        live |= more


def _flows(
    block: Block, statements: Iterable[Statement], conditions: frozenset[str], is_conditional: bool
) -> Iterator[Use]:
    own = {*block.arguments, *block.locals}

    def scoped(names: Iterable[str]) -> frozenset[str]:
        return frozenset(f"{block.name}.{name}" if name in own else name for name in names)

    for statement in statements:
        match statement:
            case Assignment():
                names = names_in(statement.value) | (names_in(statement.target) - {statement.target.name})
                (target,) = scoped([statement.target.name])
                yield Use(target, scoped(names) | conditions, is_conditional)
            case Branch() | While():
                within = conditions | scoped(names_in(statement.condition))
                bodies = (
                    (statement.then, statement.otherwise)
                    if isinstance(statement, Branch)
                    else (statement.body,)
                )
                for body in bodies:
                    yield from _flows(block, body, within, True)
            case Loop():
                bounds = set().union(*map(names_in, (statement.first, statement.last, statement.step)))
                yield from _flows(block, statement.body, conditions | scoped(bounds), is_conditional)
            case Effect():
                names = set().union(*map(names_in, statement.expressions))
                yield Use("", scoped(names) | conditions, is_conditional)
            case Opaque():
                names = {name.removeprefix("_l").removeprefix("_p_") for name in statement.names}
                yield Use("", scoped(names | statement.names), is_conditional)
            case Solve():
                pass


def _mentioned(statements: Iterable[Statement]) -> set[str]:
    """Names of blocks and functions that statements may reach."""
    found: set[str] = set()
    for statement in statements:
        match statement:
            case Assignment():
                found |= _calls(statement.value)
            case Branch():
                found |= _calls(statement.condition)
                found |= _mentioned((*statement.then, *statement.otherwise))
            case While():
                found |= _calls(statement.condition) | _mentioned(statement.body)
            case Loop():
                found |= _mentioned(statement.body)
            case Effect():
                found |= set().union(*map(_calls, statement.expressions))
            case Solve():
                found.add(statement.block)
            case Opaque():
                found |= statement.names
    return found


def _calls(expression: Expression) -> set[str]:
    match expression:
        case Call():
            return {expression.name}.union(*map(_calls, expression.arguments))
        case Operation():
            return set().union(*map(_calls, expression.operands))
        case Name():
            return set() if expression.index is None else _calls(expression.index)
    return set()
