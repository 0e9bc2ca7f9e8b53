"""Each criterion turns red for a pool made to violate it and nothing else, and stays green at its limit."""

from functools import cache

import numpy as np
import pytest
from synthetic_pools import N, judge_records, plan_checks, records, typical_cat

from mnvalidate.checks.check import PoolOutline
from mnvalidate.checks.families.band import BandCriterion
from mnvalidate.checks.families.fold import FoldCriterion
from mnvalidate.checks.families.middle import MiddleCriterion
from mnvalidate.checks.families.plausibility import PlausibilityCriterion
from mnvalidate.checks.families.product import ProductCriterion
from mnvalidate.checks.families.range import RangeCriterion
from mnvalidate.checks.families.relation import ExponentCriterion
from mnvalidate.checks.families.trend import TrendCriterion
from mnvalidate.checks.pool_statistics import along_recruitment, random_correlation
from mnvalidate.families import load_reference
from mnvalidate.literature.criteria import ConsistencyCriterion
from mnvalidate.verdicts import Conclusion, Severity

REFERENCE = load_reference()
CAT = REFERENCE.of_species("cat")
TYPES = {"S": range(5), "FR": range(5, 10), "FF": range(10, 20), "pool": range(20)}
OUTSIDE = 1e-6
"""Relative distance of a value just outside, or just inside, a limit."""


@cache
def checks_of(quantities, species="cat"):
    return [
        check
        for check in plan_checks(REFERENCE, species, [PoolOutline("cat", N)])
        if hasattr(check, "criterion") and {*check.criterion.quantities} <= quantities
    ]


def verdicts_on(values, species="cat"):
    return judge_records(checks_of(frozenset(values), species), records(values))


def red(values, species="cat", info=()):
    """Ids of the criteria from which a pool deviates in which nothing but these quantities was measured.

    Those that only inform do not count, except some.
    """
    return {
        v.criterion
        for v in verdicts_on(values, species)
        if v.conclusion is Conclusion.DEVIATES and (v.severity is not Severity.INFO or v.criterion in info)
    }


def beyond_the_possible(values):
    """Ids of the rules on single quantities that hold for any animal and that some value breaks.

    Limits that are simulated from a population reach further than what is possible at all where its
    studies differ much.
    """
    return {
        c.id
        for c in REFERENCE.criteria
        if isinstance(c, PlausibilityCriterion) and [*c.powers.values()] == [1] and c.quantities[0] in values
        for column in [c.scale * values[c.quantities[0]]]
        if (c.lower is not None and column.min() < c.lower)
        or (c.upper is not None and column.max() > c.upper)
    }


def limits_of(criterion, species="cat"):
    """Limits of a criterion for a pool of this size, lower and upper."""
    predicted = REFERENCE.predicted(species, criterion.id)
    if predicted is None:
        return tuple(limit.value if limit else None for limit in (criterion.lower, criterion.upper))
    if isinstance(criterion, ExponentCriterion):
        return predicted.structural.at(N)
    if isinstance(criterion, FoldCriterion | MiddleCriterion):
        return predicted.either(N)
    return predicted.scattered.at(N)


def base(criterion):
    return {name: column.copy() for name, column in typical_cat().items() if name in criterion.quantities}


def with_value(values, quantity, neuron, value):
    column = values[quantity].copy()
    column[neuron] = value
    return {**values, quantity: column}


def one_neuron_at(criterion, value):
    """Pools with one neuron of the criterion's scope at a value."""
    for neuron in TYPES[criterion.scope]:
        yield with_value(base(criterion), criterion.quantity, neuron, value)


def spread_of(criterion, spread):
    """Pools whose logarithms have a standard deviation."""
    log = np.log(base(criterion)[criterion.quantity])
    yield {criterion.quantity: np.exp(log.mean() + (log - log.mean()) * spread / log.std(ddof=1))}


def middle_of(criterion, middle):
    """Pools with a geometric mean."""
    log = np.log(base(criterion)[criterion.quantity])
    for narrower in (1.0, 0.7):
        yield {criterion.quantity: middle * np.exp(narrower * (log - log.mean()))}


def power_law(criterion, exponent):
    """Pools that follow a power law exactly, over narrower and wider spreads."""
    y, x = (base(criterion)[name] for name in criterion.quantities)
    for spread in sorted(np.linspace(0.4, 1.6, 13), key=lambda spread: abs(spread - 1)):
        relative = np.exp(spread * (np.log(x) - np.log(x).mean()))
        yield {
            criterion.quantity: np.exp(np.log(y).mean()) * relative**exponent,
            criterion.against: np.exp(np.log(x).mean()) * relative,
        }


