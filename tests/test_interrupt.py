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
from processes import alive, descendants, wait_until

MODELS = Path(__file__).parent / "models"
LONGEST_END__s = 2.0


def start(folder, *options):
    """Start the command in a folder of its own and, as a terminal does, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(MODELS), "XDG_CACHE_HOME": str(folder / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # Where the tests run in the background, this process ignores the signal, and its children would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def interrupt(run):
    """Press Ctrl-C; return what the run said, and the seconds that it took to end by its own doing.

    The time for which the run stood ready and other processes had the cores is not its own.
    """
    processes = descendants(run.pid) | {run.pid}
    began, queued = time.monotonic(), queued__s(run.pid)
    waited = queued
    os.killpg(run.pid, signal.SIGINT)
    while run.poll() is None:
        assert time.monotonic() - began < 60
        waited = queued__s(run.pid) or waited
        time.sleep(0.01)
    took = time.monotonic() - began - (waited - queued)
    wait_until(lambda: not any(alive(process) for process in processes))
    with run.stdout as output:
        return output.read(), took


def queued__s(pid):
    """Seconds for which a process has been waiting for a core; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_ctrl_c_ends_soon_and_keeps_what_was_measured(tmp_path, workers):
    suite = ["--pyargs", "mnvalidate.suite"]
    model = ["--mn-model", "faulty_cells:hang", "--n-neurons", "4", "--mn-jobs", "3"]
    run = start(tmp_path, *suite, *model, *workers)
    assert any("2/4 neurons" in line for line in run.stdout)
    output, took = interrupt(run)
    assert took < LONGEST_END__s
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "interrupted after 2 of 4 neurons" in output
    table = (tmp_path / "results" / "neuron_parameters.partial.csv").read_text()
    assert [row["cell_index"] for row in csv.DictReader(io.StringIO(table))] == ["0", "2"]
    assert not (tmp_path / "results" / "neuron_parameters.csv").exists()


def test_ctrl_c_while_judging_keeps_what_was_measured_and_writes_no_report(tmp_path):
    (tmp_path / "test_all.py").write_text(
        "import pathlib, time\n"
        "from mnvalidate.suite import *\n"
        "def test_slow():\n"
        "    pathlib.Path('reached').touch()\n"
        "    time.sleep(60)\n"
    )
    model = ["--mn-model", "faulty_cells:too_resistive", "--n-neurons", "1"]
    run = start(tmp_path, "test_all.py", *model, "-k", "slow or Rin__MOhm")
    wait_until(lambda: (tmp_path / "reached").exists(), timeout__s=60)
    output, took = interrupt(run)
    assert took < LONGEST_END__s
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "interrupted before everything was judged" in output
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["neuron_parameters.partial.csv"]
