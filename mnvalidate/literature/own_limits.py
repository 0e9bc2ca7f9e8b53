"""Limits for pools of any size where literature of one's own stands beside the shipped."""

from __future__ import annotations

from mnvalidate.datafiles import ReferenceDataError
from mnvalidate.literature.criteria import Reference
from mnvalidate.literature.digest import digest_of
from mnvalidate.literature.population import Population
from mnvalidate.literature.predictions import SIMULATION, Predictions, read_predictions
from mnvalidate.literature.shelf import Shelf

HOW = "python -m mnvalidate.predict --literature"


def predictions_beside(joined: Reference, shipped: Reference, own: Shelf) -> dict[str, Predictions]:
    """Limits of every species: those that were simulated for it, or the shipped ones where these still hold.

    Parameters
    ----------
    joined : Reference
        Both literatures.
    shipped : Reference
        The shipped one alone, with its limits.
    own : Shelf
        Where limits of one's own are.

    Raises
    ------
    ReferenceDataError
        If a species has none that hold; says how they are simulated.
    """
    found = dict(shipped.predictions)
    for species in joined.species:
        held = shipped_limits(joined, shipped, species)
        if held is not None:
            found[species] = held
            continue
        path = own.folder / "limits" / f"{species}.json"
        if not path.is_file():
            raise ReferenceDataError(
                f"{own.label}: what pools of the {species} look like has not been simulated; "
                f"{HOW} {own.folder} writes {own.named(path)}"
            )
        found[species] = read_predictions(path)
        if found[species].digest != digest_of(joined, species, SIMULATION):
            raise ReferenceDataError(
                f"{own.named(path)}: facts, criteria or the simulation have changed since; "
                f"write it anew with {HOW} {own.folder}"
            )
    return found


def shipped_limits(joined: Reference, shipped: Reference, species: str) -> Predictions | None:
    """Shipped limits that hold for a species, None if none do.

    They hold where the population is a shipped one, and no criterion is new: with fewer of them, false alarms
    can only be rarer than stated. A species that is not shipped may be as any mammal.
    """
    name = species if species in shipped.species else ""
    limits = shipped.predictions.get(name)
    here, there = joined.population(species), shipped.population(name)
    if limits is None or here is None or there is None or not _is_same(here, there):
        return None
    known = [c for c in shipped.of_species(name) if c.is_predicted]
    new = [c for c in joined.of_species(species) if c.is_predicted and c not in known]
    return None if new else limits


def _is_same(here: Population, there: Population) -> bool:
    return (here.middles, here.spreads, here.slopes, dict(here.properties)) == (
        there.middles,
        there.spreads,
        there.slopes,
        dict(there.properties),
    )
