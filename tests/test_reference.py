"""The shipped reference data are sound, and unsound ones are refused with one line."""

import hashlib
import re
import shutil
from dataclasses import replace

import pytest

from mnvalidate.checks.families.band import BandCriterion
from mnvalidate.checks.families.range import RangeCriterion
from mnvalidate.datafiles import ReferenceDataError, data_folder, read_yaml
from mnvalidate.families import load_reference
from mnvalidate.literature.criteria import ConsistencyCriterion
from mnvalidate.literature.facts import Evidence
from mnvalidate.literature.loading import species_names
from mnvalidate.protocols import QUANTITIES
from mnvalidate.verdicts import Severity

REFERENCE = load_reference()
CRITERIA = {criterion.id: criterion for criterion in REFERENCE.criteria}
LIMITS = [
    pytest.param(criterion, key, side, limit, id=f"{criterion.id}-{key}")
    for criterion in REFERENCE.criteria
    for key, side, limit in criterion.limits
]


def test_what_every_run_rests_on_is_an_error():
    names = ("Rin__MOhm", "tau__ms", "Ir__nA", "AHPdur__ms")
    assert {CRITERIA[f"cat-{name}-{kind}"].severity for name in names for kind in ("pool", "middle")} == {
        Severity.ERROR
    }


@pytest.mark.parametrize(("criterion", "key", "side", "limit"), LIMITS)
def test_a_limit_follows_from_its_facts_and_no_other_number_does(criterion, key, side, limit):
    assert limit.agrees(side)
    assert not replace(limit, value=limit.value + max(limit.step, 0.01 * abs(limit.value))).agrees(side)


@pytest.mark.parametrize(("criterion", "key", "side", "limit"), LIMITS)
def test_a_limit_moves_with_the_facts_that_it_names(criterion, key, side, limit):
    for i, fact in enumerate(limit.sources):
        numbers = {k: 3 * v for k in ("mean", "min", "max") if (v := getattr(fact, k)) is not None}
        if fact.statistic == "r2":
            numbers = {"mean": fact.mean / 3}
        changed = (*limit.sources[:i], replace(fact, **numbers), *limit.sources[i + 1 :])
        assert not replace(limit, sources=changed).agrees(side)


FACTS = "69806a302361366ae7fb01783ee1f7055d6b2131a934351eeade461a50ea8bc4"


def test_facts_are_those_that_were_read():
    files = sorted((data_folder() / "facts").glob("*.csv"))
    found = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    assert found == FACTS, "facts have changed: compare each with its source, then write down the new digest"


def test_every_species_has_its_file_of_facts_and_no_other_species_is_in_it():
    for path in (data_folder() / "facts").glob("*.csv"):
        rows = path.read_text(encoding="utf-8").splitlines()[1:]
        assert rows
        for fact in (REFERENCE.facts[row.split(",")[0]] for row in rows):
            assert fact.species in (path.stem, f"model ({path.stem})")
    assert {path.stem for path in (data_folder() / "facts").glob("*.csv")} == set(REFERENCE.species)


def test_every_source_is_used():
    used = {fact.source.id for fact in REFERENCE.facts.values()}
    assert used == {entry["id"] for entry in read_yaml(data_folder() / "sources.yaml")["sources"]}


def test_a_rule_of_consistency_has_a_reason_in_place_of_facts():
    rules = [c for c in REFERENCE.criteria if isinstance(c, ConsistencyCriterion)]
    assert rules
    for rule in rules:
        assert rule.severity is Severity.ERROR
        assert rule.facts == ()
        assert len(rule.why) > 20
        assert all(rule in REFERENCE.of_species(species) for species in REFERENCE.species)


@pytest.mark.parametrize(
    "criterion",
    [c for c in REFERENCE.criteria if not isinstance(c, ConsistencyCriterion)],
    ids=lambda c: c.id,
)
def test_memory_alone_never_makes_an_error(criterion):
    if criterion.severity is Severity.ERROR:
        assert any(f.evidence is not Evidence.MEMORY for f in criterion.facts)
        assert all(any(f.evidence is not Evidence.MEMORY for f in x.sources) for _, _, x in criterion.limits)


@pytest.mark.parametrize(
    ("species", "criterion"),
    [
        pytest.param(species, c, id=c.id)
        for species in REFERENCE.species
        for c in REFERENCE.of_kind(species, RangeCriterion)
        if c.is_predicted
    ],
)
def test_a_range_holds_the_facts_of_its_own_species(species, criterion):
    lower, upper = REFERENCE.predicted(species, criterion.id).scattered.at(20)
    for fact in criterion.facts:
        about = (fact.species, fact.statistic, fact.quantity)
        if about != (criterion.species, "value", criterion.quantity):
            continue
        numbers = [n for n in (fact.mean, fact.min, fact.max) if n is not None]
        assert lower <= min(numbers)
        assert max(numbers) <= upper, fact.id


def test_dois_have_the_form_of_dois_and_text_holds_no_addresses():
    for source in {fact.source for fact in REFERENCE.facts.values()}:
        assert source.doi == "" or re.fullmatch(r"10\.\d{4,9}/\S+", source.doi)
    for path in data_folder().rglob("*"):
        if path.suffix in {".yaml", ".csv"}:
            assert "http" not in path.read_text(encoding="utf-8"), path.name


