"""Factories of every kind build the same neuron; what goes wrong is said in one sentence."""

import json
import math
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mnvalidate.datafiles import schema_of
from mnvalidate.models.existence import check_factory
from mnvalidate.models.files import read_model_file
from mnvalidate.models.spec import ModelSpec
from mnvalidate.run.pool import measure

MODELS = Path(__file__).parent / "models"

# Rall: a sphere of 30 um and a sealed cable of 400 um by 3 um, at 1e-4 S/cm2 and 35.4 Ohm cm.
_SPHERE__S = 1e-4 * math.pi * (30e-4) ** 2
_LENGTH = 0.04 / math.sqrt(3e-4 / 4 * 1e4 / 35.4)
_CABLE__S = math.pi * 3e-4**1.5 / (2 * math.sqrt(1e4 * 35.4)) * math.tanh(_LENGTH)
TRUTH__MOhm = 1e-6 / (_SPHERE__S + _CABLE__S)

PROGRAM = """
import json, sys
from mnvalidate.models.build import build
from mnvalidate.models.spec import ModelSpec
from neuron import h
name, neuron, options = json.loads(sys.argv[1])
spec = ModelSpec(f"factories:{name}", 3, options=options)
try:
    built = build(spec, neuron)
except Exception as error:
    print(json.dumps([type(error).__name__, str(error)]))
    raise SystemExit
motoneuron = built.motoneuron
clamp = h.IClamp(motoneuron.soma(0.5))
clamp.dur, clamp.amp = 1e9, 0.01
h.CVode().active(True)
h.finitialize(motoneuron.initial_voltage__mV)
h.CVode().solve(500)
sections = [section.name().rpartition(".")[2] for section in h.allsec()]
resistance__MOhm = (motoneuron.soma(0.5).v + 65) / 0.01
print(json.dumps([resistance__MOhm, sections, motoneuron.recruitment_threshold, built.gone]))
"""


def built(name, neuron=1, **options):
    command = [sys.executable, "-c", PROGRAM, json.dumps([name, neuron, options])]
    done = subprocess.run(
        command, cwd=MODELS, capture_output=True, text=True, check=True, timeout=120, env=_environment()
    )
    return json.loads(done.stdout.splitlines()[-1])


def _environment():
    return os.environ | {"PYTHONPATH": str(MODELS)}


@pytest.mark.parametrize(
    "name",
    ["as_motoneuron", "as_section", "as_template", "as_python_cell", "without_arguments"],
)
def test_a_neuron_is_the_same_however_it_is_returned(name):
    resistance__MOhm, sections, threshold, gone = built(name)
    assert resistance__MOhm == pytest.approx(TRUTH__MOhm, rel=1e-3)
    assert sections == ["soma", "dend"]
    assert threshold == pytest.approx(0.5 if name == "as_motoneuron" else 100 ** (2 / 3) / 100)
    assert gone == []


def test_the_soma_of_a_template_is_found():
    assert built("as_rows")[1] == ["soma[0]", "dend[0]", "dend[1]"]
    assert built("as_alone")[1] == ["body"]


def test_an_option_is_an_argument_of_the_same_name():
    assert built("with_option", length=400.0)[0] == pytest.approx(TRUTH__MOhm, rel=1e-3)
    assert built("needy", length=400.0)[0] == pytest.approx(TRUTH__MOhm, rel=1e-3)
    assert built("needy_keyword", length=400.0)[0] == pytest.approx(TRUTH__MOhm, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def as_neuron(spec, neuron): ...", "there is no 'as_neurn' in given.py; the nearest are as_neuron"),
        ("x = 1", "there is no 'as_neurn' in given.py"),
        ("def as_neurn(:", "given.py, line 1 is no Python"),
    ],
)
def test_a_factory_that_does_not_exist_is_refused_before_anything_is_built(
    tmp_path, monkeypatch, text, message
):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "given.py").write_text(text)
    with pytest.raises(ValueError, match=r"^unknown model 'given:as_neurn': ") as refusal:
        check_factory("given:as_neurn")
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "def as_neurn(): ...",
        "class as_neurn: ...",
        "if True:\n    as_neurn = print",
        "from os import path as as_neurn",
        "import as_neurn",
        "from os.path import *",
        "globals()['as_' + 'neurn'] = print",
        "def __getattr__(name): return print",
    ],
)
def test_a_factory_may_come_to_its_name_in_many_ways(tmp_path, monkeypatch, text):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "given.py").write_text(text)
    check_factory("given:as_neurn")


