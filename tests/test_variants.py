"""Variants of a model: arguments, settings, recruitment and seed from the command line."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
from report_samples import sample_results

from mnvalidate.models.recruitment import Recruitment
from mnvalidate.models.spec import ModelSpec
from mnvalidate.models.variants import VariantError, read_value, read_variant
from mnvalidate.report.html import versions
from mnvalidate.run.pool import measure

SUITE = ("--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider", "-p", "no:xdist", "--mn-report=none")

DISTRIBUTIONS = (
    Recruitment(),
    Recruitment(30.0),
    Recruitment(100.0, "deluca", slope=5.0),
    Recruitment(100.0, "konstantin"),
    Recruitment(20.0, "konstantin", max_threshold=0.5),
    Recruitment(20.0, "combined", slope=5.0, max_threshold=2.0),
)


def test_every_distribution_is_myogens():
    program = (
        "from myogen.simulator import RecruitmentThresholds\n"
        "for n in (2, 5, 20, 100):\n"
        "    for R, mode, slope, largest in {given!r}:\n"
        "        rt, _ = RecruitmentThresholds(n, R, slope, 1.0 if largest is None else largest, mode)\n"
        "        print(rt.tolist())\n"
    )
    given = [(d.range_ratio, d.mode, d.slope, d.max_threshold) for d in DISTRIBUTIONS]
    done = subprocess.run(
        [sys.executable, "-c", program.format(given=given)], capture_output=True, text=True, check=True
    )
    theirs = [
        [float(x) for x in line[1:-1].split(",")] for line in done.stdout.splitlines() if line[0] == "["
    ]
    ours = [d.thresholds(n) for n in (2, 5, 20, 100) for d in DISTRIBUTIONS]
    assert len(theirs) == len(ours)
    for one, other in zip(ours, theirs, strict=True):
        assert one == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=str)
def test_a_distribution_increases_and_survives_as_text_and_json(distribution):
    thresholds = distribution.thresholds(50)
    assert all(later > earlier for earlier, later in pairwise(thresholds))
    assert Recruitment.parse(str(distribution)) == distribution
    assert Recruitment.from_json(distribution.to_json()) == distribution
    assert len(distribution.thresholds(1)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fuglevant", "unknown distribution 'fuglevant'; the nearest are fuglevand"),
        ("", "unknown distribution ''"),
        ("fuglevand:slope=2", "slope is of no use in fuglevand"),
        ("deluca:slope=2,max=1", "max is of no use in deluca"),
        ("deluca", "deluca needs slope=NUMBER"),
        ("deluca:slope=272", "below 271.8 for thresholds that increase, got 272"),
        ("deluca:slope=-1", "slope must be a finite number above 0"),
        ("combined:max=1", "combined needs slope"),
        ("konstantin:max=inf", "max must be a finite number above 0"),
        ("fuglevand:range=1", "range ratio must be above 1"),
        ("fuglevand:range=nan", "range ratio must be above 1"),
        ("fuglevand:rang=3", "unknown setting 'rang'"),
        ("fuglevand:range=3,range=4", "range is given twice"),
        ("fuglevand:range=wide", "'range=wide' is not of the form range=NUMBER"),
        ("fuglevand:range", "'range' is not of the form range=NUMBER"),
    ],
)
def test_a_distribution_that_is_none_is_refused(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Recruitment.parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.4", 0.4),
        ("1e-5", 1e-5),
        ("-3", -3),
        ("passive", "passive"),
        ("'50'", "50"),
        ("true", True),
        ("[40, 60]", [40, 60]),
        ("(40, 60)", [40, 60]),
        ("40,60", [40, 60]),
        ("[[1,2,3],(4,5,6)]", [[1, 2, 3], [4, 5, 6]]),
    ],
)
def test_a_value_is_read_as_it_looks(text, value):
    assert read_value(text) == value


@pytest.mark.parametrize(
    "text", ["1e999", "[1, 1e999]", "{1}", "b'x'", "1j", "None", "a b", "[1,", "[" * 9999]
)
def test_a_value_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="must be a"):
        read_value(text)


@pytest.mark.parametrize(
    ("model", "settings", "message"),
    [
        ("NERLab", ["gma=1"], "--mn-set: NERLab has no argument 'gma'; the nearest are gamma"),
        ("NERLab", ["gamma"], "--mn-set: must be NAME=VALUE, got 'gamma'"),
        ("NERLab", ["gamma="], "--mn-set: must be NAME=VALUE"),
        ("NERLab", ["=1"], "--mn-set: must be NAME=VALUE"),
        ("NERLab", ["gamma=1", "gamma=2"], "--mn-set: gamma is given twice"),
        ("NERLab", ["gamma=high"], "--mn-set: gamma must be float, got 'high'"),
        ("NERLab", ["gamma=true"], "--mn-set: gamma must be float, got True"),
        ("NERLab", ["axon_velocities=1,2,3"], "axon_velocities must be tuple[float, float], got [1, 2, 3]"),
        ("NERLab", ["mode=asleep"], "mode must be one of active, passive"),
        ("NERLab", ["model=Powers2017"], "model is given by --mn-model"),
        ("NERLab", ["n=3"], "n is given by --n-neurons"),
        ("NERLab", ["cell_index=3"], "cell_index is given by --n-neurons"),
        ("NERLab", ["config_file=x"], "config_file is given by --mn-config"),
        ("NERLab", ["soma_length_range=1,2,3"], "soma_length_range does nothing in NERLab"),
        ("NERLab", ["lambda_factor=2"], "lambda_factor does nothing in NERLab"),
        (
            "Powers2017",
            ["dendrite_ca_conductance_ranges=[1,2,3]"],
            "must be tuple[tuple[float, float, float]",
        ),
    ],
)
def test_an_argument_that_the_pool_does_not_have_is_refused(model, settings, message):
    with pytest.raises(VariantError) as refusal:
        read_variant(settings, "", "", "").applied_to(ModelSpec(model, 1))
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "nerlab: {soma: {gnabar_rang: [1, 2, 3, false]}}",
            "line 1: nerlab.soma.gnabar_rang: there is no such",
        ),
        ("nerlab:\n  soma:\n    ena: 1e2\n", "line 3: nerlab.soma.ena: must be a finite number, got '1e2'"),
        ("nerlab:\n  soma: 3\n", "line 2: nerlab.soma: must be a mapping, got 3"),
        ("axon_velocities: [50]\n", "line 1: axon_velocities: must be a list like [50, 65], got [50]"),
        ("gamma: .inf\n", "line 1: gamma: must be a finite number"),
        ("gama: 0.4\n", "line 1: gama: there is no such setting; the nearest are gamma"),
        ("model: Powers2017\n", "the settings are those of Powers2017: say --mn-model Powers2017"),
        ("powers2017: {soma: {length_range: [1, 2, 3]}}", "the settings change nothing in NERLab"),
        ("- gamma\n", "must hold a mapping, holds list"),
        ("", "must hold a mapping, holds NoneType"),
        ("gamma: !!float 1\n", "tag"),
        ("gamma: &x 1\n", "anchors and aliases"),
        ("gamma: [\n", "is not YAML"),
    ],
)
def test_settings_that_the_model_does_not_have_are_refused(tmp_path, text, message):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(VariantError) as refusal:
        read_variant([], str(file), "", "").applied_to(ModelSpec("NERLab", 1))
    said = str(refusal.value)
    assert message in said
    assert said.startswith("--mn-config: ")
    assert "\n" not in said


def test_a_factory_has_no_settings_but_takes_arguments():
    spec = ModelSpec("passive_cells:sphere", 1)
    with pytest.raises(VariantError, match="--mn-config: sphere has no file of settings"):
        read_variant([], "mine.yaml", "", "").applied_to(spec)
    assert read_variant(["gbar=3"], "", "", "").applied_to(spec).options == {"gbar": 3}


@pytest.mark.parametrize("seed", ["x", "-1", "4294967296", "1.5"])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(VariantError, match=r"--mn-seed: (seed )?must be a whole number"):
        read_variant([], "", "", seed).applied_to(ModelSpec("NERLab", 1))


def test_a_variant_is_what_myogen_builds_with_the_same_arguments(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("nerlab:\n  soma:\n    cm: 1.25\n    gls_range: [1.0e-3, 2.0e-3, 2.5, false]\n")
    texts = (["gamma=0.4", "axon_velocities=40,60"], str(file), "konstantin:range=10,max=0.8", "7")
    spec = read_variant(*texts).applied_to(ModelSpec("NERLab", 3))
    program = (
        "import sys; from neuron import h; from mnvalidate.models.build import build_motoneuron\n"
        "from mnvalidate.models.spec import ModelSpec; import json\n"
        "import numpy as np\n"
        "def told(soma):\n"
        "    dend = [s for s in soma.wholetree() if s != soma][0]\n"
        "    return [soma.L, soma.diam, soma.cm, soma(0.5).gl_napp, soma(0.5).gnabar_napp,\n"
        "        dend(0.5).gama_caL]\n"
        f"mine = build_motoneuron(ModelSpec.from_json(json.loads({json.dumps(spec.to_json())!r})), 1)\n"
        "from myogen.simulator import RecruitmentThresholds\n"
        "from myogen.simulator.neuron.populations import AlphaMN__Pool\n"
        "rt, _ = RecruitmentThresholds(N=3, recruitment_range__ratio=10.0,\n"
        "    konstantin__max_threshold__ratio=0.8, mode='konstantin')\n"
        "pool = AlphaMN__Pool(recruitment_thresholds__array=rt, model='NERLab', gamma=0.4,\n"
        f"    axon_velocities=(40.0, 60.0), config_file={str(file)!r})\n"
        "theirs = list(pool)[1]\n"
        "assert told(mine.soma) == told(theirs.soma), (told(mine.soma), told(theirs.soma))\n"
        "assert mine.soma.cm == 1.25 and mine.conduction_velocity__m_per_s == 50.0\n"
        "assert mine.recruitment_threshold == rt[1]\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_argument_of_both_pools_can_be_set():
    from mnvalidate.models.myogen_options import checked_options
    from mnvalidate.models.named import package_folder
    from mnvalidate.models.signature import arguments_of

    known = arguments_of(package_folder("myogen"), "AlphaMN__Pool")
    assert len(known) > 25
    three = [1.0, 2.0, 0.3]
    given = {name: three for name in known if name.endswith("_range")}
    given |= {"dendrite_ca_conductance_ranges": [three] * 4, "axon_velocities": [40, 60], "gamma": 0}
    given |= {"axon_length": 0.5, "lambda_factor": 1, "initial_voltage__mV": -70, "mode": "active"}
    given |= {"spike_threshold__mV": 40}
    others = {"n", "recruitment_thresholds__array", "config_file", "model", "cell_index"}
    assert given.keys() == known.keys() - others
    fitted = checked_options("Powers2017", given)
    assert fitted["axon_velocities"] == (40.0, 60.0)
    assert fitted["dendrite_ca_conductance_ranges"] == (tuple(three),) * 4
    assert checked_options("NERLab", {"initial_voltage__mV": [-70, -68]}) == {
        "initial_voltage__mV": [-70.0, -68.0]
    }


def test_gamma_makes_a_difference_that_the_store_knows(tmp_path):
    from mnvalidate.run.store import Store

    store = Store(tmp_path)
    plain = ModelSpec("NERLab", 1)
    values = {}
    for gamma in (None, 0.4, 0.4):
        spec = plain if gamma is None else replace(plain, options={"gamma": gamma})
        pool = measure(spec, jobs=1, store=store)
        values.setdefault(gamma, []).append((pool.records[0].value("Rin__MOhm"), pool.cached))
    assert values[None][0][0] != values[0.4][0][0]
    assert values[0.4][0][0] == values[0.4][1][0]
    assert [cached for _, cached in values[0.4]] == [0, 1]


def test_a_variant_on_the_command_line_is_refused_in_one_line_or_said(pytester):
    result = pytester.runpytest_subprocess(*SUITE, "--collect-only", "--mn-set", "gma=0.4")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --mn-set: NERLab has no argument 'gma'; the nearest are gamma"])
    options = ("--n-neurons=1", "-k", "Rin__MOhm and range", "--mn-set", "gamma=0.3", "--mn-seed=7")
    result = pytester.runpytest_subprocess(*SUITE, *options, "--mn-recruitment=deluca:slope=5")
    result.stdout.fnmatch_lines(
        ["mnvalidate: NERLab (gamma=0.3, deluca:range=100,slope=5, seed 7), 1 neurons*"]
    )


def test_the_page_says_what_is_varied():
    plain = sample_results(3)
    (first, *others) = plain.pools
    spec = dict(first.spec) | {"options": {"gamma": 0.4}, "seed": 7}
    varied = replace(plain, pools=(replace(first, spec=spec), *others))
    assert (f"{first.model} variant", "gamma=0.4, seed 7") in versions(varied)
    assert not any("variant" in name for name, _ in versions(plain))
