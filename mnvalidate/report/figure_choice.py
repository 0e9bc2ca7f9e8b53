"""Which models a figure shows, and what figures are called."""

from __future__ import annotations

from dataclasses import replace

from mnvalidate.report.results import MeasuredPool, Results

SCAN_STEM = "scan_"
"""What the names of the figures of a scan begin with; the parameter follows."""

MOST_MODELS = 6
"""Models that a figure can show so that they are told apart."""

_TITLES = {
    "baseline": "What changed since the baseline: as it was in grey, as it is in colour",
    "neuron_parameters": "Rheobase, input resistance, AHP duration and F-I gain along recruitment",
    "rin_tau_relationship": "Membrane time constant against input resistance",
    "quantities": "Every other quantity along recruitment",
    "fi_curves": "F-I curves of the pool",
    "traces": "Spikes and afterhyperpolarisations of the pool",
    "relations": "Relations between quantities",
}


def figure_title(stem: str) -> str:
    """Title of a figure."""
    if stem.startswith(SCAN_STEM):
        key = stem.removeprefix(SCAN_STEM)
        return f"Every quantity against {key}: medians, ranges, the literature, and where verdicts flip"
    return _TITLES[stem]


def drawn_pools(results: Results) -> tuple[MeasuredPool, ...]:
    """Pools that are shown neuron by neuron: of many the first, the last and some evenly between."""
    n = len(results.pools)
    if n <= MOST_MODELS:
        return results.pools
    return tuple(results.pools[round(i * (n - 1) / (MOST_MODELS - 1))] for i in range(MOST_MODELS))


def drawn(results: Results) -> Results:
    """Results with these pools alone."""
    pools = drawn_pools(results)
    names = {pool.model for pool in pools}
    if len(pools) == len(results.pools):
        return results
    return replace(
        results,
        pools=pools,
        verdicts=tuple(v for v in results.verdicts if v.subject.is_mechanism or v.subject.name in names),
    )