@pytest.mark.parametrize("name", ["whole_pool", "whole_pool_of_motoneurons", "whole_pool_yielded"])
def test_of_a_whole_pool_one_neuron_is_there(name):
    first, second = built(name, 0), built(name, 1)
    assert first[0] == pytest.approx(TRUTH__MOhm, rel=1e-3)
    assert second[1] == ["soma", "dend"]
    assert first[2] < second[2]
    assert first[3] == second[3] == []
    if name != "whole_pool_of_motoneurons":
        assert second[0] < 0.9 * first[0]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none", "factories:none returned None: a factory returns a Motoneuron, a soma section, a cell"),
        ("text", "factories:text returned a str: a factory returns"),
        ("raises", "no such cell"),
        ("TRUTH", "factories:TRUTH is an int and no function: a factory returns"),
        (
            "needy",
            "factories:needy needs length: a factory is called with the specification and the neuron's",
        ),
        ("needy_keyword", "factories:needy_keyword needs length"),
        ("nameless", "whose soma is not to be told from a, b: return Motoneuron(soma=...)"),
        ("too_few", "returned 2 neurons where 3 were asked for: build spec.n_neurons of them, or say"),
        ("too_many", "returned 4 neurons where 3 were asked for"),
        ("without_soma", "returned Vector[0], which has no soma: a factory returns"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_sentence(name, message):
    _, said = built(name)
    assert message in said
    assert "\n" not in said


ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")


def blocks(language, section):
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return [
        textwrap.dedent(block) for block in re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.S | re.M)
    ]


@pytest.mark.parametrize("name", ["one_section", "one_template", "one_motoneuron", "whole_pool"])
def test_every_factory_of_the_documentation_can_be_measured(tmp_path, monkeypatch, name):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "documented.py").write_text("\n".join(blocks("python", "Factories")))
    first, second = measure(ModelSpec(f"documented:{name}", 2)).records
    # NEURON's `pas` has 1e-3 S/cm2; the area of a sphere grows with the square of its diameter.
    assert first.value("Rin__MOhm") == pytest.approx(1e-6 / (1e-3 * math.pi * 30e-4**2), rel=1e-3)
    assert second.value("Rin__MOhm") == pytest.approx(first.value("Rin__MOhm") * (30 / 31) ** 2, rel=1e-3)
    if name == "one_motoneuron":
        assert (first.cell.celsius, first.motor_unit_type, second.motor_unit_type) == (37.0, "S", "FF")


def test_the_model_file_of_the_documentation_is_one(tmp_path):
    (text,) = blocks("yaml", "Model files")
    (tmp_path / "strong.yaml").write_text(text)
    spec = read_model_file(tmp_path / "strong.yaml", 5).spec
    assert (spec.name, spec.n_neurons, spec.options["gamma"]) == ("strong", 20, 0.4)
    assert {key.partition(":")[0] for key in text.splitlines()} == set(schema_of("model")["properties"])


def test_the_example_in_hoc_is_measured_by_the_factory_of_the_documentation(tmp_path, monkeypatch):
    for part in ("mods", "motoneuron.hoc"):
        (tmp_path / part).symlink_to(ROOT / "examples" / "hoc_model" / part)
    monkeypatch.syspath_prepend(tmp_path)
    (factory,) = blocks("python", "A model from ModelDB")
    (tmp_path / "my_model.py").write_text(factory)
    small, large = measure(ModelSpec("my_model:motoneuron", 2)).records
    assert small.cell.celsius == 37.0
    assert {m.name: Path(m.file).name for m in small.cell.mechanisms}["spike"] == "spike.mod"
    assert small.value("Rin__MOhm") > 1.5 * large.value("Rin__MOhm")
    assert small.value("AP__mV") > 60
    assert small.value("Ir__nA") < large.value("Ir__nA")
