"""A fingerprint of all that simulated limits follow from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from mnvalidate.literature.criteria import Criterion, Reference
from mnvalidate.literature.limits import Limit
from mnvalidate.literature.population import Population
from mnvalidate.literature.predictions import Simulation


def digest_of(reference: Reference, species: str, simulation: Simulation) -> str:
    """Digest of a species' population with its facts, of its predicted criteria, and of the simulation."""
    population = reference.population(species)
    content = {
        "simulation": asdict(simulation),
        "population": None if population is None else _population(population),
        "criteria": [_criterion(c) for c in reference.of_species(species) if c.is_predicted],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _population(population: Population) -> dict[str, Any]:
    return {
        "between": [_limit(limit) for limit in (population.middles, population.spreads, population.slopes)],
        "properties": {
            name: {
                "direction": prop.direction,
                "scale": prop.scale,
                "share_of": prop.share_of,
                **{key: _limit(limit) for key, limit in prop.limits.items()},
            }
            for name, prop in population.properties.items()
        },
    }


def _limit(limit: Limit) -> list[Any]:
    return [limit.value, [[f.id, f.mean, f.sd, f.min, f.max, f.n] for f in limit.sources]]


def _criterion(criterion: Criterion) -> list[Any]:
    numbers = {key: _limit(limit) for key, _, limit in criterion.limits}
    return [
        type(criterion).__name__,
        criterion.id,
        criterion.severity,
        criterion.quantities,
        criterion.demand(),
        numbers,
    ]
