"""What contradicts itself, or no neuron can be, is an error for every species; what is sound is none."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from synthetic_pools import N, judge_records, myogen_pools, plan_checks, records, typical_cat

from mnvalidate.checks.check import PoolOutline
from mnvalidate.checks.families.plausibility import PlausibilityCriterion
from mnvalidate.checks.families.recruitment_order import smallest_order
from mnvalidate.checks.pool_statistics import rank_correlations
from mnvalidate.families import load_reference
from mnvalidate.literature.criteria import ConsistencyCriterion
from mnvalidate.protocols import QUANTITIES
from mnvalidate.verdicts import Conclusion

REFERENCE = load_reference()
RULES = [c for c in REFERENCE.criteria if isinstance(c, ConsistencyCriterion)]
SPECIES = pytest.mark.parametrize("species", REFERENCE.species)


@cache
def rules_of(species, n, models=("cat",)):
    checks = plan_checks(REFERENCE, species, [PoolOutline(model, n) for model in models])
    return [check for check in checks if isinstance(getattr(check, "criterion", None), ConsistencyCriterion)]


def broken(pool, species="cat"):
    """Verdicts of the rules that a pool breaks."""
    models = tuple(dict.fromkeys(r.model for r in pool))
    n = len([r for r in pool if r.model == models[0]])
    verdicts = judge_records(rules_of(species, n, models), pool)
    return [v for v in verdicts if v.conclusion is Conclusion.DEVIATES]


TYPICAL = typical_cat()
ALL = np.ones(N)

# What is implausible, the rule that must say so, and words of its reason.
IMPLAUSIBLE = {
    "small spikes": ({"AP__mV": 40 * ALL}, "any-AP__mV-possible", "does not invade the soma"),
    "huge spikes": ({"AP__mV": 200 * ALL}, "any-AP__mV-possible", "equilibrium potential of sodium"),
    "a deep AHP": ({"AHP__mV": 30 * ALL}, "any-AHP__mV-possible", "equilibrium potential of potassium"),
    "no rest": ({"vhold_soma__mV": -30 * ALL}, "any-vhold_soma__mV-possible", "sodium channels"),
    "endless intervals": ({"rate_min__Hz": 0.3 * ALL}, "any-rate_min__Hz-possible", "when its AHP is over"),
    "a vast membrane": ({"C__nF": 100 * ALL}, "any-C__nF-possible", "5 mm2 of membrane"),
    "half longer than whole": (
        {"AHP_half_decay__ms": 300 * ALL},
        "any-AHP_half_decay__ms~AHPdur__ms",
        "lost half of its depth before",
    ),
    "fires below rheobase": (
        {"I_repetitive__nA": 0.3 * TYPICAL["Ir__nA"]},
        "any-I_repetitive__nA-over-Ir__nA",
        "of what a lasting current does",
    ),
    "hardly fires": (
        {"I_repetitive__nA": 4.0 * TYPICAL["Ir__nA"]},
        "any-I_repetitive__nA-over-Ir__nA",
        "motoneurons need 1.2 to 2 rheobases",
    ),
    "rheobase of 5 mV": (
        {"Ir__nA": 5.0 / TYPICAL["Rin__MOhm"], "I_repetitive__nA": 7.5 / TYPICAL["Rin__MOhm"]},
        "any-Ir__nA~Rin__MOhm-median",
        "less than opens sodium channels",
    ),
    "needles": ({"AP_half_width__ms": 0.02 * ALL}, "any-AP_half_width__ms-possible", "briefest spikes"),
    "plateaus": ({"AP_half_width__ms": 20 * ALL}, "any-AP_half_width__ms-possible", "longest of neurons"),
    "block at 6 nA": ({"I_block__nA": 6 * ALL}, "any-Ir__nA~I_block__nA", "larger than the one that first"),
    # and more of the same kinds
    "maximum below minimum": (
        {"rate_max__Hz": 0.5 * TYPICAL["rate_min__Hz"]},
        "any-rate_max__Hz-over-rate_min__Hz",
        "no lower than the lowest",
    ),
    "one spike in the other": (
        {"rate_max__Hz": 900 * ALL, "AP_half_width__ms": 1.0 * ALL},
        "any-rate_max__Hz-times-AP_half_width__ms",
        "refractory while it lasts",
    ),
    "kilohertz": ({"rate_max__Hz": 1500 * ALL}, "any-rate_max__Hz-possible", "keeps up more than 1000 Hz"),
    "threshold beyond the peak": (
        {"AP_threshold__mV": 90 * ALL},
        "any-AP_threshold__mV~AP__mV",
        "starts below its own peak",
    ),
    "threshold below rest": (
        {"AP_threshold__mV": -5 * ALL},
        "any-AP_threshold__mV-possible",
        "starts above rest",
    ),
    "leaky": ({"tau__ms": 0.05 * ALL}, "any-tau__ms-possible", "leakiest neurons"),
    "tight": ({"tau__ms": 400 * ALL}, "any-tau__ms-possible", "tightest"),
    "an AHP of seconds": (
        {"AHPdur__ms": 3000 * ALL, "AHPdur_5pct__ms": 3000 * ALL},
        "any-AHPdur__ms-possible",
        "longest that was estimated",
    ),
    "an AHP upside down": ({"AHP__mV": -2 * ALL}, "any-AHP__mV-possible", "Below rest"),
    "brief pulses fire better": (
        {"I_short__nA": 0.5 * TYPICAL["Ir__nA"]},
        "any-I_short__nA-over-Ir__nA",
        "a hundred times briefer needs more",
    ),
    "brief pulses never fire": (
        {"I_short__nA": 500 * TYPICAL["Ir__nA"]},
        "any-I_short__nA-over-Ir__nA",
        "300 times as much",
    ),
    "a bullet": (
        {"conduction_velocity__m_per_s": 400 * ALL},
        "any-conduction_velocity__m_per_s-possible",
        "fastest with it",
    ),
    "more than the peak": ({"sag_ratio": 1.4 * ALL}, "any-sag_ratio-possible", "part of the largest"),
    "a slope that climbs nothing": (
        {"AP_max_slope__mV_per_ms": 20 * ALL},
        "any-AP_max_slope__mV_per_ms-times-AP_half_width__ms-over-AP__mV",
        "climbed within the half-width",
    ),
    "all or nothing": (
        {"FI_primary_gain__Hz_per_nA": 500 * ALL},
        "any-FI_primary_gain__Hz_per_nA-times-I_repetitive__nA",
        "1000 Hz is no rate",
    ),
    "a falling rate": (
        {"FI_primary_gain__Hz_per_nA": -1 * ALL},
        "any-FI_primary_gain__Hz_per_nA-times-I_repetitive__nA",
        "no force is graded",
    ),
    "block next to firing": (
        {"I_block__nA": 1.1 * TYPICAL["I_repetitive__nA"]},
        "any-I_block__nA-over-I_repetitive__nA",
        "grades no force",
    ),
    "a resistance in kOhm": (
        {"Rin__MOhm": 1e-3 * TYPICAL["Rin__MOhm"]},
        "any-Rin__MOhm-possible",
        "order of magnitude below",
    ),
    "two resistances": (
        {"Rin_50ms__MOhm": 30 * TYPICAL["Rin__MOhm"]},
        "any-Rin_50ms__MOhm-over-Rin_rest__MOhm",
        "read at two times",
    ),
    "rheobase far from the threshold": (
        {"Ir__nA": 100 / TYPICAL["Rin__MOhm"], "I_repetitive__nA": 150 / TYPICAL["Rin__MOhm"]},
        "any-Ir__nA-times-Rin__MOhm-over-AP_threshold__mV",
        "to where a spike starts",
    ),
    "largest first": (
        {name: column[::-1] for name, column in TYPICAL.items()},
        "any-recruitment-order",
        "run against its thresholds",
    ),
    "halves swapped": (
        {name: np.roll(column, N // 2) for name, column in TYPICAL.items()},
        "any-recruitment-order",
        "run against its thresholds",
    ),
    "one neuron copied": (
        {name: np.full(N, column[7]) for name, column in TYPICAL.items()},
        "any-recruitment-order",
        "different thresholds for neurons of one rheobase",
    ),
}


def spread(values, size):
    """A smaller pool with the extremes of the larger one."""
    chosen = np.unique(np.linspace(0, N - 1, size).round().astype(int))
    return {name: column[chosen] for name, column in values.items()}


@SPECIES
@pytest.mark.parametrize(
    ("name", "size"),
    # Two and three neurons have no halves.
    [(name, size) for name in IMPLAUSIBLE for size in (5, 20) if (name, size) != ("halves swapped", 5)],
)
def test_an_implausible_pool_fails_by_an_error_that_says_why(name, size, species):
    changes, criterion, reason = IMPLAUSIBLE[name]
    found = [v for v in broken(records(spread({**TYPICAL, **changes}, size)), species) if v.failed]
    said = [v.message for v in found if v.criterion == criterion]
    assert said
    assert reason in said[0]


@SPECIES
def test_the_typical_cat_breaks_no_rule_of_any_species(species):
    assert broken(records(TYPICAL), species) == []


def resampled(model, size):
    """A pool of MyoGen's of any size, between the neurons of the one that was measured."""
    pool = [r for r in myogen_pools() if r.model == model]
    names = [name for name in QUANTITIES if all(r.value(name) is not None for r in pool)]
    places = np.linspace(0, N - 1, size)
    values = {n: np.interp(places, range(N), [r.value(n) for r in pool]) for n in names}
    return records(values, model, pool[0].voltage_frame)


