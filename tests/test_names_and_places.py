"""A model of one's own from the README alone, names that are told apart, and paths of ini files."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from authors_model import write_model
from variants import SOUND

from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.sources import read_sources
from mnvalidate.nmodl.text import same_code
from mnvalidate.run.pool import measure

MODELS = Path(__file__).parent / "models"
SUITE = ("--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider")


def records(folder):
    results = json.loads((folder / "results" / "mnvalidate.json").read_text())
    return [record for pool in results["pools"] for record in pool["records"]]


def value(record, quantity):
    (found,) = (m["value"] for r in record["results"] for m in r["measurements"] if m["quantity"] == quantity)
    return found


def truth__MOhm(folder):
    """Input resistance at rest of the author's cell in plain NEURON."""
    shutil.copytree(folder / "mods", folder / "plain" / "mods")
    script = (
        "import subprocess, sys, sysconfig; from pathlib import Path\n"
        "tool = [sys.executable, Path(sysconfig.get_path('scripts')) / 'nrnivmodl', '.']\n"
        "subprocess.run(tool, cwd='mods', check=True, stdout=subprocess.DEVNULL)\n"
        "import neuron; neuron.load_mechanisms('mods'); from neuron import h\n"
        f"h.load_file({str(folder / 'my_cell.hoc')!r}); h.celsius = 37; cell = h.MyCell()\n"
        "clamp = h.IClamp(cell.soma(0.5)); clamp.delay, clamp.dur, clamp.amp = 500, 1e9, -0.001\n"
        "h.CVode().active(True); h.CVode().atol(1e-8); h.finitialize(-70); h.CVode().solve(499)\n"
        "rest = cell.soma(0.5).v; h.CVode().solve(1500); print((rest - cell.soma(0.5).v) / 0.001)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder / "plain", capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def test_a_factory_of_the_readme_is_right_on_the_first_try(pytester):
    folder = pytester.path
    command = write_model(folder)
    result = pytester.runpytest_subprocess(*command, "-p", "no:cacheprovider", "--n-neurons", "2")
    result.stdout.fnmatch_lines(
        ["my_neuron: 2 of 2 neurons measured", "*my_neuron, 2 neurons: 37 degC (the model's own)*"]
    )
    first, second = records(folder)
    assert value(first, "Rin__MOhm") == pytest.approx(truth__MOhm(folder), rel=0.02)
    assert value(first, "AP__mV") > 40
    assert value(second, "Ir__nA") < value(first, "Ir__nA")
    assert (first["cell"]["sections"], first["cell"]["celsius"]) == (2, 37.0)
    files = {m["name"]: m["file"] for m in first["cell"]["mechanisms"]}
    assert files["napp"] == "mods/napp.mod"
    assert {"gh", "mAHP"} < files.keys()
    assert "mechanism napp" in (folder / "results" / "report.html").read_text()


def test_the_library_measures_what_pytest_does(pytester, monkeypatch):
    folder = pytester.path
    command = write_model(folder)
    pytester.runpytest_subprocess(*command, "-p", "no:cacheprovider", "--n-neurons", "1", "-k", "Rin__MOhm")
    monkeypatch.syspath_prepend(folder)
    spec = ModelSpec("my_model:my_neuron", 1, library=read_sources([Path("mods")]))
    (record,) = measure(spec).records
    assert json.loads(json.dumps([record.to_json()["cell"]])) == [r["cell"] for r in records(folder)]
    for quantity in ("Rin__MOhm", "Ir__nA", "AP__mV", "FI_gain__Hz_per_nA"):
        assert record.value(quantity) == value(records(folder)[0], quantity)


def test_a_temperature_that_is_asked_for_is_in_force_and_in_the_header(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(MODELS))
    options = ("--n-neurons", "1", "-k", "Rin__MOhm")
    model = ("--mn-model", "built_cells:hh_at_10")
    result = pytester.runpytest_subprocess(*SUITE, *options, *model, "--mn-celsius", "6.3")
    result.stdout.fnmatch_lines(["mnvalidate: hh_at_10, 1 neurons, 6.3 degC, CVODE*"])
    assert records(pytester.path)[0]["cell"]["celsius"] == 6.3
    own = pytester.runpytest_subprocess(*SUITE, *options)
    own.stdout.fnmatch_lines(["mnvalidate: NERLab, 1 neurons, 36 degC, CVODE*"])


@pytest.mark.parametrize("text", ["warm", "nan", "310", "-20"])
def test_a_temperature_that_is_none_is_refused(pytester, text):
    result = pytester.runpytest_subprocess(*SUITE, f"--mn-celsius={text}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --mn-celsius: must be between *, got '{text}'"])


