"""What every check has in common, and what makes a family of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from mnvalidate.baseline.state import State
from mnvalidate.literature.criteria import Criterion, Reference
from mnvalidate.verdicts import Subject, SubjectKind, Verdict, neuron_label


@dataclass(frozen=True)
class PoolOutline:
    """What is known of a pool before it is measured.

    Parameters
    ----------
    model : str
        Name of the model specification.
    n_neurons : int
        Size of the pool.
    """

    model: str
    n_neurons: int

    @property
    def subject(self) -> Subject:
        """The pool as a subject."""
        return Subject(SubjectKind.POOL, self.model, self.model)

    def neuron(self, index: int) -> Subject:
        """One of its neurons as a subject."""
        label = neuron_label(self.model, self.n_neurons, index)
        return Subject(SubjectKind.NEURON, self.model, label, index)


@dataclass(frozen=True)
class Check(ABC):
    """One question about a subject: a callable that turns what was seen of the subject into a verdict.

    Attributes
    ----------
    family : str
        Name of the family that it belongs to.
    """

    family: ClassVar[str]

    @property
    @abstractmethod
    def subject(self) -> Subject:
        """What it judges."""

    @property
    @abstractmethod
    def id(self) -> str:
        """Readable name within the family, for example ``NERLab-n03-Rin__MOhm``."""

    @property
    @abstractmethod
    def needs(self) -> tuple[str, ...]:
        """Quantities that it needs, the one that it judges first; of a mechanism, what is asked before."""

    @property
    def full_id(self) -> str:
        """Family and name, for example ``range[NERLab-n03-Rin__MOhm]``."""
        return f"{self.family}[{self.id}]"

    @abstractmethod
    def __call__(self, evidence: Any) -> Verdict:
        """Judge what was seen of the subject.

        Parameters
        ----------
        evidence : sequence of Record or mapping of str to Answer
            For a pool or a neuron, the records of the whole pool in order of their indices; for a mechanism,
            the answers by the names of what was asked.
        """


class Chapter(StrEnum):
    """Where the suite has the test of a family: ``mnvalidate/suite/test_CHAPTER.py``."""

    BASELINE = "baseline"
    RANGES = "ranges"
    TRENDS = "trends"
    RELATIONS = "relations"
    MECHANISMS = "mechanisms"


@dataclass(frozen=True, slots=True)
class Planning:
    """What checks are planned from, before anything is measured.

    Parameters
    ----------
    reference : Reference
        Facts and criteria.
    species : str
        Species whose criteria apply.
    pools : tuple of PoolOutline
        Pools to be measured.
    mechanisms : tuple of str
        Mechanisms to be asked about.
    baseline : State, optional
        The model as it was; None where nothing is compared.
    """

    reference: Reference
    species: str
    pools: tuple[PoolOutline, ...] = ()
    mechanisms: tuple[str, ...] = ()
    baseline: State | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """A family of checks: one question, asked of many subjects.

    The suite's test function, and what every report shows of the family, follow from this value.

    Parameters
    ----------
    name : str
        Name in ids: ``test_NAME`` in the suite, ``NAME[...]`` in reports.
    title : str
        What it judges, as the heading of a row.
    statement : str
        What is true where its checks conform; it documents the test function.
    chapter : Chapter
        Where the suite has its test.
    plan : callable
        Returns its checks.
    value : str
        What the value is that its checks compare; empty where it is the quantity itself.
    signed : bool
        Whether the sign of the value matters, so that it is always written.
    section : str
        Section of the files of criteria that holds its own; empty where it has none.
    criterion : type of Criterion, optional
        Kind of the criteria in that section.
    """

    name: str
    title: str
    statement: str
    chapter: Chapter
    plan: Callable[[Planning], Iterable[Check]]
    value: str = ""
    signed: bool = False
    section: str = ""
    criterion: type[Criterion] | None = None
