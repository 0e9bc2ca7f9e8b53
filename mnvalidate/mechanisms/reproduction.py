"""Scripts for NEURON's Python that run into a problem as the check did, and print its number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from mnvalidate.mechanisms.rig import AREA__um2, ion_styles
from mnvalidate.nmodl.interface import Interface
from mnvalidate.nmodl.sources import MechanismKind

_EVENT_DELAY__ms = 1.0


@dataclass(frozen=True)
class Conditions:
    """What is done with one instance under an exact voltage clamp.

    Parameters
    ----------
    start__mV, target__mV : float
        Voltage of INITIAL, and of the steps that follow.
    step__ms, celsius : float
        Time step and temperature.
    parameters : mapping of str to float
        Parameters that are set.
    reversals__mV : mapping of str to float
        Reversal potential by ion.
    """

    start__mV: float
    target__mV: float
    step__ms: float
    celsius: float
    parameters: Mapping[str, float] = field(default_factory=dict)
    reversals__mV: Mapping[str, float] = field(default_factory=dict)


def script(interface: Interface, conditions: Conditions, variable: str, steps: int) -> str:
    """Return a script that prints a variable after some steps; after INITIAL if there are none.

    It is run where NEURON finds the mechanism: in the folder in which ``nrnivmodl`` has compiled it.
    """
    name = interface.name
    is_density = interface.kind is MechanismKind.DENSITY
    owner = "soma(0.5)" if is_density else "process"
    lines = [
        f"# Run it in the folder in which nrnivmodl has compiled {name}.",
        "from neuron import h",
        'soma = h.Section(name="soma")',
        f"soma.L = soma.diam = {math.sqrt(AREA__um2 / math.pi)!r}",
        "soma.cm = 1e30  # clamps the voltage exactly",
        f'soma.insert("{name}")' if is_density else f"process = h.{name}(soma(0.5))",
    ]
    for ion, style in ion_styles(interface).items():
        lines.append(f'h.ion_style("{ion}_ion", {", ".join(map(str, style))}, sec=soma)')
    lines += [f"soma.e{ion} = {value!r}" for ion, value in conditions.reversals__mV.items()]
    for parameter, value in conditions.parameters.items():
        if parameter not in interface.ranges:
            lines.append(f"h.{parameter}_{name} = {value!r}")
        else:
            lines.append(f"{owner}.{parameter}{f'_{name}' * is_density} = {value!r}")
    lines += [
        f"h.celsius = {conditions.celsius!r}",
        f"h.dt = {conditions.step__ms!r}",
        f"h.finitialize({conditions.start__mV!r})",
    ]
    if steps:
        lines += [f"soma.v = {conditions.target__mV!r}", f"for _ in range({steps}):", "    h.fadvance()", ""]
    lines.append(f"print({_reading(interface, variable)})")
    return "\n".join(lines)


def _reading(interface: Interface, variable: str) -> str:
    """Expression for a state, a current or a RANGE or GLOBAL output."""
    foreign = {name for ion in interface.ions for name in (*ion.reads, *ion.writes)}
    base = variable.partition("[")[0]
    if base in foreign:
        return f"soma.{variable}"
    if interface.kind is not MechanismKind.DENSITY:
        return f"process.{variable}"
    if base in interface.globals:
        return f"h.{base}_{interface.name}{variable.removeprefix(base)}"
    return f"soma(0.5).{interface.name}.{variable}"
