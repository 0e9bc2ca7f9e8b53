"""Pools of made-up neurons: such as the literature has, and such as no animal has."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from mnvalidate.checks.check import Planning, PoolOutline
from mnvalidate.checks.families.type_range import motor_unit_type
from mnvalidate.checks.subjects import CriterionCheck
from mnvalidate.families import plan_checks
from mnvalidate.literature.criteria import Criterion, Reference
from mnvalidate.literature.population import Population
from mnvalidate.literature.sampling import Columns
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult, Record
from mnvalidate.verdicts import Verdict

type Values = Mapping[str, NDArray[np.float64]]
"""Values of one pool by quantity, in order of recruitment."""

MODEL = "pool"
RELATIONS = {
    "Rin_50ms__MOhm": ("R", 1e-6),
    "Ir__nA": ("Ith", 1e9),
    "tau__ms": ("tau", 1e3),
    "AHPdur_5pct__ms": ("AHP", 1e3),
    "conduction_velocity__m_per_s": ("ACV", 1.0),
    "C__nF": ("C", 1e9),
}
"""Names in the facts on relations to surface area, and factors from SI units."""
FOLDS = {
    "Rin_50ms__MOhm": "Rin-fold-data",
    "Ir__nA": "Ir-fold-data",
    "tau__ms": "tau-fold-size",
    "AHPdur_5pct__ms": "AHPdur-fold-size",
    "conduction_velocity__m_per_s": "ACV-fold-size",
    "C__nF": "C-fold-size",
}


def records(values: Values) -> list[Record]:
    """Records of a pool whose neurons are recruited in the order of their values."""
    n = len(next(iter(values.values())))
    return [_record({name: float(column[i]) for name, column in values.items()}, i, n) for i in range(n)]


def _record(values: Mapping[str, float], neuron: int, n: int) -> Record:
    measurements = tuple(
        Measurement(name, QUANTITIES[name].unit, MeasurementOutcome.OK, value, 1e-9)
        for name, value in values.items()
    )
    result = ProtocolResult("made up", {}, measurements)
    return Record(MODEL, neuron, (neuron + 1) / n, "absolute", (result,))


def checks_of(
    reference: Reference, species: str, n: int, quantities: frozenset[str]
) -> list[CriterionCheck[Criterion]]:
    """Every check of a pool of some size that needs none but some quantities."""
    planning = Planning(reference, species, (PoolOutline(MODEL, n),))
    return [
        check
        for check in plan_checks(planning)
        if isinstance(check, CriterionCheck) and set(check.needs) <= quantities
    ]


def judged(checks: list[CriterionCheck[Criterion]], values: Values) -> list[Verdict]:
    """Verdicts on a pool."""
    pool = records(values)
    return [check(pool) for check in checks]


def from_sizes(reference: Reference, n: int, pools: int, seed: int, scatter: float = 1.0) -> Columns:
    """Pools of cats by another way: sizes, published relations to them, and independent residuals.

    Sizes are spread evenly over the logarithms of the published range; the residual of a quantity is what its
    correlation with size leaves of the spread between experiments. Neurons are ordered by their rheobase.

    Returns
    -------
    mapping of str to array, shape (pools, n)
        Values by quantity.
    """
    generator = np.random.default_rng(seed)
    facts = reference.facts
    low, high = (facts["caillet2022-S-range"].number(end) for end in ("min", "max"))
    area__m2 = 1e-6 * np.exp(generator.uniform(np.log(low), np.log(high), (pools, n)))
    columns = {}
    for name, (short, unit) in RELATIONS.items():
        r2 = facts[f"caillet2022-{short}~S-r2-combined"].number("mean")
        spread = np.log(facts[f"caillet2022-{FOLDS[name]}"].number("mean")) / 4
        residual = scatter * spread * np.sqrt(1 - r2) * generator.standard_normal((pools, n))
        columns[name] = unit * relation(reference, short, area__m2) * np.exp(residual)
    order = np.argsort(columns["Ir__nA"], axis=1)
    return {name: np.take_along_axis(column, order, axis=1) for name, column in columns.items()}


def with_weakest_correlations(population: Population, n: int, pools: int, seed: int) -> Columns:
    """Pools of studies that all agree, with the correlations over all studies, and ordered by rheobase.

    Returns
    -------
    mapping of str to array, shape (pools, n)
        Values by quantity, of those that go with cell size.
    """
    generator = np.random.default_rng(seed)
    size = generator.standard_normal((pools, n))
    columns = {}
    for name, prop in population.properties.items():
        if prop.weakest is None or prop.middle is None:
            continue
        r = prop.weakest.value
        score = r * size + np.sqrt(1 - r**2) * generator.standard_normal((pools, n))
        columns[name] = prop.middle.value * np.exp(prop.sign * prop.spread.value * score)
    order = np.argsort(columns["Ir__nA"], axis=1)
    return {name: np.take_along_axis(column, order, axis=1) for name, column in columns.items()}


def relation(reference: Reference, short: str, area__m2: NDArray[np.float64]) -> NDArray[np.float64]:
    """A quantity in SI units by its published relation to surface area."""
    coefficient = reference.facts[f"caillet2022-{short}~S-coefficient"].number("mean")
    exponent = reference.facts[f"caillet2022-{short}~S-exponent-table4"].number("mean")
    return np.asarray(coefficient * area__m2**exponent)


def on_the_relations(reference: Reference, n: int) -> Values:
    """A cat's pool exactly on the published relations, over the published range of sizes."""
    low, high = (reference.facts["caillet2022-S-range"].number(end) for end in ("min", "max"))
    area__m2 = 1e-6 * np.geomspace(low, high, n)
    found = {name: unit * relation(reference, short, area__m2) for name, (short, unit) in RELATIONS.items()}
    # The ends of the published ranges, from which rounded coefficients and exponents stray by up to 10 %.
    along = np.linspace(0, 1, n)
    return {
        **found,
        "AHP_half_decay__ms": 0.27 * found["AHPdur_5pct__ms"],
        "AHP__mV": 5.0 - 2.5 * along,
        "AP__mV": 80.0 + 5.0 * along,
        "AP_threshold__mV": 8.0 + 6.0 * along,
        "vhold_soma__mV": -67.0 + along,
        "rate_min__Hz": 1000.0 / found["AHPdur_5pct__ms"],
        "rate_max__Hz": 40.0 + 20.0 * along,
        "FI_gain__Hz_per_nA": 1.9 + 0.01 * along,
        "FI_primary_gain__Hz_per_nA": 1.9 + 0.01 * along,
        "I_repetitive__nA": 1.5 * found["Ir__nA"],
        "sag_ratio": 0.95 - 0.15 * along,
    }


