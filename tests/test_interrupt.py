"""A run that is interrupted from the keyboard."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

MODELS = Path(__file__).parent / "models"


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_ctrl_c_ends_soon_and_keeps_what_was_measured(tmp_path, workers):
    suite = ["--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider"]
    model = ["--mn-model", "faulty_cells:hang", "--n-neurons", "4", "--mn-jobs", "3"]
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", *suite, *model, *workers],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(MODELS), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while len(list((tmp_path / "cache").rglob("records/*/*.json"))) < 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(1.0)
    interrupted = time.monotonic()
    os.killpg(run.pid, signal.SIGINT)
    output, _ = run.communicate(timeout=30)
    assert time.monotonic() - interrupted < 2.0 + 1.0 * bool(workers)
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "interrupted after 2 of 4 neurons" in output
    table = (tmp_path / "results" / "neuron_parameters.partial.csv").read_text()
    assert [row["cell_index"] for row in csv.DictReader(io.StringIO(table))] == ["0", "2"]
    assert not (tmp_path / "results" / "neuron_parameters.csv").exists()
