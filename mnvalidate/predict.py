"""Limits that know the number of neurons: quantiles of simulated pools.

``python -m mnvalidate.predict`` draws pools of every size from the population of each species and writes the
limits of its criteria to ``reference_data/limits``; with ``--literature DIR``, those of the species that
literature of one's own is new about, to ``DIR/limits``. The limits of all criteria of a severity are so wide
that a stated share of the runs on such pools has a deviation of that severity: every criterion cuts off the
same small share of the pools, chosen so that some criterion cuts off the stated one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mnvalidate.checks.families.band import BandCriterion
from mnvalidate.checks.families.fold import FoldCriterion
from mnvalidate.checks.families.middle import MiddleCriterion
from mnvalidate.checks.families.range import RangeCriterion
from mnvalidate.checks.families.relation import ExponentCriterion
from mnvalidate.checks.pool_statistics import log_correlation
from mnvalidate.checks.values import FEWEST_NEURONS
from mnvalidate.datafiles import ReferenceDataError, data_folder
from mnvalidate.families import load_literature, load_reference
from mnvalidate.literature.criteria import Criterion, Reference, Statistics
from mnvalidate.literature.digest import digest_of
from mnvalidate.literature.own_limits import shipped_limits
from mnvalidate.literature.population import Population
from mnvalidate.literature.predictions import (
    SIMULATION,
    Prediction,
    Predictions,
    Quantiles,
    Simulation,
    to_json,
)
from mnvalidate.literature.sampling import ORDERED_BY, Array, draw_pools
from mnvalidate.literature.shelf import ANY_SPECIES

_VALUES_AT_ONCE = 500_000
_DIGITS = 4
_OF_NEURONS = (RangeCriterion, BandCriterion)
"""Criteria that judge single neurons, and so pools of any size."""
_ABSOLUTE = (RangeCriterion, BandCriterion, MiddleCriterion)
"""Criteria that compare values in their unit, and not ranks or ratios alone."""
_STRUCTURAL = (FoldCriterion, MiddleCriterion, ExponentCriterion)
"""Criteria that have limits for pools without scatter."""
type Pair = tuple[float | None, float | None]


@dataclass(frozen=True)
class _AtSize:
    """What was simulated of one size of pools, by id of the criterion."""

    scattered: Mapping[str, Statistics]
    structural: Mapping[str, Statistics]
    correlation: Mapping[str, Array]


def predict(reference: Reference, species: str, simulation: Simulation = SIMULATION) -> Predictions:
    """Simulate the limits of a species' criteria.

    Parameters
    ----------
    reference : Reference
        Criteria and populations.
    species : str
        Species.
    simulation : Simulation
        Number of pools, their sizes, the seed, and the rates of false alarms.

    Raises
    ------
    ReferenceDataError
        If the species has no population, or a criterion's quantity is not in it.
    """
    population = reference.population(species)
    if population is None:
        raise ReferenceDataError(f"populations: there is none of species {species!r}")
    criteria = [c for c in reference.of_species(species) if c.is_predicted]
    for criterion in criteria:
        _refuse_unknown(criterion, population)
    limits: dict[str, dict[str, list[Pair]]] = {c.id: {} for c in criteria}
    rates: dict[str, list[float]] = {severity: [] for severity in simulation.rates}
    errors = [0.0]
    for n in simulation.sizes:
        judged = [c for c in criteria if n >= FEWEST_NEURONS or isinstance(c, _OF_NEURONS)]
        found = _simulate(population, judged, n, simulation)
        alpha = {
            severity: _common_rate(found, [c for c in judged if c.severity == severity], rate)
            for severity, rate in simulation.rates.items()
        }
        for severity, rate in alpha.items():
            rates[severity].append(_rounded(rate))
        for criterion in judged:
            rate = alpha.get(criterion.severity, alpha["warning"])
            for kind, pair in _limits(found, criterion, rate).items():
                limits[criterion.id].setdefault(kind, []).append(pair)
            errors.append(_error(found.scattered[criterion.id], rate))
    return Predictions(
        digest=digest_of(reference, species, simulation),
        pools=simulation.pools,
        seed=simulation.seed,
        sizes=simulation.sizes,
        rates={severity: tuple(values) for severity, values in rates.items()},
        error=_rounded(max(errors)),
        by_criterion={name: _prediction(kinds, simulation.sizes) for name, kinds in limits.items()},
    )


def _refuse_unknown(criterion: Criterion, population: Population) -> None:
    for name in criterion.quantities:
        if name not in population.properties:
            raise ReferenceDataError(
                f"populations: {population.species} has no {name}, {criterion.id} needs it"
            )
        if population.properties[name].middle is None and isinstance(criterion, _ABSOLUTE):
            raise ReferenceDataError(
                f"populations: {population.species}: {name}: has no middle, {criterion.id} needs it"
            )


def _simulate(
    population: Population, criteria: Sequence[Criterion], n: int, simulation: Simulation
) -> _AtSize:
    """Statistics of every criterion; each size has a stream of chance of its own."""
    scattered, structural = (_generator(simulation.seed, n, kind) for kind in (0, 1))
    related = [c for c in criteria if isinstance(c, ExponentCriterion)]
    both: list[dict[str, list[Statistics]]] = [{c.id: [] for c in criteria} for _ in range(2)]
    correlations: dict[str, list[Array]] = {c.id: [] for c in related}
    left = simulation.pools_of(n)
    # Without scatter, nothing but what the criteria of structure need is drawn.
    needed = {name for c in criteria if isinstance(c, _STRUCTURAL) for name in c.quantities} | {ORDERED_BY}
    needed |= {population.properties[name].share_of for name in needed} - {""}
    properties = {name: prop for name, prop in population.properties.items() if name in needed}
    populations = (population, replace(population, properties=properties))
    while left:
        pools = min(left, max(1, _VALUES_AT_ONCE // n))
        left -= pools
        for kind, (generator, scatter) in enumerate(((scattered, 1.0), (structural, 0.0))):
            columns = draw_pools(populations[kind], pools, n, generator, scatter)
            for criterion in criteria:
                if scatter or isinstance(criterion, _STRUCTURAL):
                    both[kind][criterion.id].append(criterion.statistics(columns))
            for c in related if scatter else ():
                correlations[c.id].append(np.abs(log_correlation(columns[c.against], columns[c.quantity])))
    joined = [{name: _joined(parts) for name, parts in found.items()} for found in both]
    return _AtSize(
        joined[0], joined[1], {name: np.concatenate(parts) for name, parts in correlations.items()}
    )


def _generator(*seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def _joined(parts: Sequence[Statistics]) -> Statistics:
    sides = []
    for side in range(2):
        arrays = [found for part in parts if (found := part[side]) is not None]
        sides.append(np.concatenate(arrays) if arrays else None)
    return sides[0], sides[1]


def _common_rate(found: _AtSize, criteria: Iterable[Criterion], rate: float) -> float:
    """Share of pools that each criterion may cut off so that some criterion does in a stated share."""
    shares = [_share(found.scattered[c.id]) for c in criteria]
    return float(np.quantile(np.min(shares, axis=0), rate)) if shares else rate


def _share(statistics: Statistics) -> Array:
    """Share of the pools that deviate as much as each pool does, or more."""
    lower, upper = statistics
    tails = ([] if lower is None else [_place(lower)]) + ([] if upper is None else [_place(-upper)])
    return np.asarray(len(tails) * np.min(tails, axis=0))


def _place(values: Array) -> Array:
    """Share of values that are no larger than each."""
    return np.asarray(np.searchsorted(np.sort(values), values, side="right") / len(values))


def _limits(found: _AtSize, criterion: Criterion, rate: float) -> dict[str, Pair]:
    pairs = {"scattered": _pair(found.scattered[criterion.id], rate)}
    if isinstance(criterion, _STRUCTURAL):
        pairs["structural"] = _pair(found.structural[criterion.id], rate)
    if criterion.id in found.correlation:
        pairs["scatterless_from"] = (None, float(np.quantile(found.correlation[criterion.id], 1 - rate)))
    return pairs


def _pair(statistics: Statistics, rate: float) -> Pair:
    lower, upper = statistics
    tail = rate / 2 if lower is not None and upper is not None else rate
    return (
        None if lower is None else float(np.quantile(lower, tail, method="inverted_cdf")),
        None if upper is None else float(np.quantile(upper, 1 - tail, method="inverted_cdf")),
    )


def _error(statistics: Statistics, rate: float) -> float:
    """Monte-Carlo error of a limit as a share of the distance to the other one, or to the median pool.

    It is that of logarithms where values have one sign, as ratios then matter and not differences.
    """
    lower, upper = (None if values is None else _comparable(values) for values in statistics)
    tail = rate / 2 if lower is not None and upper is not None else rate
    errors = []
    for values, share, other in ((lower, tail, upper), (upper, 1 - tail, lower)):
        if values is None:
            continue
        shaken = np.sqrt(share * (1 - share) / len(values))
        low, limit, high = np.quantile(values, np.clip([share - shaken, share, share + shaken], 0, 1))
        far = np.quantile(values, 0.5) if other is None else np.quantile(other, 1 - share)
        errors.append(float((high - low) / 2 / abs(limit - far)) if limit != far else 0.0)
    return max(errors)


def _comparable(values: Array) -> Array:
    one_sign = bool(np.all(values > 0) or np.all(values < 0))
    return np.sign(values) * np.log(np.abs(values)) if one_sign else values


def _prediction(kinds: Mapping[str, Sequence[Pair]], sizes: tuple[int, ...]) -> Prediction:
    return Prediction(**{kind: _quantiles(pairs, sizes) for kind, pairs in kinds.items()})


def _quantiles(pairs: Sequence[Pair], sizes: tuple[int, ...]) -> Quantiles:
    columns = [
        None if pairs[0][side] is None else tuple(_rounded(pair[side] or 0.0) for pair in pairs)
        for side in range(2)
    ]
    return Quantiles(sizes[-len(pairs) :], columns[0], columns[1])


def _rounded(value: float) -> float:
    """Round so that the last digits of another platform's arithmetic do not show."""
    return float(f"{value:.{_DIGITS}g}")