def off_the_line(criterion, factor):
    """Pools with one neuron off a power law by a factor."""
    values = base(criterion)
    for neuron in range(N):
        value = factor * criterion.expected(float(values[criterion.against][neuron]))
        yield with_value(values, criterion.quantity, neuron, value)


def product_of(criterion, value):
    """Pools in which the product has a value in one neuron."""
    values = base(criterion)
    name, power = next(iter(criterion.powers.items()))
    for neuron in range(N):
        rest = criterion.scale * np.prod(
            [values[n][neuron] ** p for n, p in criterion.powers.items() if n != name]
        )
        yield with_value(values, name, neuron, (value / rest) ** (1 / power))


MAKERS = {
    RangeCriterion: one_neuron_at,
    FoldCriterion: spread_of,
    MiddleCriterion: middle_of,
    ExponentCriterion: power_law,
    ProductCriterion: product_of,
    BandCriterion: off_the_line,
}
CASES = [
    pytest.param(c, i, limit, id=f"{c.id}-{side}")
    for c in CAT
    if type(c) in MAKERS
    for i, (side, limit) in enumerate(zip(("lower", "upper"), limits_of(c), strict=True))
    if limit is not None
]


def beyond(limit, side, distance):
    return limit + (distance if side else -distance) * abs(limit)


def same_question(criterion):
    """Ids of the criteria of the same quantities that are narrower or wider: types, typical folds."""
    return {c.id for c in CAT if type(c) is type(criterion) and c.quantities == criterion.quantities}


def test_the_typical_cat_is_green():
    checks = plan_checks(REFERENCE, "cat", [PoolOutline("cat", N)])
    verdicts = judge_records(checks, records(typical_cat()))
    assert [v.message for v in verdicts if v.conclusion is Conclusion.DEVIATES] == []
    assert {v.criterion for v in verdicts if v.judged} == {
        c.id for c in CAT if not (isinstance(c, TrendCriterion) and c.direction == "none")
    }


@pytest.mark.parametrize(("criterion", "side", "limit"), CASES)
def test_just_outside_only_this_question_is_red(criterion, side, limit):
    pools = MAKERS[type(criterion)](criterion, beyond(limit, side, OUTSIDE))
    found = [red(values, info=[criterion.id]) - beyond_the_possible(values) for values in pools]
    assert any(criterion.id in ids and ids <= same_question(criterion) for ids in found), found


@pytest.mark.parametrize(("criterion", "side", "limit"), CASES)
def test_just_inside_it_is_not_red(criterion, side, limit):
    pools = MAKERS[type(criterion)](criterion, beyond(limit, side, -OUTSIDE))
    found = [red(values, info=[criterion.id]) - beyond_the_possible(values) for values in pools]
    assert any(ids <= same_question(criterion) - {criterion.id} for ids in found), found


TRENDS = [pytest.param(c, id=c.id) for c in CAT if isinstance(c, TrendCriterion) and c.direction != "none"]


def ordered(criterion, rho):
    """A pool of typical values whose order follows recruitment as closely as rho, and how closely it does."""
    generator = np.random.default_rng(7)
    column = np.sort(base(criterion)[criterion.quantity])
    orders = np.argsort(
        np.linspace(0, 1, N) * generator.uniform(-1, 1, (4000, 1)) + generator.normal(0, 0.3, (4000, N))
    )
    found = along_recruitment(column[np.argsort(orders)])
    place = np.argmin(np.abs(found - rho))
    return {criterion.quantity: column[np.argsort(orders[place])]}, found[place]


@pytest.mark.parametrize("criterion", TRENDS)
def test_a_trend_deviates_conforms_or_cannot_be_told(criterion):
    limit = next(x for x in REFERENCE.predicted("cat", criterion.id).scattered.at(N) if x is not None)
    limit, told = criterion.sign * limit, random_correlation(N)
    for aim, conclusion in (
        (limit - 0.05, Conclusion.DEVIATES),
        ((limit + told) / 2, Conclusion.NOT_JUDGED),
        (told + 0.05, Conclusion.CONFORMS),
    ):
        values, rho = ordered(criterion, criterion.sign * aim)
        (verdict,) = [v for v in verdicts_on(values) if v.family == "trend"]
        assert verdict.conclusion is conclusion, (aim, rho)
        assert verdict.value == pytest.approx(rho)
    assert "N = 20 cannot tell" in next(
        v.message
        for v in verdicts_on(ordered(criterion, criterion.sign * (limit + told) / 2)[0])
        if v.family == "trend"
    )


