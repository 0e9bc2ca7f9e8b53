"""One contract for every check: families follow from the registry, and reports show each of them."""

import json
import re
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from documents import table_with
from report_samples import sample_results, with_mechanisms
from synthetic_pools import judge_records, plan_checks, records, typical_cat

import mnvalidate
from mnvalidate.checks.check import PoolOutline
from mnvalidate.checks.pool_change import compare_pools
from mnvalidate.families import FAMILIES, family_named, load_reference
from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols import QUANTITIES
from mnvalidate.report.html import html_report, rows
from mnvalidate.report.kinds import kinds
from mnvalidate.report.markdown import markdown_summary
from mnvalidate.report.results import read_results
from mnvalidate.report.terminal import summary
from mnvalidate.run.pool import Pool
from mnvalidate.solver import Solver
from mnvalidate.verdicts import Conclusion, Severity, Subject, SubjectKind, Verdict

ROOT = Path(__file__).parents[1]
UNKNOWN = "resonance_of_tomorrow"
"""A family that no report has ever heard of."""


def finding_of(family):
    """A warning of a family, on one neuron."""
    subject = Subject(SubjectKind.NEURON, "sample", "sample-n02", 2, 0.03)
    return Verdict(
        f"{family}[sample-n02-Rin__MOhm]",
        family,
        subject,
        "Rin__MOhm",
        Conclusion.DEVIATES,
        Severity.WARNING,
        f"sample neuron 2: said by {family}",
        value=77.7,
        unit="MOhm",
        lower=1.0,
        upper=2.0,
    )


@pytest.fixture(scope="module")
def every_family():
    """A run with a finding of each family, and of one that is not known."""
    results = with_mechanisms(sample_results(5))
    of_pools = [f.name for f in FAMILIES if f.name != "mechanism"]
    extra = tuple(finding_of(name) for name in (*of_pools, UNKNOWN))
    return replace(results, verdicts=results.verdicts + extra)


FAMILY_NAMES = [*(family.name for family in FAMILIES), UNKNOWN]


@pytest.mark.parametrize("name", FAMILY_NAMES)
def test_every_family_is_in_terminal_page_markdown_and_json(every_family, name, tmp_path):
    counts = every_family.counts_by_family()[name]
    markdown = markdown_summary(every_family).replace("\\", "")
    assert f"| {name} | {counts.run} | {counts.judged} |" in markdown
    assert f"(<code>{name}</code>)" in html_report(every_family, ())
    data = json.loads(every_family.to_json())
    assert data["counts_by_family"][name] == asdict(counts)
    (tmp_path / "r.json").write_text(every_family.to_json())
    assert read_results(tmp_path / "r.json").counts_by_family()[name] == counts
    if name == "mechanism":
        return  # a section of its own in the terminal
    for verbosity in (0, 1):
        lines = [line.text for line in summary(every_family, width=80, verbosity=verbosity)]
        assert any(line.startswith(f"  {name.replace('_', ' ')}"[:80]) for line in lines)
    assert any("77.7" in line for line in lines)


@pytest.mark.parametrize("name", [name for name in FAMILY_NAMES if name != "mechanism"])
def test_a_finding_of_any_family_is_found_everywhere_in_full(every_family, name):
    only = replace(every_family, verdicts=(finding_of(name),))
    assert "77.7" in "\n".join(line.text for line in summary(only, width=80, verbosity=0))
    assert f"said by {name}" in html_report(only, ())
    assert f"{name}[sample-n02-Rin__MOhm]" in markdown_summary(only).replace("\\", "")


@pytest.mark.parametrize("name", [name for name in FAMILY_NAMES if name != "mechanism"])
def test_an_error_of_any_family_on_a_neuron_is_an_error_in_its_row_of_the_page(every_family, name):
    failing = replace(finding_of(name), severity=Severity.ERROR)
    only = replace(every_family, verdicts=(failing,))
    table = rows(only, [QUANTITIES["Rin__MOhm"]])
    assert [row.status for row in table] == ["not judged", "not judged", "error", "not judged", "not judged"]