def through_the_types(reference: Reference, n: int) -> Values:
    """A cat's pool through the recalled means of its types, each at the middle of its share of the pool."""
    names = {
        "Rin_50ms__MOhm": "Rin",
        "Ir__nA": "Ir",
        "tau__ms": "tau",
        "AHPdur_5pct__ms": "AHPdur",
        "AHP_half_decay__ms": "half_decay",
        "AHP__mV": "AHP",
    }
    shares = reference.type_fractions["cat"]
    ends = np.cumsum([share.fraction for share in shares])
    middles = ends - np.array([share.fraction for share in shares]) / 2
    place = (np.arange(n) + 0.5) / n
    values: dict[str, NDArray[np.float64]] = {}
    for name, short in names.items():
        means = [reference.facts[f"zengel1985-{short}-{s.type}"].number("mean") for s in shares]
        values[name] = np.exp(np.interp(place, middles, np.log(means))) * np.geomspace(1, 1.0001, n)
    return values


def with_thresholds_of_types(reference: Reference, n: int) -> Values:
    """A cat's pool with published input resistances, and rheobases that follow from the types' thresholds."""
    shares = reference.type_fractions["cat"]
    base = on_the_relations(reference, n)
    types = [motor_unit_type(shares, i, n) for i in range(n)]
    threshold__mV = np.array([reference.facts[f"hultborn1988-threshold-{t}"].number("mean") for t in types])
    return {
        **base,
        "Ir__nA": threshold__mV / base["Rin_50ms__MOhm"],
        "AP_threshold__mV": threshold__mV * np.geomspace(1, 1.001, n),
        "I_repetitive__nA": 1.5 * threshold__mV / base["Rin_50ms__MOhm"],
    }


TOLD_APART: Mapping[str, Callable[[Values], Values]] = {
    "the largest cells first": lambda v: {name: column[::-1] for name, column in v.items()},
    "one neuron copied": lambda v: {name: np.repeat(column[:1], len(column)) for name, column in v.items()},
    "input resistance and rheobase swapped": lambda v: {
        **v,
        "Rin_50ms__MOhm": v["Ir__nA"],
        "Ir__nA": v["Rin_50ms__MOhm"],
    },
    "input resistance rises": lambda v: {**v, "Rin_50ms__MOhm": v["Rin_50ms__MOhm"][::-1]},
    "rheobase falls": lambda v: {**v, "Ir__nA": v["Ir__nA"][::-1]},
    "all input resistances alike": lambda v: {**v, "Rin_50ms__MOhm": _alike(v["Rin_50ms__MOhm"])},
    "all rheobases alike": lambda v: {**v, "Ir__nA": _alike(v["Ir__nA"])},
    "input resistance a hundredfold": lambda v: {**v, "Rin_50ms__MOhm": 100 * v["Rin_50ms__MOhm"]},
    "rheobase in pA": lambda v: {**v, "Ir__nA": 1000 * v["Ir__nA"]},
    "time constant in s": lambda v: {**v, "tau__ms": 1e-3 * v["tau__ms"]},
    "AHP duration tenfold": lambda v: {**v, "AHPdur_5pct__ms": 10 * v["AHPdur_5pct__ms"]},
    "rheobase over ten thousandfold": lambda v: {
        **v,
        "Ir__nA": np.geomspace(0.1, 1000, len(v["Ir__nA"])),
    },
}
"""What no pool is like, by what was done to one."""


def _alike(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return float(np.exp(np.mean(np.log(values)))) * np.linspace(0.999, 1.001, len(values))
