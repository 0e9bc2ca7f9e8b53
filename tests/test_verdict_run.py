"""What a run says and how it ends, as a user sees it, in a pytest of its own."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from documents import table_with

MODELS = Path(__file__).parent / "models"
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SUITE = ("--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider")


@pytest.fixture
def validate(pytester, monkeypatch):
    """Run the suite in an empty folder, with the tests' own models at hand."""
    monkeypatch.setenv("PYTHONPATH", str(MODELS))

    def run(*options, suite=SUITE):
        return pytester.runpytest_subprocess(*suite, *options)

    return run


@pytest.mark.parametrize("species", ["cat", "mouse"])
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_crash_in_the_last_protocol_is_red_for_every_species(validate, pytester, species, workers):
    result = validate(
        "--n-neurons=3", "--mn-model=faulty_cells:dies_last", f"--mn-species={species}", "--junitxml=j.xml",
        *workers,
    )  # fmt: skip
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    errors = list(ET.parse(pytester.path / "j.xml").iter("error"))
    assert errors
    assert all("SIGSEGV" in error.get("message") for error in errors)
    assert not json.loads((pytester.path / "results" / "mnvalidate.json").read_text())["passed"]
    result.stdout.fnmatch_lines(["  neuron 2: the process ended with SIGSEGV"])
    assert "FAILED" in (pytester.path / "results" / "summary.md").read_text().splitlines()[0]


def test_a_crash_fails_a_run_that_selected_something_else(validate):
    result = validate(
        "--n-neurons=2", "--mn-model=faulty_cells:dies_last", "-k", "range and tau__ms", "--mn-report=none"
    )
    assert result.parseoutcomes().get("failed", 0) == 0
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["*the processes of 2 neurons ended before everything was measured: this run *"]
    )


@pytest.mark.parametrize(
    ("model", "frame"),
    [("dies_last", "absolute"), ("dies_last_from_rest", "relative"), ("segfault", "unknown")],
)
def test_a_crashed_neuron_keeps_what_is_known_of_its_model(validate, pytester, model, frame):
    validate("--n-neurons=2", f"--mn-model=faulty_cells:{model}")
    data = json.loads((pytester.path / "results" / "mnvalidate.json").read_text())
    assert data["pools"][0]["records"][1]["voltage_frame"] == frame
    said = [v["message"] for v in data["verdicts"] if "counts voltage from rest" in v["message"]]
    assert bool(said) is (frame == "relative")


HOSTILE = {
    "leak_check": "import pytest\n@pytest.fixture(autouse=True)\ndef leak_check():\n    yield\n",
    "validation": "import pytest\n@pytest.fixture\ndef validation():\n    return 'of forms'\n",
    "conclude": "import pytest\n@pytest.fixture(autouse=True)\ndef conclude(range_check):\n    yield\n"
    "@pytest.fixture\ndef range_check():\n    return 1\n",
    "every_check": "import pytest\n@pytest.fixture(params=[1, 2], autouse=True)\ndef trend_check(request):\n"
    "    return request.param\n@pytest.fixture(autouse=True)\ndef known_deviation(trend_check):\n    yield\n",
}


@pytest.mark.parametrize("conftest", HOSTILE)
def test_fixtures_of_the_host_project_have_no_effect_on_the_suite(validate, pytester, conftest):
    options = ("--n-neurons=1", "--mn-report=none")
    plain = validate(*options)
    pytester.makepyfile(test_conformance="from mnvalidate.suite import *")
    pytester.makeconftest(HOSTILE[conftest])
    hosted = validate(*options, suite=("-p", "no:cacheprovider"))
    times = 2 if conftest == "every_check" else 1  # a parametrised autouse fixture doubles any test
    assert hosted.ret == plain.ret == pytest.ExitCode.OK
    counts = plain.parseoutcomes()
    assert {k: v for k, v in hosted.parseoutcomes().items() if k in ("passed", "skipped")} == {
        k: times * counts[k] for k in ("passed", "skipped")
    }


def test_tests_of_the_host_are_not_given_checks(validate, pytester):
    pytester.makepyfile(
        "import pytest\n@pytest.fixture\ndef range_check():\n    return 1\n"
        "def test_mine(range_check):\n    assert range_check == 1\n"
    )
    result = validate(suite=("-p", "no:cacheprovider"))
    result.assert_outcomes(passed=1)


