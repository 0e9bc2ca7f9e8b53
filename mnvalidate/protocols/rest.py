"""Resting potential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnvalidate.protocols.base import Protocol, Reading, Value
from mnvalidate.quantities import Quantity

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp


@dataclass(frozen=True)
class Rest(Protocol):
    """Settle without current until the soma is at rest, for 3 to 10 s.

    It is at rest once it drifts by less than 0.001 mV in 100 ms and its lowest and highest voltage of a whole
    second are less than 0.01 mV apart, so that no input hides between two samples. What is left of a drift is
    subtracted from the deflections that are read later.
    """

    name: ClassVar[str] = "rest"
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity("vhold_soma__mV", "mV", "Resting potential", "Somatic voltage settled without current."),
    )

    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """See `Protocol.measure`."""
        settled = clamp.settle()
        return Reading(
            {"vhold_soma__mV": Value(settled.rest__mV, resolution=0.001)},
            data={"settling__ms": (settled.settling__ms,), "drift__mV_per_100_ms": (settled.drift__mV,)},
        )
