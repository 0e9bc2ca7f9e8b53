"""A profile: other severities for some of the criteria."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from pathlib import Path

from mnvalidate.datafiles import ReferenceDataError, read_yaml, validate
from mnvalidate.literature.criteria import Reference
from mnvalidate.verdicts import Severity


def load_profile(path: Path) -> Mapping[str, Severity]:
    """Load a profile: severities by criterion id, in which ``*`` stands for any characters.

    Raises
    ------
    ReferenceDataError
        If anything is wrong with the file; one line with file, entry and key.
    """
    content = read_yaml(path)
    validate(content, "profile", path.name)
    return {pattern: Severity(name) for pattern, name in content["severities"].items()}


def apply_profile(
    reference: Reference, severities: Mapping[str, Severity], where: str = "profile"
) -> Reference:
    """Return the reference with the profile's severities; of several patterns the last that matches applies.

    Parameters
    ----------
    reference : Reference
        The literature.
    severities : mapping of str to Severity
        By pattern, as `load_profile` returns them.
    where : str
        Name of the file, for messages.

    Raises
    ------
    ReferenceDataError
        If a pattern matches no criterion, or makes an error of one that rests on memory.
    """
    chosen: dict[str, Severity] = {}
    for pattern, severity in severities.items():
        matched = [c for c in reference.criteria if fnmatch.fnmatchcase(c.id, pattern)]
        if not matched:
            raise ReferenceDataError(f"{where}: severities: {pattern}: matches no criterion")
        for criterion in matched:
            if severity is Severity.ERROR and criterion.from_memory:
                raise ReferenceDataError(
                    f"{where}: severities: {pattern}: {criterion.id} rests on memory alone and can only warn"
                )
            chosen[criterion.id] = severity
    return reference.with_severities(chosen)
