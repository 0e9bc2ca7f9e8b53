"""Quantities that are measured and have no range to be judged by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Check, Family, Planning, PoolOutline
from mnvalidate.checks.definitions import other_definitions
from mnvalidate.checks.families.range import RangeCriterion
from mnvalidate.checks.values import Missing, lost_quantity, measured, title
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Severity, Subject, Verdict


@dataclass(frozen=True)
class NoReferenceCheck(Check):
    """Says that a quantity has no range, and fails only where a process ended before it was measured.

    Parameters
    ----------
    pool : PoolOutline
        The pool.
    quantity, species : str
        What has no reference, and in which species.
    judged_as : str
        The definition of the same property that has one; empty where there is none.
    """

    family: ClassVar[str] = "no_reference"
    pool: PoolOutline
    quantity: str
    species: str
    judged_as: str = ""

    @property
    def subject(self) -> Subject:
        """See `Check.subject`."""
        return self.pool.subject

    @property
    def id(self) -> str:
        """See `Check.id`."""
        return f"{self.pool.model}-{self.quantity}"

    @property
    def needs(self) -> tuple[str, ...]:
        """See `Check.needs`."""
        return (self.quantity,)

    def __call__(self, evidence: Sequence[Record]) -> Verdict:
        """See `Check.__call__`."""
        lost = next((record for record in evidence if lost_quantity(record, self.needs)), None)
        if lost is None:
            conclusion = Conclusion.NOT_JUDGED
            message = f"{self.quantity} is not judged: no reference for the {self.species}"
            if self.judged_as:
                message += f"; {self.judged_as} is judged, which is measured as experiments did"
        else:
            missing = measured(lost, self.quantity)
            reason = missing.reason if isinstance(missing, Missing) else ""
            conclusion = Conclusion.NOT_MEASURED
            message = f"{title(self.quantity)} of neuron {lost.neuron} was not measured: {reason}"
        return Verdict(
            check=self.full_id,
            family=self.family,
            subject=self.subject,
            quantity=self.quantity,
            conclusion=conclusion,
            severity=Severity.INFO,
            message=f"{self.pool.model}: {message}",
            accident=lost is not None,
            unit=QUANTITIES[self.quantity].unit,
        )


def plan(planning: Planning) -> Iterable[NoReferenceCheck]:
    """One check for each quantity without a range in this species."""
    judged = {c.quantity for c in planning.reference.of_kind(planning.species, RangeCriterion)}
    return [
        NoReferenceCheck(
            pool, name, planning.species, next((o for o in other_definitions(name) if o in judged), "")
        )
        for pool in planning.pools
        for name in QUANTITIES
        if name not in judged
    ]


FAMILY = Family(
    name=NoReferenceCheck.family,
    title="Quantities without a reference",
    statement="A quantity without a range in the literature is reported as not judged.",
    chapter=Chapter.RANGES,
    plan=plan,
)
