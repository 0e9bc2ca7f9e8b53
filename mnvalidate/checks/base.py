"""What every check has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.records import Record
from mnvalidate.verdicts import Verdict


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

    def neuron_label(self, neuron: int) -> str:
        """Short name of a neuron, zero-padded so that names sort: ``n03``."""
        return f"n{neuron:0{max(2, len(str(self.n_neurons - 1)))}d}"


class Check(ABC):
    """One question about a pool: a callable that turns records into a verdict.

    Attributes
    ----------
    family : str
        Kind of check; the suite has one test function for each.
    """

    family: ClassVar[str]

    @property
    @abstractmethod
    def model(self) -> str:
        """Name of the model whose pool it judges."""

    @property
    @abstractmethod
    def id(self) -> str:
        """Readable name within the family, for example ``NERLab-n03-Rin__MOhm``."""

    @property
    def full_id(self) -> str:
        """Family and name, for example ``range[NERLab-n03-Rin__MOhm]``."""
        return f"{self.family}[{self.id}]"

    @abstractmethod
    def __call__(self, records: Sequence[Record]) -> Verdict:
        """Judge the records of the pool, in order of recruitment."""
