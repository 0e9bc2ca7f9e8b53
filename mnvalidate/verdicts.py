"""What a check concludes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Conclusion(StrEnum):
    """How a check ended.

    ``NOT_MEASURED`` is a value that should exist and does not: it fails like a deviation. ``NOT_JUDGED`` is a
    question that has no answer here, such as a trend over two neurons. ``NOT_APPLICABLE`` is one that has no
    meaning here, since the model or the mechanism states no such thing.
    """

    CONFORMS = "conforms"
    DEVIATES = "deviates"
    NOT_MEASURED = "not_measured"
    NOT_JUDGED = "not_judged"
    NOT_APPLICABLE = "not_applicable"


FINDINGS = frozenset({Conclusion.DEVIATES, Conclusion.NOT_MEASURED})
"""Conclusions that something is wrong."""


class Severity(StrEnum):
    """What a deviation means for the run: only errors fail it."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class SubjectKind(StrEnum):
    """What can be judged."""

    POOL = "pool"
    NEURON = "neuron"
    MECHANISM = "mechanism"


def neuron_label(model: str, n_neurons: int, index: int) -> str:
    """Short name of a neuron, padded with zeros so that labels sort: ``NERLab-n03``."""
    return f"{model}-n{index:0{max(2, len(str(n_neurons - 1)))}d}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check judges.

    Parameters
    ----------
    kind : SubjectKind
        A pool, one neuron of a pool, or a mechanism.
    name : str
        Name of the model whose pool it is, or of the mechanism.
    label : str
        Short name in ids, for example ``NERLab-n03``.
    neuron : int, optional
        Index of the neuron in its pool.
    recruitment_threshold : float, optional
        Threshold of the neuron, once it is known.
    """

    kind: SubjectKind
    name: str
    label: str
    neuron: int | None = None
    recruitment_threshold: float | None = None

    @property
    def is_mechanism(self) -> bool:
        """Whether it is a mechanism, and no pool or part of one."""
        return self.kind is SubjectKind.MECHANISM


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conclusion of one check.

    Parameters
    ----------
    check : str
        Id of the check, for example ``range[NERLab-n03-Rin__MOhm]``.
    family : str
        Name of the family of checks that it belongs to.
    subject : Subject
        What was judged.
    quantity : str
        The quantity that was judged; of a mechanism, the name of what was asked.
    conclusion : Conclusion
        How it ended.
    severity : Severity
        What a deviation means.
    message : str
        One or two sentences that can be read without the source.
    against : str
        Second quantity of a relation; empty where there is none.
    scope : str
        Motor-unit type that the criterion is about; empty where it is about any motoneuron.
    advice : str
        What to do about a deviation, where that is known.
    accident : bool
        Whether a crash or a timeout kept the check from its answer: it fails the run whatever the severity.
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
    script : str
        Lines of Python that run into the deviation; empty where there are none.
    before : float, optional
        The number in the baseline, where it is compared with one.
    """

    check: str
    family: str
    subject: Subject
    quantity: str
    conclusion: Conclusion
    severity: Severity
    message: str
    against: str = ""
    scope: str = ""
    advice: str = ""
    accident: bool = False
    value: float | None = None
    unit: str = ""
    lower: float | None = None
    upper: float | None = None
    criterion: str = ""
    source: str = ""
    doi: str = ""
    excused: str = ""
    script: str = ""
    before: float | None = None

    @property
    def margin(self) -> float | None:
        """How far outside the limits the value lies, in its unit; 0 inside, None without a value."""
        if self.value is None:
            return None
        below = 0.0 if self.lower is None else max(0.0, self.lower - self.value)
        above = 0.0 if self.upper is None else max(0.0, self.value - self.upper)
        return max(below, above)

    @property
    def change(self) -> float | None:
        """Change since the baseline in the unit, None where there are not two numbers."""
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def found(self) -> bool:
        """Whether something is wrong, be it excused or not."""
        return self.accident or self.conclusion in FINDINGS

    @property
    def failed(self) -> bool:
        """Whether the verdict fails the run."""
        return self.accident or (self.found and self.severity is Severity.ERROR and not self.excused)

    @property
    def status(self) -> str:
        """How it ended, as one word or two that stand for themselves."""
        if self.accident:
            return Severity.ERROR.value
        if self.excused:
            return "excused"
        return self.severity.value if self.conclusion in FINDINGS else self.conclusion.value.replace("_", " ")

    @property
    def judged(self) -> bool:
        """Whether a value was compared with limits."""
        return self.conclusion in (Conclusion.CONFORMS, Conclusion.DEVIATES)

    @property
    def properties(self) -> list[tuple[str, object]]:
        """What there is of facts, for reports of other programs."""
        found: dict[str, object] = {
            "family": self.family,
            "subject": self.subject.label,
            "quantity": self.quantity,
            "against": self.against,
            "scope": self.scope,
            "conclusion": self.conclusion.value,
            "severity": self.severity.value,
            "accident": "yes" if self.accident else "",
            "value": self.value,
            "baseline": self.before,
            "change": self.change,
            "unit": self.unit,
            "lower": self.lower,
            "upper": self.upper,
            "margin": self.margin,
            "source": self.source,
            "doi": self.doi,
            "criterion": self.criterion,
            "advice": self.advice,
            "excused": self.excused,
            "script": self.script,
        }
        return [(name, value) for name, value in found.items() if value not in (None, "")]

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:
        """Restore a verdict from `to_json`'s values."""
        subject = data["subject"]
        return cls(
            **{
                **data,
                "subject": Subject(**{**subject, "kind": SubjectKind(subject["kind"])}),
                "conclusion": Conclusion(data["conclusion"]),
                "severity": Severity(data["severity"]),
            }
        )
