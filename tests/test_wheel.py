"""The wheel, away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_the_suite_the_literature_and_the_types(unpacked):
    package = unpacked / "mnvalidate"
    assert (package / "suite" / "test_ranges.py").is_file()
    assert (package / "reference_data" / "facts" / "cat.csv").is_file()
    assert (package / "py.typed").is_file()
    assert not (unpacked / "tests").exists()


def run(unpacked, folder, *arguments):
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.slow
def test_the_suite_runs_from_the_wheel_alone(unpacked, tmp_path):
    where = run(
        unpacked, tmp_path, "-c", "import mnvalidate.datafiles as d; print(d.__file__, d.data_folder())"
    )
    assert where.stdout.count(str(unpacked)) == 2
    result = run(unpacked, tmp_path, "-m", "pytest", "--pyargs", "mnvalidate.suite", "--n-neurons", "2")
    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / "results" / "neuron_parameters.csv").is_file()
