"""What every protocol has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from mnvalidate.drawing import Drawing
from mnvalidate.quantities import Quantity
from mnvalidate.records import IntegrationFailed, NotApplicable, NotMeasurable

__all__ = ["IntegrationFailed", "NotApplicable", "NotMeasurable", "Protocol", "Reading", "Value"]

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp


@dataclass(frozen=True, slots=True)
class Value:
    """A measured value and the smallest difference the protocol can tell, in the quantity's unit."""

    value: float
    resolution: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a protocol found.

    Parameters
    ----------
    results : mapping of str to Value, NotMeasurable or NotApplicable
        By the name of the quantity.
    data : mapping of str to tuple of float
        Columns worth keeping, for example the points of a curve.
    drawings : tuple of Drawing
        What to show of the traces.
    """

    results: Mapping[str, Value | NotMeasurable | NotApplicable]
    data: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    drawings: tuple[Drawing, ...] = ()


@dataclass(frozen=True)
class Protocol(ABC):
    """Stimulus, windows and resolution of a measurement; a subclass's fields are its settings."""

    name: ClassVar[str]
    quantities: ClassVar[tuple[Quantity, ...]]
    needs: ClassVar[tuple[str, ...]] = ()
    """Names of quantities that must have been measured before."""

    @abstractmethod
    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """Run the sweeps and read them.

        Parameters
        ----------
        clamp : CurrentClamp
            The neuron under current clamp.
        earlier : mapping of str to float
            Values of the quantities measured before, those in `needs` among them.

        Raises
        ------
        NotMeasurable
            If none of the quantities can be measured.
        """
