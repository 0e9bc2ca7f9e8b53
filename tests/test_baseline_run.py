"""A gate as a user sees it: saving, comparing, refusing, and the steps of CI to the letter."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SUITE = ("--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider")
PLAIN = ("--n-neurons=2", "--mn-report=none")
FILE = "b.json"


@pytest.fixture
def validate(pytester):
    """Run the suite in an empty folder."""
    return lambda *options: pytester.runpytest_subprocess(*SUITE, *PLAIN, *options)


@pytest.fixture(scope="module")
def saved_text(tmp_path_factory):
    """What a run saves as the baseline of two neurons."""
    folder = tmp_path_factory.mktemp("saved")
    command = [sys.executable, "-m", "pytest", *SUITE, *PLAIN, f"--mn-save-baseline={FILE}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert f"the baseline {FILE} was saved" in done.stdout
    return (folder / FILE).read_text()


@pytest.fixture
def baseline(pytester, saved_text):
    """The baseline in the folder of the run."""
    path = pytester.path / FILE
    path.write_text(saved_text)
    return path


def moved(text):
    """A baseline in which the first neuron's input resistance is another."""
    return re.sub(r'"Rin__MOhm":\[[\d.]+', '"Rin__MOhm":[2.5', text, count=1)


def test_the_same_model_passes(validate, baseline):
    result = validate(f"--mn-baseline={FILE}")
    assert result.ret == 0
    result.stdout.fnmatch_lines([f"since the baseline {FILE}: 0 of * values changed*"])


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_change_is_red_in_its_own_test_with_facts_for_junit(validate, pytester, baseline, workers):
    baseline.write_text(moved(baseline.read_text()))
    result = validate(f"--mn-baseline={FILE}", "--junitxml=j.xml", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["  Rin__MOhm -*: 2.5 -> * MOhm in neuron 0, allowed *; 1 neuron changed*"])
    (case,) = [c for c in ET.parse(pytester.path / "j.xml").iter("testcase") if c.find("failure") is not None]
    assert case.get("name") == "test_baseline[NERLab-n00-Rin__MOhm]"
    facts = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert float(facts["baseline"]) == 2.5
    assert float(facts["change"]) == pytest.approx(float(facts["value"]) - 2.5)


REFUSED = {
    "another number of neurons": ("--n-neurons=3",),
    "another step": ("--mn-dt=0.025",),
    "another model": ("--mn-model=Powers2017",),
    "another temperature": ("--mn-celsius=37",),
    "another species": ("--mn-species=rat",),
}


WAYS = [
    *((what, "command line", ()) for what in REFUSED),
    ("another step", "ini file", ()),
    ("another step", "ini file", ("-n", "2")),
    ("another step", "command line", ("-n", "2")),
]


@pytest.mark.parametrize(("what", "how", "workers"), WAYS)
def test_a_baseline_of_something_else_is_refused_and_nothing_is_measured(
    validate, pytester, baseline, what, how, workers
):
    if how == "ini file":
        pytester.makeini(f"[pytest]\nmn_baseline = {FILE}\n")
        result = validate(*REFUSED[what], *workers)
    else:
        result = validate(f"--mn-baseline={FILE}", *REFUSED[what], *workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = [line for line in result.errlines if "cannot be compared" in line]
    assert len(set(said)) == 1
    assert "measuring" not in result.stdout.str()


@pytest.mark.parametrize("option", ["--mn-baseline", "--mn-save-baseline"])
@pytest.mark.parametrize("what", ["truncated", "folder", "loop"])
def test_what_is_no_baseline_is_refused(validate, pytester, baseline, what, option):
    if what == "truncated":
        baseline.write_text(baseline.read_text()[:1000])
    else:
        baseline.unlink()
        baseline.mkdir() if what == "folder" else baseline.symlink_to(baseline)
    result = validate(f"{option}={FILE}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "measuring" not in result.stdout.str()


def test_without_a_file_the_run_says_how_to_write_one(validate):
    result = validate(f"--mn-baseline={FILE}")
    assert result.ret == 0
    result.stdout.fnmatch_lines([f"no baseline yet: --mn-save-baseline={FILE} writes one"])


@pytest.mark.parametrize("selection", [("-k", "range"), ("-x", "--mn-profile=strict.yaml")])
def test_a_selection_saves_nothing_and_says_why(validate, pytester, selection):
    (pytester.path / "strict.yaml").write_text("severities: {cat-rate_min__Hz-pool: error}\n")
    result = validate(f"--mn-save-baseline={FILE}", *selection)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"the baseline {FILE} was not saved: * of its checks were not run*"])
    assert not (pytester.path / FILE).exists()


def test_accepting_tells_what_is_replaced_and_is_green(validate, pytester, baseline, saved_text):
    baseline.write_text(moved(saved_text))
    pytester.makeini(f"[pytest]\nmn_baseline = {FILE}\n")
    result = validate(f"--mn-save-baseline={FILE}")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["  it replaces one: 1 of * values changed*", "  Rin__MOhm -*; 1 neuron changed*"]
    )
    assert baseline.read_text() == saved_text


# CI


def bash(script, folder, **variables):
    """Run a script as a runner does: it ends with the first command that fails."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PYTEST_ADDOPTS": "-p no:cacheprovider",
        **variables,
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def repository(tmp_path):
    """A user's repository: what CI asks for stands in its ini file."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nn_neurons = 2\n")
    return tmp_path


def steps_of_the_action(folder):
    """Scripts of the composite action, filled in with the defaults as GitHub does."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    inputs = {name: entry["default"] for name, entry in action["inputs"].items()}

    def filled(text):
        return re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: inputs[match[1]], text)

    scripts = [step for step in action["runs"]["steps"] if "run" in step]
    assert not any("${{" in step["run"] for step in scripts)
    for step in scripts:
        variables = {name: filled(text) for name, text in step.get("env", {}).items()}
        yield bash(step["run"], folder, GITHUB_STEP_SUMMARY=str(folder / "summary.md"), **variables)


def steps_for_gitlab(folder):
    """The script of the job in the documentation, which GitLab runs in one shell."""
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    jobs = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    (job,) = [job["gate"] for job in jobs if "gate" in job]
    assert job["artifacts"]["paths"] == ["results"]
    yield bash("\n".join(job["script"]), folder)


@pytest.mark.parametrize("steps", [steps_of_the_action, steps_for_gitlab])
def test_the_steps_of_ci_run_as_they_are_written(repository, saved_text, steps):
    path = repository / "mnvalidate-baseline.json"
    path.write_text(saved_text)
    done = list(steps(repository))
    assert [step.returncode for step in done] == [0] * len(done), [step.stdout[-2000:] for step in done]
    for file in ("report.html", "junit.xml", "mnvalidate.json", "summary.md"):
        assert (repository / "results" / file).stat().st_size > 0
    assert list((repository / ".mnvalidate").rglob("*.json"))
    assert json.loads((repository / "results" / "mnvalidate.json").read_text())["baseline"]["changes"] == []
    path.write_text(moved(saved_text))
    *first, last = steps(repository)
    assert {step.returncode for step in first} <= {0}
    assert last.returncode == 1
    assert "cached: 2 of 2 neurons" in last.stdout
    if steps is steps_of_the_action:
        assert "Rin" in (repository / "summary.md").read_text()


def test_the_workflow_for_github_uses_inputs_that_the_action_has():
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    jobs = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    (workflow,) = [job for job in jobs if "jobs" in job]
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    (used,) = [s for s in workflow["jobs"]["gate"]["steps"] if "mnvalidate" in s["uses"]]
    assert set(used["with"]) <= set(action["inputs"])
