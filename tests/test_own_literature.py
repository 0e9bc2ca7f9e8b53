"""Literature of one's own beside the shipped: facts, criteria, a species, and what it replaces."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from report_samples import sample_results
from synthetic_pools import plan_checks, records, typical_cat

from mnvalidate.api import judge
from mnvalidate.baseline.identity import difference
from mnvalidate.baseline.parsing import parse
from mnvalidate.baseline.state import state_of
from mnvalidate.baseline.text import baseline_text
from mnvalidate.checks.check import PoolOutline
from mnvalidate.cli import main
from mnvalidate.datafiles import ReferenceDataError
from mnvalidate.explain import explain
from mnvalidate.families import KINDS, load_reference
from mnvalidate.literature.own import with_own
from mnvalidate.literature.predictions import SIMULATION, to_json
from mnvalidate.models.spec import ModelSpec
from mnvalidate.predict import main as predict_main
from mnvalidate.predict import predict
from mnvalidate.report.html import html_report
from mnvalidate.report.markdown import markdown_summary
from mnvalidate.report.results import read_results
from mnvalidate.run.pool import Pool
from mnvalidate.scope import literature_used, remarks
from mnvalidate.solver import Solver

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "literature.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`(my_literature/\S+)`:\n\n```\w+\n(.*?)```", PAGE, flags=re.M | re.S))
SHELL = [line for block in re.findall(r"```bash\n(.*?)```", PAGE, flags=re.S) for line in block.splitlines()]
SHIPPED = load_reference()
PLAIN = ["-p", "no:cacheprovider", "-c", "/dev/null"]


@pytest.fixture
def folder(tmp_path):
    """The page's example without its population, so that nothing is to be simulated."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shutil.rmtree(tmp_path / "my_literature" / "populations")
    return tmp_path / "my_literature"


def test_every_command_of_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(FILES) == 6
    codes = []
    for line in SHELL:
        words = shlex.split(line)
        if "populations/turtle.yaml" not in codes and words[1:3] == ["-m", "mnvalidate.predict"]:
            codes.append("populations/turtle.yaml")
        for name, text in FILES.items():  # the reader writes them in this order
            if "populations" not in name or codes[-1:] == ["populations/turtle.yaml"]:
                Path(name).parent.mkdir(parents=True, exist_ok=True)
                Path(name).write_text(text)
        words[0] = str(Path(sys.executable).with_name(words[0]))
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        codes.append(done.returncode)
        assert "Traceback" not in done.stdout + done.stderr
        if "turtle" in words:
            assert "literature my_literature (" in done.stdout
            assert "turtle, any motoneuron; Our laboratory 2026, notebook 3" in done.stdout
            results = json.loads(Path("results/mnvalidate.json").read_text())
            assert results["literature"]["name"] == "my_literature"
            assert "my_literature" in Path("results/report.html").read_text(encoding="utf-8")
            assert "my\\_literature" in Path("results/summary.md").read_text(encoding="utf-8")
    assert [code for code in codes if isinstance(code, int)] == [0, 1, 0, 0, 0]


def test_a_criterion_of_ones_own_judges_beside_the_shipped_ones(folder):
    joined = load_reference(own=folder)
    added = {c.id for c in joined.of_species("cat")} - {c.id for c in SHIPPED.of_species("cat")}
    assert added == {"lab-AP_max_slope"}
    ids = [check.full_id for check in plan_checks(joined, "cat", [PoolOutline("NERLab", 5)])]
    assert "range[NERLab-n00-AP_max_slope__mV_per_ms]" in ids
    assert len(set(ids)) == len(ids)


def test_limits_of_pools_stay_where_nothing_new_is_predicted(folder):
    joined = load_reference(own=folder)
    for species in SHIPPED.species:
        assert joined.predictions[species] is not None
        assert to_json(joined.predictions[species]) == to_json(SHIPPED.predictions[species])
    assert to_json(joined.predictions["turtle"]) == to_json(SHIPPED.predictions[""])


