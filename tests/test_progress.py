"""How far measuring has come, as a terminal and as a log show it."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from synthetic_pools import record

from mnvalidate.run.progress import Bar

MODELS = Path(__file__).parent / "models"
COLUMNS = 80
COMMAND = (
    *(sys.executable, "-m", "pytest", "--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider"),
    *("--mn-model", "faulty_cells:abort", "--n-neurons", "4", "-k", "Rin__MOhm", "--mn-report", "none"),
)
QUIET_LINE = "[.EsF]+ +\\[100%\\]"


@pytest.fixture
def environment(tmp_path):
    return os.environ | {"PYTHONPATH": str(MODELS), "XDG_CACHE_HOME": str(tmp_path), "TERM": "xterm"}


def on_a_terminal(command, environment, folder):
    """Everything that a command writes to a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environment
    )
    os.close(theirs)
    written = b""
    try:
        while piece := os.read(ours, 65536):
            written += piece
    except OSError:  # Linux's word for the end
        pass
    os.close(ours)
    process.wait()
    return written.decode()


def shown(written):
    """Lines that are left on the screen, without colours; what is overwritten is gone."""
    lines = []
    for line in re.sub(r"\x1b\[[0-9;]*m", "", written).split("\n"):
        cells = []
        for piece in line.split("\r"):
            cells[: len(piece)] = piece
        lines.append("".join(cells).rstrip())
    return lines


def bars(written):
    """What the bar showed, one after the other."""
    return [piece for piece in re.split(r"[\r\n]", written) if piece.startswith("measuring ")]


@pytest.mark.parametrize("options", [("-s",), ("-q",), ("-n", "2")], ids=" ".join)
def test_a_bar_comes_and_goes_and_leaves_the_terminal_whole(tmp_path, environment, options):
    written = on_a_terminal((*COMMAND, *options), environment, tmp_path)
    assert "\x1b[A" not in written
    assert all(len(bar) < COLUMNS for bar in bars(written))
    assert re.fullmatch(r"measuring abort: 0/4 +\?/s, \? left", bars(written)[0])
    assert re.match(r"measuring abort: [1-4]/4 .* [\d.]+/s, \d\d:\d\d left", bars(written)[-1])
    screen = shown(written)
    assert not any("measuring" in line for line in screen)
    description = "mnvalidate: abort, 4 neurons, the factory's temperature, CVODE, cat literature, "
    assert sum(line.startswith(description) for line in screen) == ("-q" not in options)
    assert sum("mnvalidate: abort" in line for line in screen) == ("-q" not in options)
    assert "abort: 2 of 4 neurons measured" in screen
    if "-q" in options:
        assert any(re.fullmatch(QUIET_LINE, line) for line in screen)


def test_all_of_the_bar_fits_into_80_columns(tmp_path):
    program = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); from dataclasses import replace;"
        "from synthetic_pools import record; from mnvalidate.run.progress import Bar;"
        "from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult\n"
        "lost = Measurement('Rin__MOhm', 'MOhm', MeasurementOutcome.TIMED_OUT, reason='late')\n"
        "lost = replace(record({}), results=(ProtocolResult('p', {}, (lost,)),))\n"
        "with Bar('measuring Powers2017 unchanged', 1000, sys.stdout) as bar:\n"
        "    for _ in range(345): bar.advance(record({}), cached=True)\n"
        "    for _ in range(12): bar.advance(lost, cached=False)\n"
        "    time.sleep(0.3); bar.advance(record({}), cached=False)\n"
    )
    written = on_a_terminal([sys.executable, "-c", program, str(MODELS)], os.environ, tmp_path)
    pattern = r"measuring Powers2\.\.\.: 358/1000 .+ \d+\.\d+/s, 00:00 left, 12 failed, 345 cached"
    assert re.fullmatch(pattern, bars(written)[-1])
    assert len(bars(written)[-1]) < COLUMNS
    assert not any(shown(written))


@pytest.mark.parametrize(("options", "lines"), [((), 4), (("-q",), 0)], ids=["plain", "quiet"])
def test_a_pipe_gets_whole_lines_and_nothing_else(tmp_path, environment, options, lines):
    result = subprocess.run(
        (*COMMAND, *options), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "\r" not in result.stdout + result.stderr
    assert "\x1b" not in result.stdout + result.stderr
    assert len(bars(result.stdout)) == lines


def test_a_log_has_a_line_for_every_tenth_with_rate_time_left_and_what_was_not_measured_now():
    log = io.StringIO()
    with Bar("measuring pool", 200, log) as bar:
        for neuron in range(200):
            bar.advance(record({"Rin__MOhm": 1.0}, neuron), cached=neuron % 2 == 0)
    lines = log.getvalue().splitlines()
    assert len(lines) == 10
    pattern = r"measuring pool: 100/200 neurons, [\d.e+]+ neurons/s, 00:00 left, 50 cached"
    assert re.fullmatch(pattern, lines[4])
