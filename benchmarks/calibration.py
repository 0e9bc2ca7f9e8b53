"""How often limits are wrong: false alarms on pools as the literature has them, power on others.

``python -m benchmarks.calibration > docs/calibration.md`` writes the page anew.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.deviating import Flags, contradicting, deviating
from benchmarks.pools import (
    TOLD_APART,
    Values,
    checks_of,
    from_sizes,
    judged,
    on_the_relations,
    through_the_types,
    with_thresholds_of_types,
    with_weakest_correlations,
)
from mnvalidate.checks.families.consistency import OrderCriterion
from mnvalidate.checks.families.plausibility import PlausibilityCriterion
from mnvalidate.checks.values import FEWEST_NEURONS
from mnvalidate.families import load_reference
from mnvalidate.literature.criteria import Criterion, Reference
from mnvalidate.literature.population import Population
from mnvalidate.literature.sampling import Columns, draw_pools
from mnvalidate.verdicts import Conclusion, Severity

SIZES = (5, 10, 20, 50, 100)
SEED = 20
_HEAD = """\
# Calibration: how often verdicts are wrong

Written by `python -m benchmarks.calibration --pools {pools}`; [limits.md](limits.md) says where the limits
come from. Stated rates are 5 % of the runs with an error and 20 % with a warning, on pools of the population
that the limits come from. The other ways of making pools show what the limits are worth where the literature
is not quite as described.
"""


def main() -> None:
    """Draw, judge and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__)
    parser.add_argument("--pools", type=int, default=1000, help="pools of each size (1000)")
    pools = parser.parse_args().pools
    reference = load_reference()
    print(_HEAD.format(pools=pools))
    print_false_alarms(reference, pools)
    print_orders(reference, pools)
    print_accepted(reference)
    print_power(reference)
    print_criteria(reference, pools)


def generators(reference: Reference, n: int, pools: int) -> Iterator[tuple[str, str, Columns]]:
    """Species, what is drawn, and the pools."""
    for species, population in reference.populations.items():
        yield species, "its population", drawn(population, pools, n)
    cat = reference.populations["cat"]
    yield "cat", "its population, scatter times 0.7", drawn(cat, pools, n, 0.7)
    yield "cat", "its population, no scatter", drawn(cat, pools, n, 0.0)
    yield "cat", "sizes and residuals", from_sizes(reference, n, pools, SEED + n)
    yield "cat", "sizes and residuals, scatter times 0.7", from_sizes(reference, n, pools, SEED + n, 0.7)
    yield "cat", "weakest correlations in every pool", with_weakest_correlations(cat, n, pools, SEED + n)


def drawn(population: Population, pools: int, n: int, scatter: float = 1.0) -> Columns:
    """Pools of a population in which no neuron's highest rate is below its lowest.

    The two are drawn by their correlations to size alone, which do not know that one is the largest of what
    the other is the smallest of.
    """
    columns = dict(draw_pools(population, pools, n, _chance(n), scatter))
    if {"rate_min__Hz", "rate_max__Hz"} <= columns.keys():
        columns["rate_max__Hz"] = np.maximum(columns["rate_max__Hz"], columns["rate_min__Hz"])
    return columns


def _chance(n: int) -> np.random.Generator:
    return np.random.default_rng(SEED + n)


def print_false_alarms(reference: Reference, pools: int) -> None:
    """Print the share of runs with an error and with a warning."""
    print(f"Runs with an error / with a warning, % of {pools} pools of each size:\n")
    print("| species | pools drawn from | " + " | ".join(f"N = {n}" for n in SIZES) + " |")
    print("|---|---|" + "---:|" * len(SIZES))
    rows: dict[tuple[str, str], list[str]] = {}
    for n in SIZES:
        for species, name, columns in generators(reference, n, pools):
            found = flags(reference, species, columns)
            shares = (
                100 * np.mean(np.any([f for c, f in found if c.severity is severity] or [[False]], axis=0))
                for severity in (Severity.ERROR, Severity.WARNING)
            )
            rows.setdefault((species, name), []).append(" / ".join(f"{share:.1f}" for share in shares))
    for (species, name), cells in rows.items():
        print(f"| {species} | {name} | " + " | ".join(cells) + " |", flush=True)


def flags(reference: Reference, species: str, columns: Columns) -> list[tuple[Criterion, Flags]]:
    """For each criterion on which drawn pools bear, the pools that deviate from it."""
    asked = [
        c
        for c in reference.of_species(species)
        if set(c.quantities) <= set(columns) and not _bounds_one_quantity(c)
    ]
    found: list[tuple[Criterion, Flags]] = []
    for criterion in asked:
        predicted = reference.predicted(species, criterion.id)
        if predicted is not None and columns[criterion.quantities[0]].shape[1] >= FEWEST_NEURONS:
            found.append((criterion, deviating(criterion, predicted, columns)))
        elif isinstance(criterion, OrderCriterion):
            found.append((criterion, contradicting(criterion, columns)))
    done = {criterion.id for criterion, _ in found}
    fixed = [c for c in asked if c.id not in done and c.severity is not Severity.INFO]
    return found + _by_their_checks(reference, species, fixed, columns)


