"""Limits that depend on the number of neurons follow from facts, and are those that were simulated."""

import itertools
import math
import shutil
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mnvalidate.checks.definitions import same_property
from mnvalidate.checks.families.relation import ExponentCriterion
from mnvalidate.checks.pool_statistics import (
    along_recruitment,
    log_correlation,
    log_spread,
    power_law,
    random_correlation,
)
from mnvalidate.datafiles import ReferenceDataError, data_folder
from mnvalidate.families import load_literature, load_reference
from mnvalidate.literature import distributions
from mnvalidate.literature.digest import digest_of
from mnvalidate.literature.facts import Evidence
from mnvalidate.literature.predictions import SIMULATION, Quantiles, read_predictions, to_json
from mnvalidate.literature.sampling import draw_pools
from mnvalidate.predict import predict

REFERENCE = load_reference()
NUMBERS = [
    pytest.param(prop, key, id=f"{species}-{name}-{key}")
    for species, population in REFERENCE.populations.items()
    for name, prop in population.properties.items()
    for key in prop.limits
]


# From facts to a population


@pytest.mark.parametrize(("prop", "key"), NUMBERS)
def test_a_number_of_a_population_moves_with_each_of_its_facts(prop, key):
    limit = prop.limits[key]
    assert limit.agrees("middle")
    for i, fact in enumerate(limit.sources):
        numbers = {k: 3 * v for k in ("mean", "max") if (v := getattr(fact, k)) is not None}
        if fact.statistic == "r2":
            numbers = {"mean": fact.mean / 30}
        changed = replace(
            limit, sources=(*limit.sources[:i], replace(fact, **numbers), *limit.sources[i + 1 :])
        )
        if limit.number == "sd":
            changed = replace(limit, sources=(replace(fact, sd=3 * fact.sd),))
        assert not changed.agrees("middle"), fact.id


def test_no_number_of_a_population_rests_on_memory():
    for population in REFERENCE.populations.values():
        for prop in population.properties.values():
            for limit in prop.limits.values():
                assert all(fact.evidence is not Evidence.MEMORY for fact in limit.sources)


def test_a_spread_from_mean_and_deviation_is_that_of_a_log_normal_distribution():
    fact = REFERENCE.facts["carp1992-Rin"]
    sd, median = distributions.log_sd([fact]), distributions.median([fact])
    found = stats.lognorm(sd, scale=median)
    assert (found.mean(), found.std()) == pytest.approx((fact.mean, fact.sd))


@pytest.mark.parametrize("n", [5, 40, 66])
def test_the_mean_range_of_normal_draws_is_that_of_many(n):
    draws = np.random.default_rng(1).standard_normal((20_000, n))
    assert distributions.mean_range(n) == pytest.approx(np.ptp(draws, axis=1).mean(), rel=0.005)


def test_a_triad_finds_the_correlation_with_what_is_common():
    facts = REFERENCE.facts
    r2 = facts["caillet2022-Ith~R-r2-direct"]
    loadings = (0.9, 0.6, 0.7)
    of = {
        pair: replace(r2, mean=(loadings[pair[0]] * loadings[pair[1]]) ** 2)
        for pair in ((0, 1), (0, 2), (1, 2))
    }
    assert distributions.triad([of[0, 1], of[0, 2], of[1, 2]]) == pytest.approx(0.9)


# From a population to pools


def test_pools_have_the_medians_spreads_and_correlations_of_the_population():
    population = REFERENCE.populations["cat"]
    columns = draw_pools(population, 4000, 30, np.random.default_rng(3))
    between, own = population.middles.value, population.spreads.value
    for name in ("Ir__nA", "Rin_50ms__MOhm", "AHPdur_5pct__ms"):
        prop = population.properties[name]
        logs = np.log(columns[name])
        middles = logs.mean(axis=1)
        assert np.exp(middles.mean()) == pytest.approx(prop.middle.value, rel=0.03)
        spread = np.exp(np.log(logs.std(axis=1, ddof=1)).mean())
        assert spread == pytest.approx(prop.spread.value, rel=0.05)
        assert middles.std() == pytest.approx(math.hypot(between, spread / math.sqrt(30)), rel=0.1)
        assert np.log(logs.std(axis=1, ddof=1)).std() == pytest.approx(
            math.hypot(own, 1 / math.sqrt(58)), rel=0.1
        )
    r = log_correlation(columns["Ir__nA"], columns["Rin_50ms__MOhm"]).mean()
    ir, rin = population.properties["Ir__nA"], population.properties["Rin_50ms__MOhm"]
    assert -ir.strongest.value * rin.strongest.value < r < -ir.weakest.value * rin.weakest.value


def test_without_scatter_size_decides_all():
    columns = draw_pools(REFERENCE.populations["cat"], 50, 12, np.random.default_rng(3), scatter=0.0)
    assert along_recruitment(columns["Ir__nA"]) == pytest.approx(np.ones(50))
    assert along_recruitment(columns["Rin_50ms__MOhm"]) == pytest.approx(-np.ones(50))