def test_a_species_of_ones_own_is_judged_by_the_size_principle_too(folder):
    judged = {c.id for c in load_reference(own=folder).of_species("turtle")}
    assert {"turtle-Rin", "turtle-tau", "any-Ir__nA-trend", "any-AP__mV-exists"} <= judged
    assert not {name for name in judged if name.startswith("cat-")}


def test_what_is_replaced_and_switched_off_is_gone_and_said(folder):
    joined = load_reference(own=folder)
    criteria = {c.id: c for c in joined.of_species("cat")}
    assert criteria["cat-Rin__MOhm-pool"].upper.value == 3.5
    assert "cat-AHPdur__ms-trend" not in criteria
    checks = plan_checks(joined, "cat", [PoolOutline("NERLab", 5)])
    said = remarks(joined, "cat", [ModelSpec("NERLab", 5)], checks)
    assert said[0].startswith("literature my_literature (")
    assert "5 facts, 4 criteria" in said[0]
    assert "cat-Rin__MOhm-pool is replaced: double-barrelled electrodes do not shunt our cells" in said
    assert any("cat-AHPdur__ms-trend is switched off: " in line for line in said)
    assert not any("cat-Rin__MOhm-pool" in line for line in joined.own.told("turtle"))


def test_what_a_species_switches_off_does_not_come_back_as_a_rule_of_any_mammal(folder):
    edit(folder / "criteria/cat.yaml", "cat-AHPdur__ms-trend:", "cat-Ir__nA-trend:")
    judged = {c.id for c in load_reference(own=folder).of_species("cat")}
    assert not {"cat-Ir__nA-trend", "any-Ir__nA-trend"} & judged