def test_an_unknown_family_is_named_as_it_is_written():
    assert family_named(UNKNOWN).title == "Resonance of tomorrow"
    assert family_named("trend") in FAMILIES


def test_names_of_families_are_unique_and_each_says_what_it_judges():
    names = [family.name for family in FAMILIES]
    assert len(set(names)) == len(names)
    assert all(family.title and family.statement.endswith(".") for family in FAMILIES)


def test_the_functions_of_the_suite_are_the_families_and_the_known_deviations():
    from mnvalidate import suite

    assert set(suite.__all__) == {
        *(f"test_{family.name}" for family in FAMILIES),
        "test_known_deviation",
        "test_mechanism_deviation",
    }
    for family in FAMILIES:
        assert getattr(suite, f"test_{family.name}").__doc__ == family.statement


def test_alike_verdicts_are_one_kind_and_nothing_is_lost(every_family):
    grouped = kinds(every_family.verdicts)
    together = [verdict.check for kind in grouped for verdict in kind.verdicts]
    assert sorted(together) == sorted(verdict.check for verdict in every_family.verdicts)
    for kind in grouped:
        assert len({(v.family, v.quantity, v.against, v.criterion) for v in kind.verdicts}) == 1


# The library


API = ("ModelSpec", "Pool", "Solver", "judge", "measure")


def test_completion_offers_the_api():
    assert set(API) <= set(dir(mnvalidate))


@pytest.mark.parametrize("first", [*API, "everything"])
def test_the_api_can_be_imported_in_any_order(first):
    everything = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "mnvalidate").rglob("*.py"))
        if path.name not in ("__main__.py", "server.py") and "suite" not in path.parts
    ]
    imports = everything if first == "everything" else []
    program = "\n".join(
        [
            "import importlib",
            *(f"importlib.import_module({name.removesuffix('.__init__')!r})" for name in imports),
            *([f"from mnvalidate import {first}"] if first != "everything" else []),
            f"from mnvalidate import {', '.join(API)}",
            "import mnvalidate, types",
            f"assert not any(isinstance(getattr(mnvalidate, n), types.ModuleType) for n in {API!r})",
        ]
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# Comparisons of pools


def test_verdicts_that_flip_with_a_change_are_named_and_others_are_not():
    spec = ModelSpec("NERLab", 20)
    values = typical_cat()
    before = Pool(spec, Solver(), tuple(records(values, "NERLab")))
    after = Pool(spec, Solver(), tuple(records({**values, "tau__ms": 30 * values["tau__ms"]}, "NERLab")))
    checks = plan_checks(load_reference(), "cat", [PoolOutline("NERLab", 20)])
    change = compare_pools(before, after, checks)
    pairs = zip(judge_records(checks, before.records), judge_records(checks, after.records), strict=True)
    expected = {new.check for old, new in pairs if old.conclusion is not new.conclusion}
    assert "range[NERLab-n00-tau__ms]" in expected
    assert {flip.check for flip in change.flips} == expected
    assert {(f.before, f.after) for f in change.flips if f.check == "range[NERLab-n00-tau__ms]"} == {
        ("conforms", "deviates")
    }
    assert {shift.quantity for shift in change.shifts if shift.relative} == {"tau__ms"}
    assert compare_pools(before, before, checks).flips == ()


# What the documents promise


def test_the_table_of_options_has_every_option_and_no_other():
    from mnvalidate.options import OPTIONS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows_ = table_with(text, "option")
    listed = [flag for row in rows_ for flag in re.findall(r"`(--[a-z-]+)", row[0])]
    assert sorted(listed) == sorted(option.flag for option in OPTIONS)


def test_the_page_on_protocols_defines_every_quantity():
    text = (ROOT / "docs" / "protocols.md").read_text(encoding="utf-8")
    rows_ = re.findall(r"^\| (`.*?`) \|", text, flags=re.M)
    defined = {name for row in rows_ for name in re.findall(r"`(\w+)`", row)}
    assert defined & set(QUANTITIES) == set(QUANTITIES)
    assert {name for name in defined if "__" in name} <= set(QUANTITIES)
