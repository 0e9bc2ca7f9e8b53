"""The time constant of cells whose slow current bends the decay, against the same cells with it frozen."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pebble.concurrent import process as concurrent_process
from slow_current_cells import active_and_frozen

from mnvalidate.nmodl.library import build_library
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.run.context import process_context

SPHERES = {
    "weak": {"somatic": 0.3},
    "strong": {"somatic": 3.0},
    "fast gate": {"somatic": 1.0, "gate__ms": 20.0},
    "fast gate, strong, slow membrane": {"somatic": 3.0, "gate__ms": 20.0, "tau__ms": 15.0},
    "slow gate": {"somatic": 2.0, "gate__ms": 200.0},
    "steep": {"somatic": 1.0, "slope__mV": 5.0, "half__mV": -70.0},
    "small cell": {"somatic": 1.0, "resistance__MOhm": 60.0},
    "large cell": {"somatic": 1.0, "resistance__MOhm": 0.3, "tau__ms": 5.0},
    "none": {"somatic": 0.0},
}
CABLES = {
    "short, in the dendrite": {"length": 0.5, "somatic": 0.0, "dendritic": 1.0},
    "short, in the soma": {"length": 0.5, "somatic": 2.0, "gate__ms": 60.0},
    "everywhere": {"length": 1.0, "somatic": 1.0, "dendritic": 1.0, "gate__ms": 60.0},
    "in the soma": {"length": 1.0, "somatic": 2.0, "gate__ms": 60.0},
    "growing along the dendrite": {"length": 1.0, "somatic": 0.2, "dendritic": 0.5, "gradient": 6.0},
    "long, in the soma": {"length": 1.5, "somatic": 2.0, "gate__ms": 60.0},
    "long, fast, everywhere": {"length": 1.5, "somatic": 1.0, "dendritic": 1.0, "gate__ms": 20.0},
    "long, fast, in the soma": {"length": 1.5, "somatic": 2.0, "gate__ms": 20.0},
}
# A conductance that depolarisation opens, reversing far above rest: an amplifying current.
AMPLIFIERS = {
    "amplifier": {"somatic": 0.06, "half__mV": -60.0, "slope__mV": -5.0, "reversal__mV": 20.0},
    "weak amplifier": {"somatic": 0.01, "half__mV": -60.0, "slope__mV": -5.0, "reversal__mV": 20.0},
}
CELLS = SPHERES | CABLES | AMPLIFIERS


@pytest.fixture(scope="module")
def records():
    text = (Path(__file__).parent / "models" / "slow_current.mod").read_text()
    library = build_library((NmodlSource("slow_current.mod", text),))
    in_process = concurrent_process(timeout=120, context=process_context())(active_and_frozen)
    with ThreadPoolExecutor(2) as threads:
        found = threads.map(lambda cell: in_process(str(library.folder), cell).result(), CELLS.values())
        return dict(zip(CELLS, found, strict=True))


@pytest.mark.parametrize("name", SPHERES)
def test_a_sphere_reads_as_with_the_current_frozen(records, name):
    active, frozen = records[name]
    assert active.value("tau__ms") == pytest.approx(frozen.value("tau__ms"), rel=0.05)


@pytest.mark.parametrize("name", CABLES)
def test_a_cable_reads_as_with_the_current_frozen_or_says_why_it_cannot(records, name):
    active, frozen = records[name]
    tau = active.measurements["tau__ms"]
    if tau.value is None:
        assert "depending on where in the cell it lies" in tau.reason
    else:
        assert tau.value == pytest.approx(frozen.value("tau__ms"), rel=0.05)


def test_most_cables_have_a_value(records):
    assert sum(records[name][0].value("tau__ms") is not None for name in CABLES) >= 5


def test_what_was_read_is_recorded(records):
    (result,) = [r for r in records["strong"][0].results if r.protocol == "time_constant"]
    assert result.data["read_as"] == (1.0,)
    assert result.data["slow_current_gain"][0] > 0.3
    assert result.data["slow_current__ms"][0] == pytest.approx(50.0, rel=0.2)


def test_an_amplifying_current_lengthens_the_decay_it_is_part_of(records):
    active, frozen = records["amplifier"]
    assert 1.02 < active.value("tau__ms") / frozen.value("tau__ms") < 1.5
    weak, still = records["weak amplifier"]
    assert weak.value("tau__ms") == pytest.approx(still.value("tau__ms"), rel=0.05)


def test_resistances_tell_rest_from_below_and_early_from_late(records):
    active, frozen = records["strong"]
    below, rest, early = (active.value(f"{name}__MOhm") for name in ("Rin", "Rin_rest", "Rin_50ms"))
    assert below < rest < early < frozen.value("Rin_rest__MOhm")
    still = [frozen.value(f"{name}__MOhm") for name in ("Rin", "Rin_rest")]
    assert still[0] == pytest.approx(still[1], rel=1e-3)
