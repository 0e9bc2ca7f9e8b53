"""Concentrations of ions: driven by the ion's current, in the right direction, to a bound."""

from __future__ import annotations

import numpy as np
from neuron import h

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, NotObserved, defect, sound
from mnvalidate.mechanisms.drive import Drive
from mnvalidate.mechanisms.rig import CELSIUS, Instance, Variable, advance, initialise
from mnvalidate.nmodl.interface import Ion
from mnvalidate.verdicts import Severity

_VOLTAGE__mV = -70.0
_CURRENT__mA_per_cm2 = 1e-3
_FARADAY__C_per_mol = 96485.33
_BRIEF__ms = 0.1
_EARLY__ms = 200.0
_LONG__ms = 60_000.0
# Shells under the membrane are 0.01 um to the radius of a soma; buffered ones seem a hundred times as thick.
_THINNEST__um, _THICKEST__um = 2e-3, 5e3
_MOST__mM = 1e6
_STILL_MOVING = 0.02
_RETURNED = 0.5
_CLOSE = 0.05
# A declared depth over the effective one: with up to 99.5 % buffered, or one of several compartments.
_EXPLAINED = (0.005, 20.0)


def pool(mechanism: LoadedMechanism) -> Answer:
    """An inward current raises the concentration inside, which settles, and returns when it stops."""
    driven = [
        (ion, name)
        for ion in mechanism.interface.ions
        for name in ion.concentrations
        if ion.current in ion.reads and name in ion.writes
    ]
    if not driven:
        raise NotApplicable("it writes no concentration of an ion whose current it reads")
    h.celsius = CELSIUS
    instance = Instance(mechanism.interface)
    wrong, mild, right = [], [], []
    for ion, name in driven:
        (variable,) = (v for v in (*instance.states, *instance.concentrations) if v.name == name)
        signs, bounds, said = _judge(mechanism, instance, ion, variable)
        wrong += signs
        mild += bounds
        right += said
    if wrong:
        return defect(
            "; ".join(wrong + mild),
            "A current of positive ions is inward where it is negative: write -i<ion> for what it brings in.",
        )
    if mild:
        return defect(
            "; ".join(mild),
            "Check the factor from mA/cm2 to mM/ms (10000/(valence*FARADAY*depth) for a depth in um), and "
            "what "
            "takes the ion away.",
            Severity.WARNING,
        )
    return sound("; ".join(right))


