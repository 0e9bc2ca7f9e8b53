"""Records that are kept: what makes them known again, and what does not."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import alive, descendants, wait_until

from mnvalidate.models.spec import ModelSpec, Recruitment
from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult, Record
from mnvalidate.run.keys import input_key, measuring_key
from mnvalidate.run.pool import measure
from mnvalidate.run.store import Store
from mnvalidate.solver import Solver

SPHERE = {"resistance__MOhm": 1.5, "tau__ms": 10.0}
MODELS = Path(__file__).parent / "models"


def record(value=1.5, outcome=MeasurementOutcome.OK):
    reason = "" if outcome is MeasurementOutcome.OK else "because"
    measurement = Measurement(
        "Rin__MOhm", "MOhm", outcome, value if outcome is MeasurementOutcome.OK else None, reason=reason
    )
    return Record("model", 0, 0.5, "absolute", (ProtocolResult("input_resistance", {}, (measurement,)),))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def sphere(store, **changes):
    spec = ModelSpec("passive_cells:sphere", 1, SPHERE | changes.pop("options", {}), **changes)
    return measure(spec, store=store)


def test_a_record_comes_back_exactly(store):
    store.save("k" * 64, record(), input_key="i" * 64)
    assert store.load("k" * 64) == record()
    assert store.content_key("i" * 64) == "k" * 64
    assert store.load("x" * 64) is None
    assert store.content_key("x" * 64) is None


def test_the_way_to_a_record_is_good_for_its_own_inputs_only(store):
    store.save("k" * 64, record(), input_key="i" * 64)
    store.save("l" * 64, record(), input_key="j" * 64)
    one, other = (next(store.folder.glob(f"inputs/*/{letter}*.json")) for letter in "ij")
    text = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(text)
    assert store.content_key("i" * 64) is None
    assert store.content_key("j" * 64) is None


@pytest.mark.parametrize("outcome", [MeasurementOutcome.CRASHED, MeasurementOutcome.TIMED_OUT])
def test_a_crash_is_not_kept(store, outcome):
    store.save("k" * 64, record(outcome=outcome))
    assert store.load("k" * 64) is None
    store.save("k" * 64, record(outcome=MeasurementOutcome.NOT_MEASURABLE))
    assert store.load("k" * 64) is not None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("1.5", "1.6"),
        lambda text: text.replace('"schema": 1', '"schema": 0'),
        lambda text: text.replace("k" * 64, "j" * 64),
        lambda text: json.dumps({"foreign": True}),
        lambda text: "[]",
        lambda text: "\x00\x01",
    ],
    ids=["empty", "truncated", "altered", "schema", "other-key", "foreign", "list", "binary"],
)
def test_a_damaged_record_is_unknown_and_is_replaced(store, damage):
    store.save("k" * 64, record())
    (file,) = (store.folder / "records").rglob("*.json")
    file.write_text(damage(file.read_text()))
    assert store.load("k" * 64) is None
    store.save("k" * 64, record())
    assert store.load("k" * 64) == record()


def test_what_is_missing_or_of_another_version_is_not_damaged(store):
    store.save("k" * 64, record())
    (file,) = (store.folder / "records").rglob("*.json")
    file.write_text(file.read_text().replace('"schema": 1', '"schema": 2'))
    assert store.load("k" * 64) is store.load("x" * 64) is None
    assert store.damaged == set()
    file.write_text("")
    store.load("k" * 64)
    assert store.damaged == {"k" * 64}


def test_what_killed_runs_left_goes_after_an_hour(store):
    store.save("k" * 64, record())
    (file,) = (store.folder / "records").rglob("*.json")
    old, new = file.with_name("old.tmp"), file.with_name("new.tmp")
    old.touch()
    new.touch()
    os.utime(old, (time.time() - 3700,) * 2)
    store.trim()
    assert (old.exists(), new.exists(), file.exists()) == (False, True, True)


def test_the_records_unused_for_longest_go_first(store):
    for name in "abc":
        store.save(name * 64, record())
    files = {name: next((store.folder / "records").rglob(f"{name * 64}.json")) for name in "abc"}
    for age, name in enumerate("cba"):
        os.utime(files[name], (1e9 - age, 1e9 - age))
    assert store.load("a" * 64) is not None  # the oldest, but used now
    small = Store(store.folder, size__bytes=2 * files["a"].stat().st_size)
    small.trim()
    assert [name for name in "abc" if files[name].exists()] == ["a", "c"]


def test_an_unwritable_store_is_given_up_with_a_reason(tmp_path):
    occupied = tmp_path / "occupied"
    occupied.write_text("")
    blocked = Store(occupied)
    assert sphere(blocked).records[0].value("Rin__MOhm") == pytest.approx(1.5, rel=1e-3)
    assert str(occupied) in blocked.problem


def test_the_second_run_measures_nothing_and_gives_the_same_record(store):
    cold, warm = sphere(store), sphere(store)
    assert (cold.cached, warm.cached) == (0, 1)
    assert warm.records == cold.records


@pytest.mark.parametrize(
    "change",
    [
        {"celsius": 20.0},
        {"seed": 43},
        {"options": {"tau__ms": 10.000000000000002}},
    ],
)
def test_whatever_changes_the_cell_makes_it_unknown(store, change):
    sphere(store)
    assert sphere(store, **change).cached == 0


def test_the_same_cell_elsewhere_in_a_pool_is_known_under_its_new_name(store):
    measure(ModelSpec("faulty_cells:segfault", 1), store=store)
    again = measure(ModelSpec("faulty_cells:segfault", 1), store=store).records[0]
    assert (again.model, again.neuron) == ("segfault", 0)


def test_an_edited_factory_is_unknown(store, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "edited_factory.py"
    body = "from passive_cells import sphere\n"
    module.write_text(body)
    spec = ModelSpec("edited_factory:sphere", 1, SPHERE)
    assert measure(spec, store=store).cached == 0
    assert measure(spec, store=store).cached == 1
    module.write_text(body + "# edited\n")
    assert measure(spec, store=store).cached == 0


def test_input_keys_name_everything_that_is_given():
    base = ModelSpec("NERLab", 5)
    keys = {
        input_key(spec, neuron, solver)
        for spec, neuron, solver in [
            (base, 0, Solver()),
            (base, 1, Solver()),
            (ModelSpec("Powers2017", 5), 0, Solver()),
            (ModelSpec("NERLab", 6), 0, Solver()),
            (dataclasses.replace(base, celsius=35.0), 0, Solver()),
            (dataclasses.replace(base, seed=1), 0, Solver()),
            (dataclasses.replace(base, options={"gamma": 0.3}), 0, Solver()),
            (dataclasses.replace(base, recruitment=Recruitment(range_ratio=50.0)), 0, Solver()),
            (base, 0, Solver(fixed_step__ms=0.025)),
            (base, 0, Solver(absolute_tolerance=1e-7)),
        ]
    }
    assert len(keys) == 10
    assert None not in keys
    assert input_key(ModelSpec("passive_cells:sphere", 1), 0, Solver()) is None


def test_libraries_elsewhere_have_no_input_key(monkeypatch):
    assert input_key(ModelSpec(), 0, Solver()) is not None
    monkeypatch.setenv("NRN_NMODL_PATH", "/somewhere")
    assert input_key(ModelSpec(), 0, Solver()) is None


def test_input_keys_see_the_files_that_options_name(tmp_path):
    file = tmp_path / "settings.yaml"
    keys = set()
    for text in ("a: 1", "a: 2"):
        file.write_text(text)
        options = {"config": {"settings": [str(file)]}}
        keys.add(input_key(ModelSpec(options=options), 0, Solver()))
    assert len(keys) == 2


def test_the_measuring_key_sees_the_protocols_code(tmp_path):
    package = tmp_path / "mnvalidate"
    shutil.copytree(Path(__file__).parents[1] / "mnvalidate", package)
    keys = []
    for edit in ("", "\n# edited\n"):
        with (package / "protocols" / "rheobase.py").open("a") as file:
            file.write(edit)
        program = "from mnvalidate.run.keys import measuring_key, Solver; print(measuring_key(Solver()))"
        result = subprocess.run(
            [sys.executable, "-P", "-c", program],
            env=os.environ | {"PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        keys.append(result.stdout)
    assert keys[0] != keys[1]
    assert measuring_key(Solver()) == measuring_key(Solver())


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("fault", ["hang", "hang_in_c"])
def test_a_killed_run_leaves_no_process_and_goes_on_where_it_stopped(tmp_path, fault):
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path;"
        "from mnvalidate.run.store import Store; from mnvalidate.run.pool import measure;"
        "from mnvalidate.models.spec import ModelSpec;"
        "measure(ModelSpec(f'faulty_cells:{sys.argv[3]}', 4), jobs=2, store=Store(Path(sys.argv[2])))"
    )
    marker = str(tmp_path / "store")
    run = subprocess.Popen([sys.executable, "-c", program, str(MODELS), marker, fault])
    store = Store(Path(marker))
    try:
        wait_until(lambda: len(list(store.folder.rglob("records/*/*.json"))) >= 1)
        children = descendants(run.pid)
        assert children
    finally:
        run.kill()
        run.wait()
    wait_until(lambda: not any(alive(child) for child in children))
    assert measure(ModelSpec(f"faulty_cells:{fault}", 1), store=store).cached == 1


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_process_that_starts_when_the_run_is_gone_ends_itself(tmp_path):
    program = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); import late_child;"
        "from mnvalidate.run.context import process_context;"
        "child = process_context().Process(target=late_child.main, args=(sys.argv[2],)); child.start();"
        "print(child.pid, flush=True); os._exit(0)"
    )
    command = [sys.executable, "-c", program, str(MODELS), str(tmp_path)]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    wait_until(lambda: not alive(int(run.stdout)))
    assert (tmp_path / "started").exists()
    assert not (tmp_path / "survived").exists()
