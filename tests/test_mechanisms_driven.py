"""What a check does to a mechanism must not make it fail: events of its own, long steps, odd parameters."""

import pytest
from asked import ask
from odd_files import named

from benchmarks.mechanism_sources import UNITS
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.verdicts import Conclusion

PULSER = """
NEURON { POINT_PROCESS Pulser NONSPECIFIC_CURRENT i RANGE interval, g, e, tail, most }
PARAMETER { interval = 1 (ms) g = 1e-3 (uS) e = 0 (mV) tail = 5 (ms) most = 100 (uS) }
ASSIGNED { v (mV) i (nA) }
STATE { s (uS) }
INITIAL {
    s = 0
    net_send(interval, 1)
}
BREAKPOINT {
    SOLVE decay METHOD cnexp
    i = s*(v - e)
}
DERIVATIVE decay { s' = -s/tail }
NET_RECEIVE(w (uS)) {
    if (flag == 1) {
        s = s + g
        net_send(interval, 1)
    } else {
        s = s + w
    }
    if (s > most) { s = most }
}
"""
TRANSMITTER = """
NEURON { POINT_PROCESS Transmitter NONSPECIFIC_CURRENT i RANGE g, dose, lasting }
PARAMETER { g = 1e-3 (uS) lasting = 1 (ms) opening = 5 (/mM/ms) closing = 0.1 (/ms) }
ASSIGNED { v (mV) i (nA) dose (mM) }
STATE { c o }
INITIAL {
    dose = 0
    c = 0
    o = 0
}
BREAKPOINT {
    SOLVE kin METHOD sparse
    i = g*o*v
}
KINETIC kin { ~ c <-> o (opening*dose, closing) }
NET_RECEIVE(w (mM)) {
    if (flag == 0) {
        dose = w
        net_send(lasting, 1)
    } else {
        dose = 0
    }
}
"""
EXPLICIT_GATE = """
NEURON { SUFFIX explicit_gate NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 1e-4 (S/cm2) }
ASSIGNED { v (mV) i (mA/cm2) }
STATE { x }
INITIAL { x = 0.1 }
BREAKPOINT {
    SOLVE grow METHOD euler
    i = g*x*(v + 60(mV))
}
DERIVATIVE grow { x' = 0.4(/ms)*(1 + v/500(mV) - 40*x*x) }
"""
POOL = """
NEURON {{ SUFFIX {name} USEION ca READ ica, cai WRITE cai RANGE depth }}
PARAMETER {{ depth = 0.1 (um) rest = 1e-4 (mM) }}
ASSIGNED {{ ica (mA/cm2) }}
STATE {{ cai (mM) }}
INITIAL {{ cai = rest }}
BREAKPOINT {{ SOLVE pool METHOD {method} }}
DERIVATIVE pool {{ cai' = -(10000)*ica/(2*FARADAY*depth) {sign} (cai - rest)/(4(ms)) }}
"""
_SHUT = ("ik = gbar*n*(v - ek)", "ik = gbar*n*fabs(v - ek)")
SOURCES = {
    "Pulser": (UNITS + PULSER, ["equations", "dead-parameters"]),
    "Transmitter": (UNITS + TRANSMITTER, ["dead-parameters", "movement"]),
    "explicit_gate": (UNITS + EXPLICIT_GATE, ["finite", "gates"]),
    "explicit_pool": (UNITS + POOL.format(name="explicit_pool", method="euler", sign="-"), ["pool"]),
    "growing": (UNITS + POOL.format(name="growing", method="derivimplicit", sign="+"), ["pool"]),
    "both_sides": (named("both_sides", _SHUT), ["reversal"]),
    "zero_tau": (named("zero_tau", ("/ntau", "/(0*ntau)")), ["finite", "reversal", "charge"]),
}


@pytest.fixture(scope="module")
def verdicts():
    sources = [NmodlSource(f"{name}.mod", text) for name, (text, _) in SOURCES.items()]
    return ask(sources, lambda name: SOURCES[name][1])


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("Pulser", "dead-parameters"),
        ("explicit_gate", "finite"),
        ("explicit_gate", "gates"),
        ("explicit_pool", "pool"),
    ],
)
def test_what_is_sound_stays_so(verdicts, name, check):
    assert verdicts[name][check].conclusion is Conclusion.CONFORMS, verdicts[name][check].message


def test_events_that_it_sends_itself_are_no_fault_of_its_equations(verdicts):
    assert verdicts["Pulser"]["equations"].conclusion is Conclusion.NOT_JUDGED
    assert "sends events to itself" in verdicts["Pulser"]["equations"].message


def test_no_delay_below_zero_is_tried(verdicts):
    """An empty scheme lets no parameter matter, so that all that is tried is tried."""
    dead = verdicts["Transmitter"]["dead-parameters"]
    assert "g, opening, closing changes no state" in dead.message
    assert verdicts["Transmitter"]["movement"].failed


@pytest.mark.parametrize(
    ("name", "check", "words"),
    [
        ("growing", "pool", "makes cai grow without end"),
        ("both_sides", "reversal", "ik is outward on both sides of ek = -77 mV"),
        ("zero_tau", "finite", "not finite"),
    ],
)
def test_what_is_not_sound_is_found(verdicts, name, check, words):
    assert verdicts[name][check].conclusion is Conclusion.DEVIATES
    assert words in verdicts[name][check].message


def test_what_is_not_finite_has_no_reversal_and_no_account_of_charge(verdicts):
    for check in ("reversal", "charge"):
        assert not verdicts["zero_tau"][check].found
