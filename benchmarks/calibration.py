"""How often limits are wrong: false alarms on pools as the literature has them, power on others.

``python -m benchmarks.calibration`` prints the tables of ``docs/calibration.md``.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from benchmarks.pools import (
    TOLD_APART,
    Values,
    checks_of,
    from_population,
    from_sizes,
    judged,
    on_the_relations,
    through_the_types,
    with_thresholds_of_types,
)
from mnvalidate.checks.check import Check
from mnvalidate.families import load_reference
from mnvalidate.literature.criteria import Reference
from mnvalidate.verdicts import Conclusion, Severity, Verdict

SIZES = (5, 10, 20, 50, 100)
SEED = 20


def main() -> None:
    """Draw, judge and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__)
    parser.add_argument("--pools", type=int, default=300, help="pools of each size (300)")
    pools = parser.parse_args().pools
    reference = load_reference()
    print(f"<!-- python -m benchmarks.calibration --pools {pools} -->\n")
    print_false_alarms(reference, pools)
    print_orders(reference, pools)
    print_accepted(reference)
    print_power(reference)
    print_criteria(reference, pools)


def generators(reference: Reference, n: int, pools: int) -> Iterator[tuple[str, str, Iterable[Values]]]:
    """Species, what is drawn, and the pools."""
    for species, population in reference.populations.items():
        yield species, "its population", from_population(population, n, pools, SEED + n)
    cat = reference.populations["cat"]
    yield "cat", "its population, scatter times 0.7", from_population(cat, n, pools, SEED + n, 0.7)
    yield "cat", "its population, no scatter", from_population(cat, n, pools, SEED + n, 0.0)
    yield "cat", "sizes and residuals", from_sizes(reference, n, pools, SEED + n)
    yield "cat", "sizes and residuals, scatter times 0.7", from_sizes(reference, n, pools, SEED + n, 0.7)


def print_false_alarms(reference: Reference, pools: int) -> None:
    """Print the share of runs with an error and with a warning."""
    print(f"Runs with an error / with a warning, % of {pools} pools of each size:\n")
    print("| species | pools drawn from | " + " | ".join(f"N = {n}" for n in SIZES) + " |")
    print("|---|---|" + "---:|" * len(SIZES))
    rows: dict[tuple[str, str], list[str]] = {}
    for n in SIZES:
        for species, name, drawn in generators(reference, n, pools):
            found = [severities(verdicts) for verdicts in judge_all(reference, species, n, drawn)]
            errors, warnings = (
                100 * np.mean([severity in found_ for found_ in found])
                for severity in (Severity.ERROR, Severity.WARNING)
            )
            rows.setdefault((species, name), []).append(f"{errors:.1f} / {warnings:.1f}")
    for (species, name), cells in rows.items():
        print(f"| {species} | {name} | " + " | ".join(cells) + " |", flush=True)


def print_orders(reference: Reference, pools: int) -> None:
    """Print how often the trend of a random order conforms, and what reversed and copied pools come to."""
    print(f"\nA random order, % of {pools} pools of the cat in which the trend of input resistance:\n")
    print("| | " + " | ".join(f"N = {n}" for n in SIZES) + " |\n|---|" + "---:|" * len(SIZES))
    counts = []
    generator = np.random.default_rng(SEED)
    for n in SIZES:
        values = ({"Rin__MOhm": generator.permutation(np.geomspace(4, 0.5, n))} for _ in range(pools))
        trend = [
            v.conclusion
            for verdicts in judge_all(reference, "cat", n, values)
            for v in verdicts
            if v.family == "trend"
        ]
        counts.append(Counter(trend))
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
    for name, prop in reference.populations[species].properties.items():
        if name in values and prop.middle is not None and prop.scale == "logarithmic":
            values[name] = values[name] * prop.middle.value / np.exp(np.mean(np.log(values[name])))
    return values


def print_criteria(reference: Reference, pools: int) -> None:
    """Print how often each criterion of the cat deviates, on pools of 20 of its population."""
    n = 20
    drawn = from_population(reference.populations["cat"], n, pools, SEED)
    runs: Counter[tuple[str, str]] = Counter()
    for verdicts in judge_all(reference, "cat", n, drawn):
        runs.update({(v.criterion, v.severity) for v in verdicts if v.conclusion is Conclusion.DEVIATES})
    print(f"\nCriteria that deviate in pools of {n} of the cat's population, % of {pools} pools:\n")
    print("| criterion | severity | % |\n|---|---|---:|")
    for (criterion, severity), count in sorted(runs.items()):
        print(f"| {criterion} | {severity} | {100 * count / pools:.1f} |")


def judge_all(reference: Reference, species: str, n: int, drawn: Iterable[Values]) -> Iterator[list[Verdict]]:
    """Verdicts on each pool."""
    checks: list[Check] = []
    for values in drawn:
        checks = checks or checks_of(reference, species, n, frozenset(values))
        yield judged(checks, values)


def severities(verdicts: Iterable[Verdict]) -> set[Severity]:
    """Severities of what deviates."""
    return {v.severity for v in verdicts if v.conclusion is Conclusion.DEVIATES}


def errors_text(reference: Reference, species: str, values: Values) -> str:
    """Families and quantities of the errors in a pool."""
    n = len(next(iter(values.values())))
    verdicts = judged(checks_of(reference, species, n, frozenset(values)), values)
    found = [v for v in verdicts if v.conclusion is Conclusion.DEVIATES and v.severity is Severity.ERROR]
    names = dict.fromkeys(f"{v.family} {v.quantity.split('__')[0]}" for v in found)
    return ", ".join(names) or "none"


if __name__ == "__main__":
    main()
