"""What a check of a mechanism answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mnvalidate.nmodl.interface import Interface
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.records import NotApplicable
from mnvalidate.verdicts import Conclusion, Severity

__all__ = ["Answer", "LoadedMechanism", "NotApplicable", "NotObserved", "defect", "listed", "sound"]


class NotObserved(Exception):  # noqa: N818 - an outcome, not an error
    """A question has a meaning, and nothing was observed that could answer it; the message says why."""


@dataclass(frozen=True, slots=True)
class LoadedMechanism:
    """A mechanism under test, loaded in this process.

    Parameters
    ----------
    source : NmodlSource
        Its text.
    interface : Interface
        What it declares.
    others : tuple of NmodlSource
        Every source that is in force, its own among them.
    """

    source: NmodlSource
    interface: Interface
    others: tuple[NmodlSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    Parameters
    ----------
    conclusion : Conclusion
        How it ended.
    message : str
        A sentence with the numbers behind it.
    accident : bool
        Whether the process ended before it could answer.
    advice : str
        What to do about this very fault, where the question's own advice is too wide.
    severity : Severity, optional
        What a fault that weighs less than the question's worst means.
    script : str
        A script that runs into the fault, where there is one.
    """

    conclusion: Conclusion
    message: str
    accident: bool = False
    advice: str = ""
    severity: Severity | None = None
    script: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answer:
        """Restore an answer from `to_json`'s values."""
        severity = data.get("severity")
        read = {"conclusion": Conclusion(data["conclusion"]), "severity": severity and Severity(severity)}
        return cls(**{**data, **read})


def sound(message: str) -> Answer:
    """Nothing is wrong."""
    return Answer(Conclusion.CONFORMS, message)


def defect(message: str, advice: str = "", severity: Severity | None = None, script: str = "") -> Answer:
    """Something is wrong; advice and severity are the question's own unless they are given."""
    return Answer(Conclusion.DEVIATES, message, advice=advice, severity=severity, script=script)


def listed(items: list[str], most: int = 5) -> str:
    """Join the first items, and say how many follow."""
    rest = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + rest
