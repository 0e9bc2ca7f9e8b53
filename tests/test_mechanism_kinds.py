"""Kinds of faults that only some kinds of mechanisms can have, and the same mechanisms without them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from asked import ask, said_when_inserted
from kinds import BASES, KINDS, base, faulty
from variants import broken

from mnvalidate.mechanisms.questions import QUESTIONS
from mnvalidate.verdicts import Conclusion, Severity

pytestmark = pytest.mark.slow

_NOT_OF_KINDS = {"compiles", "units", "cvode", "threads", "temperature", "initial", "pointers"}
# CVODE does not run BREAKPOINT of a mechanism without a current: that is found, and is so.
_INHERENT = {"Writer": {"solvers"}}


@pytest.fixture(scope="module")
def judged_sound():
    questions = [question.name for question in QUESTIONS if question.name not in _NOT_OF_KINDS]
    return ask([base(name) for name in BASES], lambda name: questions)


@pytest.fixture(scope="module")
def judged_faulty():
    return ask([faulty(name) for name in KINDS], lambda name: [KINDS[name].check])


@pytest.mark.parametrize("name", BASES)
def test_nothing_is_found_in_what_is_sound(judged_sound, name):
    found = {
        v.quantity: v.message for v in judged_sound[name].values() if v.conclusion is Conclusion.DEVIATES
    }
    assert set(found) == _INHERENT.get(name, set()), found


@pytest.mark.parametrize("name", KINDS)
def test_the_right_check_finds_the_fault_and_says_where(judged_faulty, name):
    kind = KINDS[name]
    verdict = judged_faulty[name][kind.check]
    assert verdict.conclusion is Conclusion.DEVIATES, verdict.message
    assert kind.words in verdict.message
    assert verdict.advice


def test_a_pool_that_only_drifts_is_a_warning_and_a_wrong_sign_an_error(judged_faulty):
    assert judged_faulty["pool_drift"]["pool"].severity is Severity.WARNING
    assert judged_faulty["pool_sign"]["pool"].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("name", "check", "words"),
    [
        ("count", "gates", "proportional to total = 60"),
        ("coupled", "gates", "p is no factor of a conductance"),
        ("scheme", "gates", "c, o, b stay in [0, 1]"),
        ("pool", "movement", "every state moves"),
        ("shells", "movement", "every state moves"),
        ("Writer", "repeats", "a second run gives"),
        ("Silent", "runs", "NEURON initialises"),
    ],
)
def test_what_is_no_gate_or_no_current_is_observed_too(judged_sound, name, check, words):
    assert words in judged_sound[name][check].message


def test_two_mechanisms_that_write_one_concentration_are_not_inserted_together():
    said = said_when_inserted(base("pool"), base("shells"))
    assert "cannot insert shells: pool writes cai in soma, too" in said
    assert said_when_inserted(base("pool"), base("outside"), base("goldman")) == ""


def test_a_check_that_observes_nothing_judges_nothing(judged_sound):
    nothing = judged_sound["Silent"]["dead-parameters"]
    assert nothing.conclusion in (Conclusion.NOT_APPLICABLE, Conclusion.NOT_JUDGED)


def test_advice_fits_the_fault(judged_faulty):
    advice = {name: judged_faulty[name][KINDS[name].check].advice for name in KINDS}
    assert "qtau (line" in advice["used_early"]
    assert "vtrap" not in advice["used_early"] + advice["Equal_taus"]
    assert "NET_RECEIVE" in advice["Equal_taus"]
    assert "SOLVE <block>" in advice["no_solve"]


@pytest.mark.parametrize("name", ["combinations", "finite", "gates"])
def test_a_printed_script_runs_as_pasted_and_prints_the_number(tmp_path, name):
    source = broken()[name]
    verdict = ask([source], lambda _: [name])[source.name][name]
    (tmp_path / f"{source.name}.mod").write_text(source.text)
    nrnivmodl = [Path(sys.executable).with_name("nrnivmodl"), "."]
    subprocess.run(nrnivmodl, cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "pasted.py").write_text(verdict.script)
    done = subprocess.run(
        [sys.executable, "pasted.py"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    printed = float(done.stdout.split()[-1])
    assert re.search(rf" = {printed:.6g}[ ,;]", verdict.message), (printed, verdict.message)
    assert f"h.celsius = {re.search('([0-9.]+) degC', verdict.message)[1]}" in verdict.script
