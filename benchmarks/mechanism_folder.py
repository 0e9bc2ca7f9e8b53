"""How long a folder of mechanisms takes: ``python -m benchmarks.mechanism_folder [--files 40] [--jobs 2]``.

The files are generated: conductances with two gates of random steepness and speed. Printed are seconds of
the clock and of all processes together; on a machine that does something else, too, only the latter mean
something.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_SUBREAPER = 36  # of Linux's prctl
_CHANNEL = """
NEURON {{
    SUFFIX {name}
    {use}
    RANGE gbar
    THREADSAFE
}}
UNITS {{
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}}
PARAMETER {{
    gbar = {gbar:.3g} (S/cm2) <0, 1>
    half = {half:.1f} (mV)
    steepness = {steepness:.1f} (mV) <1, 50>
    slowest = {slowest:.2f} (ms) <0.01, 1000>
    q10 = {q10:.1f} (1) <1, 5>
}}
ASSIGNED {{
    v (mV)
    celsius (degC)
    {reversal} (mV)
    {current} (mA/cm2)
    minf (1)
    mtau (ms)
}}
STATE {{ m h }}
INITIAL {{
    rates(v)
    m = minf
    h = 1 - minf
}}
BREAKPOINT {{
    SOLVE states METHOD cnexp
    {current} = gbar*m*h*(v - {reversal})
}}
DERIVATIVE states {{
    rates(v)
    m' = (minf - m)/mtau
    h' = (1 - minf - h)/(10*mtau)
}}
PROCEDURE rates(v (mV)) {{
    LOCAL x
    minf = 1/(1 + exp(-(v - half)/steepness))
    x = (v - half)/(2*steepness)
    mtau = 0.01(ms) + slowest/(exp(x) + exp(-x))/q10^((celsius - 36(degC))/10(degC))
}}
"""
_IONS = {"k": ("USEION k READ ek WRITE ik", "ek", "ik"), "na": ("USEION na READ ena WRITE ina", "ena", "ina")}


def main() -> None:
    """Generate the folder, check it, and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mechanism_folder", description=__doc__)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_folder(folder / "mods", arguments.files)
        began = time.monotonic()
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "--pyargs", "mnvalidate.suite", "-k", "test_mechanism"),
                *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--mn-report=none", "--mn-nmodl=mods"),
                *("--mn-jobs", str(arguments.jobs)),
            ],
            cwd=folder,
            env=os.environ | {"XDG_CACHE_HOME": str(folder / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - began
        _wait_for_orphans()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("\n".join(done.stdout.splitlines()[-4:]))
    print(f"{arguments.files} files: {seconds:.0f} s, processors {usage.ru_utime + usage.ru_stime:.0f} s")


def write_folder(folder: Path, files: int) -> None:
    """Write mechanisms, the same in every run."""
    folder.mkdir()
    chance = random.Random(1)
    for number in range(files):
        use, reversal, current = _IONS[chance.choice(sorted(_IONS))]
        text = _CHANNEL.format(
            name=f"channel{number}",
            use=use,
            reversal=reversal,
            current=current,
            gbar=chance.uniform(1e-4, 1e-2),
            half=chance.uniform(-60, 0),
            steepness=chance.uniform(3, 20),
            slowest=chance.uniform(0.5, 50),
            q10=chance.uniform(1.5, 3.5),
        )
        (folder / f"channel{number}.mod").write_text(text, encoding="utf-8")


def _wait_for_orphans() -> None:
    """Wait for what has outlived the command, so that its time counts."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
