"""Model files: everything about a model in YAML, refused with the line where something is wrong."""

import pytest

from mnvalidate.cli import main
from mnvalidate.models.asked import Wanted, asked_models
from mnvalidate.models.files import as_model_file, read_model_file
from mnvalidate.models.modifications import Modifications
from mnvalidate.models.recruitment import Recruitment
from mnvalidate.models.spec import Insertion
from mnvalidate.models.variants import Variant

WHOLE = """\
name: strong
model: NERLab
n_neurons: 3
celsius: 34
seed: 7
recruitment: {mode: deluca, range: 50, slope: 5}
set:
  gamma: 0.4
  axon_velocities: [40, 60]
config:
  nerlab: {soma: {cm: 1.1}}
nmodl: [mods]
insert: ["soma:mine,g=0.5"]
"""
MOD = """
NEURON { SUFFIX mine NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 1 }
ASSIGNED { i }
BREAKPOINT { i = g }
"""


@pytest.fixture
def whole(tmp_path):
    (tmp_path / "mods").mkdir()
    (tmp_path / "mods" / "mine.mod").write_text(MOD)
    (tmp_path / "whole.yaml").write_text(WHOLE)
    return tmp_path / "whole.yaml"


def test_a_file_says_everything_and_can_be_written_again(whole, tmp_path):
    found = read_model_file(whole, 5)
    spec = found.spec
    assert (spec.name, spec.builder, spec.n_neurons, spec.celsius, spec.seed) == (
        "strong",
        "NERLab",
        3,
        34,
        7,
    )
    assert spec.recruitment == Recruitment(50, "deluca", slope=5)
    assert spec.options == {
        "gamma": 0.4,
        "axon_velocities": [40, 60],
        "config": {"nerlab": {"soma": {"cm": 1.1}}},
    }
    assert [source.name for source in spec.nmodl] == ["mine"]
    assert spec.insertions == (Insertion("soma", "mine", {"g": 0.5}),)
    assert found.mechanisms == ("mine",)
    again = tmp_path / "again.yaml"
    again.write_text(as_model_file(spec))
    assert read_model_file(again, 5).spec == spec


def test_a_file_without_a_name_is_called_as_it_is(tmp_path):
    file = tmp_path / "low-gamma.yaml"
    file.write_text("model: NERLab\nset: {gamma: 0.1}\n")
    assert read_model_file(file, 4).spec.name == "low_gamma"
    assert read_model_file(file, 4).spec.n_neurons == 4


