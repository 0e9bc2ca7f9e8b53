"""A fault costs the neuron it hits, and says what it was."""

import csv
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from processes import alive, descendants, wait_until

from mnvalidate.models.spec import ModelSpec
from mnvalidate.records import MeasurementOutcome
from mnvalidate.run.confinement import end_of_group
from mnvalidate.run.context import start_server
from mnvalidate.run.pool import measure
from mnvalidate.solver import Solver
from mnvalidate.table import parameter_csv


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("segfault", "SIGSEGV"),
        ("abort", "SIGABRT"),
        ("quit_neuron", "exit code 0 and without a result"),
        ("exit_3", "exit code 3"),
        ("raises", "raised RuntimeError: no <such> morphology"),
        ("leaves", "raised SystemExit: a licence is missing"),
        ("raises_own", "raised OfTwoError: nothing in Vector["),
        ("exits_well", "raised SystemExit: 0"),
        ("closes_generator", "raised GeneratorExit"),
        ("is_interrupted", "raised KeyboardInterrupt"),
        ("is_cancelled", "raised CancelledError"),
        ("is_mute", "raised MuteError: (its message cannot be read: RuntimeError)"),
        ("rings", "raised ValueError: \\x1b[31mred\\x07 \\x202eline"),
        ("eats_memory", "needed more than 4096 MB of memory"),
        ("eats_memory_in_neuron", "needed more than 4096 MB of memory: the process ended with SIGABRT"),
    ],
)
def test_a_crash_costs_one_neuron(fault, reason):
    sound, faulty, other = measure(ModelSpec(f"faulty_cells:{fault}", 3)).records
    for record in (sound, other):
        assert record.value("Rin__MOhm") == pytest.approx(1.5, rel=1e-3)
    assert {m.outcome for m in faulty.measurements.values()} == {MeasurementOutcome.CRASHED}
    assert all(reason in m.reason for m in faulty.measurements.values())
    assert "about to fail" in faulty.stderr_tail
    assert faulty.recruitment_threshold == ModelSpec(n_neurons=3).thresholds[1]


def test_a_reason_is_one_line_however_long_the_message():
    *_, faulty = measure(ModelSpec("faulty_cells:talks_for_ever", 2)).records
    reason = faulty.measurements["Rin__MOhm"].reason
    assert reason.startswith("raised ValueError: no such cell no such")
    assert len(reason) < 600


@pytest.mark.parametrize("end", ["", "_and_crashes", "_and_hangs"])
def test_what_a_model_has_started_ends_with_its_neuron(tmp_path, monkeypatch, end):
    monkeypatch.setenv("STARTED", str(tmp_path / "started"))
    sound, _ = measure(ModelSpec(f"faulty_cells:leaves_a_process{end}", 2), timeout__s=5.0).records
    assert sound.value("Rin__MOhm") == pytest.approx(1.5, rel=1e-3)
    started = int((tmp_path / "started").read_text())
    wait_until(lambda: not alive(started))


@pytest.mark.parametrize("letters", [20, 90, 200])
def test_the_folder_for_temporary_files_may_have_a_long_name(tmp_path, letters):
    folder = tmp_path / ("t" * letters)
    folder.mkdir()
    program = """
from mnvalidate.models.spec import ModelSpec
from mnvalidate.run.pool import measure
if __name__ == "__main__":
    (record,) = measure(ModelSpec("faulty_cells:raises", 1)).records
    print(record.value("Rin__MOhm"))
"""
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(Path(__file__).parent / "models")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(run.stdout) == pytest.approx(1.5, rel=1e-3)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("text", ["", "1", "12", "1\n", "0\n", "-1\n", "own\n"])
def test_no_group_is_ended_but_a_child_s_own(tmp_path, monkeypatch, text):
    ended = []
    monkeypatch.setattr(os, "killpg", lambda group, number: ended.append(group))
    (tmp_path / "group.txt").write_text(text.replace("own", str(os.getpgrp())))
    end_of_group(tmp_path)
    assert ended == []