def _bounds_one_quantity(criterion: Criterion) -> bool:
    """Whether a rule says which values of one quantity are possible at all.

    A population's tails are those of a distribution and not of neurons, and what it knows no middle of is
    drawn around 1: how often such values are impossible says nothing about the rule.
    """
    return isinstance(criterion, PlausibilityCriterion) and len(criterion.powers) == 1


def _by_their_checks(
    reference: Reference, species: str, criteria: Sequence[Criterion], columns: Columns
) -> list[tuple[Criterion, Flags]]:
    """Pools that deviate from criteria that are not predicted, each pool judged by the checks themselves."""
    pools, n = next(iter(columns.values())).shape
    ids = [criterion.id for criterion in criteria]
    checks = [
        check for check in checks_of(reference, species, n, frozenset(columns)) if check.criterion.id in ids
    ]
    found = {name: np.zeros(pools, dtype=bool) for name in ids}
    for i in range(pools if checks else 0):
        for verdict in judged(checks, {name: column[i] for name, column in columns.items()}):
            found[verdict.criterion][i] |= verdict.conclusion is Conclusion.DEVIATES
    return [(criterion, found[criterion.id]) for criterion in criteria]


def print_orders(reference: Reference, pools: int) -> None:
    """Print how often the trend of a random order conforms."""
    print(f"\nA random order, % of {pools} pools of the cat in which the trend of input resistance:\n")
    print("| | " + " | ".join(f"N = {n}" for n in SIZES) + " |\n|---|" + "---:|" * len(SIZES))
    counts = []
    generator = np.random.default_rng(SEED)
    for n in SIZES:
        checks = [
            c for c in checks_of(reference, "cat", n, frozenset({"Rin_50ms__MOhm"})) if c.family == "trend"
        ]
        found: Counter[str] = Counter()
        for _ in range(pools):
            values = {"Rin_50ms__MOhm": generator.permutation(np.geomspace(4, 0.5, n))}
            found.update(verdict.conclusion for verdict in judged(checks, values))
        counts.append(found)
    for conclusion in (Conclusion.CONFORMS, Conclusion.NOT_JUDGED, Conclusion.DEVIATES):
        cells = (f"{100 * c[conclusion] / pools:.1f}" for c in counts)
        print(f"| {conclusion.replace('_', ' ')} | " + " | ".join(cells) + " |")


def print_accepted(reference: Reference) -> None:
    """Print what is found in pools without scatter that follow published numbers."""
    print("\nErrors in pools without scatter that follow what is published of the cat:\n")
    print("| pool | " + " | ".join(f"N = {n}" for n in SIZES) + " |\n|---|" + "---|" * len(SIZES))
    for name, make in (
        ("on the relations to size", on_the_relations),
        ("through the means of the types", through_the_types),
        ("published input resistance, thresholds of the types", with_thresholds_of_types),
    ):
        cells = (errors_text(reference, "cat", make(reference, n)) for n in SIZES)
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def print_power(reference: Reference) -> None:
    """Print the errors of pools that no animal has."""
    print("\nErrors in pools such as no animal has, made from one that follows the relations:\n")
    species = list(reference.species)
    print("| what was done | " + " | ".join(f"{s}, N = {n}" for s in species for n in (5, 20)) + " |")
    print("|---|" + "---|" * (2 * len(species)))
    for name, change in TOLD_APART.items():
        cells = (errors_text(reference, s, change(scaled(reference, s, n))) for s in species for n in (5, 20))
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def scaled(reference: Reference, species: str, n: int) -> Values:
    """A cat's pool on the relations, moved to the medians of another species."""
    values = dict(on_the_relations(reference, n))
    properties = reference.populations[species].properties
    for name, prop in properties.items():
        if name in values and prop.middle is not None and prop.scale == "logarithmic":
            whole = properties[prop.share_of].middle if prop.share_of else None
            middle = prop.middle.value * (whole.value if whole else 1.0)
            values[name] = values[name] * middle / np.exp(np.mean(np.log(values[name])))
    return values


def print_criteria(reference: Reference, pools: int) -> None:
    """Print how often each criterion of the cat deviates, on pools of its population and in random order."""
    print(f"\nCriteria of the cat that deviate, % of {pools} pools of its population:\n")
    print("| criterion | severity | " + " | ".join(f"N = {n}" for n in SIZES) + " |")
    print("|---|---|" + "---:|" * len(SIZES))
    rows: dict[tuple[str, str], list[str]] = {}
    for n in SIZES:
        columns = drawn(reference.populations["cat"], pools, n)
        for criterion, deviates in flags(reference, "cat", columns):
            share = f"{100 * np.mean(deviates):.2f}"
            rows.setdefault((criterion.id, criterion.severity), []).append(share)
    for (name, severity), cells in rows.items():
        print(f"| {name} | {severity} | " + " | ".join(cells) + " |")


def errors_text(reference: Reference, species: str, values: Values) -> str:
    """Families and quantities of the errors in a pool."""
    n = len(next(iter(values.values())))
    verdicts = judged(checks_of(reference, species, n, frozenset(values)), values)
    found = [v for v in verdicts if v.conclusion is Conclusion.DEVIATES and v.severity is Severity.ERROR]
    names = dict.fromkeys(f"{v.family} {v.quantity.split('__')[0]}" for v in found)
    return ", ".join(names) or "none"


if __name__ == "__main__":
    main()
