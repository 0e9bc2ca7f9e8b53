"""Whose mechanisms are in force: the author's, wherever they come from, or the clash in one sentence."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from own_mechanisms import compile_mods, resistance__MOhm, write_cell, write_mods

from mnvalidate.models.spec import Insertion, ModelSpec
from mnvalidate.nmodl.compiled import library_in, read_compiled
from mnvalidate.nmodl.layers import ClashError, Layer, combine
from mnvalidate.nmodl.sources import NmodlSource, myogen_folder, myogen_sources, read_sources
from mnvalidate.nmodl.text import same_code
from mnvalidate.run.pool import measure

MINE, OTHERS = 1e-4, 2e-4


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """A folder of the author's mods, compiled."""
    return compile_mods(write_mods(tmp_path_factory.mktemp("own") / "mine", MINE))


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """The same names with another conductance, compiled."""
    return compile_mods(write_mods(tmp_path_factory.mktemp("own") / "others", OTHERS))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to work in, which is on the import path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("NRN_NMODL_PATH", raising=False)
    return tmp_path


def link(folder, to):
    (folder / library_in(to).relative_to(to).parts[0]).symlink_to(
        to / library_in(to).relative_to(to).parts[0]
    )


def only_record(spec):
    (record,) = measure(spec).records
    return record


def reason(record):
    return record.measurements["Rin__MOhm"].reason


WAYS = {
    "loaded-in-the-factory": {"inside": "nrn.load_mechanisms({folder!r})"},
    "loaded-in-the-module": {"before": "nrn.load_mechanisms({folder!r})"},
    "dll": {"inside": "h.nrn_load_dll({file!r})"},
    "attribute": {"after": "cell.mechanisms = {folder!r}"},
    "use_mechanisms": {
        "before": "from mnvalidate.models.mechanisms import use_mechanisms\nuse_mechanisms({folder!r})"
    },
}


@pytest.mark.parametrize("way", [*WAYS, "working-folder", "environment", "library"])
def test_the_authors_mechanism_is_measured_however_it_is_loaded(place, mine, monkeypatch, way):
    parts = {k: v.format(folder=str(mine), file=str(library_in(mine))) for k, v in WAYS.get(way, {}).items()}
    spec = ModelSpec(write_cell(place, **parts), 1)
    if way == "working-folder":
        link(place, mine)
    elif way == "environment":
        monkeypatch.setenv("NRN_NMODL_PATH", str(mine))
    elif way == "library":
        spec = replace(spec, library=read_sources([mine]))
    record = only_record(spec)
    assert record.value("Rin__MOhm") == pytest.approx(resistance__MOhm(MINE), rel=1e-3), reason(record)
    (napp,) = (m for m in record.cell.mechanisms if m.name == "napp")
    assert "mine" in napp.file or str(place) in napp.file
    assert len(napp.digest) == 64


def test_no_mechanism_of_myogens_is_there_unless_it_is_asked_for(place):
    record = only_record(ModelSpec(write_cell(place), 1))
    assert "napp" in reason(record) or "mechanism" in reason(record)
    asked = ModelSpec(write_cell(place, before="import myogen"), 1)
    assert only_record(asked).cell is not None
    given = replace(ModelSpec(write_cell(place), 1), library=myogen_sources())
    assert only_record(given).cell is not None


@pytest.mark.parametrize(
    "parts",
    [
        {"before": "import myogen"},
        {"inside": "from myogen.simulator.neuron.populations import AlphaMN__Pool"},
        {"inside": "h.nrn_load_dll({file!r})"},
        {"inside": "nrn.load_mechanisms({folder!r})"},
        {"inside": "h('nrn_load_dll(\"{file}\")')"},
        {"before": "try:\n    h.nrn_load_dll({file!r})\nexcept Exception:\n    pass"},
    ],
    ids=["myogen", "myogen-later", "dll", "load_mechanisms", "hoc", "swallowed"],
)
def test_a_clash_is_one_sentence_with_both_places(place, mine, others, parts):
    link(place, mine)
    parts = {k: v.format(file=str(library_in(others)), folder=str(others)) for k, v in parts.items()}
    record = only_record(ModelSpec(write_cell(place, **parts), 1))
    said = reason(record)
    assert said.count("mechanism ") == 1
    assert "is there twice" in said
    assert str(place) in said or str(mine) in said
    assert "MyoGen" in said or str(others) in said
    assert "hocobj_call" not in said


def test_places_that_contradict_each_other_are_refused_before_anything_runs(place, mine, others, monkeypatch):
    link(place, mine)
    monkeypatch.setenv("NRN_NMODL_PATH", str(others))
    with pytest.raises(ClashError, match="mechanism gh is there twice"):
        measure(ModelSpec(write_cell(place), 1))


