"""What the text of an option means: each parser raises ValueError for what is not allowed."""

from __future__ import annotations

import math
from pathlib import Path

from mnvalidate.solver import FIXED_STEP_LIMIT__MS, Solver

# Water between freezing and boiling: what lies outside is another unit.
LOWEST_TEMPERATURE__degC = -1.0
HIGHEST_TEMPERATURE__degC = 100.0


def whole_number(text: str) -> int:
    """Read a whole number of at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError(f"must be a whole number of at least 1, got {text!r}")
    return number


def positive_seconds(text: str) -> float:
    """Read a number of seconds above 0."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ValueError(f"must be a number of seconds above 0, got {text!r}")
    return seconds


def temperature(text: str) -> float | None:
    """Read a temperature in degrees Celsius; None for an empty text."""
    if not text:
        return None
    try:
        celsius = float(text)
    except ValueError:
        celsius = math.nan
    if not LOWEST_TEMPERATURE__degC < celsius < HIGHEST_TEMPERATURE__degC:
        raise ValueError(
            f"must be between {LOWEST_TEMPERATURE__degC:g} and {HIGHEST_TEMPERATURE__degC:g} degC, "
            f"got {text!r}"
        )
    return celsius


def solver(text: str) -> Solver:
    """Read a method of integration: CVODE, or a fixed step in ms."""
    if not text:
        return Solver()
    try:
        return Solver(fixed_step__ms=float(text))
    except ValueError:
        raise ValueError(f"must be above 0 and at most {FIXED_STEP_LIMIT__MS} ms, got {text!r}") from None


def species(text: str, literature: Path | None = None) -> str:
    """Read the name of a species that has literature: shipped, or in a folder of one's own."""
    if text == "cat":  # the default needs no look at the reference data
        return text
    from mnvalidate.datafiles import data_folder
    from mnvalidate.literature.loading import species_names

    known = species_names(data_folder(), *([] if literature is None else [literature]))
    if text not in known:
        raise ValueError(f"unknown species {text!r}: allowed are {', '.join(known)}")
    return text


def new_warnings(text: str) -> str:
    """Read what a warning is that the baseline does not have."""
    if text not in ("warning", "error"):
        raise ValueError(f"must be warning or error, got {text!r}")
    return text
