"""What can befall a store while the whole command runs: the run goes on without it, and says so."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MODELS = Path(__file__).parent / "models"
COMMAND = (
    *(sys.executable, "-m", "pytest", "--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider"),
    *("--mn-model", "sound_cells:sphere", "--n-neurons", "3", "-k", "Rin__MOhm", "--mn-cache-dir"),
)
# Root may write everywhere unless it gives that up.
WITHOUT_PRIVILEGES = () if os.geteuid() else ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


@pytest.fixture(scope="module")
def cold(tmp_path_factory):
    """A run of three different cells: what it said, and the folder that it ran in."""
    folder = tmp_path_factory.mktemp("cold")
    (folder / "sound_cells.py").write_text(
        "from dataclasses import replace\n"
        "import passive_cells\n"
        "def sphere(spec, neuron):\n"
        "    options = {'resistance__MOhm': 1.0 + neuron, 'tau__ms': 10.0}\n"
        "    return passive_cells.sphere(replace(spec, options=options), neuron)\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("PYTHONPATH", f"{folder}:{MODELS}")
        yield run("store", "report"), folder


@pytest.fixture(autouse=True)
def copy_of_cold(cold, tmp_path, monkeypatch):
    """What that run left, for each test anew."""
    shutil.copytree(cold[1], tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)


def start(store, report, *options, before=()):
    return subprocess.Popen(
        [*before, *COMMAND, str(store), "--mn-report", str(report), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(*arguments, **options):
    """Return what the command said; it must conform."""
    process = start(*arguments, **options)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == pytest.ExitCode.OK, said
    return said


def table(report):
    return (Path(report) / "neuron_parameters.csv").read_bytes()


def records(store):
    return sorted((Path(store) / "records").rglob("*.json"))


def test_a_second_run_says_that_it_measured_nothing(cold):
    assert "cached:" not in cold[0]
    assert "cached: 3 of 3 neurons" in run("store", "again")
    assert table("again") == table("report")


def test_damaged_truncated_and_foreign_records_are_measured_again():
    damaged, truncated, foreign = records("store")
    damaged.write_bytes(os.urandom(100))
    truncated.write_text(truncated.read_text()[:-100])
    foreign.write_text('{"schema": 1, "record": "of another program"}')
    said = run("store", "again")
    assert "damaged records, measured again: 3" in said
    assert "cached:" not in said
    assert table("again") == table("report")
    said = run("store", "none")
    assert "damaged records" not in said
    assert "cached: 3 of 3 neurons" in said


@pytest.mark.skipif(
    bool(WITHOUT_PRIVILEGES) and shutil.which("setpriv") is None, reason="root, and no setpriv to be less"
)
def test_a_read_only_store_is_read_and_not_written():
    *kept, lost = records("store")
    lost.unlink()
    folders = [Path("store"), *(path for path in Path("store").rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        said = run("store", "again", before=WITHOUT_PRIVILEGES)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert "cached: 2 of 3 neurons" in said
    assert "records are not kept: store: Permission denied" in said
    assert records("store") == kept
    assert table("again") == table("report")


def test_a_store_that_cannot_be_a_folder_is_done_without():
    Path("occupied").touch()
    said = run("occupied/store", "none")
    assert "records are not kept: occupied/store: Not a directory" in said


FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
"""A limit on the size of files makes every write fail, as a full disk does."""


def test_a_full_disk_costs_the_store_and_nothing_else(tmp_path):
    (tmp_path / "full.py").write_text(FULL)
    said = run("full", "none", "-p", "full", "-s")
    assert "3 of 3 neurons measured" in said
    assert "records are not kept: full: File too large" in said
    assert not records("full")


def test_a_disk_that_is_full_when_the_report_is_written_fails_the_run_and_keeps_the_last_report(tmp_path):
    before = {path.name: path.read_bytes() for path in Path("report").iterdir()}
    (tmp_path / "full_later.py").write_text(
        "import resource\n"
        "def pytest_runtest_teardown():\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))\n"
    )
    process = start("store", "report", "-p", "full_later", "-s")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == pytest.ExitCode.TESTS_FAILED
    assert "3 of 3 neurons measured" in said
    assert "the report is not complete: report: File too large" in said
    assert "INTERNALERROR" not in said
    assert {path.name: path.read_bytes() for path in Path("report").iterdir()} == before


def test_two_runs_may_use_one_store_at_a_time():
    both = [start("shared", report) for report in ("first", "second")]
    for process in both:
        said, _ = process.communicate(timeout=60)
        assert process.returncode == pytest.ExitCode.OK, said
        assert "records are not kept" not in said
        assert "damaged records" not in said
    assert table("first") == table("second") == table("report")
    assert len(records("shared")) == 3
    assert not list(Path("shared").rglob("*.tmp"))
