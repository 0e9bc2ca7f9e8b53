"""What was found in single mechanisms, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mnvalidate.mechanisms.curve_data import MechanismCurves
from mnvalidate.verdicts import Verdict

ADVICE = " What to do: "
"""Words in the message of a verdict after which the advice stands."""


@dataclass(frozen=True, slots=True)
class JudgedMechanisms:
    """What was found.

    Parameters
    ----------
    verdicts : tuple of Verdict
        One for each check, the checks of a mechanism one after the other.
    curves : tuple of MechanismCurves
        Of each mechanism that has some.
    findings : tuple of str
        What is wrong with the entries on mechanisms in the file of known deviations.
    versions : mapping of str to str
        Versions of the programs in use, by their names.
    """

    verdicts: tuple[Verdict, ...] = ()
    curves: tuple[MechanismCurves, ...] = ()
    findings: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the mechanisms, in the order of their verdicts."""
        return tuple(dict.fromkeys(verdict.model for verdict in self.verdicts))

    def of_mechanism(self, name: str) -> tuple[Verdict, ...]:
        """Verdicts on one mechanism."""
        return tuple(verdict for verdict in self.verdicts if verdict.model == name)

    def to_json(self) -> dict[str, Any]:
        """Return what was found as JSON values; `from_json` restores it exactly."""
        return {
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
            "curves": [asdict(curves) for curves in self.curves],
            "findings": list(self.findings),
            "versions": dict(self.versions),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> JudgedMechanisms:
        """Restore what was found from `to_json`'s values."""
        return cls(
            tuple(Verdict.from_json(verdict) for verdict in data["verdicts"]),
            tuple(MechanismCurves.from_json(curves) for curves in data["curves"]),
            tuple(data["findings"]),
            dict(data["versions"]),
        )
