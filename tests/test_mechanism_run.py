"""Checks of mechanisms as a user runs them, in a pytest of its own."""

import json
import shutil
import xml.etree.ElementTree as ET

import pytest
from variants import SOUND

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
    result.assert_outcomes(passed=14, skipped=13)
    result.stdout.fnmatch_lines(["*1 mechanisms, 27 checks: 14 sound, 0 findings*", "report: results*"])
    result.stdout.no_fnmatch_line("*motoneuron validation*")
    results = read_results(pytester.path / "results" / "mnvalidate.json")
    assert results.passed
    assert len(results.of_mechanisms) == 27
    assert [curves.mechanism for curves in results.curves] == ["pas"]
    names = {path.name for path in (pytester.path / "results").iterdir()}
    assert names == {"mnvalidate.json", "report.html", "summary.md", "mechanism_pas.png"}


def test_only_what_is_selected_is_judged_and_counted(pytester):
    options = (
        "-k",
        "pas-finite or pas-gates",
        "--mn-mechanism=pas",
        "--mn-mechanism=napp",
        "--junitxml=j.xml",
    )
    result = pytester.runpytest_subprocess(*SUITE, *options)
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*1 mechanisms, 2 checks: 1 sound*"])
    properties = {(p.get("name"), p.get("value")) for p in ET.parse(pytester.path / "j.xml").iter("property")}
    assert {
        ("conclusion", "conforms"),
        ("conclusion", "not_applicable"),
        ("family", "mechanism"),
        ("quantity", "finite"),
        ("quantity", "gates"),
        ("severity", "error"),
        ("subject", "pas"),
    } == properties
    data = json.loads((pytester.path / "results" / "mnvalidate.json").read_text())
    assert [v["check"] for v in data["verdicts"]] == [
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
    result.assert_outcomes(passed=14, skipped=14, failed=1)
    message = "mechanism[[]pas-units] no longer deviates: remove this entry"
    result.stdout.fnmatch_lines(
        [f"*{message}", "known deviations: " + message, "SKIPPED*mechanism[[]other-units] matches no check*"]
    )
    assert not read_results(pytester.path / "results" / "mnvalidate.json").passed


def refused(pytester, *options):
    """Run with options that are no good: what it says, once it is sure that nothing is left behind."""
    before = set(pytester.path.rglob("*"))
    result = pytester.runpytest_subprocess(*SUITE, "--n-neurons=1", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    left = {path.name for path in set(pytester.path.rglob("*")) - before}
    assert {name for name in left if not name.startswith("runpytest-")} <= {"stdout", "stderr"}
    (line,) = [line for line in result.errlines + result.outlines if line.startswith("ERROR: ")]
    return line.removeprefix("ERROR: ")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (None, "there is no file or folder 'own'"),
        ({"read.me": ""}, "there is no .mod file in 'own'"),
        ({"a.mod": "UNITS { (mV) = (millivolt) }"}, "own/a.mod has no NEURON block"),
        ({"a.mod": SOUND, "b.mod": SOUND}, "own/a.mod and own/b.mod both declare sound"),
    ],
)
def test_unusable_files_are_refused(pytester, files, said):
    if files is not None:
        pytester.mkdir("own")
    for name, text in (files or {}).items():
        (pytester.path / "own" / name).write_text(text)
    assert refused(pytester, "--mn-nmodl=own").startswith(f"--mn-nmodl: {said}")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--mn-insert=soma:nap", "unknown mechanism 'nap'; the nearest are naps, napp"),
        ("--mn-insert=soma:napp,gnaba=1", "napp has no parameter 'gnaba'; the nearest are gnabar"),
        ("--mn-mechanism=nap", "unknown mechanism 'nap'; the nearest are naps, napp"),
    ],
)
def test_names_that_do_not_exist_are_refused_with_the_nearest(pytester, option, said):
    assert refused(pytester, option).startswith(f"{option.partition('=')[0]}: {said}")


@pytest.mark.parametrize("missing", ["perl", "make", "gcc"])
@pytest.mark.parametrize("selected", ["test_mechanism", "Rin__MOhm"])
def test_a_missing_program_is_named_before_anything_happens(
    pytester, monkeypatch, tmp_path_factory, missing, selected
):
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path_factory.mktemp("matplotlib")))  # it keeps a list of fonts
    programs = pytester.mkdir("programs")
    for name in {"bash", "make", "perl", "gcc", "g++"} - {missing}:
        (programs / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("CC", "gcc")
    monkeypatch.setenv("CXX", "g++")
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / "cache"))
    (pytester.path / "own.mod").write_text(SOUND)
    said = refused(pytester, "--mn-nmodl=own.mod", "-k", selected)
    assert said.startswith(f"--mn-nmodl: cannot compile mechanisms: {missing} is not on PATH")


def test_any_line_ends_and_any_path_will_do(check, pytester):
    folder = pytester.mkdir('it\'s a "folder" of mine')
    (folder / "so und'.mod").write_bytes(SOUND.replace("\n", "\r").encode())
    result = check(f"--mn-nmodl={folder.name}")
    result.assert_outcomes(passed=20, skipped=7)
    assert [path.name for path in folder.iterdir()] == ["so und'.mod"]


def test_a_short_timeout_ends_checks_of_mechanisms_too(check, pytester):
    text = SOUND.replace("    n = ninf\n", "    n = ninf\nVERBATIM\n    for (;;) {}\nENDVERBATIM\n")
    (pytester.path / "own.mod").write_text(text)
    result = check("--mn-nmodl=own.mod", "--mn-timeout=2")
    result.stdout.fnmatch_lines(["*sound: Does NEURON survive it? it did not return within 2 s*"])