# Statistics


def test_statistics_of_many_pools_are_those_of_scipy():
    generator = np.random.default_rng(5)
    x, y = np.exp(generator.standard_normal((2, 6, 9)))
    for i in range(6):
        assert along_recruitment(x)[i] == pytest.approx(stats.spearmanr(np.arange(9), x[i]).statistic)
        assert log_correlation(x, y)[i] == pytest.approx(stats.pearsonr(np.log(x[i]), np.log(y[i])).statistic)
        slope = stats.linregress(np.log(x[i]), np.log(y[i]))
        assert power_law(x, y)[i] == pytest.approx(abs(slope.slope / slope.rvalue))
    assert log_spread(x)[0] == pytest.approx(np.std(np.log(x[0]), ddof=1))
    assert log_correlation(x, np.ones_like(x)) == pytest.approx(np.zeros(6))


@pytest.mark.parametrize("n", [5, 6, 7, 8])
def test_of_all_orders_at_most_5_percent_conform(n):
    orders = np.array(list(itertools.permutations(range(n))), dtype=float)
    told = along_recruitment(orders) >= random_correlation(n)
    assert 0.025 < told.mean() <= 0.05


@pytest.mark.parametrize("n", [9, 10, 11, 13, 20, 50, 200])
def test_of_random_orders_of_larger_pools_at_most_5_percent_conform(n):
    draws = 40_000
    values = np.random.default_rng(n).random((draws, n))
    told = (along_recruitment(values) >= random_correlation(n)).mean()
    assert 0.03 < told < 0.05


def test_a_random_order_conforms_at_five_from_a_correlation_of_0_9_on():
    assert 0.8 < random_correlation(5) <= 0.9


# Limits


def test_limits_between_sizes_lie_between_theirs_and_beyond_they_stay():
    found = Quantiles((5, 10, 20), (1.0, 2.0, 3.0), None)
    assert [found.at(n)[0] for n in (3, 5, 10, 20, 900)] == [1.0, 1.0, 2.0, 3.0, 3.0]
    assert 1.0 < found.at(7)[0] < 2.0
    assert found.at(7)[1] is None


@pytest.mark.parametrize("species", REFERENCE.species)
def test_limits_are_those_that_are_simulated_now(species):
    literature = load_literature()
    few = replace(SIMULATION, sizes=(5,))
    now = to_json(predict(literature, species, few))
    shipped = REFERENCE.predictions[species]
    for name, prediction in now["criteria"].items():
        for kind, found in prediction.items():
            stored = getattr(shipped.by_criterion[name], kind).at(5)
            for now_, then in zip((found["lower"], found["upper"]), stored, strict=True):
                # The last digit may differ with another platform's arithmetic.
                assert (now_ is None) is (then is None)
                assert now_ is None or now_[0] == pytest.approx(then, rel=2e-3), (name, kind)


@pytest.mark.parametrize("species", REFERENCE.species)
def test_every_criterion_that_needs_a_prediction_has_one(species):
    wanted = {c.id for c in REFERENCE.of_species(species) if c.is_predicted}
    assert wanted == set(REFERENCE.predictions[species].by_criterion)


@pytest.mark.parametrize("species", REFERENCE.species)
def test_the_error_of_the_simulation_is_small_against_the_distance_between_limits(species):
    assert 0 < REFERENCE.predictions[species].error < 0.1


def test_limits_widen_with_the_pool_where_extremes_are_judged_and_narrow_where_ranks_are():
    cat = REFERENCE.predictions["cat"].by_criterion
    extremes, ranks = cat["cat-Rin__MOhm-pool"].scattered, cat["cat-Ir__nA-trend"].scattered
    small, large = extremes.at(5), extremes.at(100)
    assert large[0] < small[0] < small[1] < large[1]
    assert ranks.at(5)[0] < ranks.at(20)[0] < ranks.at(100)[0]
    for name, prediction in cat.items():
        if prediction.scatterless_from is not None:
            assert prediction.structural.at(5)[1] < prediction.scattered.at(5)[1] or "-" in name


@pytest.mark.parametrize(
    "criterion", [c for c in REFERENCE.of_species("cat") if isinstance(c, ExponentCriterion)]
)
def test_published_exponents_lie_within_the_structural_limits(criterion):
    lower, upper = REFERENCE.predicted("cat", criterion.id).structural.at(20)
    of_size = [f for f in criterion.facts if f.against == "surface_area__mm2"]
    y, x = (next(f.mean for f in of_size if same_property(f.quantity, q)) for q in criterion.quantities)
    combined = y / x
    direct = next(f.mean for f in criterion.facts if same_property(criterion.against, f.against))
    assert lower < combined < upper
    assert lower < direct < upper


# What has changed without being simulated anew


def changed_fact(reference):
    fact = REFERENCE.facts["caillet2022-Rin-fold-data"]
    population = reference.populations["cat"]
    prop = population.properties["Rin_50ms__MOhm"]
    spread = replace(prop.spread, sources=(replace(fact, mean=11.0),))
    return _with_property(reference, replace(prop, spread=spread))


