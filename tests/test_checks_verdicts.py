"""What verdicts say, and how missing values, small pools and ties are handled."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from synthetic_pools import N, judge_records, myogen_pools, plan_checks, record, records, typical_cat

from mnvalidate.checks.check import PoolOutline
from mnvalidate.checks.families.type_range import motor_unit_type
from mnvalidate.checks.pool_statistics import along_recruitment, rank_correlations
from mnvalidate.explain import explain
from mnvalidate.families import load_reference
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Measurement, MeasurementOutcome
from mnvalidate.verdicts import Conclusion, Severity, Subject, SubjectKind, Verdict

REFERENCE = load_reference()
LOWEST, HIGHEST = REFERENCE.predicted("cat", "cat-Rin__MOhm-pool").scattered.at(N)
SUBJECT = Subject(SubjectKind.NEURON, "m", "m-n03", 3, 0.2)


def verdicts_on(pool, n=N, species="cat"):
    checks = plan_checks(REFERENCE, species, [PoolOutline("cat", n)])
    return {verdict.check: verdict for verdict in judge_records(checks, pool)}


def cat_with(**changes):
    return records({**typical_cat(), **changes})


def test_ids_are_unique_and_read_as_they_should():
    checks = plan_checks(REFERENCE, "cat", [PoolOutline("NERLab", 20), PoolOutline("Powers2017", 100)])
    ids = [check.full_id for check in checks]
    assert len(set(ids)) == len(ids)
    assert {
        "range[NERLab-n03-Rin_50ms__MOhm]",
        "type_range[NERLab-n03-Rin_50ms__MOhm]",
        "trend[NERLab-Ir__nA]",
        "fold[NERLab-Ir__nA]",
        "typical_fold[NERLab-Ir__nA]",
        "relation[NERLab-Ir__nA~Rin_50ms__MOhm]",
        "band[NERLab-n03-Ir__nA~Rin_50ms__MOhm]",
        "product[NERLab-n03-I_repetitive__nA~Ir__nA]",
        "no_reference[NERLab-I_block__nA]",
        "range[Powers2017-n03-Rin_50ms__MOhm]",
    } <= set(ids)


def test_a_deviation_can_be_read_without_the_source():
    R = typical_cat()["Rin_50ms__MOhm"]
    pool = cat_with(Rin_50ms__MOhm=np.where(np.arange(N) == 0, 1.5 * HIGHEST, R))
    verdict = verdicts_on(pool)["range[cat-n00-Rin_50ms__MOhm]"]
    assert verdict.conclusion is Conclusion.DEVIATES
    assert verdict.failed
    assert (verdict.value, verdict.lower, verdict.upper) == (1.5 * HIGHEST, LOWEST, HIGHEST)
    assert verdict.margin == pytest.approx(0.5 * HIGHEST)
    for part in (
        "cat neuron 0 (recruitment threshold 0.05)",
        f"Input resistance at 50 ms Rin_50ms__MOhm = {1.5 * HIGHEST:.4g} MOhm",
        f"(50 %) above the upper limit of {HIGHEST:.4g} MOhm",
        f"{LOWEST:.4g} to {HIGHEST:.4g} MOhm (cat, extremes of 20 motoneurons",
        "doi:10.7554/eLife.76489",
    ):
        assert part in verdict.message


@pytest.mark.parametrize(
    ("value", "conclusion"),
    [(HIGHEST, "conforms"), (1.0001 * HIGHEST, "deviates"), (LOWEST, "conforms")],
)
def test_limits_are_part_of_the_range(value, conclusion):
    R = typical_cat()["Rin_50ms__MOhm"]
    found = verdicts_on(cat_with(Rin_50ms__MOhm=np.where(np.arange(N) == 0, value, R)))
    assert found["range[cat-n00-Rin_50ms__MOhm]"].conclusion == conclusion


def test_what_was_not_measured_fails_where_it_is_an_error_and_says_why():
    tau = typical_cat()["tau__ms"]
    found = verdicts_on(cat_with(tau__ms=np.where(np.arange(N) == 7, np.nan, tau)))
    verdict = found["range[cat-n07-tau__ms]"]
    assert verdict.conclusion is Conclusion.NOT_MEASURED
    assert verdict.failed
    assert "made up to have none" in verdict.message
    assert "only 19 of 20 neurons" in found["trend[cat-tau__ms]"].message


@pytest.mark.parametrize(
    "check",
    [
        "trend[cat-Rin_50ms__MOhm]",
        "fold[cat-Rin_50ms__MOhm]",
        "typical_fold[cat-Rin_50ms__MOhm]",
        "relation[cat-Ir__nA~Rin_50ms__MOhm]",
        "relation[cat-Rin_50ms__MOhm~AHPdur_5pct__ms]",
    ],
)
@pytest.mark.parametrize(("missing", "coverage"), [(0, "all 20 neurons"), (3, "only 17 of 20 neurons")])
def test_a_check_that_judged_fewer_neurons_than_it_should_says_so(check, missing, coverage):
    R = typical_cat()["Rin_50ms__MOhm"]
    verdict = verdicts_on(cat_with(Rin_50ms__MOhm=np.where(np.arange(N) % 7 < missing / 3, np.nan, R)))[check]
    assert verdict.judged
    assert coverage in verdict.message


@pytest.mark.parametrize("outcome", [MeasurementOutcome.CRASHED, MeasurementOutcome.TIMED_OUT])
def test_a_crash_shows_the_end_of_standard_error(outcome):
    pool = records(typical_cat())
    failed = Measurement("Rin_50ms__MOhm", "MOhm", outcome, reason="signal 6")
    (result,) = pool[3].results
    pool[3] = replace(
        pool[3],
        results=(replace(result, measurements=(failed,)),),
        stderr_tail="noise\nfirst\nassertion failed\n\n",
    )
    message = verdicts_on(pool)["range[cat-n03-Rin_50ms__MOhm]"].message
    assert f"{outcome.replace('_', ' ')}: signal 6 | first | assertion failed" in message
    assert "noise" not in message


def test_a_neuron_without_a_record_is_not_measured():
    verdict = verdicts_on(records(typical_cat())[:-1])["range[cat-n19-Rin_50ms__MOhm]"]
    assert verdict.conclusion is Conclusion.NOT_MEASURED
    assert "no record" in verdict.message


@pytest.mark.parametrize(
    "family", ["trend[cat-Ir__nA]", "fold[cat-Ir__nA]", "relation[cat-Ir__nA~Rin_50ms__MOhm]"]
)
@pytest.mark.parametrize(("size", "is_judged"), [(4, False), (5, True)])
def test_a_pool_is_judged_as_a_whole_from_five_neurons_on(family, size, is_judged):
    values = {name: column[:: N // size][:size] for name, column in typical_cat().items()}
    verdict = verdicts_on(records(values), n=size)[family]
    assert verdict.judged is is_judged
    if not is_judged:
        assert "4 of 4 neurons have a value, a pool is judged from 5 on" in verdict.message


def test_ties_are_not_judged():
    verdict = verdicts_on(cat_with(Rin_50ms__MOhm=np.repeat([3.0, 2.0, 1.0, 0.6], 5)))[
        "trend[cat-Rin_50ms__MOhm]"
    ]
    assert verdict.conclusion is Conclusion.NOT_JUDGED
    assert "only 4 different values among 20 neurons" in verdict.message


def test_values_within_the_resolution_are_not_judged():
    verdict = verdicts_on(cat_with(sag_ratio=1 - 1e-11 * np.arange(N)))["trend[cat-sag_ratio]"]
    assert verdict.conclusion is Conclusion.NOT_JUDGED
    assert "resolution" in verdict.message


def test_a_relation_over_a_narrow_range_is_not_judged():
    verdict = verdicts_on(cat_with(Rin_50ms__MOhm=np.linspace(1.2, 1.0, N)))[
        "relation[cat-Ir__nA~Rin_50ms__MOhm]"
    ]
    assert verdict.conclusion is Conclusion.NOT_JUDGED
    assert "1.2-fold" in verdict.message


@pytest.mark.parametrize(
    "check",
    [
        "fold[cat-Rin_50ms__MOhm]",
        "relation[cat-Ir__nA~Rin_50ms__MOhm]",
        "band[cat-n00-Ir__nA~Rin_50ms__MOhm]",
    ],
)
def test_logarithms_of_nothing_are_not_judged(check):
    R = typical_cat()["Rin_50ms__MOhm"]
    verdict = verdicts_on(cat_with(Rin_50ms__MOhm=np.where(np.arange(N) == 0, -1.0, R)))[check]
    assert verdict.conclusion is Conclusion.NOT_JUDGED
    assert "not above 0" in verdict.message


def test_the_gain_s_trend_is_reported_and_not_judged():
    rising = verdicts_on(cat_with(FI_primary_gain__Hz_per_nA=np.linspace(1, 4, N)))[
        "trend[cat-FI_primary_gain__Hz_per_nA]"
    ]
    assert rising.conclusion is Conclusion.NOT_JUDGED
    assert rising.severity is Severity.INFO
    assert "Spearman +1.000, Kendall +1.000" in rising.message
    assert "no trend demanded: the literature finds none" in rising.message
    assert "10.1523/JNEUROSCI.2154-05.2005" in rising.message


def test_rest_is_judged_only_where_voltage_is_absolute():
    values = {**typical_cat(), "vhold_soma__mV": np.zeros(N)}
    name = "range[cat-n00-vhold_soma__mV]"
    assert verdicts_on(records(values))[name].conclusion is Conclusion.DEVIATES
    relative = verdicts_on(records(values, voltage_frame="relative"))[name]
    assert relative.conclusion is Conclusion.NOT_JUDGED
    assert "counts voltage from rest" in relative.message


@pytest.mark.parametrize(
    ("size", "types"),
    [(4, "S FR FF FF"), (5, "S FR FF FF FF"), (20, "S " * 5 + "FR " * 5 + "FF " * 10)],
)
def test_types_follow_from_the_order_of_recruitment(size, types):
    shares = REFERENCE.type_fractions["cat"]
    assert [motor_unit_type(shares, i, size) for i in range(size)] == types.split()


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_pool_too_small_for_every_type_is_not_divided_into_types(size):
    assert motor_unit_type(REFERENCE.type_fractions["cat"], 0, size) is None
    values = {name: column[:size] for name, column in typical_cat().items()}
    verdict = verdicts_on(records(values), n=size)["type_range[cat-n00-Rin_50ms__MOhm]"]
    assert verdict.conclusion is Conclusion.NOT_JUDGED
    assert "too small to be divided into motor-unit types" in verdict.message


def test_species_without_types_have_none():
    assert REFERENCE.type_fractions["rat"] == ()
    assert motor_unit_type((), 0, 5) is None


@pytest.mark.parametrize("species", REFERENCE.species)
def test_every_quantity_of_every_species_has_a_verdict(species):
    found = verdicts_on(records(typical_cat()), species=species)
    assert {verdict.quantity for verdict in found.values()} == set(QUANTITIES)


def test_a_quantity_without_a_reference_says_so():
    verdict = verdicts_on(records(typical_cat()), species="human")["no_reference[cat-Rin_50ms__MOhm]"]
    assert verdict.conclusion is Conclusion.NOT_JUDGED
    assert "no reference for the human" in verdict.message


def test_records_are_judged_with_those_of_their_own_model_in_order():
    checks = plan_checks(REFERENCE, "cat", [PoolOutline("cat", N), PoolOutline("dog", N)])
    pool = records(typical_cat())
    mixed = [*pool[::-1], *[replace(r, model="dog") for r in records({"Rin_50ms__MOhm": np.full(N, 900.0)})]]
    judged = judge_records(checks, mixed)
    assert [v for v in judged if v.subject.name == "cat" and v.conclusion is Conclusion.DEVIATES] == []
    dogs = [v for v in judged if v.check.startswith("range[dog") and v.quantity == "Rin_50ms__MOhm"]
    assert {v.conclusion for v in dogs} == {Conclusion.DEVIATES}


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_explanations_are_complete_and_narrow(quantity):
    text = explain(quantity, REFERENCE)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert QUANTITIES[quantity].title in text
    for criterion in REFERENCE.of_quantity(quantity):
        assert criterion.id in text
        assert all(fact.id in text for fact in criterion.facts)
        assert all(not fact.source.doi or fact.source.doi in text for fact in criterion.facts)


def test_an_unknown_quantity_is_answered_with_the_closest():
    with pytest.raises(ValueError, match=r"unknown quantity 'Rin': did you mean .*Rin__MOhm"):
        explain("Rin", REFERENCE)


def test_a_verdict_survives_json():
    verdict = replace(
        Verdict("a", "f", SUBJECT, "q", Conclusion.DEVIATES, Severity.ERROR, ""), excused="known"
    )
    assert Verdict.from_json(verdict.to_json()) == verdict
    assert not verdict.failed


def test_measured_pools_are_whole():
    pools = myogen_pools()
    assert [(r.model, r.neuron) for r in pools] == [
        (m, i) for m in ("NERLab", "Powers2017") for i in range(N)
    ]
    assert record({"Rin_50ms__MOhm": 1.0}).value("Rin_50ms__MOhm") == 1.0


@given(
    st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.5]), min_size=3, max_size=12).filter(
        lambda values: len(set(values)) > 1
    )
)
def test_rank_correlations_are_those_of_scipy(values):
    neurons = range(len(values))
    rho, tau, _ = rank_correlations(neurons, values)
    assert rho == pytest.approx(stats.spearmanr(neurons, values).statistic)
    assert tau == pytest.approx(stats.kendalltau(neurons, values).statistic)


def some_pool(n, rho, seed=1):
    """Input resistances of a pool whose rank correlation with recruitment is close to rho."""
    orders = np.random.default_rng(seed).permuted(np.tile(np.geomspace(4, 0.5, n), (5000, 1)), axis=1)
    found = along_recruitment(orders)
    return {"Rin_50ms__MOhm": orders[np.argmin(np.abs(found - rho))]}


def trend_of(n, rho):
    return verdicts_on(records(some_pool(n, rho)), n=n)["trend[cat-Rin_50ms__MOhm]"]


def test_a_small_pool_cannot_tell_a_trend_and_says_which_could():
    verdict = trend_of(5, -0.5)
    assert verdict.conclusion is Conclusion.NOT_JUDGED
    assert "N = 5 cannot tell" in verdict.message
    enough = int(re.search(r"a pool of (\d+) with the same correlation could", verdict.message)[1])
    assert 10 < enough < 15
    assert trend_of(5, -0.9).conclusion is Conclusion.CONFORMS
    assert trend_of(5, 1.0).conclusion is Conclusion.DEVIATES


def test_a_weak_trend_cannot_be_told_in_a_small_pool_and_deviates_in_a_large_one():
    assert trend_of(20, -0.1).conclusion is Conclusion.NOT_JUDGED
    assert trend_of(100, -0.1).conclusion is Conclusion.DEVIATES


def two_related(n, scatter, exponent, seed=3):
    generator = np.random.default_rng(seed)
    x = np.linspace(0.7, -0.7, n)
    y = exponent * x + scatter * generator.standard_normal(n)
    return {"Rin_50ms__MOhm": 1.4 * np.exp(x), "Ir__nA": 12 * np.exp(y)}


def relation_of(n, scatter, exponent):
    return verdicts_on(records(two_related(n, scatter, exponent)), n=n)["relation[cat-Ir__nA~Rin_50ms__MOhm]"]


def test_a_pool_without_scatter_is_held_to_the_structural_exponent():
    without, with_ = relation_of(20, 0.0, -1.1), relation_of(20, 0.8, -1.1)
    assert without.conclusion is with_.conclusion is Conclusion.CONFORMS
    assert "without scatter" in without.message
    assert "without scatter" not in with_.message
    assert with_.lower < without.lower < without.upper < with_.upper
    assert relation_of(20, 0.0, -0.55).conclusion is Conclusion.DEVIATES


@pytest.mark.parametrize(("exponent", "said"), [(0.0, "related"), (1.1, "the other way round")])
def test_an_exponent_of_what_is_not_related_as_demanded_is_not_judged(exponent, said):
    verdict = relation_of(20, 0.9, exponent)
    assert verdict.conclusion is Conclusion.NOT_JUDGED
    assert "N = 20 cannot tell" in verdict.message
    assert said in verdict.message


def test_a_trend_of_any_mammal_says_whose_it_is():
    verdict = verdicts_on(records(typical_cat()), species="human")["trend[cat-Rin_50ms__MOhm]"]
    assert verdict.criterion == "any-Rin__MOhm-trend"
    assert "any mammal" in verdict.message
    assert verdict.severity is Severity.ERROR


def test_the_middle_of_a_pool_is_judged_where_no_single_neuron_is_extreme():
    found = verdicts_on(cat_with(Rin_50ms__MOhm=4 * typical_cat()["Rin_50ms__MOhm"]))
    assert found["middle[cat-Rin_50ms__MOhm]"].failed
    assert found["range[cat-n10-Rin_50ms__MOhm]"].conclusion is Conclusion.CONFORMS


def relabelled(pool, thresholds):
    return [replace(r, recruitment_threshold=float(t)) for r, t in zip(pool, thresholds, strict=True)]


def test_a_pool_listed_backwards_is_judged_as_the_same_pool():
    pool = records(typical_cat())
    backwards = [replace(r, neuron=N - 1 - r.neuron) for r in pool]
    whole, listed = verdicts_on(pool), verdicts_on(backwards)
    for check, verdict in whole.items():
        if verdict.subject.neuron is None:
            assert listed[check].value == pytest.approx(verdict.value), check
            assert listed[check].conclusion is verdict.conclusion, check
        elif verdict.family == "type_range":
            there = f"n{N - 1 - verdict.subject.neuron:02d}"
            assert listed[f"type_range[cat-{there}-{verdict.quantity}]"].criterion == verdict.criterion


def test_large_cells_recruited_first_break_the_size_principle():
    pool = records(typical_cat())
    upside_down = relabelled(pool, [r.recruitment_threshold for r in pool[::-1]])
    found = verdicts_on(upside_down)
    for name in ("Rin_50ms__MOhm", "Ir__nA", "tau__ms", "AHPdur_5pct__ms"):
        assert found[f"trend[cat-{name}]"].conclusion is Conclusion.DEVIATES
        assert found[f"trend[cat-{name}]"].failed


def test_thresholds_without_an_order_are_no_trend():
    verdict = verdicts_on(relabelled(records(typical_cat()), [0.5] * N))["trend[cat-Rin_50ms__MOhm]"]
    assert verdict.conclusion is Conclusion.NOT_JUDGED
    assert "only 1 different recruitment thresholds among 20 neurons" in verdict.message


def test_a_type_that_the_model_states_counts_and_not_the_order():
    pool = records(typical_cat())
    pool[0] = replace(pool[0], motor_unit_type="FF")
    verdict = verdicts_on(pool)["type_range[cat-n00-Rin_50ms__MOhm]"]
    assert verdict.criterion == "cat-Rin__MOhm-FF"
    assert verdict.conclusion is Conclusion.DEVIATES
    assert "type FF as the model states it" in verdict.message
    small = [replace(r, motor_unit_type="S") for r in records({"Rin_50ms__MOhm": np.array([2.0])})]
    assert verdicts_on(small, n=1)["type_range[cat-n00-Rin_50ms__MOhm]"].criterion == "cat-Rin__MOhm-S"


# Definitions of one property


def test_a_verdict_that_hangs_on_the_definition_says_by_how_much():
    R = typical_cat()["Rin_50ms__MOhm"]
    one = np.where(np.arange(N) == 0, 1.5 * HIGHEST, R)
    less = 1.5 * HIGHEST - R[0]
    pool = cat_with(Rin_50ms__MOhm=one, Rin__MOhm=R)
    message = verdicts_on(pool)["range[cat-n00-Rin_50ms__MOhm]"].message
    assert message.endswith(
        "the definition decides: by Input resistance Rin__MOhm it would conform, with 3.2 MOhm, "
        f"{less:.4g} MOhm ({100 * less / (1.5 * HIGHEST):.3g} %) less"
    )


def test_a_verdict_that_conforms_says_so_too():
    shortest, _ = REFERENCE.predicted("cat", "cat-AHPdur__ms-pool").scattered.at(N)
    shorter = np.where(np.arange(N) == 3, 0.5 * shortest, typical_cat()["AHPdur__ms"])
    found = verdicts_on(cat_with(AHPdur__ms=shorter))["range[cat-n03-AHPdur_5pct__ms]"]
    assert found.conclusion is Conclusion.CONFORMS
    assert f"by AHP duration AHPdur__ms it would deviate, with {0.5 * shortest:.4g} ms" in found.message


def test_definitions_of_a_whole_pool_are_compared():
    flat = np.geomspace(2.0, 1.5, N)
    found = verdicts_on(cat_with(Rin__MOhm=flat))["fold[cat-Rin_50ms__MOhm]"]
    assert found.conclusion is Conclusion.CONFORMS
    spread = np.std(np.log(flat), ddof=1)
    assert f"by Input resistance Rin__MOhm it would deviate, with {spread:.4g}" in found.message


def test_definitions_that_agree_are_not_mentioned():
    values = typical_cat()
    same = {"I_repetitive__nA": values["Ir__nA"], "tau_single_exp__ms": values["tau__ms"]}
    assert not any("definition decides" in v.message for v in verdicts_on(cat_with(**same)).values())


@pytest.mark.parametrize("other", ["Rin__MOhm", "AHPdur__ms", "FI_gain__Hz_per_nA"])
@pytest.mark.parametrize("species", REFERENCE.species)
def test_what_no_experiment_measured_so_is_not_judged(other, species):
    judged = {q for c in REFERENCE.of_species(species) if c.species for q in c.quantities}
    assert other not in judged
