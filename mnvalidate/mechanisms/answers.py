"""What a check of a mechanism answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mnvalidate.nmodl.interface import Interface
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.verdicts import Conclusion


@dataclass(frozen=True, slots=True)
class Subject:
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
    """The conclusion of one check, and a sentence with the numbers behind it."""

    conclusion: Conclusion
    message: str

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answer:
        """Restore an answer from `to_json`'s values."""
        return cls(Conclusion(data["conclusion"]), data["message"])


class NotApplicable(Exception):  # noqa: N818 - an answer, not an error
    """A check has no meaning for this mechanism, for the reason given."""


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
