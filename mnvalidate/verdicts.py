"""What a check concludes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MECHANISM_FAMILY = "mechanism"
"""Family of the checks of single mechanisms; all others judge pools."""


class Conclusion(StrEnum):
    """How a check ended.

    ``NOT_MEASURED`` is a value that should exist and does not: it fails like a deviation. ``NOT_JUDGED`` is a
    question that has no answer here, such as a trend over two neurons.
    """

    CONFORMS = "conforms"
    DEVIATES = "deviates"
    NOT_MEASURED = "not_measured"
    NOT_JUDGED = "not_judged"


class Severity(StrEnum):
    """What a deviation means for the run: only errors fail it."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conclusion of one check.

    Parameters
    ----------
    check : str
        Id of the check, for example ``range[NERLab-n03-Rin__MOhm]``.
    model, quantity : str
        What was judged.
    conclusion : Conclusion
        How it ended.
    severity : Severity
        What a deviation means.
    message : str
        One or two sentences that can be read without the source.
    neuron : int, optional
        Index of the neuron; None for a check of the whole pool.
    recruitment_threshold : float, optional
        The neuron's threshold.
    value : float, optional
        The number that was compared.
    unit : str
        Its unit.
    lower, upper : float, optional
        Limits that apply; None where there is none on that side.
    criterion : str
        Id of the criterion in ``reference_data``.
    source, doi : str
        Where the limits come from.
    excused : str
        Why a known deviation does not fail the run; empty where nothing is excused.
    """

    check: str
    model: str
    quantity: str
    conclusion: Conclusion
    severity: Severity
    message: str
    neuron: int | None = None
    recruitment_threshold: float | None = None
    value: float | None = None
    unit: str = ""
    lower: float | None = None
    upper: float | None = None
    criterion: str = ""
    source: str = ""
    doi: str = ""
    excused: str = ""

    @property
    def margin(self) -> float | None:
        """How far outside the limits the value lies, in its unit; 0 inside, None without a value."""
        if self.value is None:
            return None
        below = 0.0 if self.lower is None else max(0.0, self.lower - self.value)
        above = 0.0 if self.upper is None else max(0.0, self.value - self.upper)
        return max(below, above)

    @property
    def failed(self) -> bool:
        """Whether the verdict fails the run."""
        failing = self.conclusion in (Conclusion.DEVIATES, Conclusion.NOT_MEASURED)
        return failing and self.severity is Severity.ERROR and not self.excused

    @property
    def judged(self) -> bool:
        """Whether a value was compared with limits."""
        return self.conclusion in (Conclusion.CONFORMS, Conclusion.DEVIATES)

    @property
    def properties(self) -> list[tuple[str, object]]:
        """What there is of value, limits, unit, margin and source, for reports of other programs."""
        found: dict[str, object] = {
            "conclusion": self.conclusion.value,
            "severity": self.severity.value,
            "value": self.value,
            "unit": self.unit,
            "lower": self.lower,
            "upper": self.upper,
            "margin": self.margin,
            "source": self.source,
            "doi": self.doi,
            "criterion": self.criterion,
            "excused": self.excused,
        }
        return [(name, value) for name, value in found.items() if value not in (None, "")]

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:
        """Restore a verdict from `to_json`'s values."""
        return cls(
            **{
                **data,
                "conclusion": Conclusion(data["conclusion"]),
                "severity": Severity(data["severity"]),
            }
        )