def test_values_of_measured_quantities_carry_their_unit():
    for fact in REFERENCE.facts.values():
        if fact.statistic == "value" and fact.quantity in QUANTITIES:
            assert fact.unit == QUANTITIES[fact.quantity].unit


def test_species_are_found_in_the_data():
    assert species_names() == REFERENCE.species == ("cat", "human", "macaque", "mouse", "rat")
    with pytest.raises(ReferenceDataError, match="no reference for species 'dog': there are cat, human"):
        REFERENCE.of_species("dog")


def table4(quantity):
    """Coefficient and exponent of a relation to surface area, in SI units."""
    coefficient = REFERENCE.facts[f"caillet2022-{quantity}~S-coefficient"].mean
    return coefficient, REFERENCE.facts[f"caillet2022-{quantity}~S-exponent-table4"].mean


@pytest.mark.parametrize(
    ("quantity", "to_unit", "small", "large"),
    [
        ("R", 1e-6, 4.0, 0.5),
        ("Ith", 1e9, 3.9, 35.0),
        ("tau", 1e3, 9.6, 2.6),
        ("AHP", 1e3, 153.0, 40.0),
        ("ACV", 1.0, 67.0, 123.0),
        ("C", 1e9, 2.3, 5.7),
    ],
)
def test_relations_to_size_reproduce_the_published_ends(quantity, to_unit, small, large):
    coefficient, exponent = table4(quantity)
    for area__mm2, published in ((0.18, small), (0.44, large)):
        # Half a unit of the exponent's second decimal is 0.005 * ln(1 / 0.18e-6) = 8 %, of the factor 2 %.
        value = coefficient * (area__mm2 * 1e-6) ** exponent * to_unit
        assert value == pytest.approx(published, rel=0.10)


@pytest.mark.parametrize(
    ("quantity", "at_4_MOhm", "at_half_MOhm"),
    [
        ("Ir__nA", 3.9, 35.0),
        ("tau__ms", 9.6, 2.6),
        ("AHPdur__ms", 153.0, 40.0),
        ("conduction_velocity__m_per_s", 67.0, 123.0),
    ],
)
def test_bands_reproduce_the_published_ends(quantity, at_4_MOhm, at_half_MOhm):
    band = CRITERIA[f"cat-{quantity}~Rin__MOhm-band"]
    assert isinstance(band, BandCriterion)
    for resistance, published in ((4.0, at_4_MOhm), (0.5, at_half_MOhm)):
        # Half a unit of the exponent's second decimal is 0.005 * ln(4e6) = 8 %, of the coefficient up to 5 %.
        assert band.expected(resistance) == pytest.approx(published, rel=0.13)


def test_rheobase_times_resistance_is_15_mV_and_not_27():
    band = CRITERIA["cat-Ir__nA~Rin__MOhm-band"]
    for resistance in (0.5, 1.0, 4.0):
        assert 14 < resistance * band.expected(resistance) < 17.5


@pytest.fixture
def folder(tmp_path):
    """A copy of the reference data to be spoilt."""
    return shutil.copytree(data_folder(), tmp_path / "data", ignore=shutil.ignore_patterns("schema"))