def test_factories_of_one_name_are_two_models(pytester, monkeypatch):
    for name in ("left", "right"):
        shutil.copy(MODELS / "built_cells.py", pytester.path / f"{name}.py")
    names = ("left:idle_electrode", "right:idle_electrode", "right:local_dendrite")
    models = [option for name in names for option in ("--mn-model", name)]
    result = pytester.runpytest_subprocess(*SUITE, "--n-neurons", "1", "--collect-only", "-q", *models)
    assert result.ret == pytest.ExitCode.OK
    for name in ("left.idle_electrode", "right.idle_electrode", "local_dendrite"):
        result.stdout.fnmatch_lines([f"*::test_range[[]{name}-n00-Rin_50ms__MOhm]"])
    twice = pytester.runpytest_subprocess(*SUITE, "--collect-only", *models, "--mn-model", names[0])
    twice.stderr.fnmatch_lines(["ERROR: --mn-model: left.idle_electrode is given twice"])


def test_a_factory_called_as_myogens_model_is_not_taken_for_it():
    assert ModelSpec("passive_cells:sphere").name == "sphere"
    spec = ModelSpec("built_cells:NERLab")
    assert spec.name == "built_cells.NERLab"
    assert ModelSpec.from_json(spec.to_json()) == spec


def test_paths_of_an_ini_file_are_relative_to_it(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(MODELS))
    pytester.makeini(
        "[pytest]\nmn_report = made/report\nmn_cache_dir = made/store\nmn_profile = profile.yaml\n"
        "mn_deviations = none\nmn_nmodl = own.mod\nmn_library = own.mod\nn_neurons = 1\n"
        "mn_model = built_cells:idle_electrode\n"
    )
    (pytester.path / "profile.yaml").write_text("severities: {cat-Rin__MOhm-*: info}\n")
    (pytester.path / "own.mod").write_text(SOUND)
    elsewhere = pytester.mkdir("elsewhere")
    monkeypatch.chdir(elsewhere)
    pytester.runpytest_subprocess(*SUITE, "-c", "../tox.ini", "-k", "range and Rin_50ms__MOhm")
    assert (pytester.path / "made" / "report" / "report.html").is_file()
    assert list((pytester.path / "made" / "store").rglob("*.json"))
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize(
    "line",
    [
        "mn_nmodl = missing.mod",
        "mn_library = missing",
        "mn_deviations = missing.yaml",
        "mn_profile = missing.yaml",
        "mn_model = missing:cell",
        "n_neurons = none",
    ],
)
def test_what_an_ini_file_says_is_no_matter_where_the_suite_is_not_collected(pytester, line):
    pytester.makeini(f"[pytest]\n{line}")
    pytester.makepyfile("def test_other(): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    own = pytester.makepyfile(test_own="from mnvalidate.suite import *")
    for workers in ((), ("-n", "1")) if line.startswith("n_neurons") else ((),):
        refused = pytester.runpytest_subprocess("-p", "no:cacheprovider", own, *workers)
        assert refused.ret == pytest.ExitCode.USAGE_ERROR
        errors = [text for text in refused.errlines + refused.outlines if text.startswith("ERROR: ")]
        assert len(errors) == 1
        assert "missing" in errors[0] or "none" in errors[0]


def test_texts_are_compared_without_white_space():
    assert same_code("a b\r\nc", "ab\nc ")
