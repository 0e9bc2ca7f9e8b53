"""A section that holds nothing but the mechanism under test, and an exact voltage clamp of it.

An exact clamp needs no electrode: with a capacitance of 1e30 uF/cm2 no current moves the voltage in its last
bit, under a fixed step and under CVODE alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import NotApplicable
from mnvalidate.nmodl.interface import Interface, Ion
from mnvalidate.nmodl.sources import MechanismKind
from mnvalidate.traces import Array

AREA__um2 = 1000.0
CELSIUS = 36.0
STEP__ms = 0.025

_CLAMPED__uF_per_cm2 = 1e30
_FREE__uF_per_cm2 = 1.0
_LEAK__S_per_cm2 = 1e-4
# Distinct from 0, where NEURON lets the reversal potential of an ion that it does not know begin.
_REVERSALS__mV = {"na": 50.0, "k": -77.0, "ca": 120.0}
_OTHER_REVERSAL__mV = 60.0
# What POINTERs point to, by unit.
_POINTED_TO = {"mV": -65.0, "mM": 1e-4}
_POINTED_TO_OTHERWISE = 0.5
_PARAMETERS, _ASSIGNED, _STATES, _GLOBALS = 1, 2, 3, -1


@dataclass(frozen=True, slots=True)
class Variable:
    """A number in NEURON's memory."""

    name: str
    reference: Any

    @property
    def value(self) -> float:
        """Its present value."""
        return float(self.reference[0])

    def set(self, value: float) -> None:
        """Change it."""
        self.reference[0] = value


class Instance:
    """One instance of the mechanism, in a section of its own.

    Parameters
    ----------
    interface : Interface
        The mechanism.

    Attributes
    ----------
    states, currents, assigned, parameters : tuple of Variable
        Its variables, arrays element by element; `states` holds concentrations that are STATEs, too,
        `currents` the ions' and the nonspecific ones, `assigned` the RANGE outputs.
    concentrations : tuple of Variable
        Ions' variables that it writes and that are no states.
    targets : tuple of Variable
        What its POINTERs point to, unless they are used in C.
    given : tuple of Variable
        Ions' concentrations that it reads and does not write.
    """

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        self.section = h.Section(name="rig")
        self.section.L = self.section.diam = float(np.sqrt(AREA__um2 / np.pi))
        self.section.cm = _CLAMPED__uF_per_cm2
        self.segment = self.section(0.5)
        self.process = self._place()
        self._memories: list[Any] = []
        for ion in interface.ions:
            self._set_reversal(ion, _REVERSALS__mV.get(ion.name, _OTHER_REVERSAL__mV))
        self.targets = tuple(
            self._point(pointer) for pointer in (() if interface.pointers_in_c else interface.pointers)
        )
        written = self._of_ions(lambda ion: [name for name in ion.writes if name != ion.current])
        declared = {state.name for state in interface.states}
        self.states = self._standard(_STATES) + tuple(v for v in written if v.name in declared)
        self.concentrations = tuple(v for v in written if v.name not in declared)
        self.given = self._of_ions(lambda ion: [n for n in ion.concentrations if n not in ion.writes])
        self.assigned = tuple(v for v in self._standard(_ASSIGNED) if v.name not in interface.currents)
        self.parameters = tuple(
            v for v in self._standard(_PARAMETERS) if v.name in {p.name for p in interface.parameters}
        )
        ionic = [ion.current for ion in interface.ions if ion.current in ion.writes]
        self.currents = tuple(
            [Variable(name, getattr(self.segment, f"_ref_{name}")) for name in ionic]
            + [self._own(name) for name in interface.currents]
        )
        self.event = h.NetCon(None, self.process) if interface.receives_events and self.process else None
        if self.event is not None and self.event.wcnt() > 0:
            self.event.weight[0] = 1.0

    @property
    def outputs(self) -> tuple[Variable, ...]:
        """What the rest of a cell sees: states, currents, concentrations and what POINTERs point to.

        RANGE outputs are among them where there is no current.
        """
        own = self.states + self.currents + self.concentrations + self.targets
        return own if self.currents else own + self.assigned

    def reversal(self, ion: str) -> Variable:
        """Reversal potential of an ion."""
        return Variable(f"e{ion}", getattr(self.segment, f"_ref_e{ion}"))

    def set_parameter(self, name: str, value: float) -> None:
        """Set a RANGE parameter of this instance, or a GLOBAL of the process."""
        for variable in self.parameters:
            if variable.name == name:
                variable.set(value)
                return
        setattr(h, f"{name}_{self.interface.name}", value)

    def parameter(self, name: str) -> float:
        """Return the value of a RANGE or GLOBAL parameter."""
        for variable in self.parameters:
            if variable.name == name:
                return variable.value
        return float(getattr(h, f"{name}_{self.interface.name}"))

    def free_voltage(self) -> None:
        """Let the voltage follow the currents, with a leak."""
        self.section.cm = _FREE__uF_per_cm2
        if self.interface.name != "pas":
            self.section.insert("pas")
            self.segment.pas.g, self.segment.pas.e = _LEAK__S_per_cm2, -70.0

    def _place(self) -> Any:
        kind, name = self.interface.kind, self.interface.name
        if kind is MechanismKind.DENSITY:
            self.section.insert(name)
            return None
        return getattr(h, name)(self.segment)

    def _set_reversal(self, ion: Ion, value: float) -> None:
        if hasattr(self.segment, ion.reversal):
            h.ion_style(f"{ion.name}_ion", *ion_styles(self.interface)[ion.name], sec=self.section)
            setattr(self.segment, ion.reversal, value)

    def _point(self, pointer: str) -> Variable:
        """Let a POINTER point to a number of its own."""
        owner = f"{self.interface.name}.{pointer}" if self.process else f"{pointer}_{self.interface.name}"
        memory = h.Vector(1, _POINTED_TO.get(str(h.units(owner)), _POINTED_TO_OTHERWISE))
        self._memories.append(memory)  # NEURON does not keep it
        h.setpointer(memory._ref_x[0], pointer, self.process or getattr(self.segment, self.interface.name))
        return Variable(pointer, memory._ref_x[0])

    def _of_ions(self, names: Callable[[Ion], list[str]]) -> tuple[Variable, ...]:
        return tuple(
            Variable(name, getattr(self.segment, f"_ref_{name}"))
            for name in dict.fromkeys(name for ion in self.interface.ions for name in names(ion))
        )

    def _standard(self, kind: int) -> tuple[Variable, ...]:
        standard = h.MechanismStandard(self.interface.name, kind)
        name = h.ref("")
        variables: list[Variable] = []
        for index in range(int(standard.count())):
            size = int(standard.name(name, index))
            suffix = "" if self.process is not None else f"_{self.interface.name}"
            own = str(name[0]).removesuffix(suffix)
            variables += [self._own(own)] if size == 1 else [self._element(own, i) for i in range(size)]
        return tuple(variables)

    def _element(self, name: str, index: int) -> Variable:
        owner = self.process or getattr(self.segment, self.interface.name)
        return Variable(f"{name}[{index}]", getattr(owner, f"_ref_{name}")[index])

    def _own(self, name: str) -> Variable:
        if self.process is not None:
            return Variable(name, getattr(self.process, f"_ref_{name}"))
        return Variable(name, getattr(self.segment, f"_ref_{name}_{self.interface.name}"))


