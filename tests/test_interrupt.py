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
    """Start the command in a folder of its own and, as a terminal does, in a process group of its own.

    Hypothesis' plugin loads all of Hypothesis when a run ends, and that is not ours to time.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *options],
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
    """Press Ctrl-C; return what the run said, and the seconds that it took to end."""
    processes = descendants(run.pid) | {run.pid}
    began = time.monotonic()
    os.killpg(run.pid, signal.SIGINT)
    run.wait(timeout=60)
    took = time.monotonic() - began
    wait_until(lambda: not any(alive(process) for process in processes))
    with run.stdout as output:
        return output.read(), took


def ends_in_time(attempt, folder):
    """Whether an attempt takes less than the limit: one of three, for other processes only ever add to it."""
    return any(attempt(folder / str(number)) < LONGEST_END__s for number in range(3))


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_ctrl_c_ends_soon_and_keeps_what_was_measured(tmp_path, workers):
    suite = ["--pyargs", "mnvalidate.suite"]
    model = ["--mn-model", "faulty_cells:hang", "--n-neurons", "4", "--mn-jobs", "3"]

    def attempt(folder):
        folder.mkdir()
        run = start(folder, *suite, *model, *workers)
        assert any("2/4 neurons" in line for line in run.stdout)
        output, took = interrupt(run)
        assert run.returncode == pytest.ExitCode.INTERRUPTED
        assert "interrupted after 2 of 4 neurons" in output
        table = (folder / "results" / "neuron_parameters.partial.csv").read_text()
        assert [row["cell_index"] for row in csv.DictReader(io.StringIO(table))] == ["0", "2"]
        assert not (folder / "results" / "neuron_parameters.csv").exists()
        return took

    assert ends_in_time(attempt, tmp_path)


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
@pytest.mark.parametrize("request_to_end", [signal.SIGTERM, signal.SIGHUP])
def test_what_a_batch_system_sends_keeps_what_was_measured_and_leaves_nothing(
    tmp_path, monkeypatch, request_to_end, workers
):
    left = tmp_path / "temporary"
    left.mkdir()
    monkeypatch.setenv("TMPDIR", str(left))
    model = ["--mn-model", "faulty_cells:hang", "--n-neurons", "4", "--mn-jobs", "3"]
    run = start(tmp_path, "--pyargs", "mnvalidate.suite", *model, *workers)
    assert any("2/4 neurons" in line for line in run.stdout)
    processes = descendants(run.pid)
    os.kill(run.pid, request_to_end)
    assert run.wait(timeout=60) == pytest.ExitCode.INTERRUPTED
    run.stdout.close()
    wait_until(lambda: not any(alive(process) for process in processes))
    table = (tmp_path / "results" / "neuron_parameters.partial.csv").read_text()
    assert [row["cell_index"] for row in csv.DictReader(io.StringIO(table))] == ["0", "2"]
    assert list(left.glob("mnvalidate-*")) + list(left.glob("pymp-*")) == []


def test_ctrl_c_while_judging_keeps_what_was_measured_and_writes_no_report(tmp_path):
    model = ["--mn-model", "faulty_cells:too_resistive", "--n-neurons", "1"]

    def attempt(folder):
        folder.mkdir()
        (folder / "test_all.py").write_text(
            "import pathlib, time\n"
            "from mnvalidate.suite import *\n"
            "def test_slow():\n"
            "    pathlib.Path('reached').touch()\n"
            "    time.sleep(60)\n"
        )
        run = start(folder, "test_all.py", *model, "-k", "slow or Rin__MOhm")
        wait_until(lambda: (folder / "reached").exists(), timeout__s=60)
        output, took = interrupt(run)
        assert run.returncode == pytest.ExitCode.INTERRUPTED
        assert "interrupted before everything was judged" in output
        assert [path.name for path in (folder / "results").iterdir()] == ["neuron_parameters.partial.csv"]
        return took

    assert ends_in_time(attempt, tmp_path)