def test_what_the_options_say_counts_more(whole):
    variant = Variant({"gamma": 0.1}, recruitment=Recruitment(20.0), seed=9)
    wanted = Wanted(2, True, 30.0, Modifications(insertions=(Insertion("dend", "pas"),)), variant)
    (spec,), mechanisms = asked_models([str(whole)], wanted)
    assert (spec.n_neurons, spec.celsius, spec.seed) == (2, 30.0, 9)
    assert spec.options["gamma"] == 0.1
    assert spec.options["axon_velocities"] == [40, 60]
    assert spec.recruitment == Recruitment(20.0)
    assert [insertion.suffix for insertion in spec.insertions] == ["mine", "pas"]
    assert mechanisms == ("mine",)
    (spec,), _ = asked_models([str(whole)], Wanted(5, False, None, Modifications(), Variant()))
    assert spec.n_neurons == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "model: NERLab\nn_neurons: '3'\n",
            "line 2: n_neurons: '3' is not of type 'integer': in quotes it is text, write 3 without them",
        ),
        ("model: NERLab\nn_neurons: x\n", "line 2: n_neurons: 'x' is not of type 'integer'"),
        ("model: NERLab\nn_neurons: true\n", "line 2: n_neurons: True is not of type 'integer'"),
        ("model: NERLab\nn_neurons: 0\n", "line 2: n_neurons: 0 is less than the minimum of 1"),
        ("model: NERLab\nn_neuron: 3\n", "line 2: n_neuron: there is no such key; the nearest are n_neurons"),
        ("model: !!python/name:os.system\n", "line 1: tag tag:yaml.org,2002:python/name:os.system"),
        ("a: &a [x,x]\nb: &b [*a,*a]\nmodel: NERLab\n", "line 1: anchors and aliases are not allowed"),
        ("model: NERLab\nset:\n  gma: 3\n", "set: NERLab has no argument 'gma'; the nearest are gamma"),
        ("model: NERLab\nset:\n  gamma: 0.4\n  gma: 3\n", "line 4: set: NERLab has no argument 'gma'"),
        (
            "model: NERLab\nset:\n  gamma: 0.4\n  axon_velocities:\n    - fast\n",
            "line 4: set: axon_velocities",
        ),
        (
            "model: NERLab\nconfig:\n  nerlab:\n    soma:\n      cn: 1\n",
            "line 5: config: nerlab.soma.cn: there is no such",
        ),
        ("model: NERLab\ninsert:\n  - all:pas\n  - soma:nap\n", "line 4: insert: unknown mechanism 'nap'"),
        ("model: NERLab\nnmodl:\n  - none.mod\n", "line 3: nmodl: there is no file or folder"),
        ("model: NERLab\nset: {gamma: .nan}\n", "line 2: set: gamma must be float, got nan"),
        ("model: NERLab\nset: {gamma: {a: 1}}\n", "line 2: set: gamma"),
        ("model: NERLab\nset: 3\n", "line 2: set: 3 is not of type 'object'"),
        ("model: NERLab\nconfig: nowhere.yaml\n", "nowhere.yaml: cannot be read"),
        (
            "model: NERLab\nconfig: {nerlab: {soma: {cn: 1}}}\n",
            "line 2: config: nerlab.soma.cn: there is no such",
        ),
        ("model: NERLab\nrecruitment: {mode: deluca}\n", "line 2: recruitment: deluca needs slope=NUMBER"),
        ("model: NERLab\nrecruitment: {rang: 3}\n", "line 2: recruitment: rang: there is no such key"),
        ("n_neurons: 3\n", "'model' is a required property"),
        ("model: nobody:here\n", "line 1: model: unknown model 'nobody:here'"),
        ("model: NERlab\n", "line 1: model: unknown model 'NERlab': allowed are NERLab, Powers2017"),
        ("model: NERLab\ninsert: ['soma:nap']\n", "line 2: insert: unknown mechanism 'nap'"),
        ("model: NERLab\nnmodl: [none.mod]\n", "line 2: nmodl: there is no file or folder"),
        (
            "model: NERLab\ncelsius: 1e1\n",
            "line 2: celsius: '1e1' is not of type 'number': YAML reads 1e1 as text",
        ),
        (
            "model: NERLab\ncelsius: 310\n",
            "line 2: celsius: 310 is greater than or equal to the maximum of 100",
        ),
        ("model: NERLab\nmodel: NERLab\n", "line 2: key 'model' is repeated"),
        ("model: NERLab\nname: Powers2017\n", "'Powers2017' is the name of another model"),
        ("model: NERLab\nname: 'a b'\n", "line 2: name: 'a b' does not match"),
        ("model: NERLab\nset: {a: " + "[" * 5000 + "]" * 5000 + "}\n", "is nested too deeply"),
        ("[1, 2]\n", "must hold a mapping, holds list"),
        ("model: [\n", "is not YAML"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_in_one_line(tmp_path, text, message):
    file = tmp_path / "model.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"^model\.yaml: ") as refusal:
        read_model_file(file, 5)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_command_prints_the_effective_models(whole, capsys, monkeypatch):
    monkeypatch.chdir(whole.parent)
    plain = ["-p", "no:cacheprovider", "-c", "/dev/null", "--mn-set", "gamma=0.1"]
    assert main(["spec", *plain, "--mn-model=whole.yaml", "--mn-model=Powers2017"]) == 0
    first, second = capsys.readouterr().out.split("---\n")
    assert "gamma: 0.1" in first
    assert "celsius: 34" in first
    assert "celsius: 36" in second
    assert main(["spec", *plain, "--mn-model=none.yaml"]) == 4
    assert "none.yaml: cannot be read" in capsys.readouterr().err


def test_a_model_file_and_its_factory_lie_side_by_side(pytester):
    folder = pytester.mkdir("mine")
    (folder / "beside.py").write_text("def sphere(spec, neuron): return None\n")
    (folder / "model.yaml").write_text("model: beside:sphere\nn_neurons: 2\n")
    options = ("--pyargs", "mnvalidate.suite", "--collect-only", "-q", "-p", "no:cacheprovider")
    pytester.makeini("[pytest]\nmn_model = mine/model.yaml\n")
    result = pytester.runpytest_subprocess(*options)
    result.stdout.fnmatch_lines(["*::test_range[[]model-n01-Rin_50ms__MOhm]"])