def test_children_come_from_the_preloaded_server():
    *_, record = measure(ModelSpec("faulty_cells:names_parent", 2)).records
    reason = record.measurements["Rin__MOhm"].reason
    assert reason.startswith("raised RuntimeError: parent ")
    assert reason != f"raised RuntimeError: parent {os.getpid()}"


def test_hanging_neurons_are_ended():
    start_server()
    before = descendants(os.getpid())
    sound, *hanging = measure(ModelSpec("faulty_cells:hangs_somehow", 4), jobs=4, timeout__s=5.0).records
    assert sound.value("tau__ms") == pytest.approx(10.0, rel=1e-3)
    for record in hanging:
        assert {m.outcome for m in record.measurements.values()} == {MeasurementOutcome.TIMED_OUT}
        assert record.measurements["Rin__MOhm"].reason == "ended after the timeout of 5 s"
    wait_until(lambda: descendants(os.getpid()) <= before)


def test_what_was_measured_before_a_crash_is_kept():
    (record,) = measure(ModelSpec("faulty_cells:late_crash", 1)).records
    assert record.value("Rin__MOhm") == pytest.approx(1.5, rel=1e-3)
    assert record.value("tau__ms") == pytest.approx(10.0, rel=1e-3)
    assert record.measurements["Ir__nA"].outcome is MeasurementOutcome.CRASHED
    assert "SIGSEGV" in record.measurements["Ir__nA"].reason


def test_a_protocol_that_eats_memory_ends_the_neuron_and_earlier_protocols_are_kept():
    (record,) = measure(ModelSpec("faulty_cells:eats_memory_late", 1)).records
    assert record.value("Rin__MOhm") == pytest.approx(1.5, rel=1e-3)
    lost = record.measurements["conduction_velocity__m_per_s"]
    assert (lost.outcome, lost.reason) == (MeasurementOutcome.CRASHED, "needed more than 4096 MB of memory")


@pytest.mark.parametrize("solver", [Solver(), Solver(fixed_step__ms=0.05)], ids=["cvode", "fixed"])
@pytest.mark.parametrize(
    ("fault", "intact"),
    [
        ("nan_at_once", set()),
        ("infinite_at_once", set()),
        ("nan_later", {"vhold_soma__mV", "Rin__MOhm", "tau__ms", "C__nF"}),
        ("grows_without_bounds", {"vhold_soma__mV", "Rin__MOhm", "tau__ms", "C__nF"}),
    ],
)
def test_a_voltage_that_is_no_number_is_a_reason_and_never_a_value(fault, intact, solver):
    (record,) = measure(ModelSpec(f"faulty_cells:{fault}", 1), solver=solver).records
    outcomes = {name: m.outcome for name, m in record.measurements.items()}
    assert outcomes.pop("conduction_velocity__m_per_s") is MeasurementOutcome.NOT_APPLICABLE
    assert set(outcomes.values()) <= {MeasurementOutcome.OK, MeasurementOutcome.NOT_MEASURABLE}
    measured = {name for name in record.measurements if record.value(name) is not None}
    assert measured & {"vhold_soma__mV", "Rin__MOhm", "tau__ms", "Ir__nA", "AP__mV", "C__nF"} == intact
    first = "Ir__nA" if intact else "vhold_soma__mV"
    words = ("could not integrate the model beyond", "voltage became nan", "no spike up to")
    assert any(said in record.measurements[first].reason for said in words)
    (row,) = csv.DictReader(io.StringIO(parameter_csv([record])))
    empty = {name for name in record.measurements if not row[name]}
    assert empty == record.measurements.keys() - measured
    assert all(name in row["not_measured"] for name in empty)


def test_megabytes_of_output_leave_a_short_printable_tail():
    (record,) = measure(ModelSpec("faulty_cells:chatty", 1)).records
    assert record.measurements["Rin__MOhm"].outcome is MeasurementOutcome.CRASHED
    assert len(record.stderr_tail) < 10_000
    assert "\x1b" not in record.stderr_tail


def test_the_signal_names_are_those_of_the_system():
    from mnvalidate.run.children import how_it_ended

    assert signal.SIGKILL.name in how_it_ended(-signal.SIGKILL)
    assert "signal 63" in how_it_ended(-63) or "SIG" in how_it_ended(-63)