def _judge(
    mechanism: LoadedMechanism, instance: Instance, ion: Ion, variable: Variable
) -> tuple[list[str], list[str], list[str]]:
    """Faults of direction, faults of size and balance, and what is sound."""
    name = variable.name
    inside = name.endswith("i")
    valence = float(h.ion_charge(f"{ion.name}_ion")) or 1.0
    # The current that raises the concentration: inward for cations inside.
    raising = _CURRENT__mA_per_cm2 * (-1.0 if inside else 1.0) * np.sign(valence)
    drive = Drive(instance, ion)
    rest = _after(instance, variable, drive, 0.0, _BRIEF__ms)
    raised = _after(instance, variable, drive, raising, _BRIEF__ms)
    lowered = _after(instance, variable, drive, -raising, _BRIEF__ms)
    rise = raised - rest
    if not np.all(np.isfinite([rest, raised, lowered])):
        raise NotObserved(f"{name} is not finite")
    what = f"{ion.current} of {raising:g} mA/cm2 at {CELSIUS:g} degC"
    if rise == 0 and lowered == rest:
        long = _after(instance, variable, drive, raising, 1000.0)
        if long == _after(instance, variable, drive, 0.0, 1000.0):
            return [], [f"{ion.current} does not move {name}, though it is read"], []
        return [], [], [f"{name} follows {ion.current} slowly"]
    if rise < 0 or (rise == 0 and lowered > rest):
        moved = f"{rise:.3g}" if rise else f"0, and {lowered - rest:.3g} for the opposite one,"
        return [f"{what} changes {name} by {moved} mM within {_BRIEF__ms:g} ms: the sign is wrong"], [], []
    faults = []
    depth = abs(raising) * 1e4 * _BRIEF__ms / (abs(valence) * _FARADAY__C_per_mol * rise)
    declared = [p for p in mechanism.interface.parameters if p.unit in ("um", "micron") and p.value > 0]
    explained = any(_EXPLAINED[0] < p.value / depth < _EXPLAINED[1] for p in declared)
    off = not explained and any(_is_off_by_1000(p.value / depth) for p in declared)
    if off or not _THINNEST__um <= depth <= _THICKEST__um:
        faults.append(
            f"{what} raises {name} by {rise:.3g} mM within {_BRIEF__ms:g} ms, as in a shell of {depth:.2g} "
            f"um: "
            "a factor of 1000 or a unit is likely wrong"
        )
    if instance.interface.is_explicit:
        return [], faults, [f"{name} rises with {ion.current} (its bound is not judged: METHOD is explicit)"]
    # Long implicit steps hide a growth that is faster than they are.
    early = _after_short_steps(instance, variable, drive, raising)
    try:
        half = _after(instance, variable, drive, raising, _LONG__ms / 2)
        full = _after(instance, variable, drive, raising, _LONG__ms)
        drive.set(0.0)
        advance(_LONG__ms, 10.0)
    except RuntimeError:
        if early <= _MOST__mM:
            return [], faults, [f"{name} rises with {ion.current} (NEURON gives up on steps of 10 ms)"]
        half = full = np.nan
    back = variable.value
    for value, time__ms in ((early, _EARLY__ms), (half, _LONG__ms / 2), (full, _LONG__ms)):
        if not value <= _MOST__mM:
            faults.append(f"{what} makes {name} grow without end: {value:.3g} mM within {time__ms:g} ms")
            return [], faults, []
    spreads = "LONGITUDINAL_DIFFUSION" in mechanism.source.code
    if (
        not spreads
        and full - half > _STILL_MOVING * (full - rest)
        and back - rest > _RETURNED * (full - rest)
    ):
        faults.append(
            f"{what} raises {name} without bound: {half:.3g} mM after {_LONG__ms / 2000:g} s, {full:.3g} mM "
            f"after "
            f"{_LONG__ms / 1000:g} s, and {back:.3g} mM another {_LONG__ms / 1000:g} s after it has "
            f"stopped; nothing "
            "takes the ion away"
        )
    return [], faults, [f"{name} rises with {ion.current} as in a shell of {depth:.2g} um, and returns"]


def _is_off_by_1000(ratio: float) -> bool:
    """Whether a declared depth differs from the effective one by 1000, or by 500 or 2000 with the valence.

    A shell that takes up less than what flows in seems thicker, by whatever is buffered, and never thinner.
    """
    thicker = any(abs(factor / ratio - 1) < _CLOSE for factor in (5e-4, 1e-3, 2e-3))
    return thicker or 300 < ratio < 3e6


def _after_short_steps(instance: Instance, variable: Variable, drive: Drive, current: float) -> float:
    drive.set(0.0)
    initialise([instance], [_VOLTAGE__mV])
    drive.set(current)
    for _ in range(round(_EARLY__ms)):
        advance(1.0, 0.05)
        if not variable.value <= _MOST__mM:  # NEURON gives up on what is larger still
            break
    return variable.value


def _after(
    instance: Instance, variable: Variable, drive: Drive, current: float, duration__ms: float
) -> float:
    """Concentration after a current that lasts."""
    drive.set(0.0)
    initialise([instance], [_VOLTAGE__mV])
    drive.set(current)
    advance(
        duration__ms, min(0.005, duration__ms / 20) if duration__ms < 1 else min(duration__ms / 200, 10.0)
    )
    return variable.value
