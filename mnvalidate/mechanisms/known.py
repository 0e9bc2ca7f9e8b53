"""What is known to be wrong with a release of MyoGen's mechanisms, and excused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version

from mnvalidate.datafiles import data_folder, read_yaml
from mnvalidate.models.nmodl import NmodlSource, myogen_sources, replaced_names
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True, slots=True)
class KnownDefect:
    """A finding that is known for a version.

    Parameters
    ----------
    check : str
        Full id, for example ``mechanism[gh-cross-talk]``.
    reason : str
        Why it is so, and what follows.
    date, version : str
        When it was written down, and for which version of MyoGen.
    """

    check: str
    reason: str
    date: str
    version: str


def known_defects(changed: Sequence[NmodlSource] = ()) -> dict[str, KnownDefect]:
    """Known defects of the installed MyoGen by check, those of mechanisms that `changed` replaces left out.

    Raises
    ------
    ReferenceDataError
        If the file cannot be read.
    """
    try:
        installed = version("myogen")
    except PackageNotFoundError:
        return {}
    file = data_folder() / "deviations" / f"myogen-{installed}-mechanisms.yaml"
    if not file.is_file():
        return {}
    entries = [KnownDefect(**entry) for entry in read_yaml(file)["deviations"]]
    replaced = replaced_names(myogen_sources(), changed) if changed else ()
    gone = tuple(f"mechanism[{name}-" for name in replaced)
    return {entry.check: entry for entry in entries if not entry.check.startswith(gone or ("\0",))}


def excuse(verdict: Verdict, known: dict[str, KnownDefect]) -> Verdict:
    """Mark a deviation as excused where it is known."""
    entry = known.get(verdict.check)
    if entry is None or verdict.conclusion is not Conclusion.DEVIATES:
        return verdict
    return replace(verdict, excused=f"{entry.reason} (MyoGen {entry.version}, {entry.date})")


def stale(verdicts: Sequence[Verdict], known: dict[str, KnownDefect]) -> list[KnownDefect]:
    """Entries whose check finds nothing any more: take them out of the file."""
    sound = {verdict.check for verdict in verdicts if verdict.conclusion is Conclusion.CONFORMS}
    return [entry for check, entry in known.items() if check in sound]
