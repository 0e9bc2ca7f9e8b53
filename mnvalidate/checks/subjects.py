"""Checks by what they are about: a pool as a whole, or one neuron of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mnvalidate.checks.check import Check, PoolOutline
from mnvalidate.checks.definitions import what_definitions_decide
from mnvalidate.checks.values import lost_quantity, measured, missing_text, record_of
from mnvalidate.literature.criteria import ConsistencyCriterion, Criterion
from mnvalidate.literature.predictions import Limits
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Subject, Verdict

_NO_LIMITS: Limits = (None, None)


@dataclass(frozen=True)
class CriterionCheck[C: Criterion](Check):
    """A question about a pool, or a part of one, that a criterion answers.

    Parameters
    ----------
    pool : PoolOutline
        The pool, whose records the check is called with.
    criterion : Criterion
        What it is judged by.
    """

    pool: PoolOutline
    criterion: C

    @property
    @abstractmethod
    def unit(self) -> str:
        """Unit of the value that is compared."""

    @property
    def id(self) -> str:
        """See `Check.id`."""
        return f"{self.subject.label}-{'~'.join(self.needs)}"

    @property
    def needs(self) -> tuple[str, ...]:
        """See `Check.needs`."""
        return self.criterion.quantities

    def decided(
        self,
        verdict: Verdict,
        records: Sequence[Record],
        judge: Callable[[Sequence[Record]], Verdict],
    ) -> str:
        """Say where another definition of a quantity would turn the verdict by literature."""
        if isinstance(self.criterion, ConsistencyCriterion):
            return ""
        return what_definitions_decide(verdict, self.needs, records, judge)

    def conclude(
        self,
        conclusion: Conclusion,
        message: str,
        value: float | None = None,
        limits: Limits = _NO_LIMITS,
        rule: Criterion | None = None,
    ) -> Verdict:
        """Verdict on the subject by the check's criterion, or by another that applies in its place."""
        applied = rule or self.criterion
        source = applied.source
        return Verdict(
            check=self.full_id,
            family=self.family,
            subject=self.subject,
            quantity=self.needs[0],
            against=self.needs[1] if len(self.needs) > 1 else "",
            conclusion=conclusion,
            severity=applied.severity,
            message=message,
            value=value,
            unit=self.unit,
            lower=limits[0],
            upper=limits[1],
            criterion=applied.id,
            source="" if source is None else source.citation,
            doi="" if source is None else source.doi,
        )


@dataclass(frozen=True)
class PoolCheck[C: Criterion](CriterionCheck[C]):
    """A question about a pool as a whole."""

    @abstractmethod
    def judge(self, records: Sequence[Record]) -> Verdict:
        """Judge the records of the pool; the message need not name it."""

    @property
    def subject(self) -> Subject:
        """See `Check.subject`."""
        return self.pool.subject

    @property
    def unit(self) -> str:
        """See `CriterionCheck.unit`: ranks, ratios and exponents have none."""
        return "1"

    def __call__(self, evidence: Sequence[Record]) -> Verdict:
        """See `Check.__call__`."""
        verdict = self.judge(evidence)
        decided = self.decided(verdict, evidence, self.judge)
        return replace(verdict, message=f"{self.pool.model}: {verdict.message}{decided}")


@dataclass(frozen=True)
class NeuronCheck[C: Criterion](CriterionCheck[C]):
    """A question about one neuron.

    Parameters
    ----------
    neuron : int
        Index of the neuron in its pool.
    """

    neuron: int

    @abstractmethod
    def judge(self, record: Record, records: Sequence[Record]) -> Verdict:
        """Judge the neuron's record, given those of the whole pool; the message need not name it."""

    @property
    def subject(self) -> Subject:
        """See `Check.subject`."""
        return self.pool.neuron(self.neuron)

    def __call__(self, evidence: Sequence[Record]) -> Verdict:
        """See `Check.__call__`: without a record something has gone wrong that no child could tell."""
        name = f"{self.pool.model} neuron {self.neuron}"
        record = record_of(evidence, self.neuron)
        if record is None:
            message = f"{name}: there is no record of this neuron"
            return replace(self.conclude(Conclusion.NOT_MEASURED, message), accident=True)
        lost = lost_quantity(record, self.needs)
        verdict = self.judge(record, evidence)
        decided = self.decided(verdict, [record], lambda found: self.judge(found[0], evidence))
        if lost and verdict.conclusion is not Conclusion.NOT_MEASURED:
            verdict = self.conclude(Conclusion.NOT_MEASURED, missing_text(lost, measured(record, lost)))
        threshold = record.recruitment_threshold
        return replace(
            verdict,
            subject=replace(self.subject, recruitment_threshold=threshold),
            message=f"{name} (recruitment threshold {threshold:.4g}): {verdict.message}{decided}",
            accident=bool(lost),
        )