def ion_styles(interface: Interface) -> dict[str, tuple[int, int, int, int, int]]:
    """Arguments of NEURON's ``ion_style`` by ion.

    Reversal potentials stay as they are set, and a concentration moves only where the mechanism moves it.
    """
    styles = {}
    for ion in interface.ions:
        writes = any(name in ion.writes for name in ion.concentrations)
        styles[ion.name] = (3 if writes else 1, 1, 0, 0, int(writes))
    return styles


def global_outputs(interface: Interface) -> tuple[Variable, ...]:
    """GLOBAL variables that are no parameters, such as ``minf`` and ``mtau``."""
    parameters = {parameter.name for parameter in interface.parameters}
    standard = h.MechanismStandard(interface.name, _GLOBALS)
    name = h.ref("")
    found = []
    for index in range(int(standard.count())):
        size = standard.name(name, index)
        short = str(name[0]).removesuffix(f"_{interface.name}")
        if size == 1 and short not in parameters and not short.startswith("usetable"):
            found.append(Variable(short, getattr(h, f"_ref_{name[0]}")))
    return tuple(found)


def values(variables: Sequence[Variable]) -> Array:
    """Present values of variables."""
    return np.array([variable.reference[0] for variable in variables])


def initialise(instances: Sequence[Instance], voltages__mV: Sequence[float]) -> None:
    """Start each instance at its voltage, with a fixed step of 0.025 ms."""
    h.CVode().active(0)
    h.dt = STEP__ms
    for instance, voltage in zip(instances, voltages__mV, strict=True):
        instance.section.v = voltage
    h.finitialize()


def advance(duration__ms: float, step__ms: float) -> None:
    """Advance by a duration in fixed steps."""
    h.dt = step__ms
    for _ in range(round(duration__ms / step__ms)):
        h.fadvance()


def bearable_step(instance: Instance, step__ms: float) -> float:
    """Return the step, or a short one where an explicit method would be unstable."""
    return min(step__ms, STEP__ms) if instance.interface.is_explicit else step__ms


def use_cvode(tolerance: float) -> None:
    """Integrate with a variable step from now on.

    Raises
    ------
    NotApplicable
        If the mechanism does not allow it.
    """
    cvode = h.CVode()
    try:
        cvode.active(1)
        h.finitialize()
    except RuntimeError as error:
        cvode.active(0)
        raise NotApplicable("NEURON refuses to integrate it with CVODE") from error
    cvode.atol(tolerance)
    cvode.rtol(0)


def settings_of(instance: Instance) -> Mapping[str, float]:
    """Parameters of the mechanism by name, as they are now; arrays left out."""
    found = {}
    for parameter in instance.interface.parameters:
        try:
            found[parameter.name] = instance.parameter(parameter.name)
        except (AttributeError, TypeError, ValueError):
            continue
    return found