def test_one_library_in_two_places_is_no_clash(place, mine, monkeypatch):
    link(place, mine)
    monkeypatch.setenv("NRN_NMODL_PATH", str(mine))
    spec = ModelSpec(write_cell(place, inside=f"nrn.load_mechanisms({str(mine)!r})"), 1)
    record = only_record(replace(spec, library=read_sources([mine])))
    assert record.value("Rin__MOhm") == pytest.approx(resistance__MOhm(MINE), rel=1e-3), reason(record)


@pytest.mark.parametrize("way", ["working-folder", "loaded-in-the-factory", "library", "attribute"])
def test_a_changed_mechanism_replaces_the_authors_own(place, mine, way):
    changed = read_sources([write_mods(place / "changed", OTHERS, ["napp"])])
    spec = ModelSpec(write_cell(place), 1, nmodl=changed)
    if way == "working-folder":
        link(place, mine)
    elif way == "library":
        spec = replace(spec, library=read_sources([mine]))
    else:
        write_cell(place, **{k: v.format(folder=str(mine)) for k, v in WAYS[way].items()})
    record = only_record(spec)
    assert record.value("Rin__MOhm") == pytest.approx(resistance__MOhm(OTHERS), rel=1e-3), reason(record)
    (napp,) = (m for m in record.cell.mechanisms if m.name == "napp")
    assert napp.file == str(place / "changed" / "napp.mod")


def test_what_a_motoneuron_names_is_loaded_before_it_is_inserted(place, mine):
    write_cell(place)
    text = Path("own_cell.py").read_text().replace('soma.insert("napp")', "soma.cm = 1")
    Path("own_cell.py").write_text(text.replace("1.0, init", f"1.0, mechanisms={str(mine)!r}, init"))
    spec = ModelSpec("own_cell:cell", 1, insertions=(Insertion("soma", "napp", {"g": 5e-4}),))
    record = only_record(spec)
    assert record.value("Rin__MOhm") == pytest.approx(resistance__MOhm(5e-4), rel=1e-3), reason(record)


def test_myogens_models_do_not_heed_the_working_folder(place, mine):
    before = only_record(ModelSpec("NERLab", 1))
    link(place, mine)
    after = only_record(ModelSpec("NERLab", 1))
    assert after.measurements == before.measurements
    assert all("myogen" in m.file for m in after.cell.mechanisms if m.name in ("napp", "caL"))


def test_a_factory_of_myogens_cells_measures_what_myogens_model_is(place):
    Path("pool_cell.py").write_text(
        "import numpy as np, myogen\n"
        "from myogen.simulator.neuron.populations import AlphaMN__Pool\n"
        "from mnvalidate.models.motoneuron import Motoneuron\n"
        "def cell(spec, neuron):\n"
        "    myogen.set_random_seed(spec.seed)\n"
        "    pool = AlphaMN__Pool(recruitment_thresholds__array=np.array(spec.thresholds),\n"
        "                         cell_index=neuron, model='NERLab')\n"
        "    (mn,) = pool\n"
        "    return Motoneuron(mn.soma, spec.thresholds[neuron], 'relative',\n"
        "                      float(pool.initial_voltage_values__mV[0]), owner=pool, celsius=36.0)\n"
    )
    own = only_record(ModelSpec("NERLab", 1))
    record = only_record(ModelSpec("pool_cell:cell", 1))
    for name in ("vhold_soma__mV", "Rin__MOhm", "Ir__nA", "AP__mV"):
        assert record.value(name) == own.value(name)


def test_the_text_of_a_compiled_mechanism_is_read_from_the_file(mine):
    own = {source.name: source.text for source in myogen_sources()}
    found = read_compiled(library_in(myogen_folder())).sources
    assert {source.name for source in found} == own.keys()
    assert all(same_code(source.text, own[source.name]) for source in found)
    assert [source.name for source in read_compiled(library_in(mine)).sources] == ["gh", "mAHP", "napp"]


def test_layers_are_combined_by_name():
    a, b = (NmodlSource(f"{f}.mod", f"NEURON {{ SUFFIX a }} : {f}") for f in "ab")
    other = NmodlSource("c.mod", "NEURON { SUFFIX c }")
    compiled = Layer("lib", (a, other), Path("lib"))
    assert combine([compiled], ()).files == (Path("lib"),)
    assert combine([compiled, Layer("same", (a,))], ()).to_compile == ()
    merged = combine([compiled], [b])
    assert (merged.files, merged.to_compile) == ((), (b, other))
    with pytest.raises(ClashError, match=r"mechanism a is there twice, in lib and in b\.mod"):
        combine([compiled, Layer("folder", (b,))], ())


@pytest.mark.slow
def test_a_fresh_interpreter_finds_the_authors_mechanisms_too(place, mine):
    link(place, mine)
    write_cell(place)
    script = (
        "from mnvalidate import ModelSpec, measure\n"
        "print(measure(ModelSpec('own_cell:cell', 1)).records[0].value('Rin__MOhm'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert float(done.stdout.split()[-1]) == pytest.approx(resistance__MOhm(MINE), rel=1e-3)
