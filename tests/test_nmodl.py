"""NMODL as data: what a source declares, whose mechanism is in force, and what is refused."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from variants import SOUND, sound, variant

from mnvalidate.checks.pool_change import compare_pools
from mnvalidate.models.modifications import read_modifications
from mnvalidate.models.spec import Insertion, ModelSpec
from mnvalidate.nmodl.interface import candidate_voltages, read_interface
from mnvalidate.nmodl.library import CompileError, build_library
from mnvalidate.nmodl.sources import (
    MechanismKind,
    NmodlError,
    NmodlSource,
    merge,
    myogen_folder,
    myogen_sources,
    read_sources,
)
from mnvalidate.run.changed import changes_neurons, unchanged
from mnvalidate.run.pool import measure

EXAMPLE = Path(__file__).parent.parent / "examples" / "new_mechanism"


def test_the_kinds_of_mechanisms_are_told_apart():
    kinds = {source.name: source.kind for source in myogen_sources()}
    assert len(kinds) == 19
    assert kinds["napp"] is MechanismKind.DENSITY
    assert kinds["muscle_unit"] is MechanismKind.POINT_PROCESS
    assert kinds["VecStim"] is MechanismKind.ARTIFICIAL_CELL


def test_the_interface_is_what_the_source_declares():
    interface = read_interface(sound())
    assert [p.name for p in interface.parameters] == ["gbar", "vhalf", "slope", "opening", "closing", "q10"]
    assert interface.parameters[0].lower == 0
    assert interface.parameters[0].upper == 1
    assert interface.parameters[1].value == -40
    assert [state.name for state in interface.states] == ["n"]
    assert interface.ions[0].reads == ("ek",)
    assert interface.ions[0].writes == ("ik",)
    assert interface.ranges == ("gbar",)
    assert interface.uses_celsius
    assert not interface.uses_dt


def test_comments_and_c_code_declare_nothing():
    text = (
        "COMMENT\nNEURON { SUFFIX wrong }\nENDCOMMENT\n: SUFFIX wrong\nNEURON { SUFFIX right ? SUFFIX no\n}"
    )
    assert NmodlSource("a.mod", text).name == "right"
    verbatim = "NEURON { SUFFIX a }\nVERBATIM\n int x = a ? dt : 0; }\nENDVERBATIM\nSTATE { n }"
    interface = read_interface(NmodlSource("a.mod", verbatim))
    assert [state.name for state in interface.states] == ["n"]
    assert interface.uses_dt


@pytest.mark.parametrize("line_end", ["\r", "\r\n", "\n"])
def test_any_line_end_is_read(tmp_path, line_end):
    (tmp_path / "a.mod").write_bytes(SOUND.replace("\n", line_end).encode())
    (source,) = read_sources([tmp_path])
    assert read_interface(source) == read_interface(sound())
    assert len(source.text.splitlines()) == len(SOUND.splitlines())


def test_singular_voltages_are_among_the_candidates():
    candidates = candidate_voltages((58.0, 13.0, 40.0, 15.0))
    assert {-45.0, -18.0, -43.0} <= set(candidates)
    assert all(-120 <= voltage <= 120 for voltage in candidates)


def test_sources_are_merged_by_the_name_they_declare():
    own = (sound(), variant("other", []))
    new = NmodlSource("renamed file.mod", SOUND.replace("gbar = 1e-3", "gbar = 2e-3"))
    merged = merge(own, [new])
    assert [source.file for source in merged] == ["other.mod", "renamed file.mod"]


def test_a_specification_survives_json_and_is_short_without_changes():
    spec = ModelSpec(nmodl=(sound(),), insertions=(Insertion("soma", "sound", {"gbar": 0.1}),))
    assert ModelSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert "nmodl" not in ModelSpec().to_json()
    assert unchanged(spec) == ModelSpec()


def test_only_what_replaces_or_is_inserted_changes_neurons():
    assert not changes_neurons(ModelSpec(nmodl=(sound(),)))
    assert changes_neurons(ModelSpec(nmodl=(edited_napp(),)))
    assert changes_neurons(ModelSpec(insertions=(Insertion("soma", "pas"),)))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "there is no .mod file"),
        ({"a.mod": "UNITS { }"}, "has no NEURON block"),
        ({"a.mod": "NEURON { THREADSAFE }"}, "names no SUFFIX"),
        ({"a.mod": SOUND, "b.mod": SOUND}, "both declare sound"),
        ({"a.mod": "NEURON { SUFFIX hh }"}, "built into NEURON"),
    ],
)
def test_unusable_files_are_refused_with_one_message(tmp_path, files, words):
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    with pytest.raises(NmodlError, match=words) as refusal:
        read_modifications([str(folder)], [], [])
    assert str(refusal.value).startswith("--mn-nmodl: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("insertion", "words"),
    [
        ("soma:nap", "unknown mechanism 'nap'; the nearest are naps, napp"),
        ("soma:napp,gnaba=1", "has no parameter 'gnaba'; the nearest are gnabar"),
        ("soma:VecStim", "ARTIFICIAL_CELL"),
        ("axon:napp", "soma, dend, all"),
        ("soma", "SECTION:SUFFIX"),
        ("soma:napp,gnabar=much", "param=number"),
        ("soma:napp,gnabar=inf", "finite"),
    ],
)
def test_unusable_insertions_are_refused(insertion, words):
    with pytest.raises(NmodlError, match=words):
        read_modifications([], [insertion], [])


def test_a_bad_option_ends_pytest_with_a_usage_error(pytester):
    pytester.makepyfile("from mnvalidate.suite import *")
    result = pytester.runpytest_subprocess("--mn-mechanism=nap", "-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: --mn-mechanism: unknown mechanism 'nap'; the nearest are naps, napp*"]
    )


@pytest.mark.parametrize("missing", ["perl", "make", "gcc"])
def test_a_missing_program_is_named(monkeypatch, tmp_path, missing):
    found = shutil.which
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CC", "gcc")
    monkeypatch.setattr(shutil, "which", lambda name: None if name == missing else found(name))
    with pytest.raises(NmodlError, match=f"{missing} is not on PATH"):
        build_library([sound()])
    assert not list(tmp_path.iterdir())


def test_a_library_is_built_once_and_away_from_the_sources(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache's folder"))
    first = build_library([sound()])
    monkeypatch.setenv("PATH", "")
    assert build_library([sound()]) == first
    assert first.folder.is_relative_to(tmp_path)
    assert [path.name for path in first.folder.parent.iterdir()] == [first.folder.name]


BUILD = """
import sys, time
from pathlib import Path
from variants import sound
from mnvalidate.nmodl.library import build_library
Path(sys.argv[1]).touch()
while not Path("go").exists():
    time.sleep(0.001)
