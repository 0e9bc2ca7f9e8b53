"""One file for each quantity or group of quantities: stimulus, run, and pure analysis."""

from __future__ import annotations

from mnvalidate.protocols.action_potential import ActionPotential
from mnvalidate.protocols.base import Protocol
from mnvalidate.protocols.derived import Derived
from mnvalidate.protocols.firing import RepetitiveFiring
from mnvalidate.protocols.input_resistance import InputResistance
from mnvalidate.protocols.rest import Rest
from mnvalidate.protocols.rheobase import Rheobase
from mnvalidate.protocols.time_constant import TimeConstant
from mnvalidate.quantities import Quantity

PROTOCOLS: tuple[Protocol, ...] = (
    Rest(),
    InputResistance(),
    TimeConstant(),
    Rheobase(),
    ActionPotential(),
    RepetitiveFiring(),
    Derived(),
)
"""Every protocol, in the order in which they are run."""

# The columns of MyoGen's published example come first, in its order.
_EXAMPLE_COLUMNS = (
    "vhold_soma__mV",
    "Rin__MOhm",
    "tau__ms",
    "Ir__nA",
    "AP__mV",
    "AHP__mV",
    "AHPdur__ms",
    "FI_gain__Hz_per_nA",
)

_DEFINED = {quantity.name: quantity for protocol in PROTOCOLS for quantity in protocol.quantities}

QUANTITIES: dict[str, Quantity] = {
    name: _DEFINED[name] for name in (*_EXAMPLE_COLUMNS, *(n for n in _DEFINED if n not in _EXAMPLE_COLUMNS))
}
"""Every quantity by name, in the order of the CSV's columns."""
