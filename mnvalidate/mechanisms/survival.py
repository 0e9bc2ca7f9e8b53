"""Why a process ended that a mechanism was in, as far as its source and NEURON's words tell."""

from __future__ import annotations

import re

from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.nmodl.text import verbatim
from mnvalidate.records import MeasurementOutcome
from mnvalidate.run.children import Accident

_OF_NEURON = re.compile(r"^NEURON: *(?P<words>.*)$", re.MULTILINE)
# What NEURON's interpreter prints of itself around an error.
_NOISE = re.compile(r"^\s*(?:near line \d+|objref \w+.*|\^|\w+\(.*\)|\|)?\s*$")
_MOST_LINES = 12
_LOOP = re.compile(r"\b(?:while|FROM)\b")
_IN_THE_PAST = "td-t ="

_EVENTS_FOR_EVER = (
    "Give every net_send a delay above 0: an event without delay comes back at the same time, and time "
    "stands still."
)
_EVENTS_IN_THE_PAST = (
    "Give every net_send and net_move a delay of at least 0: no event can be sent into the past."
)
_LOOPS = "Look at its loops first: a condition that never becomes false."
_POINTERS = "Set its POINTERs before anything is initialised, and guard their use with nrn_pointing()."


def said(printed: str) -> str:
    """What NEURON says of an error, without its interpreter's surroundings and without tracebacks."""
    own = printed.partition("Traceback (most recent call last)")[0]
    words = [found["words"].strip() for found in _OF_NEURON.finditer(own)]
    lines = words or [line.strip() for line in own.splitlines() if not _NOISE.match(line)][-_MOST_LINES:]
    return " | ".join(dict.fromkeys(line for line in lines if line))


def advice(source: NmodlSource | None, accident: Accident) -> str:
    """What to look at first; empty where nothing but a question's own advice is left to say."""
    code = "" if source is None else source.code
    if _IN_THE_PAST in accident.printed:
        return _EVENTS_IN_THE_PAST
    if source is None or verbatim(source.code_with_c):
        return ""
    if accident.outcome is MeasurementOutcome.TIMED_OUT:
        if "net_send" in code and not _LOOP.search(code):
            return _EVENTS_FOR_EVER
        return f"{_LOOPS} {_EVENTS_FOR_EVER}" if "net_send" in code else _LOOPS
    return _POINTERS if re.search(r"\b(?:BBCORE)?POINTER\b", code) else ""