def test_a_rule_of_any_species_can_be_switched_off(folder):
    text = "species: any\nswitch_off: {any-I_repetitive__nA-exists: our cells fire once and we know why}\n"
    (folder / "criteria/any.yaml").write_text(text)
    joined = load_reference(own=folder)
    for species in joined.species:
        assert "any-I_repetitive__nA-exists" not in {c.id for c in joined.of_species(species)}
        assert any("any-I_repetitive__nA-exists is switched off" in line for line in joined.own.told(species))


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "criteria/cat.yaml",
            "replace:\n  cat-Rin__MOhm-pool",
            "replace:\n  cat-Rin-pool",
            [
                "criteria/cat.yaml: line 3: replace: cat-Rin-pool: is no shipped criterion",
                "cat-Rin__MOhm-pool",
            ],
        ),
        (
            "criteria/cat.yaml",
            "replace:\n  cat-Rin__MOhm-pool: double-barrelled electrodes do not shunt our cells\n",
            "",
            ["criteria/cat.yaml: line 5: ranges: cat-Rin__MOhm-pool: its id is taken; say replace: {cat-Rin"],
        ),
        (
            "criteria/cat.yaml",
            "quantity: AP_max_slope__mV_per_ms\n    unit: mV/ms",
            "quantity: tau__ms\n    unit: ms",
            ["criteria/cat.yaml: line 16: ", "lab-AP_max_slope: its question is asked by cat-tau__ms-pool"],
        ),
        (
            "criteria/cat.yaml",
            "cat-AHPdur__ms-trend: we record under pentobarbital, which lengthens the AHP",
            "cat-AHPdur__ms-trend: short",
            ["criteria/cat.yaml: line 5: switch_off: cat-AHPdur__ms-trend: 'short' is too short"],
        ),
        (
            "criteria/cat.yaml",
            "cat-AHPdur__ms-trend:",
            "lab-AP_max_slope:",
            ["line 5: switch_off: lab-AP_max_slope: is no shipped"],
        ),
        (
            "criteria/cat.yaml",
            "cat-AHPdur__ms-trend:",
            "cat-Rin__MOhm-pool:",
            ["line 5: switch_off", "replace it instead"],
        ),
        (
            "criteria/cat.yaml",
            "replace:\n  cat-Rin__MOhm-pool:",
            "replace:\n  cat-tau__ms-pool:",
            ["line 3: replace: cat-tau__ms-pool: no criterion of this id is in this file; switch_off"],
        ),
        (
            "criteria/cat.yaml",
            "species: cat\n",
            "species: cat\nswitchoff: {a: b}\n",
            ["criteria/cat.yaml: line", "switchoff"],
        ),
        (
            "criteria/turtle.yaml",
            "severity: error",
            "severity: fatal",
            ["criteria/turtle.yaml: line 6: ", "turtle-Rin", "fatal"],
        ),
        (
            "criteria/turtle.yaml",
            "value: 5,",
            "value: 6,",
            ["turtle.yaml: line 3: ", "turtle-Rin: lower: value: is 6, but 5 follows"],
        ),
        (
            "criteria/turtle.yaml",
            "quantity: Rin_50ms__MOhm",
            "quantity: Rin_50__MOhm",
            ["turtle.yaml: line 3: ", "'Rin_50__MOhm' is not measured; the nearest are Rin_50ms__MOhm"],
        ),
        (
            "criteria/turtle.yaml",
            "facts: [lab2026-Rin-turtle]",
            "facts: [lab2026-Rin-turtl]",
            ["line 3: ", "is not in facts/*.csv; the nearest are lab2026-Rin-turtle"],
        ),
        (
            "criteria/turtle.yaml",
            "species: turtle",
            "species: Turtle",
            ["criteria/turtle.yaml: line 1: species: 'Turtle'"],
        ),
        (
            "criteria/turtle.yaml",
            "unit: MOhm",
            "unit: GOhm",
            ["line 3: ", "turtle-Rin: unit: is 'GOhm', must be 'MOhm'"],
        ),
        ("criteria/turtle.yaml", "ranges:", "ranges: !!set", ["criteria/turtle.yaml: line 2: tag"]),
        ("criteria/turtle.yaml", "ranges:\n", "ranges:\n  - *a\n", ["my_literature/criteria/turtle.yaml: "]),
        (
            "facts/turtle.csv",
            ",MOhm,turtle,",
            ",GOhm,turtle,",
            ["facts/turtle.csv: line 2 (lab2026-Rin-turtle): unit"],
        ),
        (
            "facts/turtle.csv",
            ",ms,turtle,",
            ",ms,cat,",
            ["facts/turtle.csv: line 3 (lab2026-tau-turtle): species: 'cat'"],
        ),
        (
            "facts/turtle.csv",
            "slice,lab2026",
            "slice,lab2025",
            ["line 2", "'lab2025' is not in sources.yaml; the nearest are"],
        ),
        (
            "facts/turtle.csv",
            "20,8,5,60",
            "20,8,5",
            ["facts/turtle.csv: line 2 (lab2026-Rin-turtle): has not as many cells"],
        ),
        (
            "facts/turtle.csv",
            "20,8,5,60",
            "twenty,8,5,60",
            ["line 2", "mean: 'twenty' is not of type 'number'"],
        ),
        (
            "facts/turtle.csv",
            "id,quantity",
            "id;quantity",
            ["facts/turtle.csv: line 1: no column is called id"],
        ),
        (
            "facts/turtle.csv",
            "lab2026-tau-turtle",
            "meehan2010-Rin-mouse-ee",
            ["facts: meehan2010-Rin-mouse-ee: id: a shipped fact"],
        ),
        (
            "facts/turtle.csv",
            "lab2026-tau-turtle",
            "lab2026-Rin-cat",
            ["facts: lab2026-Rin-cat: id: is used twice"],
        ),
        (
            "sources.yaml",
            "id: lab2026",
            "id: meehan2010",
            ["sources.yaml: meehan2010: id: a shipped source is called so"],
        ),
        ("sources.yaml", "doi_evidence: none", "doi_evidence: no", ["my_literature/sources.yaml: line 2: "]),
    ],
)
def test_what_is_wrong_is_refused_in_one_line_with_its_place(folder, file, old, new, said):
    edit(folder / file, old, new)
    with pytest.raises(ReferenceDataError, match=r"my_literature|^facts: ") as error:
        with_own(SHIPPED, KINDS, folder)
    assert "\n" not in str(error.value)
    for part in said:
        assert part in str(error.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "criteria/turtle.yml",
            "my_literature/criteria/turtle.yml: is not read; files there are called SPECIES.yaml",
        ),
        (
            "fact/turtle.csv",
            "my_literature/fact: is not read; in such a folder are sources.yaml, facts, criteria",
        ),
        ("source.yaml", "my_literature/source.yaml: is not read"),
        ("criteria/frog.yaml", "my_literature/criteria/frog.yaml: line 2: there is no key 'properties'"),
        ("populations/any.yaml", "my_literature/populations/any.yaml: what holds for any mammal is shipped"),
    ],
)
def test_a_file_that_nobody_would_read_is_refused(folder, name, said):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("species: any\nproperties: []\n")
    with pytest.raises(ReferenceDataError, match=re.escape(said)):
        with_own(SHIPPED, KINDS, folder)


