"""What a run says before it measures: what is not judged, what a model descends from, whether it can fail."""

import pytest
from synthetic_pools import plan_checks

from mnvalidate.checks.check import PoolOutline
from mnvalidate.checks.families.range import RangeCriterion
from mnvalidate.families import load_reference
from mnvalidate.models.spec import ModelSpec
from mnvalidate.scope import not_judged, remarks
from mnvalidate.verdicts import Severity

REFERENCE = load_reference()


def said(species, model="NERLab", n=20, reference=REFERENCE):
    checks = plan_checks(reference, species, [PoolOutline(model, n)])
    return remarks(reference, species, [ModelSpec(model, n)], checks)


def test_the_cat_has_a_criterion_for_everything_and_a_run_on_it_says_nothing():
    assert not_judged(REFERENCE, "cat") == ""
    assert said("cat") == []


@pytest.mark.parametrize("species", [s for s in REFERENCE.species if s != "cat"])
def test_other_species_say_what_they_have_no_criterion_for(species):
    (line,) = said(species)
    assert line.startswith(f"not judged for the {species}: ")
    assert "exponents of relations" in line
    assert "bands of single cells" in line
    ranged = {c.quantity for c in REFERENCE.of_kind(species, RangeCriterion)}
    missing = {c.quantity for c in REFERENCE.of_kind("cat", RangeCriterion)} - ranged
    ranges = line[line.index("ranges of any motoneuron") :].split(";")[0]
    named = set(ranges[:-1].partition("(")[2].removeprefix("but ").removeprefix("of ").split(", "))
    assert named == (ranged if "but of" in ranges else missing)


def test_a_model_says_which_species_it_descends_from_unless_it_is_judged_as_that():
    (line,) = said("cat", "Powers2017")
    assert "human tibialis anterior" in line
    assert "--mn-species human" in line
    assert not any("tibialis" in line for line in said("human", "Powers2017"))


@pytest.mark.parametrize(
    ("species", "n", "only_warns"),
    [("cat", 1, False), ("human", 4, True), ("human", 5, False), ("mouse", 4, True), ("rat", 1, False)],
)
def test_a_run_that_can_only_warn_says_so(species, n, only_warns):
    assert any("can only warn" in line for line in said(species, n=n)) is only_warns


def test_a_run_whose_profile_makes_everything_a_warning_says_so():
    quiet = REFERENCE.with_severities({c.id: Severity.WARNING for c in REFERENCE.criteria})
    assert any("can only warn" in line for line in said("cat", reference=quiet))
