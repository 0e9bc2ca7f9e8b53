"""Published numbers, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mnvalidate.datafiles import ReferenceDataError


class Evidence(StrEnum):
    """How a number was obtained."""

    READ = "read"
    SECONDARY = "secondary"
    DERIVED = "derived"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Source:
    """A publication.

    Parameters
    ----------
    id, citation : str
        Short name and short citation.
    doi : str
        Digital object identifier, empty where there is none.
    doi_evidence : str
        Whether the DOI was ``read`` on the source's page or comes from ``memory``; ``none`` without a DOI.
    """

    id: str
    citation: str
    doi: str
    doi_evidence: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One published number, or one number recalled or derived, and where it comes from.

    Parameters
    ----------
    id : str
        Unique name.
    quantity : str
        Quantity, by its name in `mnvalidate.protocols.QUANTITIES` where the suite measures it.
    statistic : str
        What the number says of the quantity: its ``value``, the ``exponent``, ``coefficient`` or ``r2`` of a
        power law `against` another quantity, the ``fold`` between extremes, a ``ratio``, a ``fraction``, or
        the ``direction`` along recruitment (1 up, -1 down, 0 none).
    unit : str
        Unit of the numbers.
    mean, sd, min, max : float, optional
        The numbers.
    n : int, optional
        Number of neurons.
    """

    id: str
    quantity: str
    statistic: str
    unit: str
    species: str
    source: Source
    evidence: Evidence
    against: str = ""
    mean: float | None = None
    sd: float | None = None
    min: float | None = None
    max: float | None = None
    n: int | None = None
    muscle: str = ""
    preparation: str = ""
    mu_type: str = ""
    protocol: str = ""
    where: str = ""
    note: str = ""

    def number(self, name: str) -> float:
        """Return ``mean``, ``sd``, ``min`` or ``max``.

        Raises
        ------
        ReferenceDataError
            If the fact does not have it.
        """
        value: float | None = getattr(self, name)
        if value is None:
            raise ReferenceDataError(f"facts: {self.id}: {name}: is empty but a criterion uses it")
        return value