def changed_correlation(reference):
    prop = reference.populations["cat"].properties["Rin_50ms__MOhm"]
    return _with_property(reference, replace(prop, weakest=replace(prop.weakest, value=0.5)))


def changed_severity(reference):
    return reference.with_severities({"cat-Rin__MOhm-pool": "info"})


def _with_property(reference, prop):
    cat = reference.populations["cat"]
    changed = replace(cat, properties={**cat.properties, prop.quantity: prop})
    return replace(reference, populations={**reference.populations, "cat": changed})


@pytest.mark.parametrize("change", [changed_fact, changed_correlation, changed_severity])
def test_the_digest_changes_with_facts_correlations_and_severities(change):
    literature = load_literature()
    assert digest_of(literature, "cat", SIMULATION) == REFERENCE.predictions["cat"].digest
    assert digest_of(change(literature), "cat", SIMULATION) != REFERENCE.predictions["cat"].digest


@pytest.mark.parametrize(
    "changed", [{"pools": 10_000}, {"seed": 1}, {"sizes": (5, 20)}, {"rates": {"error": 0.1}}]
)
def test_the_digest_changes_with_the_simulation(changed):
    simulation = replace(SIMULATION, **changed)
    assert digest_of(load_literature(), "cat", simulation) != REFERENCE.predictions["cat"].digest


@pytest.fixture
def folder(tmp_path):
    """A copy of the reference data to be changed."""
    return shutil.copytree(data_folder(), tmp_path / "data", ignore=shutil.ignore_patterns("schema"))


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


RIN = "middle: {value: 1.41, rule: median, from: [caillet2022-Rin-range]"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "facts/cat.csv",
            "fold,,10.9,",
            "fold,,12.9,",
            ["populations/any.yaml", "Rin_50ms__MOhm", "spread", "follows"],
        ),
        ("facts/cat.csv", "caillet2022-Rin-fold-data,", "caillet2022-Rin-fold,", ["is not in facts"]),
        (
            "populations/cat.yaml",
            RIN,
            RIN.replace("1.41", "1.5"),
            ["populations/cat.yaml", "middle", "1.41 follows"],
        ),
        (
            "populations/cat.yaml",
            RIN,
            RIN.replace("median", "mean"),
            ["populations/cat.yaml", "rule", "mean"],
        ),
        ("populations/cat.yaml", "direction: up", "direction: none", ["cat.yaml", "Ir__nA", "weakest"]),
        (
            "populations/cat.yaml",
            "quantity: tau__ms",
            "quantity: Rin_50ms__MOhm",
            ["cat.yaml", "Rin_50ms__MOhm", "twice"],
        ),
        ("populations/cat.yaml", "species: cat", "species: dog", ["cat.yaml", "species", "dog"]),
        (
            "criteria/cat.yaml",
            "severity: error",
            "severity: warning",
            ["limits/cat.json", "mnvalidate.predict"],
        ),
        ("limits/rat.json", '"digest": "', '"digest": "0', ["limits/rat.json", "mnvalidate.predict"]),
        ("limits/rat.json", "{", "[", ["limits/rat.json", "cannot be read"]),
    ],
)
def test_what_does_not_belong_together_is_refused_with_one_line(folder, file, old, new, said):
    edit(folder / file, old, new)
    with pytest.raises(ReferenceDataError) as error:
        load_reference(folder)
    assert "\n" not in str(error.value)
    for part in said:
        assert part in str(error.value)


def test_limits_that_are_not_there_are_said_so(folder):
    (folder / "limits" / "mouse.json").unlink()
    with pytest.raises(ReferenceDataError, match=r"limits/mouse\.json: cannot be read"):
        load_reference(folder)


def test_a_criterion_on_what_the_population_does_not_have_is_refused():
    literature = load_literature()
    cat = literature.populations["cat"]
    without = {name: prop for name, prop in cat.properties.items() if name != "tau__ms"}
    lacking = replace(literature, populations={"cat": replace(cat, properties=without)})
    with pytest.raises(ReferenceDataError, match="cat has no tau__ms, cat-tau__ms-pool needs it"):
        predict(lacking, "cat", replace(SIMULATION, sizes=(5,), pools=10))
    with pytest.raises(ReferenceDataError, match="there is none of species 'rat'"):
        predict(lacking, "rat")


def test_limits_survive_being_written(tmp_path):
    shipped = read_predictions(data_folder() / "limits" / "human.json")
    few = replace(SIMULATION, sizes=(1, 5), pools=200)
    import json

    path = tmp_path / "human.json"
    path.write_text(json.dumps(to_json(predict(load_literature(), "human", few))))
    found = read_predictions(path)
    assert set(found.by_criterion) == set(shipped.by_criterion)
    assert found.by_criterion["human-AHPdur__ms-pool"].scattered.sizes == (1, 5)
    assert found.by_criterion["any-Ir__nA-trend"].scattered.sizes == (5,)
