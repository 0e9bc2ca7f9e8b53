"""Quantities that follow from others or from the model itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnvalidate.protocols.base import NotApplicable, NotMeasurable, Protocol, Reading, Value
from mnvalidate.quantities import Quantity

if TYPE_CHECKING:
    from mnvalidate.clamp import CurrentClamp


@dataclass(frozen=True)
class Derived(Protocol):
    """Capacitance from time constant and input resistance; conduction velocity as the model states it."""

    name: ClassVar[str] = "derived"
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity("C__nF", "nF", "Capacitance", "Time constant over input resistance: an order of magnitude."),
        Quantity(
            "conduction_velocity__m_per_s",
            "m/s",
            "Axonal conduction velocity",
            "Conduction velocity of the axon, where the model has one.",
        ),
    )

    def measure(self, clamp: CurrentClamp, earlier: Mapping[str, float]) -> Reading:
        """See `Protocol.measure`."""
        velocity = clamp.motoneuron.conduction_velocity__m_per_s
        return Reading(
            {
                "C__nF": capacitance(earlier),
                "conduction_velocity__m_per_s": (
                    NotApplicable("the model states none") if velocity is None else Value(velocity, 0.0)
                ),
            }
        )


def capacitance(earlier: Mapping[str, float]) -> Value | NotMeasurable:
    """Capacitance in nF, if both of the quantities it follows from were measured."""
    if "tau__ms" not in earlier or "Rin__MOhm" not in earlier:
        return NotMeasurable("needs tau__ms and Rin__MOhm")
    tau, resistance = earlier["tau__ms"], earlier["Rin__MOhm"]
    return Value(tau / resistance, resolution=0.01 * tau / resistance)
