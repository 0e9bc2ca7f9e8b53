"""Cells of different kinds, built of NEURON's own mechanisms and of two that lie beside this file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuron import h

MECHANISMS = Path(__file__).parent / "mechanisms"


@dataclass(frozen=True)
class Cell:
    """One cell.

    Parameters
    ----------
    sections : mapping of str to Section
        Its sections; ``soma`` is clamped.
    rest__mV : float
        Where settling begins.
    celsius : float
        Temperature.
    spike_site : str
        Section whose middle spikes are looked for in.
    """

    sections: Mapping[str, Any]
    rest__mV: float = -68.0
    celsius: float = 36.0
    spike_site: str = "soma"


def _passive(
    soma__um: float, resistivity__Ohm_cm2: float, dendrites: int = 0, length__um: float = 1000.0
) -> Cell:
    sections = {"soma": h.Section(name="soma")}
    sections["soma"].L = sections["soma"].diam = soma__um
    for number in range(dendrites):
        dendrite = h.Section(name=f"dend{number}")
        dendrite.L, dendrite.diam, dendrite.nseg = length__um, 8.0, 3
        dendrite.connect(sections["soma"](1 if number % 2 else 0))
        sections[f"dend{number}"] = dendrite
    for section in sections.values():
        section.Ra, section.cm = 70.0, 1.0
        section.insert("pas")
        section.g_pas, section.e_pas = 1 / resistivity__Ohm_cm2, -68.0
    return Cell(sections)


def _spiking(cell: Cell, where: str = "soma", shift__mV: float = 0.0, **conductances: float) -> Cell:
    section = cell.sections[where]
    section.insert("fastspike")
    section.ena, section.ek = 50.0 + shift__mV, -80.0 + shift__mV
    for name, value in conductances.items():
        setattr(section, f"{name}_fastspike", value)
    for each in cell.sections.values():
        each.e_pas += shift__mV
    for segment in section:
        segment.fastspike.shift = shift__mV
    return Cell(cell.sections, cell.rest__mV + shift__mV, cell.celsius, where)


def _with_slow_gate(cell: Cell, **settings: float) -> Cell:
    for section in cell.sections.values():
        section.insert("slowgate")
        for name, value in settings.items():
            setattr(section, f"{name}_slowgate", value)
    return cell


def _hodgkin_huxley(soma__um: float, celsius: float, dendrites: int = 0) -> Cell:
    cell = _passive(soma__um, 10_000.0, dendrites)
    soma = cell.sections["soma"]
    soma.uninsert("pas")
    soma.insert("hh")
    for name, section in cell.sections.items():
        if name != "soma":
            section.e_pas = -65.0
    return Cell(cell.sections, -65.0, celsius)


def sphere() -> Cell:
    """A passive sphere of 2 MOhm."""
    return _passive(120.0, 905.0)


def small_sphere() -> Cell:
    """A passive sphere of 500 MOhm."""
    return _passive(12.0, 2262.0)


def cable() -> Cell:
    """A passive soma with two cables."""
    return _passive(60.0, 8000.0, 2)


def passive_with_h_current() -> Cell:
    """The same with an h-current everywhere."""
    return _with_slow_gate(cable(), gbar=6e-5)


def hodgkin_huxley_cold() -> Cell:
    """Hodgkin and Huxley's membrane at its own temperature."""
    return _hodgkin_huxley(60.0, 6.3)


def hodgkin_huxley_small() -> Cell:
    """The same on a sphere of some hundred MOhm."""
    return _hodgkin_huxley(10.0, 6.3)


def hodgkin_huxley_with_dendrite() -> Cell:
    """The same with a passive dendrite, warmer."""
    return _hodgkin_huxley(80.0, 12.0, 1)


def motoneuron_small() -> Cell:
    """A soma with one dendrite and a long afterhyperpolarisation."""
    return _spiking(_passive(50.0, 8000.0, 1), gslow=0.004, slow=60.0)


def motoneuron_large() -> Cell:
    """A soma with three dendrites and a short afterhyperpolarisation."""
    return _spiking(_passive(70.0, 4000.0, 3), gslow=0.004, slow=25.0)


def motoneuron_from_rest() -> Cell:
    """A motoneuron whose voltage is counted from rest."""
    return _spiking(_passive(60.0, 6000.0, 2), shift__mV=68.0, gslow=0.004, slow=40.0)


def motoneuron_with_h_current() -> Cell:
    """A motoneuron with an h-current everywhere."""
    return _with_slow_gate(_spiking(_passive(60.0, 6000.0, 2), gslow=0.004, slow=40.0), gbar=8e-5)


def motoneuron_with_persistent_current() -> Cell:
    """A motoneuron with a persistent inward current in soma and dendrites."""
    cell = _spiking(_passive(60.0, 6000.0, 2), gslow=0.006, slow=40.0)
    return _with_slow_gate(cell, gbar=4e-5, half=-40.0, slope=5.0, e=50.0, taun=40.0)


def motoneuron_slow() -> Cell:
    """A motoneuron whose afterhyperpolarisation lasts so long that it fires about once a second."""
    return _spiking(_passive(60.0, 6000.0, 2), gslow=0.03, slow=300.0)


def motoneuron_that_fails() -> Cell:
    """A motoneuron that a slow potassium current silences under strong currents."""
    cell = _spiking(_passive(60.0, 6000.0, 2), gslow=0.004, slow=40.0)
    return _with_slow_gate(cell, gbar=4e-3, half=-45.0, slope=4.0, e=-80.0, taun=400.0)


def mouse() -> Cell:
    """A cell of 200 MOhm with a spike."""
    return _spiking(_passive(18.0, 2500.0), gslow=0.002, slow=30.0)


def axon() -> Cell:
    """A motoneuron whose spikes start in an axon."""
    cell = _passive(50.0, 5000.0, 1)
    initial = h.Section(name="axon")
    initial.L, initial.diam, initial.nseg, initial.Ra = 60.0, 4.0, 3, 70.0
    initial.insert("pas")
    initial.g_pas, initial.e_pas = 1 / 5000.0, -68.0
    initial.connect(cell.sections["soma"](1))
    sections = {**cell.sections, "axon": initial}
    cell = _spiking(Cell(sections), gslow=0.004, slow=40.0)
    return _spiking(cell, "axon", gna=1.0, gk=0.3, gslow=0.0)


CELLS: Mapping[str, Callable[[], Cell]] = {
    build.__name__: build
    for build in (
        sphere,
        small_sphere,
        cable,
        passive_with_h_current,
        hodgkin_huxley_cold,
        hodgkin_huxley_small,
        hodgkin_huxley_with_dendrite,
        motoneuron_small,
        motoneuron_large,
        motoneuron_from_rest,
        motoneuron_with_h_current,
        motoneuron_with_persistent_current,
        motoneuron_slow,
        motoneuron_that_fails,
        mouse,
        axon,
    )
}
