"""How often limits are wrong, on pools as the literature has them and on such as no animal has."""

import math

import numpy as np
import pytest

from benchmarks.calibration import SIZES, flags, scaled
from benchmarks.deviating import deviating
from benchmarks.pools import (
    TOLD_APART,
    checks_of,
    from_sizes,
    judged,
    on_the_relations,
    through_the_types,
    with_thresholds_of_types,
    with_weakest_correlations,
)
from mnvalidate.families import load_reference
from mnvalidate.literature.sampling import draw_pools
from mnvalidate.verdicts import Conclusion, Severity

REFERENCE = load_reference()
POOLS = 400


def share(found, severity):
    """Share of the pools in which some criterion of a severity deviates."""
    return np.any([flag for criterion, flag in found if criterion.severity is severity], axis=0).mean()


def at_most(rate):
    return rate + 3 * math.sqrt(rate * (1 - rate) / POOLS)


def errors(species, values):
    n = len(next(iter(values.values())))
    verdicts = judged(checks_of(REFERENCE, species, n, frozenset(values)), values)
    return {v.check for v in verdicts if v.conclusion is Conclusion.DEVIATES and v.severity is Severity.ERROR}


@pytest.mark.parametrize("n", [7, 20])
def test_the_fast_way_finds_what_the_checks_find(n):
    columns = draw_pools(REFERENCE.populations["cat"], 40, n, np.random.default_rng(2), 1.4)
    predicted = {c.id: c for c in REFERENCE.of_species("cat") if c.is_predicted}
    fast = {
        name: deviating(criterion, REFERENCE.predicted("cat", name), columns)
        for name, criterion in predicted.items()
    }
    checks = checks_of(REFERENCE, "cat", n, frozenset(columns))
    some = 0
    for i in range(40):
        verdicts = judged(checks, {name: column[i] for name, column in columns.items()})
        found = {v.criterion for v in verdicts if v.conclusion is Conclusion.DEVIATES} & set(predicted)
        assert found == {name for name in predicted if fast[name][i]}
        some += len(found)
    assert some > 10


@pytest.mark.parametrize("species", REFERENCE.species)
@pytest.mark.parametrize("n", [5, 13, 20, 100])
def test_few_pools_of_a_species_own_population_are_red(species, n):
    columns = draw_pools(REFERENCE.populations[species], POOLS, n, np.random.default_rng(n))
    found = [
        (c, deviating(c, REFERENCE.predicted(species, c.id), columns))
        for c in REFERENCE.of_species(species)
        if c.is_predicted
    ]
    assert 0 < share(found, Severity.ERROR) < at_most(0.05)
    warns = [c for c, _ in found if c.severity is Severity.WARNING]
    assert not warns or 0 < share(found, Severity.WARNING) < at_most(0.20)


@pytest.mark.parametrize("scatter", [1.0, 0.7])
@pytest.mark.parametrize("n", [5, 20, 100])
def test_few_pools_that_were_made_another_way_are_red(n, scatter):
    for columns in (
        from_sizes(REFERENCE, n, POOLS, n, scatter),
        with_weakest_correlations(REFERENCE.populations["cat"], n, POOLS, n),
        draw_pools(REFERENCE.populations["cat"], POOLS, n, np.random.default_rng(n), scatter * 0.7),
    ):
        found = [
            (c, deviating(c, REFERENCE.predicted("cat", c.id), columns))
            for c in REFERENCE.of_species("cat")
            if c.is_predicted and set(c.quantities) <= set(columns)
        ]
        assert share(found, Severity.ERROR) < 0.15


def test_rules_of_consistency_hold_in_nearly_all_pools_of_the_population():
    columns = draw_pools(REFERENCE.populations["cat"], 100, 20, np.random.default_rng(4))
    fixed = [(c, flag) for c, flag in flags(REFERENCE, "cat", columns) if not c.is_predicted]
    assert fixed
    assert share(fixed, Severity.ERROR) <= 0.02


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("make", [on_the_relations, through_the_types, with_thresholds_of_types])
def test_pools_without_scatter_that_follow_published_numbers_have_no_error(make, n):
    assert errors("cat", make(REFERENCE, n)) == set()


@pytest.mark.parametrize("n", [5, 20])
@pytest.mark.parametrize("species", REFERENCE.species)
def test_the_pool_from_which_others_are_made_has_no_error(species, n):
    assert errors(species, scaled(REFERENCE, species, n)) == set()


@pytest.mark.parametrize("n", [5, 20])
@pytest.mark.parametrize("what", TOLD_APART)
@pytest.mark.parametrize("species", ["cat", "rat", "macaque"])
def test_pools_such_as_no_animal_has_are_errors(species, what, n):
    assert errors(species, TOLD_APART[what](scaled(REFERENCE, species, n)))


@pytest.mark.parametrize("n", [5, 20])
@pytest.mark.parametrize(
    "what",
    [
        "the largest cells first",
        "one neuron copied",
        "input resistance and rheobase swapped",
        "input resistance rises",
        "rheobase falls",
        "all input resistances alike",
        "all rheobases alike",
        "rheobase over ten thousandfold",
    ],
)
@pytest.mark.parametrize("species", ["mouse", "human"])
def test_what_breaks_the_size_principle_is_an_error_in_any_mammal(species, what, n):
    assert errors(species, TOLD_APART[what](scaled(REFERENCE, species, n)))
