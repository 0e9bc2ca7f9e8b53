"""Known deviations are excused, and cannot be forgotten; profiles re-map severities."""

from dataclasses import replace

import pytest
from synthetic_pools import judge_records, myogen_pools, plan_checks

from mnvalidate.checks.check import Planning, PoolOutline
from mnvalidate.checks.deviations import (
    Deviation,
    FindingKind,
    apply_deviations,
    load_deviations,
    shipped_deviations,
)
from mnvalidate.checks.profile import apply_profile, load_profile
from mnvalidate.datafiles import ReferenceDataError
from mnvalidate.families import load_reference
from mnvalidate.mechanisms.check import plan as plan_mechanisms
from mnvalidate.nmodl.sources import myogen_sources
from mnvalidate.verdicts import Conclusion, Severity, Subject, SubjectKind, Verdict

REFERENCE = load_reference()
SHIPPED = tuple(d for d in shipped_deviations("0.12.0") if not d.on_mechanisms)


def outside(check="fold[M-Ir__nA]", value=3.2):
    return Verdict(
        check,
        check.partition("[")[0],
        Subject(SubjectKind.POOL, "M", "M"),
        "Ir__nA",
        Conclusion.DEVIATES,
        Severity.ERROR,
        "",
        value=value,
        unit="1",
        lower=4.5,
        upper=33.0,
    )


def known(checks="fold[M-Ir__nA]", value=3.2, margin=0.1):
    return Deviation(checks, "it is so", "2026-11-23", "MyoGen 0.12.0", value, margin)


def test_a_known_deviation_is_excused_with_its_reason():
    excused = apply_deviations([outside()], [known()])
    (verdict,) = excused.verdicts
    assert verdict.excused == "it is so (MyoGen 0.12.0, 2026-11-23)"
    assert not verdict.failed
    assert verdict.conclusion is Conclusion.DEVIATES
    assert excused.findings == ()


def test_what_is_not_measured_is_never_excused():
    lost = replace(outside(), conclusion=Conclusion.NOT_MEASURED, value=None)
    excused = apply_deviations([lost], [known()])
    assert excused.verdicts == (lost,)
    assert lost.failed


def test_an_entry_that_no_longer_deviates_fails():
    conforming = replace(outside(value=6.0), conclusion=Conclusion.CONFORMS)
    excused = apply_deviations([conforming], [known()])
    assert [f.kind for f in excused.findings] == [FindingKind.STALE]
    assert excused.failed
    assert "remove this entry" in excused.findings[0].message


def test_an_entry_that_deviates_in_some_pools_only_is_kept():
    conforming = replace(outside(value=4.52), conclusion=Conclusion.CONFORMS)
    assert apply_deviations([conforming], [known(value=4.45, margin=0.1)]).findings == ()
    assert apply_deviations([conforming], [known(value=4.35, margin=0.1)]).failed


def test_an_entry_that_matches_nothing_is_reported_and_does_not_fail():
    excused = apply_deviations([outside()], [known("fold[other-*]")])
    assert [f.kind for f in excused.findings] == [FindingKind.UNMATCHED]
    assert not excused.failed
    assert excused.verdicts[0].failed


def test_an_entry_whose_checks_could_not_be_judged_says_nothing():
    unknown = replace(outside(), conclusion=Conclusion.NOT_JUDGED, value=None)
    assert apply_deviations([unknown], [known()]).findings == ()


@pytest.mark.parametrize(("value", "moved"), [(3.29, False), (3.31, True), (3.11, False), (3.09, True)])
def test_a_value_that_moved_by_more_than_its_margin_fails_and_is_not_excused(value, moved):
    excused = apply_deviations([outside(value=value)], [known()])
    assert excused.failed is moved
    assert bool(excused.verdicts[0].excused) is not moved
    if moved:
        assert excused.findings[0].kind is FindingKind.MOVED
        assert "3.2, written on 2026-11-23 for MyoGen 0.12.0, by more than 0.1" in excused.findings[0].message


def test_of_several_checks_the_one_farthest_outside_counts():
    pool = [outside("fold[M-a]", 4.0), outside("fold[M-b]", 3.2), outside("fold[M-c]", 4.4)]
    assert apply_deviations(pool, [known("fold[M-?]")]).findings == ()
    assert apply_deviations(pool, [known("fold[M-?]", value=4.0)]).failed


def test_brackets_in_patterns_are_themselves():
    assert known("fold[NERLab-*]").matches("fold[NERLab-Ir__nA]")
    assert not known("fold[NERLab-*]").matches("foldN")
    assert not known("fold[NERLab-Ir__nA]").matches("typical_fold[NERLab-Ir__nA]")


SIZES = {5: [3, 7, 11, 15, 19], 10: list(range(1, 20, 2)), 20: list(range(20))}


@pytest.mark.parametrize("size", SIZES)
def test_the_shipped_deviations_are_those_of_myogen(size):
    models = ("NERLab", "Powers2017")
    checks = plan_checks(REFERENCE, "cat", [PoolOutline(model, size) for model in models])
    by_place = {(r.model, r.neuron): r for r in myogen_pools()}
    pools = [replace(by_place[m, i], neuron=n) for m in models for n, i in enumerate(SIZES[size])]
    verdicts = judge_records(checks, pools)
    assert {v.check for v in verdicts if v.failed} <= {entry.checks for entry in SHIPPED}
    excused = apply_deviations(verdicts, SHIPPED)
    assert excused.findings == ()
    assert [v.message for v in excused.verdicts if v.failed] == []