EXIT_CODES = {
    0: ("--n-neurons=1", "--mn-report=none"),
    1: ("--n-neurons=1", "--mn-report=none", "--mn-model=faulty_cells:too_resistive"),
    4: ("--n-neurons=0",),
    5: ("--n-neurons=1", "-k", "nothing_of_this_name"),
}


def test_the_table_of_exit_codes_names_those_that_pytest_has():
    listed = {int(row[0]) for row in table_with(README, "exit code")}
    assert listed == {*EXIT_CODES, int(pytest.ExitCode.INTERRUPTED)}  # tests/test_interrupt.py has that one


@pytest.mark.parametrize("code", EXIT_CODES)
def test_a_run_ends_with_the_exit_code_of_the_table(validate, code):
    assert validate(*EXIT_CODES[code]).ret == code


def test_warnings_alone_end_with_0_as_the_table_says(validate):
    result = validate("--n-neurons=1", "--mn-report=none")
    deviating = int(re.search(r"(\d+) deviating", " ".join(result.outlines))[1])
    assert deviating > 0
    assert result.ret == 0


def test_errors_of_a_profile_are_errors_in_the_page_s_table_too(validate, pytester):
    (pytester.path / "strict.yaml").write_text("severities: {cat-rate_min__Hz-pool: error}\n")
    result = validate("--n-neurons=2", "--mn-profile=strict.yaml", "--mn-model=Powers2017")
    page = (pytester.path / "results" / "report.html").read_text(encoding="utf-8")
    data = json.loads((pytester.path / "results" / "mnvalidate.json").read_text())
    failing = {
        v["subject"]["neuron"]
        for v in data["verdicts"]
        if v["severity"] == "error" and v["conclusion"] == "deviates" and v["subject"]["kind"] == "neuron"
    }
    assert failing
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    statuses = re.findall(r'<tr data-status="([^"]*)" data-key="neuron-0-(\d+)"', page)
    assert {int(neuron) for status, neuron in statuses if status == "error"} == failing


# Options that change what is asked


@pytest.mark.parametrize("species", ["rat", "mouse", "macaque", "human"])
def test_a_pool_is_judged_by_the_literature_of_another_species(validate, pytester, species):
    result = validate("--n-neurons=1", f"--mn-species={species}")
    data = json.loads((pytester.path / "results" / "mnvalidate.json").read_text())
    judged = {v["criterion"].partition("-")[0] for v in data["verdicts"] if v["criterion"]}
    assert judged == {species, "any"}
    failed = any(v["conclusion"] == "deviates" and v["severity"] == "error" for v in data["verdicts"])
    assert result.ret == (pytest.ExitCode.TESTS_FAILED if failed else pytest.ExitCode.OK)


def test_an_inserted_mechanism_is_compared_with_the_pool_without_it(validate, pytester):
    result = validate("--n-neurons=1", "--mn-insert=soma:pas,g=0.002,e=0")
    result.stdout.fnmatch_lines(["NERLab with and without the change: pas inserted in soma, g=0.002, e=0"])
    data = json.loads((pytester.path / "results" / "mnvalidate.json").read_text())
    (change,) = data["changes"]
    shifts = {shift["quantity"]: shift for shift in change["shifts"]}
    assert shifts["Rin__MOhm"]["after"] < 0.9 * shifts["Rin__MOhm"]["before"]
    assert (pytester.path / "results" / "mechanism_change.csv").exists()


def test_a_profile_turns_warnings_into_errors_and_back(validate, pytester):
    (pytester.path / "strict.yaml").write_text("severities: {cat-rate_min__Hz-pool: error}\n")
    options = ("--n-neurons=2", "--mn-report=none", "-k", "test_range and rate_min")
    assert validate(*options).ret == pytest.ExitCode.OK
    strict = validate(*options, "--mn-profile=strict.yaml")
    assert strict.ret == pytest.ExitCode.TESTS_FAILED
    strict.stdout.fnmatch_lines(["*rate_min__Hz = * Hz*below the lower limit of * Hz*"])


def test_a_quantity_is_explained_in_place_of_a_run(validate):
    result = validate("--mn-explain", "Rin_50ms__MOhm")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["Input resistance at 50 ms: Rin_50ms__MOhm", "*cat-Rin__MOhm-pool (error)*", "Sources"]
    )
    result.stdout.no_fnmatch_line("*test session starts*")
