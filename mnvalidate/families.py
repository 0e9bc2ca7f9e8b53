"""Every family of checks, of pools and of mechanisms: what the suite asks and the reports show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mnvalidate.checks import families as of_pools
from mnvalidate.checks.check import Chapter, Check, Family, Planning
from mnvalidate.datafiles import ReferenceDataError, data_folder
from mnvalidate.literature.criteria import Criterion, Reference
from mnvalidate.literature.digest import digest_of
from mnvalidate.literature.loading import read_reference
from mnvalidate.literature.own import own_shelf, with_own
from mnvalidate.literature.own_limits import predictions_beside
from mnvalidate.literature.predictions import SIMULATION, Predictions, read_predictions
from mnvalidate.literature.shelf import ANY_SPECIES, Shelf
from mnvalidate.mechanisms import check as of_mechanisms

FAMILIES: tuple[Family, ...] = tuple(
    sorted(
        (*of_pools.FAMILIES, of_mechanisms.FAMILY),
        key=lambda family: (list(Chapter).index(family.chapter), family.name),
    )
)
"""Every family, chapter by chapter."""

KINDS: Mapping[str, type[Criterion]] = {f.section: f.criterion for f in FAMILIES if f.criterion is not None}
"""Kind of the criteria in each section of a file of criteria."""


def family_named(name: str) -> Family:
    """Family of this name; of one that is not known here, such as a newer version's, what its name says."""
    for family in FAMILIES:
        if family.name == name:
            return family
    return Family(name, name.replace("_", " ").capitalize(), "", Chapter.RANGES, lambda planning: ())


def load_literature(folder: Path | None = None, own: Path | None = None) -> Reference:
    """Facts and the criteria of every family, without limits for pools of any size.

    Parameters
    ----------
    folder : Path, optional
        Folder of the reference data; the shipped one by default.
    own : Path, optional
        Folder of literature of one's own beside it.

    Raises
    ------
    ReferenceDataError
        If anything is wrong with a file; see `mnvalidate.literature.loading.read_reference` and
        `mnvalidate.literature.own.with_own`.
    """
    shipped = read_reference(KINDS, folder)
    return shipped if own is None else with_own(shipped, KINDS, own)


def load_reference(folder: Path | None = None, own: Path | None = None) -> Reference:
    """Facts, the criteria of every family, and their limits for pools of any size.

    Parameters
    ----------
    folder, own : Path, optional
        See `load_literature`.

    Raises
    ------
    ReferenceDataError
        If anything is wrong with a file, or if limits were simulated from other facts or criteria.
    """
    shelf = Shelf(folder or data_folder())
    literature = load_literature(folder)
    limits = {name: _limits(shelf, name) for name in (*literature.species, "")}
    for species, found in limits.items():
        if found.digest != digest_of(literature, species, SIMULATION):
            raise ReferenceDataError(
                f"limits/{species or ANY_SPECIES}.json: facts, criteria or the simulation have changed "
                "since; write it anew with python -m mnvalidate.predict"
            )
    shipped = replace(literature, predictions=limits)
    if own is None:
        return shipped
    joined = with_own(literature, KINDS, own)
    return replace(joined, predictions=predictions_beside(joined, shipped, own_shelf(own)))


def _limits(shelf: Shelf, species: str) -> Predictions:
    return read_predictions(shelf.folder / "limits" / f"{species or ANY_SPECIES}.json")


def plan_checks(planning: Planning) -> tuple[Check, ...]:
    """Every check, family by family; full ids are unique if the names of models and mechanisms are.

    Raises
    ------
    ReferenceDataError
        If the species has no criteria.
    """
    return tuple(check for family in FAMILIES for check in family.plan(planning))
