"""Checks that need the source and NEURON's translators, and whether NEURON survives."""

from __future__ import annotations

import re
from dataclasses import replace

from neuron import h

from mnvalidate.mechanisms.answer import (
    Answer,
    LoadedMechanism,
    NotApplicable,
    NotObserved,
    defect,
    listed,
    sound,
)
from mnvalidate.mechanisms.rig import Instance, advance, initialise
from mnvalidate.nmodl.interface import Interface
from mnvalidate.nmodl.loading import source_in_force
from mnvalidate.nmodl.sources import MechanismKind, NmodlSource
from mnvalidate.nmodl.text import same_code, without_comments
from mnvalidate.nmodl.translating import CompileError, run_translator, translate

_MOST_UNIT_ERRORS = 30
_NOT_READ = re.compile(r"syntax error|Illegal block|Couldn't open")
_NRN_POINTING = re.compile(r"\bnrn_pointing\s*\([^()]*\)")
_PLACE = re.compile(r"at line (\d+) in file \S+")
_TABLE_FUNCTION = re.compile(r"\bFUNCTION_TABLE\s+(\w+)")
_NEEDS_UNIT = re.compile(r"^(\w+) must have the units, (\w+), instead of", re.MULTILINE)


def compiles(mechanism: LoadedMechanism) -> Answer:
    """Translate the source and compare it with what NEURON has loaded."""
    try:
        translate(mechanism.source)
    except CompileError as error:
        return defect(f"nocmodl refuses it: {error}")
    if mechanism.interface.kind is MechanismKind.FUNCTIONS:
        return sound("it compiles, and NEURON loads it")
    loaded = source_in_force(mechanism.interface.name)
    if loaded is None or not same_code(loaded, mechanism.source.whole_text):
        return defect("NEURON holds another mechanism of this name than the file")
    return sound("it compiles, and NEURON holds the text of the file")


def units(mechanism: LoadedMechanism) -> Answer:
    """Run modlunit again and again, without the lines that it has complained about: it stops at the first.

    It knows less of NMODL than nocmodl does; what it cannot read is no fault of the file.
    """
    source = _for_modlunit(mechanism.source)
    complaints: list[str] = []
    lines: list[int] = []
    while len(complaints) < _MOST_UNIT_ERRORS:
        code, output = run_translator("modlunit", source)
        if code == 0:
            break
        if code < 0 or _NOT_READ.search(output):
            if not complaints:
                raise NotObserved(f"modlunit cannot read it, and nocmodl can: {_said(output)}")
            complaints[-1] += " (modlunit cannot go on from here)"
            break
        place = _PLACE.search(output)
        line = int(place[1]) if place else 0
        complaint = _complaint(output, line)
        if complaint in complaints:
            complaints[-1] += " (modlunit cannot go on from here)"
            break
        complaints.append(complaint)
        mended = _mend(source, output, line)
        if mended is None or (line in lines and line > 0 and mended.text == source.text):
            complaints[-1] += " (modlunit cannot go on from here)"
            break
        lines.append(line)
        source = mended
    if not complaints:
        return sound("modlunit finds the units consistent")
    return defect(f"modlunit finds {len(complaints)}: {'; '.join(complaints)}")


def cvode(mechanism: LoadedMechanism) -> Answer:
    """Look for what a variable step does not allow."""
    _, output = run_translator("nocmodl", mechanism.source)
    reasons = []
    if "cannot be used with CVODE" in output:
        reasons.append("nocmodl: this mechanism cannot be used with CVODE")
    if mechanism.interface.uses_dt:
        reasons.append("it computes with dt, which CVODE varies")
    return defect(" and ".join(reasons)) if reasons else sound("nothing speaks against a variable step")


def threads(mechanism: LoadedMechanism) -> Answer:
    """Read nocmodl's notices about threads."""
    _, output = run_translator("nocmodl", mechanism.source)
    notices = [line.removeprefix("Notice: ") for line in output.splitlines() if "not thread safe" in line]
    if not notices:
        return sound("nocmodl calls it thread-safe")
    return defect(f"nocmodl: {listed(list(dict.fromkeys(notice.strip() for notice in notices)))}")


