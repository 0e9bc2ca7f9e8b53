"""What a run leaves behind for other programs."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

SUITE = ("--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider")


def properties(case):
    return {p.get("name"): p.get("value") for p in case.iter("property")}


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_junit_has_value_limits_unit_margin_and_source(pytester, workers):
    pytester.runpytest_subprocess(*SUITE, "--n-neurons", "1", "-k", "range", "--junitxml=j.xml", *workers)
    cases = ET.parse(pytester.path / "j.xml").iter("testcase")
    (case,) = [c for c in cases if c.get("name") == "test_range[NERLab-n00-Rin_50ms__MOhm]"]
    found = properties(case)
    assert float(found["lower"]) < float(found["value"]) < float(found["upper"])
    assert found["unit"] == "MOhm"
    assert float(found["margin"]) == 0.0
    assert found["doi"].startswith("10.")
    assert "mnvalidate_verdict" not in found


def test_a_crash_is_an_error_with_its_reason(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "models"))
    result = pytester.runpytest_subprocess(
        *SUITE, "--n-neurons", "2", "--mn-model", "faulty_cells:abort", "-k", "Rin__MOhm", "--junitxml=j.xml"
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    errors = list(ET.parse(pytester.path / "j.xml").iter("error"))
    assert errors
    assert all("SIGABRT" in error.get("message") + (error.text or "") for error in errors)


def test_what_is_not_measurable_is_a_failure_even_if_another_protocol_crashed(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "models"))
    model = ("--n-neurons", "1", "--mn-model", "faulty_cells:raises_late", "--mn-report", "none")
    result = pytester.runpytest_subprocess(*SUITE, *model, "-k", "range and Ir__nA", "--junitxml=j.xml")
    result.stdout.fnmatch_lines(["*neuron 0: raised RuntimeError: no axon after all"])
    failures = list(ET.parse(pytester.path / "j.xml").iter("failure"))
    assert len(failures) == 2  # it is outside its range, and no motoneuron
    assert all("no spike up to the ceiling" in failure.get("message") for failure in failures)
    assert not list(ET.parse(pytester.path / "j.xml").iter("error"))


def test_github_gets_the_summary_and_none_writes_nothing_else(pytester, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "step.md"))
    pytester.runpytest_subprocess(*SUITE, "--n-neurons", "1", "--mn-report", "none", "-k", "Rin__MOhm")
    assert (pytester.path / "step.md").read_text().startswith("## Motoneuron validation")
    assert not (pytester.path / "results").exists()


def test_the_report_of_a_run_is_complete_and_links_its_traces(pytester):
    pytester.runpytest_subprocess(*SUITE, "--n-neurons", "1")
    folder = pytester.path / "results"
    names = {path.name for path in folder.iterdir()}
    assert {"mnvalidate.json", "report.html", "summary.md", "measurements.csv", "traces.svg"} <= names
    assert not [name for name in names if name.startswith(".")]
    page = (folder / "report.html").read_text(encoding="utf-8")
    for drawn in ("Steps of current", "Decay after a short pulse", "Afterhyperpolarisation", "F-I curve"):
        assert drawn in page


def test_a_pipe_gets_plain_text(pytester):
    result = pytester.runpytest_subprocess(*SUITE, "--n-neurons", "1", "--mn-report", "none", "--color=auto")
    assert "\x1b" not in result.stdout.str()
    result = pytester.runpytest_subprocess(*SUITE, "--n-neurons", "1", "--mn-report", "none", "--color=yes")
    assert "\x1b[1mNERLab: 1 of 1 neurons measured" in result.stdout.str()
