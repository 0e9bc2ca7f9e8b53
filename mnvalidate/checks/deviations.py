"""Known deviations: what is excused, and what no longer is."""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from mnvalidate.datafiles import ReferenceDataError, data_folder, read_yaml, validate
from mnvalidate.verdicts import Conclusion, Verdict

_WILDCARD = re.compile(r"[*?]")

MECHANISM_FAMILY = "mechanism"
"""Family of checks that compare no value with limits, so that entries on them state none."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A deviation that is known and excused.

    Parameters
    ----------
    checks : str
        Full id of the checks, for example ``fold[NERLab-Ir__nA]``; ``*`` and ``?`` stand for any characters
        and any one character.
    reason : str
        Why it is so.
    date, model_version : str
        When it was written down, and for which version of the model.
    value : float or None
        Value at that time: of several checks, that of the one farthest outside its limits. None for an entry
        on mechanisms, whose checks compare no value with limits.
    margin : float or None
        How far the value may move before the entry must be looked at again.
    """

    checks: str
    reason: str
    date: str
    model_version: str
    value: float | None = None
    margin: float | None = None

    def matches(self, full_id: str) -> bool:
        """Whether the pattern matches the full id of a check."""
        # What precedes the first wildcard decides quickly for most of a large pool's checks.
        literal = _WILDCARD.split(self.checks, maxsplit=1)[0]
        return full_id.startswith(literal) and fnmatch.fnmatchcase(full_id, self.checks.replace("[", "[[]"))

    @property
    def family(self) -> str:
        """Family that the pattern begins with."""
        return self.checks.partition("[")[0]

    @property
    def on_mechanisms(self) -> bool:
        """Whether it is about single mechanisms, not about a pool."""
        return self.family == MECHANISM_FAMILY

    @property
    def excuse(self) -> str:
        """Reason with version and date."""
        return f"{self.reason} ({self.model_version}, {self.date})"


class FindingKind(StrEnum):
    """What is wrong with an entry: only ``UNMATCHED`` does not fail the run."""

    STALE = "stale"
    MOVED = "moved"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry that does not fit the verdicts.

    Parameters
    ----------
    kind : FindingKind
        What is wrong.
    deviation : Deviation
        The entry.
    message : str
        One sentence that says what to do.
    """

    kind: FindingKind
    deviation: Deviation
    message: str

    @property
    def failed(self) -> bool:
        """Whether it fails the run."""
        return self.kind is not FindingKind.UNMATCHED


@dataclass(frozen=True, slots=True)
class Excused:
    """Verdicts with the known deviations marked, and what is wrong with the entries."""

    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Whether an entry fails the run."""
        return any(finding.failed for finding in self.findings)


def load_deviations(path: Path) -> tuple[Deviation, ...]:
    """Load a file of known deviations.

    Parameters
    ----------
    path : Path
        YAML file with the key ``deviations``.

    Raises
    ------
    ReferenceDataError
        If anything is wrong with it; one line with file, entry and key.
    """
    content = read_yaml(path)
    validate(content, "deviations", path.name)
    deviations = tuple(
        Deviation(**(entry | {name: float(entry[name]) for name in ("value", "margin") if name in entry}))
        for entry in content["deviations"]
    )
    seen: set[str] = set()
    for deviation in deviations:
        where = f"{path.name}: {deviation.checks}"
        if deviation.checks in seen:
            raise ReferenceDataError(f"{where}: checks: is there twice")
        seen.add(deviation.checks)
        _check_extent(deviation, where)
        for name, number in (("value", deviation.value), ("margin", deviation.margin)):
            if deviation.on_mechanisms and number is not None:
                raise ReferenceDataError(f"{where}: {name}: a check of a mechanism has none")
            if not deviation.on_mechanisms and number is None:
                raise ReferenceDataError(f"{where}: {name!r} is a required property")
        try:
            date.fromisoformat(deviation.date)
        except ValueError:
            raise ReferenceDataError(f"{where}: date: {deviation.date!r} is not a date") from None
    return deviations


def _check_extent(deviation: Deviation, where: str) -> None:
    """Refuse an entry that would excuse whatever there is."""
    # "range[*-n??-rate_min__Hz]" is one kind of finding with one value; "range[*]" is none.
    named = deviation.checks.removesuffix("]").partition("[")[2].rpartition("-")[2]
    if _WILDCARD.search(deviation.family) or _WILDCARD.search(named):
        raise ReferenceDataError(
            f"{where}: checks: names every check of a kind; name the family and what follows the last "
            'hyphen, as in "range[*-rate_min__Hz]"'
        )
    for name, number in (("value", deviation.value), ("margin", deviation.margin)):
        if number is not None and not math.isfinite(number):
            raise ReferenceDataError(f"{where}: {name}: {number} is no number")
    if deviation.value is not None and deviation.margin is not None:
        widest = max(abs(deviation.value), 1.0)
        if deviation.margin > widest:
            raise ReferenceDataError(
                f"{where}: margin: {deviation.margin:g} would excuse nearly any value; "
                f"it is at most {widest:g}"
            )