@SPECIES
@pytest.mark.parametrize("size", [5, 20, 100])
@pytest.mark.parametrize("model", ["NERLab", "Powers2017"])
def test_the_measured_pools_break_no_rule(model, size, species):
    assert [v.message for v in broken(resampled(model, size), species)] == []


@pytest.mark.parametrize("model", ["NERLab", "Powers2017"])
@pytest.mark.parametrize("factor", [1 / 3, 30.0, 170.0])
def test_cells_of_any_size_break_no_rule(model, factor):
    """The same membrane on another area: 170 makes cells of 90 to 480 MOhm."""
    pool = resampled(model, N)
    resistances = {name for name in QUANTITIES if name.endswith("__MOhm")}
    currents = {name for name, q in QUANTITIES.items() if q.unit in ("nA", "nF")}
    gains = {name for name, q in QUANTITIES.items() if q.unit == "Hz/nA"}
    values = {
        m: np.array([r.value(m) for r in pool])
        * (factor if m in resistances | gains else 1 / factor if m in currents else 1.0)
        for m in pool[0].measurements
    }
    assert [v.message for v in broken(records(values, model, pool[0].voltage_frame))] == []


# Hodgkin and Huxley's membrane on spheres of 8 and 60 um at 6.3 degC, as measured.
HODGKIN_HUXLEY = {
    "vhold_soma__mV": (-64.9741, -64.9741),
    "Rin__MOhm": (961.6996, 17.0935),
    "Rin_peak__MOhm": (877.1417, 15.5908),
    "sag_ratio": (0.9997, 0.9997),
    "Rin_rest__MOhm": (428.1743, 7.6132),
    "Rin_50ms__MOhm": (428.2528, 7.6146),
    "tau__ms": (1.6718, 1.6718),
    "tau_single_exp__ms": (1.0916, 1.0916),
    "Ir__nA": (0.0045, 0.253),
    "AP__mV": (105.2523, 105.2514),
    "AHP__mV": (11.2035, 11.2035),
    "AHPdur__ms": (16.0017, 16.0017),
    "AP_threshold__mV": (12.6958, 12.7016),
    "AP_half_width__ms": (1.4728, 1.4728),
    "AHP_half_decay__ms": (6.4571, 6.4571),
    "AHPdur_5pct__ms": (15.1101, 15.1101),
    "I_short__nA": (0.0267, 1.4988),
    "AP_max_slope__mV_per_ms": (258.9791, 258.8697),
    "FI_gain__Hz_per_nA": (1229.5938, 18.9083),
    "I_repetitive__nA": (0.0126, 0.7057),
    "FI_primary_gain__Hz_per_nA": (1624.602, 28.9524),
    "rate_min__Hz": (53.0249, 52.9622),
    "rate_max__Hz": (77.9379, 81.3446),
    "C__nF": (0.0017, 0.0978),
}


