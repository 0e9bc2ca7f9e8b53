"""Checks of mechanisms as a user runs them, in a pytest of its own."""

import json

import pytest

from mnvalidate.report.results import read_results

SUITE = ("--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider")


@pytest.fixture
def check(pytester):
    """Check mechanisms in an empty folder."""

    def run(*options):
        return pytester.runpytest_subprocess(*SUITE, "-k", "test_mechanism", *options)

    return run


def entry(check):
    return (
        f'  - checks: "{check}"\n    reason: long enough a reason\n    date: 2026-11-23\n'
        "    model_version: own 1.0\n"
    )


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_mechanisms_alone_are_judged_and_reported_without_measuring_a_pool(check, pytester, workers):
    result = check("--mn-mechanism=pas", *workers)
    result.assert_outcomes(passed=14, skipped=6)
    result.stdout.fnmatch_lines(["*1 mechanisms, 20 checks: 14 sound, 0 findings*", "report: results*"])
    result.stdout.no_fnmatch_line("*motoneuron validation*")
    results = read_results(pytester.path / "results" / "mnvalidate.json")
    assert results.passed
    assert len(results.mechanisms.verdicts) == 20
    assert [curves.mechanism for curves in results.mechanisms.curves] == ["pas"]
    names = {path.name for path in (pytester.path / "results").iterdir()}
    assert names == {"mnvalidate.json", "report.html", "summary.md", "mechanism_pas.png"}


def test_only_what_is_selected_is_judged_and_counted(pytester):
    options = ("-k", "pas-finite or pas-gates", "--mn-mechanism=pas", "--mn-mechanism=napp")
    result = pytester.runpytest_subprocess(*SUITE, *options)
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*1 mechanisms, 2 checks: 1 sound*"])
    data = json.loads((pytester.path / "results" / "mnvalidate.json").read_text())
    assert [v["check"] for v in data["mechanisms"]["verdicts"]] == [
        "mechanism[pas-finite]",
        "mechanism[pas-gates]",
    ]


def test_known_defects_are_excused_unless_they_are_not_wanted(check):
    known = check("--mn-mechanism=L_Ca_inact")
    assert known.ret == pytest.ExitCode.OK
    known.stdout.fnmatch_lines(["known error: mechanism[[]L_Ca_inact-reversal]: It READs ecaL*"])
    bare = check("--mn-mechanism=L_Ca_inact", "--mn-deviations=none")
    assert bare.ret == pytest.ExitCode.TESTS_FAILED
    bare.stdout.fnmatch_lines(["error: mechanism[[]L_Ca_inact-reversal]", "*icaL reverses at 80.00 mV*"])


def test_an_entry_that_no_longer_holds_fails_the_run_until_it_is_removed(check, pytester):
    pytester.makefile(
        ".yaml", known="deviations:\n" + entry("mechanism[pas-units]") + entry("mechanism[other-units]")
    )
    result = check("--mn-mechanism=pas", "--mn-deviations=known.yaml", "-rs")
    result.assert_outcomes(passed=14, skipped=7, failed=1)
    message = "mechanism[[]pas-units] no longer deviates: remove this entry"
    result.stdout.fnmatch_lines(
        [f"*{message}", "known deviations: " + message, "SKIPPED*mechanism[[]other-units] matches no check*"]
    )
    assert not read_results(pytester.path / "results" / "mnvalidate.json").passed
