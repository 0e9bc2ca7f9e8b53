"""Each check of a mechanism finds what it is for, and nothing in a sound mechanism."""

import numpy as np
import pytest
from kinds import KINDS
from variants import BROKEN, FATAL, broken, fatal, sound, tabled_kinetics

from mnvalidate.checks.check import Planning
from mnvalidate.literature.criteria import Reference
from mnvalidate.mechanisms.asking import ask_mechanisms
from mnvalidate.mechanisms.check import plan
from mnvalidate.mechanisms.questions import QUESTIONS_BY_NAME
from mnvalidate.nmodl.sources import myogen_sources
from mnvalidate.verdicts import Conclusion, Severity

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def everything():
    """Each is judged with all others, so that none may cost another."""
    sources = [sound(), tabled_kinetics(), *broken().values(), *(fatal(fault) for fault in FATAL)]
    return ask_mechanisms([source.name for source in sources], sources, jobs=2, timeout__s=30.0)


@pytest.fixture(scope="module")
def judged(everything):
    """Findings by mechanism."""
    return verdicts_by_mechanism(everything)


def verdicts_by_mechanism(answers):
    checks = plan(Planning(Reference({}, ()), "cat", (), tuple(answers.by_mechanism)))
    found = {name: [] for name in answers.by_mechanism}
    for check in checks:
        found[check.mechanism].append(check(answers.by_mechanism[check.mechanism]))
    return found


def deviating(verdicts):
    return {v.quantity for v in verdicts if v.conclusion is Conclusion.DEVIATES}


def test_a_sound_mechanism_has_no_finding(judged):
    assert deviating(judged["sound"]) == set()
    assert sum(v.conclusion is Conclusion.CONFORMS for v in judged["sound"]) >= 16


def test_every_check_has_a_mechanism_that_it_must_find():
    assert {*BROKEN, *(kind.check for kind in KINDS.values())} == set(QUESTIONS_BY_NAME)


@pytest.mark.parametrize("check", BROKEN)
def test_exactly_the_right_check_finds_what_is_wrong(judged, check):
    findings = judged[broken()[check].name]
    inherent = {"threads"} if check == "pointers" else set()  # no use of a POINTER is thread-safe
    assert deviating(findings) - inherent == {check}
    (finding,) = [verdict for verdict in findings if verdict.quantity == check]
    assert finding.severity is QUESTIONS_BY_NAME[check].severity
    assert finding.failed is (finding.severity is Severity.ERROR)


def test_a_table_that_only_the_kinetics_use_is_compared_too(judged):
    assert deviating(judged["tabled_kinetics"]) == {"table"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("segfaults", "ended with SIGSEGV"),
        ("hangs", "did not return within 30 s"),
        ("exits", "ended itself with exit code 0"),
    ],
)
def test_a_fatal_mechanism_gets_one_clear_finding(judged, fault, words):
    (finding,) = [v for v in judged[fault] if v.conclusion is Conclusion.DEVIATES and v.quantity == "runs"]
    assert words in finding.message
    assert finding.failed
    assert deviating(judged[fault]) <= {"runs", "threads"}


def test_a_compile_error_names_file_and_line(judged):
    (finding,) = [v for v in judged["no_compiles"] if v.quantity == "compiles"]
    line = 1 + next(i for i, text in enumerate(broken()["compiles"].text.splitlines()) if "reversal" in text)
    assert f"no_compiles.mod:{line}: " in finding.message


def test_a_counterexample_comes_with_a_script(judged):
    (finding,) = [v for v in judged["no_combinations"] if v.quantity == "combinations"]
    assert "h.top_no_combinations = 1." in finding.script
    assert "h.finitialize(" in finding.script


def test_curves_are_those_of_the_formula(everything):
    curves = next(curves for curves in everything.curves if curves.mechanism == "sound")
    (gate,) = curves.gates
    rates = {v: formula(v) for v in gate.voltage__mV}
    assert list(gate.steady_state) == pytest.approx([a / (a + b) for a, b in rates.values()], rel=1e-4)
    assert list(gate.tau__ms) == pytest.approx([1 / (a + b) for a, b in rates.values()], rel=1e-4)
    for family in curves.families:
        for (before, during), trace in zip(family.steps__mV, family.traces, strict=True):
            (a0, b0), (a, b) = formula(before), formula(during)
            t = np.array(family.time__ms)
            n = a / (a + b) + (a0 / (a0 + b0) - a / (a + b)) * np.exp(-t * (a + b))
            assert list(trace) == pytest.approx(list(1e-3 * n * (during + 77)), rel=1e-3)


def formula(v):
    """Rates of the sound mechanism at 36 degC, opening and closing."""
    x = -40 - v
    trapped = 9 * (1 - x / 18) if abs(x / 9) < 1e-6 else x / np.expm1(x / 9)
    return 0.02 * trapped, 0.1 * np.exp((-65 - v) / 80)


@pytest.mark.parametrize("name", ["hh", "pas", "napp", "caL", "kdrRL", "naps"])
def test_no_false_error_on_sound_mechanisms(myogen, name):
    errors = [v for v in myogen[name] if v.severity is Severity.ERROR]
    assert [v.check for v in errors if v.conclusion is Conclusion.DEVIATES] == []


@pytest.fixture(scope="module")
def myogen():
    names = [source.name for source in myogen_sources()] + ["hh", "pas"]
    return verdicts_by_mechanism(ask_mechanisms(names, jobs=2))


@pytest.mark.parametrize(
    ("name", "check", "words"),
    [
        ("gh", "cross-talk", "half"),
        ("L_Ca_inact", "reversal", "icaL reverses at 80.00 mV"),
        ("napp", "dead-parameters", "mact"),
        ("na3rp", "dead-parameters", "qq, tq"),
        ("Gfluctdv", "cvode", "cannot be used with CVODE"),
        ("muscle_unit", "solvers", "under CVODE"),
        ("muscle_unit", "repeats", "F"),
        ("motoneuron", "finite", "-45 mV"),
        ("mAHP", "initial", "cai"),
    ],
)
def test_what_is_wrong_in_myogen_is_found(myogen, name, check, words):
    (finding,) = [v for v in myogen[name] if v.quantity == check]
    assert finding.conclusion is Conclusion.DEVIATES
    assert words in finding.message


def test_modlunit_refuses_eight_of_myogens_files(myogen):
    failing = {name for name, verdicts in myogen.items() if "units" in deviating(verdicts)}
    assert failing == {
        "Gfluctdv", "mAHP", "na3rp", "motoneuron", "GammaStim", "GammaProcess", "muscle_unit",
        "muscle_unit_calcium",
    }  # fmt: skip