def main(arguments: Sequence[str]) -> int:
    """Write the limits of every species, or of those that are named.

    Returns
    -------
    int
        Exit code: 0, or 4 if anything is wrong with the literature.
    """
    parser = argparse.ArgumentParser(prog="python -m mnvalidate.predict", description=__doc__.split("\n")[0])
    parser.add_argument("--literature", type=Path, metavar="DIR", help="literature of your own")
    parser.add_argument("species", nargs="*", metavar="SPECIES", help="default: every one that needs limits")
    options = parser.parse_args(arguments)
    try:
        _write(options.species, options.literature)
    except (ReferenceDataError, OSError) as error:
        print(f"mnvalidate.predict: {error}", file=sys.stderr)
        return 4
    return 0


def _write(wanted: Sequence[str], own: Path | None) -> None:
    literature = load_literature(own=own)
    folder = (own or data_folder()) / "limits"
    every = [*literature.species, ""] if own is None else _new_species(literature)
    if not every:
        print("the shipped limits hold: nothing is to be simulated")
    for species in ["" if name == ANY_SPECIES else name for name in wanted] or every:
        found = predict(literature, species)
        folder.mkdir(exist_ok=True)
        path = folder / f"{species or ANY_SPECIES}.json"
        path.write_text(json.dumps(to_json(found), indent=1) + "\n", encoding="utf-8")
        print(f"{path.name}: {len(found.by_criterion)} criteria, Monte-Carlo error {100 * found.error:.1f} %")


def _new_species(joined: Reference) -> list[str]:
    """Species for which the shipped limits do not hold."""
    shipped = load_reference()
    return [name for name in joined.species if shipped_limits(joined, shipped, name) is None]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
