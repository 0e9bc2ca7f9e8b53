"""Questions that the sources alone answer, without NEURON."""

from __future__ import annotations

from mnvalidate._version import installed
from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, defect, listed, sound
from mnvalidate.nmodl.cplusplus import refusals
from mnvalidate.nmodl.ions import without_valence


def valence(mechanism: LoadedMechanism) -> Answer:
    """Look for ions whose charge nobody tells."""
    uses = without_valence(mechanism.source, mechanism.others)
    if not mechanism.interface.ions:
        raise NotApplicable("it uses no ion")
    if not uses:
        return sound("NEURON or a file tells the charge of each ion that it uses")
    places = [f"{use.ion} (line {use.line})" for use in uses]
    names = list(dict.fromkeys(use.ion for use in uses))
    return defect(
        f"{mechanism.source.file}: neither NEURON nor any file tells the charge of {', '.join(places)}, so "
        "that NEURON cannot be started where it finds the compiled library",
        advice=(
            f"Write {', '.join(f'USEION {name} ... VALENCE 1' for name in names)}, with the charge that is "
            "meant, in one file at least."
        ),
    )


def neuron_9(mechanism: LoadedMechanism) -> Answer:
    """Look for what NEURON 9 refuses."""
    if not installed("neuron").startswith("8."):
        raise NotApplicable(f"NEURON {installed('neuron')} compiles it")
    found = refusals(mechanism.source)
    if not found:
        return sound("nothing in it is known to be refused")
    return defect(
        f"{mechanism.source.file}: {listed([f'line {each.line}: {each.reason}' for each in found])}"
    )
