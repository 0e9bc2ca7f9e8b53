"""The suite as a user runs it, in a pytest of its own."""

import csv
import fnmatch
import io
import shutil
from pathlib import Path

import pytest

MODELS = Path(__file__).parent / "models"
ROOT = Path(__file__).parents[1]
SUITE = ("--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider")


@pytest.fixture
def validate(pytester):
    """Run the suite in an empty folder."""

    def run(*options, suite=SUITE):
        return pytester.runpytest_subprocess(*suite, *options)

    return run


def table_of(pytester):
    return (pytester.path / "results" / "neuron_parameters.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--n-neurons", "0"], "--n-neurons: must be a whole number of at least 1, got '0'"),
        (["--n-neurons", "-3"], "--n-neurons: must be a whole number of at least 1, got '-3'"),
        (["--n-neurons", "2.5"], "--n-neurons: must be a whole number of at least 1, got '2.5'"),
        (["--n-neurons", "many"], "--n-neurons: must be a whole number of at least 1, got 'many'"),
        (
            ["--mn-model", "Elias"],
            "--mn-model: unknown model 'Elias': allowed are NERLab, Powers2017 or package",
        ),
        (
            ["--mn-model", "nowhere:cell"],
            "--mn-model: unknown model 'nowhere:cell': there is no module 'nowhere'",
        ),
        (["--mn-model", "NERLab", "--mn-model", "NERLab"], "--mn-model: NERLab is given twice"),
        (["--mn-species", "unicorn"], "--mn-species: unknown species 'unicorn': allowed are cat, human"),
        (["--mn-dt", "0"], "--mn-dt: must be above 0 and at most 0.1 ms, got '0'"),
        (["--mn-dt", "0.2"], "--mn-dt: must be above 0 and at most 0.1 ms, got '0.2'"),
        (["--mn-dt", "nan"], "--mn-dt: must be above 0 and at most 0.1 ms, got 'nan'"),
        (["--mn-jobs", "0"], "--mn-jobs: must be a whole number of at least 1, got '0'"),
        (["--mn-timeout", "soon"], "--mn-timeout: must be a number of seconds above 0, got 'soon'"),
        (["--mn-explain", "Rm__MOhm"], "unknown quantity 'Rm__MOhm': did you mean "),
        (["--n-neurons", ""], "--n-neurons: must not be empty"),
        (["--mn-report", ""], "--mn-report: must not be empty"),
        (["--mn-model", ""], "--mn-model: must not be empty"),
    ],
)
def test_bad_options_are_refused_on_one_line_before_anything_runs(validate, options, said):
    result = validate(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    errors = [line for line in result.errlines + result.outlines if line.startswith("ERROR: ")]
    assert len(errors) == 1
    assert errors[0].startswith(f"ERROR: {said}")
    result.stdout.no_fnmatch_line("*measuring*")


@pytest.mark.parametrize("folder", ["occupied.txt", "occupied.txt/results"])
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_an_unwritable_report_folder_is_refused_before_anything_runs(validate, pytester, folder, workers):
    pytester.makefile(".txt", occupied="")
    result = validate("--mn-report", folder, *workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(f"ERROR: --mn-report: cannot write to '{folder}' * allowed is *")
    result.stdout.no_fnmatch_line("*measuring*")


@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        ("--mn-profile", "- cat", "file.yaml: must hold a mapping, holds list"),
        ("--mn-profile", "levels: {}", "file.yaml: *'levels' was unexpected*"),
        ("--mn-profile", "severities: {cat-C: info}", "file.yaml: severities: cat-C: matches no criterion"),
        ("--mn-profile", "severities: {cat-*: !!str info}", "file.yaml: line 1: tag * is not allowed"),
        (
            "--mn-deviations",
            "deviations: [{checks: 'fold[*]'}]",
            "file.yaml: deviations: entry 1 (fold[*]): *",
        ),
        ("--mn-deviations", "deviations: [", "file.yaml: is not YAML: *"),
        ("--mn-deviations", None, "file.yaml: cannot be read: No such file or directory"),
    ],
)
def test_a_bad_file_is_refused_on_one_line_before_anything_runs(validate, pytester, option, content, said):
    if content is not None:
        (pytester.path / "file.yaml").write_text(content)
    result = validate(option, "file.yaml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (error,) = [line for line in result.errlines + result.outlines if line]
    assert fnmatch.fnmatchcase(error, f"ERROR: {said}".replace("[", "[[]"))


@pytest.mark.parametrize("options", [(), ("-n", "2"), ("--collect-only",)], ids=" ".join)
def test_bad_reference_data_are_refused_on_one_line_before_anything_runs(
    validate, tmp_path_factory, monkeypatch, options
):
    copy = tmp_path_factory.mktemp("copy")
    for folder in ("mnvalidate", "reference_data"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    criteria = copy / "reference_data" / "criteria" / "cat.yaml"
    criteria.write_text(criteria.read_text().replace("unit: MOhm", "unit: kOhm", 1))
    monkeypatch.setenv("PYTHONPATH", str(copy))
    result = validate(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    errors = [line for line in result.errlines + result.outlines if "ERROR" in line]
    assert errors == [
        "ERROR: criteria/cat.yaml: line 9: ranges: cat-Rin__MOhm-pool: unit: is 'kOhm', must be 'MOhm'"
    ]
    result.stdout.no_fnmatch_line("*measuring*")


def test_a_path_that_would_lead_pytest_away_is_refused(validate, tmp_path):
    result = validate("--mn-report", tmp_path)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --mn-report: write --mn-report={tmp_path} with '='*"])


def test_ini_twins_apply_and_the_command_line_wins(validate, pytester):
    pytester.makeini("[pytest]\nn_neurons = none\nmn_model = NERLab Powers2017")
    assert validate().ret == pytest.ExitCode.USAGE_ERROR
    result = validate("--n-neurons", "3", "--collect-only", "-q")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*::test_range[[]NERLab-n02-Rin_50ms__MOhm]"])
    result.stdout.fnmatch_lines(["*::test_trend[[]Powers2017-Ir__nA]"])
    result.stdout.no_fnmatch_line("*measuring*")


def test_nothing_happens_in_a_run_without_the_suite(pytester):
    pytester.makepyfile("def test_other(): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*motoneuron*")
    assert not (pytester.path / "results").exists()


def test_one_file_is_all_that_a_repository_needs(validate, pytester):
    pytester.makepyfile(test_conformance="from mnvalidate.suite import *")
    result = validate("--n-neurons", "1", "-k", "range", suite=("-p", "no:cacheprovider"))
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["NERLab: 1 of 1 neurons measured"])


@pytest.mark.parametrize("n_neurons", [1, 2])
def test_trends_of_tiny_pools_are_not_judged_and_fail_nothing(validate, n_neurons):
    result = validate("--n-neurons", str(n_neurons), "-rs")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["SKIPPED * NERLab: *Rheobase*not judged*"])


def test_a_run_that_judged_nothing_fails(validate):
    result = validate("--n-neurons", "1", "-k", "trend")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*nothing was judged*"])
    assert result.parseoutcomes().get("failed", 0) == 0


def test_results_do_not_depend_on_how_the_work_is_divided(validate, pytester):
    ways = [("--mn-jobs", "1"), ("--mn-jobs", "2"), ("-n", "2")]
    outcomes, tables = [], []
    for i, way in enumerate(ways):
        result = validate("--n-neurons", "5", "--mn-report", f"way{i}", *way)
        outcomes.append((result.ret, result.parseoutcomes()))
        tables.append((pytester.path / f"way{i}" / "neuron_parameters.csv").read_bytes())
    assert outcomes[0][0] == pytest.ExitCode.OK
    assert outcomes[1] == outcomes[0]
    passed_and_skipped = {k: v for k, v in outcomes[0][1].items() if k in ("passed", "skipped", "failed")}
    assert {
        k: v for k, v in outcomes[2][1].items() if k in ("passed", "skipped", "failed")
    } == passed_and_skipped
    assert tables[1] == tables[0]
    assert tables[2] == tables[0]


def test_the_report_is_a_table_and_two_figures(validate, pytester):
    validate("--n-neurons", "2")
    files = {path.name for path in (pytester.path / "results").iterdir()}
    assert {"neuron_parameters.csv", "neuron_parameters.png", "rin_tau_relationship.png"} <= files
    rows = list(csv.DictReader(io.StringIO(table_of(pytester))))
    assert list(rows[0])[:10] == [
        "cell_index",
        "recruitment_threshold",
        "vhold_soma__mV",
        "Rin__MOhm",
        "tau__ms",
        "Ir__nA",
        "AP__mV",
        "AHP__mV",
        "AHPdur__ms",
        "FI_gain__Hz_per_nA",
    ]
    assert [row["cell_index"] for row in rows] == ["0", "1"]


def test_no_report_writes_nothing(validate, pytester):
    validate("--n-neurons", "1", "--mn-report", "none")
    written = [path for path in pytester.path.rglob("*") if path.is_file()]
    assert {path.name for path in written} <= {"stdout", "stderr"}


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_crash_is_red_with_its_reason_and_the_other_rows_are_kept(validate, pytester, monkeypatch, workers):
    monkeypatch.setenv("PYTHONPATH", str(MODELS))
    result = validate("--n-neurons", "3", "--mn-model", "faulty_cells:segfault", "-k", "Rin__MOhm", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*segfault neuron 1*Rin__MOhm*not measured*SIGSEGV*"])
    rows = list(csv.DictReader(io.StringIO(table_of(pytester))))
    assert [bool(row["Rin__MOhm"]) for row in rows] == [True, False, True]
    assert "SIGSEGV" in rows[1]["not_measured"]


def test_a_failing_assertion_can_be_read_without_the_source(validate, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(MODELS))
    result = validate(
        "--n-neurons", "1", "--mn-model", "faulty_cells:too_resistive", "-k", "range and Rin_50ms__MOhm"
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "too_resistive neuron 0 (recruitment threshold 1): *Rin_50ms__MOhm = 79.* MOhm is * (* %) above "
            "the upper limit of * MOhm; the range is 0.* to * MOhm (cat*doi:10.*"
        ]
    )