def test_a_folder_that_is_not_there_or_empty_is_refused(tmp_path):
    with pytest.raises(ReferenceDataError, match="there is no such folder"):
        load_reference(own=tmp_path / "none")
    with pytest.raises(ReferenceDataError, match="holds no literature"):
        load_reference(own=tmp_path)


def test_types_are_replaced_only_in_so_many_words(folder):
    own = "\nmotor_unit_types: [{type: S, fraction: 1.0, fact: lab2026-S}]\nranges:"
    (folder / "facts/cat.csv").write_text(
        "id,quantity,statistic,mean,min,max,n,unit,species,source,evidence\n"
        "lab2026-Rin-cat,Rin_50ms__MOhm,value,,0.4,3.5,20,MOhm,cat,lab2026,read\n"
        "lab2026-slope-cat,AP_max_slope__mV_per_ms,value,,60,400,20,mV/ms,cat,lab2026,read\n"
        "lab2026-S,motor_unit_type,fraction,1,,,20,1,cat,lab2026,read\n"
    )
    edit(folder / "criteria/cat.yaml", "\nranges:", own)
    with pytest.raises(ReferenceDataError, match="motor_unit_types: the shipped literature has them; say"):
        load_reference(own=folder)
    edit(folder / "criteria/cat.yaml", "replace:\n", "replace:\n  motor_unit_types: soleus has but one\n")
    (share,) = load_reference(own=folder).type_fractions["cat"]
    assert (share.type, share.fraction) == ("S", 1.0)


