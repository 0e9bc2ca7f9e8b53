"""Every family of checks, of pools and of mechanisms: what the suite asks and the reports show."""

from __future__ import annotations

from pathlib import Path

from mnvalidate.checks import families as of_pools
from mnvalidate.checks.check import Chapter, Check, Family, Planning
from mnvalidate.literature.criteria import Reference
from mnvalidate.literature.loading import read_reference
from mnvalidate.mechanisms import check as of_mechanisms

FAMILIES: tuple[Family, ...] = tuple(
    sorted(
        (*of_pools.FAMILIES, of_mechanisms.FAMILY),
        key=lambda family: (list(Chapter).index(family.chapter), family.name),
    )
)
"""Every family, chapter by chapter."""


def family_named(name: str) -> Family:
    """Family of this name; of one that is not known here, such as a newer version's, what its name says."""
    for family in FAMILIES:
        if family.name == name:
            return family
    return Family(name, name.replace("_", " ").capitalize(), "", Chapter.RANGES, lambda planning: ())


def load_reference(folder: Path | None = None) -> Reference:
    """Facts and the criteria of every family; see `mnvalidate.literature.loading.read_reference`."""
    kinds = {f.section: f.criterion for f in FAMILIES if f.criterion is not None}
    return read_reference(kinds, folder)


def plan_checks(planning: Planning) -> tuple[Check, ...]:
    """Every check, family by family; full ids are unique if the names of models and mechanisms are.

    Raises
    ------
    ReferenceDataError
        If the species has no criteria.
    """
    return tuple(check for family in FAMILIES for check in family.plan(planning))
