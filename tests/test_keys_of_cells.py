"""A record is found again for the same cell and for no other: whatever a cell can hold, its key sees."""

import json
import os
import subprocess
import sys
from pathlib import Path

import key_variants
import pytest

from mnvalidate.models.spec import ModelSpec
from mnvalidate.run.pool import measure
from mnvalidate.run.store import Store


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Key of every variant, and why it has none."""
    mods = tmp_path_factory.mktemp("mods")
    (mods / "rich.mod").write_text(key_variants.RICH)
    (mods / "pointing.mod").write_text(key_variants.POINTING)
    program = f"import key_variants; key_variants.main({str(mods)!r})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent / "models")},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout.rpartition("KEYS")[2])


@pytest.mark.parametrize("edit", key_variants.SEEN)
def test_an_edited_cell_has_another_key_or_none(keys, edit):
    key, why = keys[edit]
    assert key != keys["nothing"][0]
    assert key or why


def test_edited_cells_differ_from_each_other(keys):
    found = [keys[edit][0] for edit in key_variants.SEEN if keys[edit][0]]
    assert len(set(found)) == len(found) >= 45


@pytest.mark.parametrize("edit", key_variants.HIDDEN)
def test_what_nobody_can_describe_has_no_key_and_says_so(keys, edit):
    key, why = keys[edit]
    assert key is None
    assert "does not show" in why or "starts a process" in why


@pytest.mark.parametrize("edit", key_variants.NEUTRAL)
def test_what_changes_nothing_of_the_cell_changes_no_key(keys, edit):
    assert keys[edit] == keys["nothing"] == [keys["nothing"][0], ""]


FACTORY = """
import configparser, json, os, sqlite3
from pathlib import Path
import numpy as np
from neuron import h
from mnvalidate.models.motoneuron import Motoneuron
{imports}
def resistance():
    {reading}
def cell(spec, neuron):
    soma = h.Section(name="soma")
    soma.L = soma.diam = 100.0
    soma.insert("pas")
    soma.g_pas, soma.e_pas = 1e-6 / float(resistance()) / (np.pi * 1e-4), -65.0
    return Motoneuron(soma, 1.0, initial_voltage__mV=-65.0)
"""
WAYS = {
    "json": ("data.json", "{}", "return json.loads(Path(__file__).with_name('data.json').read_text())"),
    "text-in-working-folder": ("data.txt", "{}", "return open('data.txt').read()"),
    "numpy": ("data.csv", "{}", "return np.loadtxt('data.csv')"),
    "descriptor": ("data.bin", "{}", "return os.read(os.open('data.bin', os.O_RDONLY), 99)"),
    "module": ("helper.py", "R = {}", "import helper; return helper.R"),
    "module-at-the-top": ("helper.py", "R = {}", "return helper.R"),
    "package": ("package/deep.py", "R = {}", "from package.deep import R; return R"),
    "hoc": ("cell.hoc", "R = {}\n", "h.load_file('cell.hoc'); return h.R"),
    "xopen": ("cell.hoc", "R = {}\n", "h.xopen('cell.hoc'); return h.R"),
    "hoc-in-hoc": ("inner.hoc", "R = {}\n", "h('xopen(\"inner.hoc\")'); return h.R"),
    "hoc-file": ("data.dat", "{}\n", "f = h.File(); f.ropen('data.dat'); return f.scanvar()"),
    "hoc-by-its-full-name": (
        "cell.hoc",
        "R = {}\n",
        "h.load_file(str(Path('cell.hoc').resolve())); return h.R",
    ),
}


def resistance(module, store):
    pool = measure(ModelSpec(f"{module}:cell", 1), store=store)
    (record,) = pool.records
    assert record.value("Rin__MOhm") is not None, record.measurements["Rin__MOhm"].reason
    return round(record.value("Rin__MOhm"), 3), pool.cached


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def write(place, name, reading, imports=""):
    (place / f"{name}.py").write_text(FACTORY.format(reading=reading, imports=imports))


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_a_factory_reads_is_part_of_the_key(place, way):
    name, text, reading = WAYS[way]
    file = place / name
    file.parent.mkdir(exist_ok=True)
    write(place, "reader", reading, "import helper" if way == "module-at-the-top" else "")
    store = Store(place / "store")
    file.write_text(text.format(2.0))
    assert resistance("reader", store) == (2.0, 0)
    assert resistance("reader", store) == (2.0, 1)
    file.write_text(text.format(3.0))
    assert resistance("reader", store) == (3.0, 0)
    assert resistance("reader", store) == (3.0, 1)
    file.write_text(text.format(2.0))
    assert resistance("reader", store) == (2.0, 1)


def test_a_model_that_is_moved_as_a_whole_is_the_same(place, monkeypatch):
    store = Store(place / "store")
    for cached, folder in enumerate(["first", "second"]):
        (place / folder).mkdir()
        monkeypatch.chdir(place / folder)
        with monkeypatch.context() as patch:
            patch.syspath_prepend(place / folder)
            write(place / folder, "moved", "return open('data.txt').read()")
            Path("data.txt").write_text("2.0")
            assert resistance("moved", store) == (2.0, cached)


def test_a_file_that_is_not_there_is_part_of_the_key(place):
    write(place, "reader", "return 3.0 if Path('flag').exists() else 2.0")
    store = Store(place / "store")
    assert [resistance("reader", store) for _ in range(2)] == [(2.0, 0), (2.0, 1)]
    Path("flag").touch()
    assert resistance("reader", store) == (3.0, 0)


def test_the_files_of_a_folder_are_part_of_the_key(place):
    (place / "cells").mkdir()
    write(place, "reader", "return 2.0 + len(list(Path('cells').glob('*')))")
    store = Store(place / "store")
    assert [resistance("reader", store) for _ in range(2)] == [(2.0, 0), (2.0, 1)]
    (place / "cells" / "one").touch()
    assert resistance("reader", store) == (3.0, 0)


@pytest.mark.parametrize("reading", ["os.environ.get('R_OF_CELL', '2')", "os.getenv('R_OF_CELL') or 2"])
def test_an_environment_variable_that_a_factory_asks_for_is_part_of_the_key(place, monkeypatch, reading):
    write(place, "asker", f"return {reading}")
    store = Store(place / "store")
    assert [resistance("asker", store) for _ in range(2)] == [(2.0, 0), (2.0, 1)]
    monkeypatch.setenv("R_OF_CELL", "3")
    assert [resistance("asker", store) for _ in range(2)] == [(3.0, 0), (3.0, 1)]
    monkeypatch.setenv("ANOTHER", "3")
    assert resistance("asker", store) == (3.0, 1)


@pytest.mark.parametrize(
    "reading",
    [
        "import subprocess; return subprocess.run(['echo', '2'], capture_output=True).stdout",
        "return os.popen('echo 2').read()",
        "h('strdef said'); h('system(\"echo 2\", said)'); return h.said",
    ],
)
def test_what_another_process_says_is_asked_for_again_and_that_is_said(place, reading):
    write(place, "asker", reading)
    store = Store(place / "store")
    assert [resistance("asker", store) for _ in range(2)] == [(2.0, 0), (2.0, 0)]
    (record,) = measure(ModelSpec("asker:cell", 1), store=store).records
    assert record.cell.not_kept == "the factory starts a process"