def test_a_population_asks_for_limits_and_these_are_held_to_it(folder, tmp_path, capsys):
    path = folder / "populations" / "turtle.yaml"
    path.parent.mkdir()
    path.write_text(FILES["my_literature/populations/turtle.yaml"])
    with pytest.raises(ReferenceDataError, match=r"simulated; python -m mnvalidate.predict --lit"):
        load_reference(own=folder)
    assert predict_main(["--literature", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("turtle.json: ")
    assert load_reference(own=folder).predictions["turtle"].digest
    edit(folder / "facts/turtle.csv", "25,6,", "25,6.01,")
    edit(folder / "criteria/turtle.yaml", "value: 13,", "value: 12.98,")
    edit(folder / "criteria/turtle.yaml", "value: 37,", "value: 37.02,")
    with pytest.raises(ReferenceDataError, match=r"limits/turtle\.json: facts, criteria or the simulation"):
        load_reference(own=folder)


def test_a_shipped_population_is_changed_only_in_so_many_words(folder):
    path = folder / "populations" / "mouse.yaml"
    path.parent.mkdir()
    text = (ROOT / "reference_data/populations/mouse.yaml").read_text().partition("  - quantity: AHPdur")[0]
    path.write_text(text)
    with pytest.raises(
        ReferenceDataError, match=r"mouse\.yaml: line .*Rin_50ms__MOhm: the shipped population"
    ):
        load_reference(own=folder)


def test_nothing_is_simulated_where_the_shipped_limits_hold(folder, capsys):
    assert predict_main(["--literature", str(folder)]) == 0
    assert capsys.readouterr().out == "the shipped limits hold: nothing is to be simulated\n"
    assert not (folder / "limits").exists()
    assert predict_main(["--literature", str(folder / "none")]) == 4
    assert predict_main(["--literature", str(folder), "dog"]) == 4
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_what_pools_of_any_mammal_look_like_is_shipped():
    few = replace(SIMULATION, sizes=(5,), pools=200)
    assert set(predict(SHIPPED, "", few).by_criterion) == set(SHIPPED.predictions[""].by_criterion)


def test_a_quantity_and_a_criterion_are_explained_with_it(folder):
    joined = load_reference(own=folder)
    text = explain("Rin_50ms__MOhm", joined)
    assert "Not as shipped\n  cat-Rin__MOhm-pool is replaced: double-barrelled" in text
    assert "lab2026-Rin-turtle" in text
    assert "Our laboratory 2026, notebook 3" in explain("turtle-Rin", joined)
    assert max(map(len, text.splitlines())) < 110


def test_the_command_explains(folder, capsys):
    assert main(["explain", "any-Ir__nA-trend", f"--mn-literature={folder}", "--n-neurons=12", *PLAIN]) == 0
    assert "turtle: at least" in (text := " ".join(capsys.readouterr().out.split()))
    assert "(N = 12)" in text
    assert main(["explain", *PLAIN]) == 0
    assert "tau__ms: Membrane time constant, ms\n" in capsys.readouterr().out
    assert main(["explain", "tau__s", *PLAIN]) == 4
    assert "did you mean tau__ms" in capsys.readouterr().err


def test_the_library_judges_by_it(folder):
    values = {name: column[:3] for name, column in typical_cat().items()}
    pool = Pool(ModelSpec("NERLab", 3), Solver(), tuple(records(values, "NERLab")))
    by_folder = judge(pool, "turtle", reference=folder, deviations=None)
    loaded = judge(pool, "turtle", reference=load_reference(own=folder), deviations=None)
    assert by_folder == loaded
    assert {v.criterion for v in by_folder} >= {"turtle-Rin", "turtle-tau"}


def test_a_baseline_belongs_to_the_literature_that_it_was_judged_by(folder):
    own = load_reference(own=folder).own
    spec = ModelSpec("NERLab", 1)
    pools = [("NERLab", spec.to_json(), records({"Rin__MOhm": [1.5]}, "NERLab"))]
    by_own = state_of(pools, (), species="cat", solver={}, versions={}, literature=own.identity)
    assert parse(baseline_text(by_own)).literature == own.identity
    assert '"literature"' not in baseline_text(replace(by_own, literature={}))
    assert difference(by_own, by_own) == ""
    assert difference(replace(by_own, literature={}), by_own) == (
        f"it was judged by cat literature, this run is by cat literature with my_literature ({own.digest})"
    )
    edit(folder / "facts/turtle.csv", "slice", "whole cord")
    assert difference(by_own, replace(by_own, literature=load_reference(own=folder).own.identity))
    # Where the folder lies, and what it is called, is no matter.
    moved = shutil.copytree(folder, folder.parent / "elsewhere")
    assert load_reference(own=moved).own.digest == load_reference(own=folder).own.digest


def test_a_report_says_it_and_can_be_written_again(folder, tmp_path):
    own = load_reference(own=folder).own
    results = replace(sample_results(2), literature=literature_used(load_reference(own=folder), "cat"))
    (tmp_path / "r.json").write_text(results.to_json())
    again = read_results(tmp_path / "r.json")
    assert again.literature == results.literature
    assert again.judged_by == f"cat literature with my_literature ({own.digest})"
    assert "cat-AHPdur__ms-trend is switched off: " in html_report(again, ())
    assert "is switched off: " in markdown_summary(again)


def test_a_file_without_a_criterion_is_refused(folder):
    (folder / "criteria" / "frog.yaml").write_text("species: frog\nranges: []\n")
    with pytest.raises(ReferenceDataError, match=r"criteria/frog\.yaml: holds no criterion"):
        with_own(SHIPPED, KINDS, folder)


def test_literature_of_ones_own_may_be_facts_alone(folder):
    shutil.rmtree(folder / "criteria")
    joined = load_reference(own=folder)
    assert joined.criteria == SHIPPED.criteria
    assert "lab2026-Rin-turtle" in explain("Rin_50ms__MOhm", joined)
