"""What a check of a mechanism answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mnvalidate.nmodl.interface import Interface
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.records import NotApplicable
from mnvalidate.verdicts import Conclusion

__all__ = ["Answer", "LoadedMechanism", "NotApplicable", "defect", "listed", "sound"]


@dataclass(frozen=True, slots=True)
class LoadedMechanism:
    """A mechanism under test, loaded in this process.

    Parameters
    ----------
    source : NmodlSource
        Its text.
    interface : Interface
        What it declares.
    """

    source: NmodlSource
    interface: Interface


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
    """

    conclusion: Conclusion
    message: str
    accident: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answer:
        """Restore an answer from `to_json`'s values."""
        return cls(**{**data, "conclusion": Conclusion(data["conclusion"])})


def sound(message: str) -> Answer:
    """Nothing is wrong."""
    return Answer(Conclusion.CONFORMS, message)


def defect(message: str) -> Answer:
    """Something is wrong."""
    return Answer(Conclusion.DEVIATES, message)


def listed(items: list[str], most: int = 5) -> str:
    """Join the first items, and say how many follow."""
    rest = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + rest
