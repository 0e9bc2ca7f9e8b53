"""The checks of a mechanism: one question each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Check, Family, Planning
from mnvalidate.checks.deviations import MECHANISM_FAMILY
from mnvalidate.mechanisms.answer import Answer
from mnvalidate.mechanisms.questions import QUESTIONS, Question
from mnvalidate.verdicts import Conclusion, Subject, SubjectKind, Verdict

FIRST_QUESTION = "runs"
"""Question that every other process must wait for: where NEURON does not survive, nothing else is asked."""


@dataclass(frozen=True)
class MechanismCheck(Check):
    """One question about one mechanism.

    Parameters
    ----------
    mechanism : str
        Its name.
    question : Question
        The question.
    """

    family: ClassVar[str] = MECHANISM_FAMILY
    mechanism: str
    question: Question

    @property
    def subject(self) -> Subject:
        """See `Check.subject`."""
        return Subject(SubjectKind.MECHANISM, self.mechanism, self.mechanism)

    @property
    def id(self) -> str:
        """See `Check.id`."""
        return f"{self.mechanism}-{self.question.name}"

    @property
    def needs(self) -> tuple[str, ...]:
        """See `Check.needs`."""
        return (self.question.name, *self.question.needs)

    def __call__(self, evidence: Mapping[str, Answer]) -> Verdict:
        """See `Check.__call__`."""
        question, answer = self.question, self.answer(evidence)
        end = "" if answer.message.endswith("\n") else "."  # a full stop would spoil a script's last line
        return Verdict(
            check=self.full_id,
            family=self.family,
            subject=self.subject,
            quantity=question.name,
            conclusion=answer.conclusion,
            severity=answer.severity or question.severity,
            message=f"{self.mechanism}: {question.text} {answer.message}{end}",
            advice=(answer.advice or question.advice) if answer.conclusion is Conclusion.DEVIATES else "",
            accident=answer.accident,
            script=answer.script if answer.conclusion is Conclusion.DEVIATES else "",
        )

    def answer(self, evidence: Mapping[str, Answer]) -> Answer:
        """Answer to the question, or what stands in its way."""
        answer = evidence[self.question.name]
        if answer.conclusion is Conclusion.NOT_APPLICABLE:
            return answer
        return obstacle(evidence, self.question.needs) or answer


def obstacle(answers: Mapping[str, Answer], needs: Sequence[str]) -> Answer | None:
    """Answer that takes the place of one that needs others, None where nothing stands in its way."""
    for need in needs:
        answer = answers.get(need)
        if answer is None or answer.conclusion is Conclusion.CONFORMS:
            continue
        if answer.conclusion is Conclusion.DEVIATES or need == FIRST_QUESTION:
            of = "is not sound" if answer.conclusion is Conclusion.DEVIATES else "could not be answered"
            reason = f"not judged, because {need!r} {of}: {answer.message}"
            return Answer(Conclusion.NOT_JUDGED, reason)
    return None


def plan(planning: Planning) -> Iterable[MechanismCheck]:
    """Every question about each mechanism."""
    return [MechanismCheck(name, question) for name in planning.mechanisms for question in QUESTIONS]


FAMILY = Family(
    name=MechanismCheck.family,
    title="Single mechanisms",
    statement="A mechanism has none of the defects that a check looks for.",
    chapter=Chapter.MECHANISMS,
    plan=plan,
)