@SPECIES
def test_the_squid_s_membrane_breaks_no_rule(species):
    values = {name: np.array(column) for name, column in HODGKIN_HUXLEY.items()}
    assert [v.message for v in broken(records(values), species)] == []


def on_the_relations(thresholds__mV):
    """Input resistance as published, and rheobase as it follows from threshold depolarisations."""
    R = np.geomspace(4.0, 0.5, N)
    Ir = thresholds__mV / R
    return {
        **TYPICAL,
        **dict.fromkeys(("Rin__MOhm", "Rin_50ms__MOhm", "Rin_rest__MOhm"), R),
        "Rin_peak__MOhm": 1.1 * R,
        "Ir__nA": Ir,
        "AP_threshold__mV": thresholds__mV,
        "I_repetitive__nA": 1.5 * Ir,
        "I_short__nA": 2 * Ir,
        "I_block__nA": 6 * Ir,
    }


@pytest.mark.parametrize(
    "thresholds",
    [np.repeat([4.6, 8.9, 13.5], [5, 5, 10]), np.full(N, 4.6), np.full(N, 7.5), np.linspace(14.7, 17.3, N)],
    ids=["by type", "slow cells alone", "soleus", "as published for the pool"],
)
def test_published_thresholds_break_no_rule(thresholds):
    assert [v.message for v in broken(records(on_the_relations(thresholds)))] == []