def test_the_shipped_deviations_at_20_neurons_are_these():
    checks = plan_checks(REFERENCE, "cat", [PoolOutline("NERLab", 20), PoolOutline("Powers2017", 20)])
    assert {v.check for v in judge_records(checks, myogen_pools()) if v.failed} == {
        "relation[NERLab-tau__ms~AHPdur_5pct__ms]",
    }


def test_no_deviations_ship_for_an_unknown_version():
    assert shipped_deviations("9.9.9") == ()


GOOD = """deviations:
  - checks: "fold[M-Ir__nA]"
    reason: long enough a reason
    date: 2026-11-23
    model_version: MyoGen 0.12.0
    value: 3.2
    margin: 0.1
"""


def test_a_file_of_deviations_is_read(tmp_path):
    path = tmp_path / "known.yaml"
    path.write_text(GOOD)
    (deviation,) = load_deviations(path)
    assert (deviation.date, deviation.value, deviation.margin) == ("2026-11-23", 3.2, 0.1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    margin: 0.1\n", "", "margin"),
        ("margin: 0.1", "margin: 0", "margin"),
        ("margin: 0.1", "margins: 0.1", "margins"),
        ("date: 2026-11-23", "date: yesterday", "date"),
        ("date: 2026-11-23", "date: 2026-13-45", "date"),
        ("reason: long enough a reason", "reason: no", "reason"),
        ("value: 3.2", "value: !!float 3.2", "tag"),
        ('"fold[M-Ir__nA]"', '"everything"', "checks"),
        (GOOD, GOOD + GOOD.removeprefix("deviations:\n"), "twice"),
        (GOOD, "[]", "mapping"),
        ("margin: 0.1", "margin: .inf", "inf is no number"),
        ("margin: 0.1", "margin: 1.0e+300", "would excuse nearly any value"),
        ("margin: 0.1", "margin: 3.3", "it is at most 3.2"),
        ("value: 3.2", "value: .nan", "nan is no number"),
        ("fold[M-Ir__nA]", "*[*]", "names every check of a kind"),
        ("fold[M-Ir__nA]", "fold[*]", "names every check of a kind"),
        ("fold[M-Ir__nA]", "????[M-Ir__nA]", "names every check of a kind"),
        ("fold[M-Ir__nA]", "fold[M-*]", "names every check of a kind"),
        ("fold[M-Ir__nA]", "fold[M-*__nA]", "names every check of a kind"),
        ("fold[M-Ir__nA]", "mechanism[gh-table]", "a check of a mechanism has none"),
    ],
)
def test_a_wrong_file_of_deviations_is_refused_with_one_line(tmp_path, old, new, said):
    path = tmp_path / "known.yaml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(ReferenceDataError) as error:
        load_deviations(path)
    assert str(error.value).startswith("known.yaml: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_entries_on_mechanisms_have_no_value_and_each_names_a_check():
    names = tuple(source.name for source in myogen_sources())
    checks = {check.full_id for check in plan_mechanisms(Planning(REFERENCE, "cat", (), names))}
    entries = [entry for entry in shipped_deviations("0.12.0") if entry.on_mechanisms]
    assert entries
    assert all(entry.value is None for entry in entries)
    assert {entry.checks for entry in entries} <= checks


def test_an_entry_on_a_mechanism_fails_once_nothing_is_found():
    entry = replace(known("mechanism[gh-table]"), value=None, margin=None)
    found = replace(outside("mechanism[gh-table]"), value=None, lower=None, upper=None)
    assert apply_deviations([found], [entry]).verdicts[0].excused
    gone = apply_deviations([replace(found, conclusion=Conclusion.CONFORMS)], [entry])
    assert [f.message for f in gone.findings] == ["mechanism[gh-table] no longer deviates: remove this entry"]
    assert gone.failed


def severities(reference):
    return {criterion.id: criterion.severity for criterion in reference.criteria}


def test_a_profile_re_maps_severities_and_nothing_else(tmp_path):
    path = tmp_path / "strict.yaml"
    path.write_text("severities:\n  cat-*-fold-*: info\n  cat-Rin__MOhm-fold-typical: error\n")
    changed = apply_profile(REFERENCE, load_profile(path))
    before, after = severities(REFERENCE), severities(changed)
    assert {name: after[name] for name in after if after[name] is not before[name]} == {
        "cat-Ir__nA-fold-plausible": Severity.INFO,
        "cat-Rin__MOhm-fold-plausible": Severity.INFO,
        "cat-Ir__nA-fold-typical": Severity.INFO,
        "cat-Rin__MOhm-fold-typical": Severity.ERROR,
    }
    assert changed.facts == REFERENCE.facts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("severities: {cat-nothing: error}", "matches no criterion"),
        ("severities: {cat-Rin__MOhm-S: error}", "memory"),
        ("severities: {cat-Rin__MOhm-pool: fatal}", "fatal"),
        ("severities: {}", "severities"),
        ("severity: {cat-Rin__MOhm-pool: info}", "severity"),
    ],
)
def test_a_wrong_profile_is_refused_with_one_line(tmp_path, text, said):
    path = tmp_path / "profile.yaml"
    path.write_text(text)
    with pytest.raises(ReferenceDataError) as error:
        apply_profile(REFERENCE, load_profile(path))
    assert said in str(error.value)
    assert "\n" not in str(error.value)