def spoil(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


LOWER = "lower: {value: 0.65, rule: scaled, from: [zengel1985-Rin-S]"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("criteria/cat.yaml", "unit: MOhm", "unit: kOhm", ["cat.yaml", "cat-Rin__MOhm-pool", "unit", "kOhm"]),
        (
            "facts/cat.csv",
            ",4.0,,MOhm",
            ",4.0,,kOhm",
            ["facts/cat.csv", "caillet2022-Rin-range", "unit", "kOhm"],
        ),
        ("sources.yaml", "id: hochman1991", "id: hochman1992", ["facts/cat.csv", "source", "hochman1991"]),
        (
            "criteria/cat.yaml",
            LOWER,
            LOWER.replace("zengel1985-Rin-S", "nobody"),
            ["lower", "from", "nobody"],
        ),
        ("criteria/cat.yaml", "    why:", "    because: x\n    why:", ["cat.yaml", "entry 1", "because"]),
        ("criteria/cat.yaml", "    scope: pool\n", "", ["cat.yaml", "cat-Rin__MOhm-pool", "scope"]),
        (
            "criteria/cat.yaml",
            "id: cat-Ir__nA-pool",
            "id: cat-Rin__MOhm-pool",
            ["cat-Rin__MOhm-pool", "twice"],
        ),
        (
            "criteria/cat.yaml",
            LOWER,
            LOWER.replace("0.65", "7.0"),
            ["Rin__MOhm-S", "lower", "above"],
        ),
        ("criteria/cat.yaml", LOWER, LOWER.replace("0.65", "0.7"), ["Rin__MOhm-S", "lower", "0.65"]),
        ("criteria/cat.yaml", LOWER, LOWER.replace("0.65", "x"), ["Rin__MOhm-S", "lower", "value"]),
        (
            "criteria/cat.yaml",
            "against: Rin_50ms__MOhm\n    direction: down",
            "against: Rin_50ms__MOhm\n    direction: up",
            ["Ir__nA~Rin__MOhm"],
        ),
        ("criteria/cat.yaml", "species: cat", "species: !!str cat", ["cat.yaml", "line 3", "tag"]),
        ("criteria/cat.yaml", "species: cat", "species: &a cat", ["cat.yaml", "line 3", "anchor"]),
        ("criteria/cat.yaml", "species: cat", "species: cat\nspecies: cat", ["cat.yaml", "repeated"]),
        ("criteria/cat.yaml", "species: cat", "species: dog", ["cat.yaml", "species", "dog"]),
        ("criteria/cat.yaml", "species: cat", "species: [cat", ["cat.yaml", "not YAML"]),
        ("criteria/cat.yaml", "direction: up", "direction: down", ["cat-Ir__nA-trend", "direction"]),
        (
            "criteria/cat.yaml",
            "quantity: Rin_50ms__MOhm",
            "quantity: Rin",
            ["cat-Rin__MOhm-pool", "quantity", "Rin"],
        ),
        ("facts/cat.csv", "0.5,4.0", "0.9,4.0", ["populations/cat.yaml", "Rin_50ms__MOhm", "follows"]),
        ("facts/cat.csv", "0.38,4.1", "nan,4.1", ["facts/cat.csv", "caillet2022-Rin-extremes", "min", "nan"]),
        (
            "facts/cat.csv",
            "0.38,4.1",
            "5.38,4.1",
            ["facts/cat.csv", "caillet2022-Rin-extremes", "min", "above"],
        ),
        ("facts/cat.csv", "0.38,4.1", "0.38", ["facts/cat.csv", "caillet2022-Rin-extremes", "cells"]),
        ("facts/cat.csv", "caillet2022-Rin-range,", "caillet2022-Ir-range,", ["facts", "Ir-range", "twice"]),
        ("facts/cat.csv", ",MOhm,cat,", ",MOhm,rat,", ["facts/cat.csv", "species", "rat"]),
        ("sources.yaml", "doi: 10.7554/eLife.76489", "doi: eLife.76489", ["sources.yaml", "entry 1", "doi"]),
    ],
)
def test_a_wrong_reference_is_refused_with_one_line(folder, file, old, new, said):
    spoil(folder, file, old, new)
    with pytest.raises(ReferenceDataError) as error:
        load_reference(folder)
    message = str(error.value)
    assert "\n" not in message
    for part in said:
        assert part in message


def test_an_error_from_memory_is_refused(folder):
    path = folder / "criteria" / "cat.yaml"
    text = path.read_text(encoding="utf-8")
    head, tail = text.split("id: cat-AHPdur__ms-S\n")
    path.write_text(head + "id: cat-AHPdur__ms-S\n" + tail.replace("info", "error", 1), encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="cat-AHPdur__ms-S: severity: what rests on memory"):
        load_reference(folder)


def test_a_warning_from_memory_alone_is_refused(folder):
    entry = "id: cat-tau__ms-S\n    quantity: tau__ms\n    unit: ms\n    severity: "
    spoil(folder, "criteria/cat.yaml", f"{entry}info", f"{entry}warning")
    with pytest.raises(
        ReferenceDataError, match="cat-tau__ms-S: severity: what rests on memory alone can only"
    ):
        load_reference(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lower: 45.0", "lower: 450.0", "any-AP__mV-possible: lower: 450 is not below upper 150"),
        ("unit: mV", "unit: V", "any-vhold_soma__mV-possible: unit: is 'V', must be 'mV'"),
        ("powers: {AP__mV: 1}", "powers: {AP: 1}", "any-AP__mV-possible: quantity: 'AP' is not measured"),
        ("powers: {AP__mV: 1}", "powers: {AP__mV: 0.5}", "powers"),
        ("larger: I_block__nA", "larger: AP__mV", "any-Ir__nA~I_block__nA: larger: is in mV, must be in nA"),
    ],
)
def test_a_wrong_rule_of_any_species_is_refused(folder, old, new, said):
    spoil(folder, "criteria/any.yaml", old, new)
    with pytest.raises(ReferenceDataError, match=re.escape(said)):
        load_reference(folder)


def test_an_error_from_another_species_is_refused(folder):
    path = folder / "criteria" / "cat.yaml"
    head, tail = path.read_text(encoding="utf-8").split("id: cat-vhold_soma__mV-pool\n")
    path.write_text(
        head + "id: cat-vhold_soma__mV-pool\n" + tail.replace("warning", "error", 1), encoding="utf-8"
    )
    with pytest.raises(ReferenceDataError, match="cat-vhold_soma__mV-pool: severity: without a fact on cat"):
        load_reference(folder)


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text\n", "", "1: a\n"])
def test_yaml_that_is_not_a_mapping_of_text_is_refused(tmp_path, text):
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(ReferenceDataError, match=r"^odd\.yaml: "):
        read_yaml(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(ReferenceDataError, match="cannot be read"):
        read_yaml(tmp_path / "none.yaml")