def test_a_voltage_that_counts_from_rest_has_no_resting_potential():
    values = {**TYPICAL, "vhold_soma__mV": 0.04 * ALL}
    assert broken(records(values, voltage_frame="relative")) == []
    assert {v.criterion for v in broken(records(values))} == {"any-vhold_soma__mV-possible"}


@pytest.mark.parametrize(
    "rule", [c for c in RULES if isinstance(c, PlausibilityCriterion)], ids=lambda c: c.id
)
def test_limits_are_part_of_what_is_possible(rule):
    checks = [c for c in rules_of("cat", N) if c.criterion is rule and c.neuron == 3]
    (check,) = checks
    name, power = next(iter(rule.powers.items()))
    rest = rule.scale * np.prod([TYPICAL[n][3] ** p for n, p in rule.powers.items() if n != name])
    for limit, sign in ((rule.lower, -1), (rule.upper, 1)):
        if limit is None:
            continue
        for beyond, conclusion in ((sign, "deviates"), (-sign, "conforms")):
            product = limit + beyond * 1e-6 * max(abs(limit), 1.0)
            value = (product / rest) ** (1 / power)
            verdict = check(records({**TYPICAL, name: value * ALL}))
            assert verdict.conclusion == conclusion
            assert verdict.value == pytest.approx(product)


def test_every_quantity_but_the_gain_over_fixed_currents_takes_part_in_a_rule():
    assert set(QUANTITIES) - {name for rule in RULES for name in rule.quantities} == {"FI_gain__Hz_per_nA"}


def test_a_rule_without_its_quantities_is_not_judged():
    lost = records({**TYPICAL, "AP__mV": np.nan * ALL})
    found = {
        v.criterion: v for v in judge_records(rules_of("cat", N), lost) if "AP__mV" in (v.quantity, v.against)
    }
    assert found["any-AP__mV-possible"].conclusion is Conclusion.NOT_JUDGED
    assert "made up to have none" in found["any-AP__mV-possible"].message


def test_what_a_quotient_of_nothing_is_is_not_judged():
    nothing = records({**TYPICAL, "rate_min__Hz": 0 * ALL})
    found = {v.criterion: v for v in judge_records(rules_of("cat", N), nothing)}
    assert found["any-rate_max__Hz-over-rate_min__Hz"].conclusion is Conclusion.NOT_JUDGED
    assert found["any-rate_min__Hz-possible"].conclusion is Conclusion.DEVIATES


@SPECIES
@pytest.mark.parametrize("name", ["vhold_soma__mV", "Ir__nA", "AP__mV", "AHP__mV", "I_repetitive__nA"])
def test_what_is_dead_fails_for_every_species(name, species):
    lost = records({**TYPICAL, name: np.where(np.arange(N) == 4, np.nan, TYPICAL[name])})
    failed = [v for v in judge_records(rules_of(species, N), lost) if v.failed]
    assert [(v.criterion, v.subject.neuron) for v in failed] == [(f"any-{name}-exists", 4)]
    assert "made up to have none" in failed[0].message


# The stated order


def order_of(pool, n=N):
    (check,) = [c for c in rules_of("cat", n) if c.family == "recruitment_order"]
    return check(pool)


@pytest.mark.parametrize("n", [5, 6, 8, 9, 20, 100])
def test_a_random_order_is_called_an_order_in_no_more_than_a_twentieth(n):
    generator = np.random.default_rng(1)
    critical = smallest_order(n, 0.05)
    rhos = [rank_correlations(range(n), generator.permutation(n).tolist())[0] for _ in range(4000)]
    assert np.mean(np.array(rhos) >= critical - 1e-9) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)


def test_an_order_that_is_noise_is_not_judged():
    values = TYPICAL["Ir__nA"][np.random.default_rng(4).permutation(N)]
    verdict = order_of(records({**TYPICAL, "Ir__nA": values}))
    assert verdict.conclusion is Conclusion.NOT_JUDGED
    assert "random orders of 20 neurons" in verdict.message


def test_a_pool_without_stated_order_is_not_judged():
    pool = [replace(r, recruitment_threshold=0.5) for r in records(TYPICAL)]
    assert order_of(pool).conclusion is Conclusion.NOT_JUDGED


def test_an_order_is_that_of_thresholds_and_not_of_the_list():
    assert order_of([replace(r, neuron=N - 1 - r.neuron) for r in records(TYPICAL)]).conclusion is (
        Conclusion.CONFORMS
    )