def shipped_deviations(myogen_version: str) -> tuple[Deviation, ...]:
    """Known deviations of MyoGen's models and mechanisms that ship for a version, none for an unknown one."""
    folder = data_folder() / "deviations"
    files = [folder / f"myogen-{myogen_version}{of}.yaml" for of in ("", "-mechanisms")]
    return tuple(entry for file in files if file.is_file() for entry in load_deviations(file))


def skipped_deviations(myogen_version: str) -> str:
    """Say which known deviations do not apply because they are of another version; empty if there are none.

    Parameters
    ----------
    myogen_version : str
        The installed version, empty where there is none.
    """
    if not myogen_version or shipped_deviations(myogen_version):
        return ""
    files = sorted((data_folder() / "deviations").glob("myogen-*-mechanisms.yaml"))
    named = sorted({entry.model_version for file in files for entry in load_deviations(file)})
    versions = ", ".join(named)
    return f"known deviations are skipped: they are of {versions}, and MyoGen {myogen_version} is installed"


def apply_deviations(verdicts: Sequence[Verdict], deviations: Sequence[Deviation]) -> Excused:
    """Mark known deviations as excused, and report the entries that do not fit.

    An entry is stale when the checks that it matches were judged and none deviates. It is not if the value
    written, within its margin, lies on either side of a limit: such a check deviates in some pools only. An
    entry has moved when the value farthest outside differs from the one written by more than the margin;
    what it matches then is not excused.

    Parameters
    ----------
    verdicts : sequence of Verdict
        Verdicts of a complete run.
    deviations : sequence of Deviation
        The entries.

    Returns
    -------
    Excused
        The verdicts in the same order, and the findings.
    """
    marked = list(verdicts)
    findings = []
    for deviation in deviations:
        matched = [i for i, verdict in enumerate(verdicts) if deviation.matches(verdict.check)]
        finding = _finding(deviation, [verdicts[i] for i in matched])
        if finding is not None:
            findings.append(finding)
        if finding is None or not finding.failed:
            for i in matched:
                if verdicts[i].conclusion is Conclusion.DEVIATES and not verdicts[i].accident:
                    marked[i] = replace(marked[i], excused=deviation.excuse)
    return Excused(tuple(marked), tuple(findings))


def _finding(deviation: Deviation, matched: Sequence[Verdict]) -> Finding | None:
    judged = [verdict for verdict in matched if verdict.judged]
    deviating = [verdict for verdict in judged if verdict.conclusion is Conclusion.DEVIATES]
    if not matched:
        message = f"{deviation.checks} matches no check of this run"
        return Finding(FindingKind.UNMATCHED, deviation, message)
    if not judged or (not deviating and any(_may_conform(deviation, verdict) for verdict in judged)):
        return None
    if not deviating:
        return Finding(FindingKind.STALE, deviation, _stale_text(deviation, judged))
    worst = max(deviating, key=lambda verdict: verdict.margin or 0.0)
    if worst.value is None or deviation.value is None or deviation.margin is None:
        return None
    if abs(worst.value - deviation.value) <= deviation.margin:
        return None
    message = (
        f"{worst.check}: {worst.value:.4g} {worst.unit}".removesuffix(" 1")
        + f" differs from {deviation.value:.4g}, written on {deviation.date} for {deviation.model_version}, "
        f"by more than {deviation.margin:.4g}: look at it again and update the entry"
    )
    return Finding(FindingKind.MOVED, deviation, message)


def _stale_text(deviation: Deviation, judged: Sequence[Verdict]) -> str:
    """Say that an entry no longer holds: the change comes first, the entry second."""
    valued = [verdict for verdict in judged if verdict.value is not None]
    if deviation.value is None or deviation.margin is None or not valued:
        return f"{deviation.checks} no longer deviates: remove this entry"
    written = deviation.value
    nearest = min(valued, key=lambda verdict: abs((verdict.value or 0.0) - written))
    value = nearest.value or 0.0
    said = f"{deviation.checks} no longer deviates: {value:.4g} where {written:.4g} was written"
    if abs(value - written) <= deviation.margin:
        return f"{said}: remove this entry"
    return (
        f"{said} on {deviation.date} for {deviation.model_version}: the model has changed; find out what "
        "changed it, and remove this entry only if that is meant"
    )


def _may_conform(deviation: Deviation, verdict: Verdict) -> bool:
    if deviation.value is None or deviation.margin is None:
        return False
    limits = [limit for limit in (verdict.lower, verdict.upper) if limit is not None]
    near = verdict.value is not None and abs(verdict.value - deviation.value) <= deviation.margin
    return near and any(abs(limit - deviation.value) <= deviation.margin for limit in limits)
