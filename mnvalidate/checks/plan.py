"""Which checks a pool gets, known before anything is measured, and their verdicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.base import Check, PoolOutline
from mnvalidate.checks.ranges import product_checks, range_checks
from mnvalidate.checks.relations import relation_checks
from mnvalidate.checks.subjects import PoolCheck
from mnvalidate.checks.trends import trend_checks
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.reference import RangeCriterion, Reference
from mnvalidate.verdicts import Conclusion, Severity, Verdict


@dataclass(frozen=True)
class NoReferenceCheck(PoolCheck):
    """Says that a quantity is measured but has no range to be judged by.

    Parameters
    ----------
    quantity, species : str
        What has no reference, and in which species.
    """

    family: ClassVar[str] = "no_reference"
    quantity: str
    species: str

    @property
    def id(self) -> str:
        """See `Check.id`."""
        return f"{self.model}-{self.quantity}"

    def __call__(self, records: Sequence[Record]) -> Verdict:
        """See `Check.__call__`."""
        return Verdict(
            check=self.full_id,
            model=self.model,
            quantity=self.quantity,
            conclusion=Conclusion.NOT_JUDGED,
            severity=Severity.INFO,
            message=f"{self.model}: {self.quantity} is not judged: no reference for the {self.species}",
            unit=QUANTITIES[self.quantity].unit,
        )


def plan_checks(reference: Reference, species: str, outlines: Sequence[PoolOutline]) -> tuple[PoolCheck, ...]:
    """Every check of every pool, in a fixed order.

    Parameters
    ----------
    reference : Reference
        Facts and criteria.
    species : str
        Species whose criteria apply.
    outlines : sequence of PoolOutline
        The pools; no records are needed.

    Returns
    -------
    tuple of PoolCheck
        Their full ids are unique if the models' names are.

    Raises
    ------
    ReferenceDataError
        If the species has no criteria.
    """
    checks: list[PoolCheck] = []
    for pool in outlines:
        checks += range_checks(reference, species, pool)
        checks += product_checks(reference, species, pool)
        checks += trend_checks(reference, species, pool)
        checks += relation_checks(reference, species, pool)
        checks += _unreferenced(reference, species, pool)
    return tuple(checks)


def judge_records(checks: Iterable[Check], records: Iterable[Record]) -> list[Verdict]:
    """Call every check with the records of its model, in order of recruitment."""
    pools: dict[str, list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda record: record.neuron):
        pools[record.model].append(record)
    return [check(pools.get(check.model, [])) for check in checks]


def _unreferenced(reference: Reference, species: str, pool: PoolOutline) -> list[PoolCheck]:
    judged = {c.quantity for c in reference.of_species(species) if isinstance(c, RangeCriterion)}
    return [NoReferenceCheck(pool, name, species) for name in QUANTITIES if name not in judged]