def runs(mechanism: LoadedMechanism) -> Answer:
    """Build one, initialise it and advance it; surviving is the answer."""
    interface = mechanism.interface
    if interface.pointers_in_c:
        raise NotApplicable(
            f"POINTER {', '.join(interface.pointers)} is used in C and cannot be set without knowing to what"
        )
    tables = _TABLE_FUNCTION.findall(mechanism.source.code)
    try:
        _exercise(mechanism)
    except RuntimeError:
        if not tables:
            raise
        calls = ", ".join(_call_for_table(interface, name) for name in tables)
        raise NotObserved(
            f"FUNCTION_TABLE {', '.join(tables)} has no table, without which NEURON cannot call it: give it "
            f"a table with {calls} before anything is initialised"
        ) from None
    return sound("NEURON initialises and advances it")


def pointers(mechanism: LoadedMechanism) -> Answer:
    """Leave every POINTER unset; surviving is the answer."""
    interface = mechanism.interface
    if not interface.pointers:
        raise NotApplicable("it has no POINTER")
    unset = replace(interface, pointers_in_c=True)
    _exercise(replace(mechanism, interface=unset))
    return sound(f"POINTER {', '.join(interface.pointers)} may stay unset")


def _call_for_table(interface: Interface, name: str) -> str:
    if interface.kind is MechanismKind.DENSITY:
        return f"h.table_{name}_{interface.name}(values, arguments)"
    return f"<the {interface.name}>.table_{name}(values, arguments)"


def _exercise(mechanism: LoadedMechanism) -> None:
    if mechanism.interface.kind is MechanismKind.FUNCTIONS:
        h.finitialize(-65)
        return
    if mechanism.interface.kind is MechanismKind.ARTIFICIAL_CELL:
        cell = getattr(h, mechanism.interface.name)()
        h.finitialize(-65)
        h.dt = 0.025
        # NEURON frees an event's connection with its last reference, even before delivery.
        connection = h.NetCon(None, cell) if mechanism.interface.receives_events else None
        if connection is not None:
            connection.event(h.t)
        advance(5.0, 0.025)
        return
    instance = Instance(mechanism.interface)
    for voltage in (-65.0, 0.0, 40.0):
        initialise([instance], [voltage])
        if instance.event is not None:
            instance.event.event(h.t)
        advance(1.0, 0.025)


def _for_modlunit(source: NmodlSource) -> NmodlSource:
    """Return the source with what modlunit reads otherwise than nocmodl does taken out."""

    def plain(text: str) -> str:
        return _NRN_POINTING.sub("(1)", without_comments(text))

    beside = tuple((path, plain(text)) for path, text in source.beside)
    return replace(source, text=plain(source.text), beside=beside)


def _said(output: str) -> str:
    words = _PLACE.sub(r"at line \1,", output[output.find(".mod") + 4 :])
    return " ".join(words.replace("^", " ").split()) or "it crashes"


def _complaint(output: str, line: int) -> str:
    unit = _NEEDS_UNIT.search(output)
    if unit is not None:
        return f"{unit[1]} must be declared with the unit {unit[2]}"
    text = output[output.find(".mod") + 4 :]
    useful = [_PLACE.sub("", part).strip() for part in text.splitlines()]
    words = [part for part in useful if part and part != "units:"]
    message = re.sub(r"\s+", " ", " ".join(words)).replace("<<ERROR>>", "").replace("units:The", "The")
    return f"line {line}: {message}"


def _mend(source: NmodlSource, output: str, line: int) -> NmodlSource | None:
    """Return the source without what modlunit has complained about, None if it cannot be taken out."""
    lines = source.text.splitlines()
    unit = _NEEDS_UNIT.search(output)
    if unit is not None:
        name = unit[1]
        for number, text in enumerate(lines):
            if re.match(rf"\s*{name}\b(?!\s*[=(].*=)", text):
                rest = re.sub(r"\([^)]*\)", "", text.split(":")[0])
                lines[number] = re.sub(rf"\b{name}\b([^<(]*)", rf"{name}\1 ({unit[2]}) ", rest, count=1)
                return replace(source, text="\n".join(lines) + "\n")
        return replace(source, text=f"{source.text}\nASSIGNED {{ {name} ({unit[2]}) }}\n")
    if not 1 <= line <= len(lines):
        return None
    if "Cannot recognize the units" in output:
        lines[line - 1] = re.sub(r"\([^)]*\)", "", lines[line - 1])
    elif "{" in lines[line - 1] or "}" in lines[line - 1]:
        return None
    else:
        lines[line - 1] = ""
    return replace(source, text="\n".join(lines) + "\n")
