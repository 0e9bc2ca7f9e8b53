"""Charges of ions, which all files of a process must agree on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.nmodl.translating import CompileError

BUILT_IN_VALENCES = {"na": 1.0, "k": 1.0, "ca": 2.0}
"""Ions that NEURON knows by itself."""

_USEION = re.compile(
    r"\bUSEION\s+(?P<ion>\w+)(?P<uses>(?:\s+(?:READ|WRITE)\s+\w+(?:\s*,\s*\w+)*)*)"
    r"(?:\s+(?:VALENCE|CHARGE)\s+(?P<valence>[-+]?[\d.]+))?"
)


@dataclass(frozen=True, slots=True)
class IonUse:
    """One USEION statement.

    Parameters
    ----------
    ion : str
        Name of the ion.
    valence : float or None
        Its charge, where the statement tells it.
    source : NmodlSource
        The file.
    line : int
        Line of the statement.
    """

    ion: str
    valence: float | None
    source: NmodlSource
    line: int


def ion_uses(source: NmodlSource) -> tuple[IonUse, ...]:
    """Every USEION statement of a source."""
    code = source.code
    return tuple(
        IonUse(
            found["ion"],
            None if found["valence"] is None else float(found["valence"]),
            source,
            code.count("\n", 0, found.start()) + 1,
        )
        for found in _USEION.finditer(code)
    )


def contradictions(sources: Sequence[NmodlSource]) -> tuple[CompileError, ...]:
    """Files whose charge of an ion is another than that of a file before them, or than NEURON's.

    NEURON ends the process that loads both.
    """
    known: dict[str, tuple[float, str]] = {
        ion: (valence, "NEURON itself") for ion, valence in BUILT_IN_VALENCES.items()
    }
    errors: dict[NmodlSource, CompileError] = {}
    for use in (use for source in sources for use in ion_uses(source)):
        if use.valence is None:
            continue
        valence, place = known.setdefault(use.ion, (use.valence, use.source.file))
        if valence != use.valence:
            reason = (
                f"USEION {use.ion} has VALENCE {use.valence:g} here and {valence:g} in {place}: NEURON ends "
                "the process that loads both; give both the same, or rename the ion"
            )
            errors.setdefault(use.source, CompileError(use.source, use.line, reason))
    return tuple(errors.values())


def without_valence(source: NmodlSource, others: Iterable[NmodlSource]) -> tuple[IonUse, ...]:
    """Uses of ions whose charge neither NEURON nor any file tells."""
    told = {use.ion for other in (source, *others) for use in ion_uses(other) if use.valence is not None}
    return tuple(use for use in ion_uses(source) if use.ion not in told | BUILT_IN_VALENCES.keys())