print(build_library([sound()]).folder)
"""


def build_elsewhere(folder, ready):
    """Start a process that builds the sound mechanism as soon as there is a file ``go``."""
    run = subprocess.Popen(
        [sys.executable, "-c", BUILD, ready],
        cwd=folder,
        env=os.environ
        | {"XDG_CACHE_HOME": str(folder), "PYTHONPATH": str(Path(__file__).parent / "mechanisms")},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (folder / ready).exists():
        assert run.poll() is None
        time.sleep(0.01)
    return run


def test_two_processes_build_one_library_at_once(tmp_path):
    runs = [build_elsewhere(tmp_path, f"ready{i}") for i in range(2)]
    (tmp_path / "go").touch()
    folders = {run.communicate(timeout=60)[0].strip() for run in runs}
    assert [run.returncode for run in runs] == [0, 0]
    cache = tmp_path / "mnvalidate" / "mechanisms"
    assert {str(path) for path in cache.iterdir()} == folders
    assert len(folders) == 1


def test_what_a_killed_build_leaves_is_removed_once_no_build_can_be_alive(tmp_path, monkeypatch):
    cache = tmp_path / "mnvalidate" / "mechanisms"
    run = build_elsewhere(tmp_path, "ready")
    (tmp_path / "go").touch()
    while not (left := list(cache.glob("building-*"))):
        assert run.poll() is None
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate(timeout=60)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    library = build_library([sound()])
    assert left[0].is_dir()
    long_ago = time.time() - 3600
    os.utime(left[0], (long_ago, long_ago))
    other = build_library([variant("other", [])])
    assert set(cache.iterdir()) == {library.folder, other.folder}


@pytest.mark.parametrize(
    ("wrong", "line"),
    [("    ik = gbar*n*(v - missing)", 38), ("    ik = = gbar", 38), ("VERBATIM\nint i = ;", 39)],
)
def test_a_compile_error_has_its_line(monkeypatch, tmp_path, wrong, line):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    end = "\nENDVERBATIM" if "VERBATIM" in wrong else ""
    source = variant("sound", [("    ik = gbar*n*(v - ek)", wrong + end)])
    assert source.text.splitlines()[line - 1] == wrong.splitlines()[-1]
    with pytest.raises(CompileError) as error:
        build_library([source])
    assert error.value.line == line
    assert str(error.value).startswith(f"sound.mod:{line}: ")


def edited_napp():
    (napp,) = (source for source in myogen_sources() if source.name == "napp")
    return NmodlSource("slow.mod", napp.text.replace("mtau = 1/sum", "mtau = 2/sum"))


def test_a_replaced_mechanism_changes_the_pool_and_leaves_others_alone():
    before = digest(myogen_folder())
    unedited = measure(ModelSpec(n_neurons=2))
    edited = measure(ModelSpec(n_neurons=2, nmodl=(edited_napp(),)))
    again = measure(ModelSpec(n_neurons=2))
    for old, new in zip(unedited.records, edited.records, strict=True):
        assert new.value("Ir__nA") > old.value("Ir__nA")
        assert new.value("AP__mV") < old.value("AP__mV") - 5
    assert [r.measurements for r in again.records] == [r.measurements for r in unedited.records]
    assert digest(myogen_folder()) == before


@pytest.mark.slow
def test_a_changed_mechanism_is_in_force_after_a_run_with_myogens_own():
    script = """
import sys
from mnvalidate import ModelSpec, measure
from mnvalidate.nmodl.sources import NmodlSource

for changed in ((), (NmodlSource("slow.mod", sys.stdin.read()),)):
    (record,) = measure(ModelSpec(n_neurons=1, nmodl=changed)).records
    print(record.value("AP__mV"))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=edited_napp().text,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    own, edited = map(float, done.stdout.split())
    assert edited < own - 5


def test_an_inserted_mechanism_is_in_every_neuron_and_worst_shifts_come_first():
    spec = ModelSpec(
        n_neurons=2,
        nmodl=read_sources([EXAMPLE / "sk.mod"]),
        insertions=(Insertion("soma", "sk", {"gbar": 0.02}),),
    )
    with_sk, without = measure(spec), measure(unchanged(spec))
    change = compare_pools(without, with_sk, ())
    assert change.description.endswith("sk inserted in soma, gbar=0.02")
    sizes = [abs(shift.relative) for shift in change.shifts]
    assert sizes == sorted(sizes, reverse=True)
    gains = [shift for shift in change.shifts if shift.quantity == "FI_gain__Hz_per_nA"]
    assert all(shift.after < shift.before for shift in gains)
    assert len(gains) == 2


def digest(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()