OTHER_SPECIES = [
    pytest.param(species, c, i, limit, id=f"{species}-{c.id}-{i}")
    for species in REFERENCE.species
    if species != "cat"
    for c in REFERENCE.of_species(species)
    if isinstance(c, RangeCriterion)
    for i, limit in enumerate(limits_of(c, species))
    if limit is not None
]


def column_between(criterion, species):
    """A pool of the population's middle and spread, or well within the limits where it knows neither."""
    prop = REFERENCE.populations[species].properties.get(criterion.quantity)
    if prop is None:
        lower, upper = limits_of(criterion, species)
        return np.linspace(lower + 0.25 * (upper - lower), upper - 0.25 * (upper - lower), N)
    place = np.linspace(-1, 1, N) * (-1 if prop.direction == "down" else 1)
    middle, spread = prop.middle.value, prop.spread.value
    if prop.share_of:
        middle *= REFERENCE.populations[species].properties[prop.share_of].middle.value
    return middle + spread * place if prop.scale == "linear" else middle * np.exp(spread * place)


@pytest.mark.parametrize(("species", "criterion", "side", "limit"), OTHER_SPECIES)
def test_of_other_species_too_only_what_is_outside_is_red(species, criterion, side, limit):
    column = column_between(criterion, species)
    for distance, is_red in ((OUTSIDE, True), (-OUTSIDE, False)):
        # Where the value belongs in the order, so that the trend stays.
        neuron = np.argmax(column) if side else np.argmin(column)
        values = with_value(
            {criterion.quantity: column}, criterion.quantity, neuron, beyond(limit, side, distance)
        )
        assert red(values, species) == ({criterion.id} if is_red else set()) | beyond_the_possible(values)


@pytest.mark.parametrize("species", REFERENCE.species)
@pytest.mark.parametrize("n", [5, 20])
def test_a_copied_and_a_reversed_pool_are_errors_in_every_species(species, n):
    cat = typical_cat()
    values = {
        name: np.interp(np.linspace(0, N - 1, n), np.arange(N), cat[name])
        for name in ("Rin_50ms__MOhm", "Ir__nA")
    }
    checks = plan_checks(REFERENCE, species, [PoolOutline("cat", n)])
    for changed, family in (
        ({name: column[::-1] for name, column in values.items()}, "trend"),
        ({name: np.full(n, column[0]) for name, column in values.items()}, "fold"),
    ):
        failed = {v.check for v in judge_records(checks, records(changed)) if v.failed}
        assert {f"{family}[cat-Rin_50ms__MOhm]", f"{family}[cat-Ir__nA]"} <= failed


@pytest.mark.parametrize("species", REFERENCE.species)
def test_every_species_judges_the_size_principle(species):
    errors = {c.id for c in REFERENCE.of_species(species) if c.severity == "error"}
    for quantity in ("Rin_50ms__MOhm", "Ir__nA"):
        for kind in (TrendCriterion, FoldCriterion):
            of_kind = [c for c in REFERENCE.of_kind(species, kind) if c.quantity == quantity]
            assert any(c.id in errors for c in of_kind), (kind, quantity)


def test_a_rule_for_any_mammal_gives_way_to_that_of_the_species():
    for species in REFERENCE.species:
        found = REFERENCE.of_species(species)
        for c in found:
            if not c.species and not isinstance(c, ConsistencyCriterion):
                assert not [
                    o for o in found if o.species and (type(o), o.quantities) == (type(c), c.quantities)
                ]


@pytest.mark.parametrize(
    ("values", "ratio"),
    [
        ({"I_repetitive__nA": 12.0, "Ir__nA": 8.0}, 1.5),
        ({"rate_min__Hz": 10.0, "AHPdur_5pct__ms": 80.0}, 1.25),  # an interval of 100 ms
    ],
)
def test_products_are_the_ratios_that_they_are_called(values, ratio):
    (criterion,) = [c for c in CAT if isinstance(c, ProductCriterion) and {*c.quantities} == {*values}]
    checks = checks_of(frozenset(values))
    (check,) = [c for c in checks if c.criterion is criterion and c.neuron == 0]
    verdict = check(records({name: np.array([value]) for name, value in values.items()}))
    assert verdict.value == pytest.approx(ratio)
