"""What happens inside the process of one check of one mechanism."""

from __future__ import annotations

import importlib
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mnvalidate.mechanisms.answers import Answer, NotApplicable, Subject
from mnvalidate.mechanisms.registry import CHECKS_BY_NAME
from mnvalidate.nmodl.interface import read_interface
from mnvalidate.nmodl.library import Library
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.run.child import behave_as_child
from mnvalidate.verdicts import Conclusion

CURVES = "curves"


def answer_in_child(task: str, mechanism: str, library: Library | None, folder: str) -> dict[str, Any]:
    """Load a library and carry out one task on one mechanism.

    Parameters
    ----------
    task : str
        Name of a check, or ``curves``.
    mechanism : str
        Name of the mechanism.
    library : Library or None
        What to load; None for MyoGen's own.
    folder : str
        Empty folder to work in: NEURON loads a library that it finds in the working folder.

    Returns
    -------
    dict
        JSON values of the `Answer` or of the `MechanismCurves`.
    """
    behave_as_child(Path(folder))
    os.chdir(folder)
    # Only children come here: these modules load NEURON.
    loading = importlib.import_module("mnvalidate.nmodl.loading")
    if library is None:
        loading.load_mechanisms(())
    else:
        loading.load_library(library)
    source = _source(mechanism, library) or NmodlSource(mechanism, loading.source_in_force(mechanism) or "")
    subject = Subject(source, read_interface(source))
    if task == CURVES:
        return asdict(_function("curves:curves")(subject))
    check = CHECKS_BY_NAME[task]
    try:
        if subject.interface.kind not in check.kinds:
            raise NotApplicable(f"it is of the kind {subject.interface.kind}")
        answer: Answer = _function(check.function)(subject)
    except NotApplicable as reason:
        answer = Answer(Conclusion.NOT_JUDGED, f"not applicable: {reason}")
    return answer.to_json()


def _source(mechanism: str, library: Library | None) -> NmodlSource | None:
    found = [source for source in (library.sources if library else ()) if source.name == mechanism]
    return found[0] if found else None


def _function(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(f"mnvalidate.mechanisms.{module}"), name)
