"""A section that holds nothing but the mechanism under test, and an exact voltage clamp of it.

An exact clamp needs no electrode: with a capacitance of 1e30 uF/cm2 no current moves the voltage in its last
bit, under a fixed step and under CVODE alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import NotApplicable
from mnvalidate.nmodl.interface import Interface
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
_PARAMETERS, _ASSIGNED, _STATES, _GLOBALS = 1, 2, 3, -1
_STEPS = ((-70.0, 0.0), (-60.0, -30.0), (-20.0, -90.0), (0.0, 75.0), (60.0, 100.0), (-100.0, -50.0))


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
        Its variables; `currents` holds the ions' and the nonspecific ones, `assigned` the RANGE outputs.
    """

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        self.section = h.Section(name="rig")
        self.section.L = self.section.diam = float(np.sqrt(AREA__um2 / np.pi))
        self.section.cm = _CLAMPED__uF_per_cm2
        self.segment = self.section(0.5)
        self.process = self._place()
        for ion in interface.ions:
            self._set_reversal(ion.name, _REVERSALS__mV.get(ion.name, _OTHER_REVERSAL__mV))
        for pointer in interface.pointers if not interface.pointers_in_c else ():
            h.setpointer(self.segment._ref_cm, pointer, self.process or getattr(self.segment, interface.name))
        self.states = self._standard(_STATES)
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
        """What the rest of a cell sees: states and currents, and RANGE outputs where there is no current."""
        own = self.states + self.currents
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

    def _set_reversal(self, ion: str, value: float) -> None:
        if hasattr(self.segment, f"e{ion}"):
            h.ion_style(f"{ion}_ion", 1, 1, 0, 0, 0, sec=self.section)
            setattr(self.segment, f"e{ion}", value)

    def _standard(self, kind: int) -> tuple[Variable, ...]:
        standard = h.MechanismStandard(self.interface.name, kind)
        name = h.ref("")
        variables = []
        for index in range(int(standard.count())):
            if standard.name(name, index) == 1:  # arrays are left out
                suffix = "" if self.process is not None else f"_{self.interface.name}"
                variables.append(self._own(str(name[0]).removesuffix(suffix)))
        return tuple(variables)

    def _own(self, name: str) -> Variable:
        if self.process is not None:
            return Variable(name, getattr(self.process, f"_ref_{name}"))
        return Variable(name, getattr(self.segment, f"_ref_{name}_{self.interface.name}"))


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


def trajectory(instances: Sequence[Instance], offsets__mV: Sequence[float] | None = None) -> Array:
    """Outputs of each instance along a fixed family of voltage steps.

    Parameters
    ----------
    instances : sequence of Instance
        Clamped together.
    offsets__mV : sequence of float, optional
        Added to the voltages of each instance.

    Returns
    -------
    ndarray
        One row for each instance.
    """
    offsets = [0.0] * len(instances) if offsets__mV is None else list(offsets__mV)
    rows: list[list[Array]] = [[] for _ in instances]
    for start, then in _STEPS:
        initialise(instances, [start + offset for offset in offsets])
        _keep(rows, instances)
        for instance, offset in zip(instances, offsets, strict=True):
            instance.section.v = then + offset
            if instance.event is not None:
                instance.event.event(h.t)
        for duration, step in ((0.1, 0.025), (2.0, 0.5), (50.0, 10.0)):
            advance(duration, step)
            _keep(rows, instances)
    return np.array([np.concatenate(row) for row in rows])


def settings_of(instance: Instance) -> Mapping[str, float]:
    """Parameters of the mechanism by name, as they are now; arrays left out."""
    found = {}
    for parameter in instance.interface.parameters:
        try:
            found[parameter.name] = instance.parameter(parameter.name)
        except (AttributeError, TypeError, ValueError):
            continue
    return found


def require_repeatable(instance: Instance) -> Array:
    """Return the instance's trajectory.

    Raises
    ------
    NotApplicable
        If a second run gives another: then nothing can be told by comparing runs.
    """
    first, second = trajectory([instance]), trajectory([instance])
    if not np.all(np.isfinite(first)):
        raise NotApplicable("it becomes infinite or NaN along the steps with which runs are compared")
    if not np.array_equal(first, second):
        raise NotApplicable("it is random, or remembers earlier runs: two equal runs differ")
    return first


def _keep(rows: list[list[Array]], instances: Sequence[Instance]) -> None:
    for row, instance in zip(rows, instances, strict=True):
        row.append(values(instance.outputs))
