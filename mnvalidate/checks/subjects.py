"""What checks are about: a pool, or one neuron of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from mnvalidate.checks.base import Check, PoolOutline
from mnvalidate.checks.values import record_of
from mnvalidate.records import Record
from mnvalidate.reference import Criterion
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True)
class PoolCheck(Check):
    """A question about a pool.

    Parameters
    ----------
    pool : PoolOutline
        The pool, whose records the check is called with.
    """

    pool: PoolOutline

    @property
    def model(self) -> str:
        """See `Check.model`."""
        return self.pool.model


@dataclass(frozen=True)
class CriterionCheck(PoolCheck):
    """A question about a pool that a criterion of the literature answers."""

    @property
    @abstractmethod
    def rule(self) -> Criterion:
        """The criterion."""

    def conclude(
        self,
        conclusion: Conclusion,
        message: str,
        value: float | None = None,
        limits: tuple[float | None, float | None] = (None, None),
    ) -> Verdict:
        """Verdict on the pool as a whole, whose value has no unit."""
        return Verdict(
            check=self.full_id,
            model=self.model,
            quantity=self.rule.quantities[0],
            conclusion=conclusion,
            severity=self.rule.severity,
            message=f"{self.model}: {message}",
            value=value,
            unit="1",
            lower=limits[0],
            upper=limits[1],
            criterion=self.rule.id,
            source=self.rule.source.citation,
            doi=self.rule.source.doi,
        )


@dataclass(frozen=True)
class NeuronCheck(PoolCheck):
    """A question about one neuron that a criterion of the literature answers.

    Parameters
    ----------
    neuron : int
        Index of the neuron, in order of recruitment.
    """

    neuron: int

    @property
    @abstractmethod
    def rule(self) -> Criterion:
        """The criterion."""

    @property
    @abstractmethod
    def unit(self) -> str:
        """Unit of the value that is compared."""

    @abstractmethod
    def judge(self, record: Record) -> Verdict:
        """Judge the neuron's record."""

    @property
    def label(self) -> str:
        """Model and neuron, as in ids."""
        return f"{self.model}-{self.pool.neuron_label(self.neuron)}"

    def __call__(self, records: Sequence[Record]) -> Verdict:
        """See `Check.__call__`."""
        record = record_of(records, self.neuron)
        if record is None:
            return self.conclude(None, Conclusion.NOT_MEASURED, "there is no record of this neuron")
        return self.judge(record)

    def conclude(
        self,
        record: Record | None,
        conclusion: Conclusion,
        message: str,
        value: float | None = None,
        limits: tuple[float | None, float | None] = (None, None),
    ) -> Verdict:
        """Verdict on the neuron."""
        threshold = None if record is None else record.recruitment_threshold
        which = "" if threshold is None else f" (recruitment threshold {threshold:.4g})"
        return Verdict(
            check=self.full_id,
            model=self.model,
            quantity=self.rule.quantities[0],
            conclusion=conclusion,
            severity=self.rule.severity,
            message=f"{self.model} neuron {self.neuron}{which}: {message}",
            neuron=self.neuron,
            recruitment_threshold=threshold,
            value=value,
            unit=self.unit,
            lower=limits[0],
            upper=limits[1],
            criterion=self.rule.id,
            source=self.rule.source.citation,
            doi=self.rule.source.doi,
        )
