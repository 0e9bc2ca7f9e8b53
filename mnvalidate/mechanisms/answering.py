"""What happens inside the process of one question about one mechanism."""

from __future__ import annotations

import importlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mnvalidate.mechanisms.answer import Answer, LoadedMechanism, NotApplicable, NotObserved
from mnvalidate.mechanisms.questions import QUESTIONS_BY_NAME
from mnvalidate.nmodl.interface import read_interface
from mnvalidate.nmodl.library import Library
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.verdicts import Conclusion

CURVES = "curves"
"""Name of the task that answers no question but draws the mechanism's curves."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be found out.

    Parameters
    ----------
    mechanism : str
        Name of the mechanism.
    question : str
        Name of a question, or `CURVES`.
    library : Library or None
        What to load; None for MyoGen's own.
    """

    mechanism: str
    question: str
    library: Library | None


def answer_in_child(task: Task, folder: Path) -> dict[str, Any]:
    """Load a library and carry out one task.

    Parameters
    ----------
    task : Task
        What is to be found out.
    folder : Path
        Empty folder to work in: NEURON loads a library that it finds in the working folder.

    Returns
    -------
    dict
        JSON values of the `Answer` or of the `MechanismCurves`.
    """
    os.chdir(folder)
    # Only children come here: these modules load NEURON.
    loading = importlib.import_module("mnvalidate.nmodl.loading")
    if task.library is None:
        loading.load_mechanisms(())
    else:
        loading.load_library(task.library)
    source = _source(task) or NmodlSource(task.mechanism, loading.source_in_force(task.mechanism) or "")
    mechanism = LoadedMechanism(source, read_interface(source))
    if task.question == CURVES:
        return asdict(_function("curves:curves")(mechanism))
    question = QUESTIONS_BY_NAME[task.question]
    try:
        if mechanism.interface.kind not in question.kinds:
            raise NotApplicable(f"it is of the kind {mechanism.interface.kind}")
        answer: Answer = _function(question.function)(mechanism)
    except NotApplicable as reason:
        answer = not_applicable(str(reason))
    except NotObserved as reason:
        answer = Answer(Conclusion.NOT_JUDGED, f"not judged: {reason}")
    return answer.to_json()


def not_applicable(reason: str) -> Answer:
    """Answer to a question that has no meaning for the mechanism."""
    return Answer(Conclusion.NOT_APPLICABLE, f"not applicable: {reason}")


def _source(task: Task) -> NmodlSource | None:
    sources = task.library.sources if task.library else ()
    return next((source for source in sources if source.name == task.mechanism), None)


def _function(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(f"mnvalidate.mechanisms.{module}"), name)
