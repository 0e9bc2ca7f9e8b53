"""NMODL blocks as trees: what they are carried out to, and which names reach an output."""

import math

import pytest

from mnvalidate.nmodl.execution import CannotExecuteError, Machine
from mnvalidate.nmodl.liveness import live_names, uses
from mnvalidate.nmodl.reactions import read_schemes
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.nmodl.syntax import read_program
from mnvalidate.nmodl.tree import Opaque


def program(text):
    return read_program(NmodlSource("test.mod", text))


def carried_out(text, **values):
    read = program(text)
    machine = Machine(read, values)
    for block in read.of_kind("INITIAL"):
        machine.run(block)
    return machine


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2*3", 7.0),
        ("(1 + 2)*3", 9.0),
        ("-2^2", -4.0),
        ("2^-1", 0.5),
        ("10/4/5", 0.5),
        ("3(mV) + 0.32(/ms-mV)", 3.32),
        ("1 - -1", 2.0),
        ("2 < 3 && 3 != 3", 0.0),
        ("!0 || 0", 1.0),
        ("exp(1) - fabs(-1)", math.e - 1),
        ("exp(1000)", math.exp(700)),
        ("twice(x) + x", 12.0),
        ("sum(3)", 3.0),
    ],
)
def test_expressions_mean_what_nmodl_says(expression, expected):
    text = f"""
    PARAMETER {{ x = 4 }}
    INITIAL {{ if (fabs(({expression}) - expected) < 1e-12*(1 + fabs(expected))) {{ right[1] = 1 }} }}
    ASSIGNED {{ right[1] }}
    FUNCTION twice(x) {{ LOCAL y
        y = 2*x twice = y }}
    FUNCTION sum(n) {{ LOCAL k
        sum = 0 k = 0
        while (k < n) {{ sum = sum + k k = k + 1 }} }}
    """
    machine = carried_out(text, x=4.0, expected=expected)
    # The index beyond the array is reached where the expression has the value.
    assert [overrun.index for overrun in machine.watch.overruns.values()] == [1]


def test_indices_are_watched_in_every_loop():
    machine = carried_out(
        "DEFINE N 3 STATE { a[N] } ASSIGNED { b[N] } INITIAL {\n FROM j = 0 TO N-1 { a[j] = 0 }\n"
        " FROM j = N-1 TO 0 BY -1 { b[j-1] = a[j] }\n}"
    )
    (overrun,) = machine.watch.overruns.values()
    assert (overrun.name, overrun.index, overrun.size, overrun.line) == ("b", -1, 3, 3)


def test_what_is_divided_by_and_what_is_read_too_early_is_watched():
    machine = carried_out("INITIAL {\n a = 1/(x - 4)\n b = c\n c = 2 }", x=4.0)
    assert list(machine.watch.divisors.values()) == [0.0]
    assert machine.watch.unset == {"c": 3}


@pytest.mark.parametrize("statement", ["VERBATIM\n x = 1;\nENDVERBATIM", "a = unheard_of(3)", "a = = 3"])
def test_what_is_not_known_is_not_guessed(statement):
    with pytest.raises(CannotExecuteError):
        carried_out(f"INITIAL {{ {statement} }}")


def test_a_block_that_cannot_be_read_is_opaque_and_names_what_is_in_it():
    (block,) = program("INITIAL { a = = gbar }").blocks
    (only,) = block.body
    assert isinstance(only, Opaque)
    assert "gbar" in only.names


def test_names_that_reach_no_output_are_not_live():
    flows = uses(
        program(
            "INITIAL { rates(v) m = minf }\nBREAKPOINT { SOLVE s METHOD cnexp\n i = g*m*(v - e) }\n"
            "DERIVATIVE s { m' = (minf - m)/tau }\nPROCEDURE rates(v) "
            "{ minf = 1/(1 + exp(v/k)) lost = spare*q }\n"
            "PROCEDURE never() { i = unreached }\nFUNCTION f(x) { f = x*inside }\n"
        )
    )
    live = live_names(flows, ["i", "m"])
    assert {"g", "e", "k", "tau", "minf"} <= live
    assert not {"spare", "q", "unreached", "inside"} & live


def test_schemes_are_joined_by_their_states():
    first, second = read_schemes(
        "~ a <-> b (1, 2)\n ~ c[0] <-> c[1] (x, y)\n ~ b <-> d (f(v), g(v))\n ~ d -> (k)\n ~ c[0] << (i)\n"
        "CONSERVE a + b + d = 1\n"
    )
    schemes = {scheme.states: scheme for scheme in (first, second)}
    gates = schemes["a", "b", "d"]
    assert (gates.unimolecular, gates.fed, gates.drained, gates.conserved) == (True, False, True, True)
    shells = schemes[("c",)]
    assert (shells.fed, shells.drained, shells.conserved) == (True, False, False)
