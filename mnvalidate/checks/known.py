"""Which known deviations of MyoGen apply to a model: they belong to what it is built of, not to its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from mnvalidate.checks.deviations import Deviation, shipped_deviations
from mnvalidate.datafiles import data_folder, read_yaml, validate
from mnvalidate.nmodl.content import content_digest
from mnvalidate.nmodl.sources import NmodlSource, merge
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict

_PREFIX, _SUFFIX = "myogen-", "-contents.yaml"
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Contents:
    """What the models of one version of MyoGen are built of.

    Parameters
    ----------
    version : str
        The version.
    models : mapping of str to tuple of str
        Mechanisms in the cells of each model.
    digests : mapping of str to str
        First digits of the digest of what each mechanism compiles from.
    """

    version: str
    models: Mapping[str, tuple[str, ...]]
    digests: Mapping[str, str]

    def model_of(self, records: Sequence[Record]) -> str:
        """Return the model whose mechanisms all neurons have, empty where it is none of these.

        Their texts need not be the same, and there may be more of them: an edit that changes nothing must
        lose no entry. What it changes is told by the entries' values.
        """
        found = [_mechanisms_of(record) for record in records]
        models = (m for m, names in self.models.items() if found and all(f.issuperset(names) for f in found))
        return next(models, "")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of MyoGen's models and mechanisms, for one run.

    Parameters
    ----------
    certain : tuple of Deviation
        Entries that apply whatever is measured.
    of_changed_mechanisms : tuple of Deviation
        Entries on mechanisms that the user has changed: they apply where the finding is still the same.
    contents : Contents, optional
        What the models are built of; None where nothing ships or is wanted.
    """

    certain: tuple[Deviation, ...] = ()
    of_changed_mechanisms: tuple[Deviation, ...] = ()
    contents: Contents | None = None

    def changed_mechanisms(self, names: Iterable[str]) -> list[str]:
        """Those of some mechanisms that are changed and of which something is known."""
        known = {mechanism_of(entry) for entry in self.of_changed_mechanisms}
        return [name for name in names if name in known]

    def of_built(self, model: str, records: Sequence[Record]) -> tuple[Deviation, ...]:
        """Return the entries on a pool of another name that is built of one of the models."""
        built = "" if self.contents is None else self.contents.model_of(records)
        if self.contents is None or not built or built == model:
            return ()
        entries = shipped_deviations(self.contents.version)
        own = [entry for entry in entries if f"[{built}-" in entry.checks and not entry.on_mechanisms]
        return tuple(replace(entry, checks=entry.checks.replace(f"[{built}-", f"[{model}-")) for entry in own)

    def still_found(
        self, verdicts: Iterable[Verdict], originals: Mapping[str, Verdict]
    ) -> tuple[Deviation, ...]:
        """Return the entries on changed mechanisms whose finding is that of the mechanism as it was.

        Parameters
        ----------
        verdicts : iterable of Verdict
            On the mechanisms as they are.
        originals : mapping of str to Verdict
            On the mechanisms as they were, by their checks.
        """
        same = {
            verdict.check
            for verdict in verdicts
            if verdict.conclusion is Conclusion.DEVIATES
            and (original := originals.get(verdict.check)) is not None
            and (original.conclusion, original.message) == (verdict.conclusion, verdict.message)
        }
        # An entry of several checks is taken apart: each is excused by itself.
        return tuple(
            replace(entry, checks=check)
            for entry in self.of_changed_mechanisms
            for check in sorted(same)
            if entry.matches(check)
        )


def known_of_myogen(
    installed: str, checks: Iterable[str], own: Sequence[NmodlSource], changed: Sequence[NmodlSource]
) -> Known:
    """Return what is known of the installed MyoGen as a run uses it.

    Parameters
    ----------
    installed : str
        Its version.
    checks : iterable of str
        Full ids of the run's checks: only entries on these count.
    own : sequence of NmodlSource
        MyoGen's mechanisms.
    changed : sequence of NmodlSource
        What the user replaces.
    """
    contents = shipped_contents(installed)
    if contents is None:
        return Known()
    ids = list(checks)
    entries = [e for e in shipped_deviations(contents.version) if any(e.matches(check) for check in ids)]
    now = {s.name: content_digest(s.whole_text)[:_DIGITS] for s in merge(own, changed)}
    other = {name for name, digest in now.items() if contents.digests.get(name) != digest}
    return Known(
        tuple(entry for entry in entries if mechanism_of(entry) not in other),
        tuple(entry for entry in entries if mechanism_of(entry) in other),
        contents,
    )


def mechanism_of(entry: Deviation) -> str:
    """Mechanism that an entry is about; empty for one on pools."""
    return entry.checks.partition("[")[2].partition("-")[0] if entry.on_mechanisms else ""


@cache
def shipped_contents(installed: str) -> Contents | None:
    """Contents of the installed version, None where nothing ships for it."""
    path = data_folder() / "deviations" / f"{_PREFIX}{installed}{_SUFFIX}"
    if not installed or not path.is_file():
        return None
    content = read_yaml(path)
    validate(content, "contents", path.name)
    models = {name: tuple(mechanisms) for name, mechanisms in content["models"].items()}
    return Contents(installed, models, content["contents"])


def _mechanisms_of(record: Record) -> frozenset[str]:
    """Names of a neuron's mechanisms; ions have no text and do not count."""
    return frozenset(m.name for m in (() if record.cell is None else record.cell.mechanisms) if m.digest)
