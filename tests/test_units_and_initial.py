"""What modlunit cannot read is no fault, and what has no steady state need not start there."""

import pytest
from asked import ask
from odd_files import named

from benchmarks.mechanism_sources import UNITS
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.verdicts import Conclusion, Severity

JUNCTION = """
NEURON { POINT_PROCESS Junction NONSPECIFIC_CURRENT i POINTER vother RANGE g }
PARAMETER { g = 1e-3 (uS) }
ASSIGNED { v (mV) vother (mV) i (nA) }
BREAKPOINT { if (nrn_pointing(vother)) { i = g*(v - vother) } else { i = 0 } }
"""
# Two coupled equations: a limit cycle, and with half of what excites it a stable point.
PAIR = """
NEURON {{ SUFFIX {name} NONSPECIFIC_CURRENT i RANGE excited, strength }}
PARAMETER {{ excited = {excited} (1) strength = 1e-4 (mA/cm2) }}
ASSIGNED {{ i (mA/cm2) }}
STATE {{ p (1) q (1) }}
INITIAL {{
    p = 0.5
    q = 2
}}
BREAKPOINT {{
    SOLVE pair METHOD derivimplicit
    i = -strength*(p + q)
}}
DERIVATIVE pair {{
    p' = 0.5(/ms)*(1 + p*p*q - (excited + 1)*p)
    q' = 0.5(/ms)*(excited*p - p*p*q)
}}
"""
RING = """
NEURON {{ SUFFIX {name} USEION ca READ ica WRITE cai RANGE spread }}
PARAMETER {{ spread = 0.3 (um2/ms) }}
ASSIGNED {{ diam (um) ica (mA/cm2) cai (mM) part[3] (1) }}
STATE {{ ca[3] (mM) <1e-9> }}
INITIAL {{
    FROM j = 0 TO 2 {{
        part[j] = {part}
        ca[j] = 1e-4
    }}
    cai = ca[0]
}}
BREAKPOINT {{ SOLVE flow METHOD sparse }}
KINETIC flow {{
    COMPARTMENT j, diam*diam*part[j] {{ ca }}
    LONGITUDINAL_DIFFUSION j, spread*diam*diam*part[j] {{ ca }}
    ~ ca[0] << (-ica*3.14159*diam*(10000)/(2*FARADAY))
    FROM j = 0 TO 1 {{ ~ ca[j] <-> ca[j+1] (3.1*spread, 3.1*spread) }}
    cai = ca[0]
}}
"""
SOURCES = {
    "trailing": "COMMENT\n none of it\nENDCOMMENT and more words\n" + named("trailing"),
    "Junction": UNITS + JUNCTION,
    "mixed": named("mixed", ("(v - ek)", "(v - gbar)")),
    "cycle": UNITS + PAIR.format(name="cycle", excited=3),
    "still": UNITS + PAIR.format(name="still", excited=1.5),
    "late": named("late", ("n = ninf\n", "n = 0.5\n")),
    "ring": UNITS + RING.format(name="ring", part="0.26"),
    "ring_zero": UNITS + RING.format(name="ring_zero", part="0.26*j"),
}


@pytest.fixture(scope="module")
def verdicts():
    sources = [NmodlSource(f"{name}.mod", text) for name, text in SOURCES.items()]
    return ask(sources, lambda name: ["equations"] if name.startswith("ring") else ["units", "initial"])


@pytest.mark.parametrize("name", ["trailing", "Junction", "cycle"])
def test_what_nocmodl_reads_and_modlunit_does_not_is_no_inconsistent_unit(verdicts, name):
    assert verdicts[name]["units"].conclusion is Conclusion.CONFORMS, verdicts[name]["units"].message


def test_an_inconsistent_unit_is_found_in_its_line(verdicts):
    line = next(n for n, text in enumerate(SOURCES["mixed"].split("\n"), 1) if "(v - gbar)" in text)
    assert verdicts["mixed"]["units"].conclusion is Conclusion.DEVIATES
    assert f"line {line}: " in verdicts["mixed"]["units"].message


def test_what_oscillates_has_no_steady_state(verdicts):
    assert verdicts["cycle"]["initial"].conclusion is Conclusion.NOT_APPLICABLE
    assert "p, q still moves after a minute" in verdicts["cycle"]["initial"].message


def test_a_start_that_is_the_authors_choice_is_told_and_that_of_a_gate_warned_of(verdicts):
    still, late = verdicts["still"]["initial"], verdicts["late"]["initial"]
    assert (still.conclusion, still.severity) == (Conclusion.DEVIATES, Severity.INFO)
    assert "q at" in still.message
    assert (late.conclusion, late.severity) == (Conclusion.DEVIATES, Severity.WARNING)


def test_a_volume_of_zero_is_found_and_the_advice_is_on_volumes(verdicts):
    assert verdicts["ring"]["equations"].conclusion is Conclusion.CONFORMS
    zero = verdicts["ring_zero"]["equations"]
    assert "the rate of change of ca[0] is not finite" in zero.message
    assert "COMPARTMENT" in zero.advice
    assert "cnexp" not in zero.advice
