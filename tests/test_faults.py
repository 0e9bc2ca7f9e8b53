"""A fault costs the neuron it hits, and says what it was."""

import os
import signal
from pathlib import Path

import pytest

from mnvalidate.models.spec import ModelSpec
from mnvalidate.records import Outcome
from mnvalidate.run.pool import measure


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("segfault", "SIGSEGV"),
        ("abort", "SIGABRT"),
        ("quit_neuron", "exit code 0 and without a result"),
        ("exit_3", "exit code 3"),
        ("raises", "raised RuntimeError: no <such> morphology"),
    ],
)
def test_a_crash_costs_one_neuron(fault, reason):
    sound, faulty, other = measure(ModelSpec(f"faulty_cells:{fault}", 3)).records
    for record in (sound, other):
        assert record.value("Rin__MOhm") == pytest.approx(1.5, rel=1e-3)
    assert {m.outcome for m in faulty.measurements.values()} == {Outcome.CRASHED}
    assert all(reason in m.reason for m in faulty.measurements.values())
    assert "about to fail" in faulty.stderr_tail
    assert faulty.recruitment_threshold == ModelSpec(n_neurons=3).thresholds[1]


def test_children_come_from_the_preloaded_server():
    *_, record = measure(ModelSpec("faulty_cells:names_parent", 2)).records
    reason = record.measurements["Rin__MOhm"].reason
    assert reason.startswith("raised RuntimeError: parent ")
    assert reason != f"raised RuntimeError: parent {os.getpid()}"


@pytest.mark.parametrize("fault", ["hang", "hang_in_c"])
def test_a_hanging_neuron_is_ended(fault):
    sound, faulty = measure(ModelSpec(f"faulty_cells:{fault}", 2), timeout__s=5.0).records
    assert sound.value("tau__ms") == pytest.approx(10.0, rel=1e-3)
    assert {m.outcome for m in faulty.measurements.values()} == {Outcome.TIMED_OUT}
    assert faulty.measurements["Rin__MOhm"].reason == "ended after the timeout of 5 s"
    assert not children_of_this_test()


def test_what_was_measured_before_a_crash_is_kept():
    (record,) = measure(ModelSpec("faulty_cells:late_crash", 1)).records
    assert record.value("Rin__MOhm") == pytest.approx(1.5, rel=1e-3)
    assert record.value("tau__ms") == pytest.approx(10.0, rel=1e-3)
    assert record.measurements["Ir__nA"].outcome is Outcome.CRASHED
    assert "SIGSEGV" in record.measurements["Ir__nA"].reason


def test_megabytes_of_output_leave_a_short_printable_tail():
    (record,) = measure(ModelSpec("faulty_cells:chatty", 1)).records
    assert record.measurements["Rin__MOhm"].outcome is Outcome.CRASHED
    assert len(record.stderr_tail) < 10_000
    assert "\x1b" not in record.stderr_tail


def children_of_this_test():
    """Processes that hang in one of the faults: none may be left."""
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            waiting = (process / "wchan").read_text(encoding="utf-8")
            command = (process / "cmdline").read_text(encoding="utf-8")
        except OSError:
            continue
        if "forkserver" in command and "pause" in waiting:
            left.append(process.name)
    return left


def test_the_signal_names_are_those_of_the_system():
    from mnvalidate.run.children import how_it_ended

    assert signal.SIGKILL.name in how_it_ended(-signal.SIGKILL)
    assert "signal 63" in how_it_ended(-63) or "SIG" in how_it_ended(-63)
