"""Cells such as users bring, from a folder of their own, through the whole suite or its protocols."""

import json
import math

import pytest

from mnvalidate.models.spec import ModelSpec
from mnvalidate.run.pool import measure

CELLS = '''
from neuron import h


def ball_and_stick(spec, neuron):
    soma, dend = h.Section(name="soma"), h.Section(name="dend")
    soma.L = soma.diam = 30 + 5 * neuron
    dend.L, dend.diam, dend.nseg = 400, 3, 201
    dend.connect(soma(1))
    for sec in (soma, dend):
        sec.insert("pas")
        sec.g_pas, sec.e_pas, sec.cm, sec.Ra = 1e-4, -65, 1, 35.4
    return soma


def hodgkin_huxley(spec, neuron):
    soma = h.Section(name="soma")
    soma.L = soma.diam = 60 + 10 * neuron
    soma.insert("hh")
    return soma


def warm(spec, neuron):
    h.celsius = 36
    return hodgkin_huxley(spec, neuron)


def small(spec, neuron):
    """A mouse's cell of some 300 MOhm."""
    h.celsius = 36
    soma = h.Section(name="soma")
    soma.L = soma.diam = 14 + 2 * neuron
    soma.insert("hh")
    soma.insert("pas")
    soma.gl_hh, soma.gnabar_hh, soma.gkbar_hh = 1e-5, 0.05, 0.02
    soma.g_pas, soma.e_pas = 1e-6 / 320 / (3.14159265 * (soma.L * 1e-4) ** 2), -70
    return soma


def with_axon(spec, neuron):
    """Three dendrites and an axon."""
    h.celsius = 20
    soma, hillock, axon = (h.Section(name=name) for name in ("soma", "hillock", "axon"))
    soma.L = soma.diam = 50 + 5 * neuron
    dendrites = [h.Section(name=f"dend{i}") for i in range(3)]
    for i, dend in enumerate(dendrites):
        dend.L, dend.diam, dend.nseg = 600 + 200 * i, 6, 21
        dend.connect(soma(0))
        dend.insert("pas")
        dend.g_pas, dend.e_pas = 1e-4, -65
    hillock.L, hillock.diam, hillock.nseg = 40, 6, 5
    axon.L, axon.diam, axon.nseg = 500, 3, 15
    hillock.connect(soma(1))
    axon.connect(hillock(1))
    for section in (soma, hillock, axon):
        section.insert("hh")
    soma.gnabar_hh, axon.gnabar_hh, axon.gkbar_hh = 0.1, 0.5, 0.1
    return soma


def pool(spec):
    return [hodgkin_huxley(spec, neuron) for neuron in range(spec.n_neurons)]
'''

# Between the conductance at rest and the leak alone, over the sphere's area.
HH__MOhm = tuple(1e-6 / (g__S_per_cm2 * math.pi * 60e-4**2) for g__S_per_cm2 in (7e-4, 3e-4))


@pytest.fixture
def cells(tmp_path, monkeypatch):
    (tmp_path / "own_cells.py").write_text(CELLS)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_a_passive_cell_has_its_analytic_resistance_and_time_constant(cells):
    for neuron, record in enumerate(measure(ModelSpec("own_cells:ball_and_stick", 2)).records):
        # Rall: a sphere and a sealed cable of 400 um by 3 um, at 1e-4 S/cm2 and 35.4 Ohm cm.
        sphere__S = 1e-4 * math.pi * ((30 + 5 * neuron) * 1e-4) ** 2
        length = 0.04 / math.sqrt(3e-4 / 4 * 1e4 / 35.4)
        cable__S = math.pi * 3e-4**1.5 / (2 * math.sqrt(1e4 * 35.4)) * math.tanh(length)
        for name, truth in (("Rin__MOhm", 1e-6 / (sphere__S + cable__S)), ("tau__ms", 10.0)):
            found = record.measurements[name]
            assert found.value == pytest.approx(truth, abs=found.resolution)
        assert "no spike" in record.measurements["Ir__nA"].reason


def test_a_cell_that_is_charged_as_fast_as_it_spikes_breaks_no_rule_by_how_it_was_measured(cells):
    (record,) = measure(ModelSpec("own_cells:warm", 1)).records
    assert record.value("AP__mV") > 45
    assert "from the onset of the pulse" in record.measurements["AP_max_slope__mV_per_ms"].reason


@pytest.mark.parametrize(
    ("name", "celsius", "Rin__MOhm"),
    [
        ("hodgkin_huxley", 6.3, HH__MOhm),
        ("small", 36, (290, 330)),
        ("with_axon", 20, (5, 12)),
        ("pool", 6.3, HH__MOhm),
    ],
)
def test_a_cell_goes_through_the_whole_suite(pytester, monkeypatch, name, celsius, Rin__MOhm):
    (pytester.path / "own_cells.py").write_text(CELLS)
    result = pytester.runpytest_subprocess(
        "--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider", f"--mn-model=own_cells:{name}",
        "--n-neurons=1", "--tb=no",
    )  # fmt: skip
    assert result.ret in (0, 1)
    results = json.loads((pytester.path / "results" / "mnvalidate.json").read_text())
    assert results["accidents"] == []
    (record,) = results["pools"][0]["records"]
    assert record["cell"]["celsius"] == celsius
    values = {m["quantity"]: m for part in record["results"] for m in part["measurements"]}
    assert Rin__MOhm[0] < values["Rin__MOhm"]["value"] < Rin__MOhm[1]
    assert values["AP__mV"]["value"] > 45
    assert all(m["value"] is not None or m["reason"] for m in values.values())
    assert not [
        v for v in results["verdicts"] if v["family"] == "plausibility" and v["conclusion"] == "deviates"
    ]
    said = result.stdout.str()
    assert "Traceback" not in said
    assert "1 of 1 neurons measured" in said
