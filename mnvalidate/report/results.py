"""Everything a report shows, as one value: it can be saved, and every report rebuilt from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from mnvalidate.baseline.comparison import Comparison
from mnvalidate.baseline.state import FAMILY_NAME
from mnvalidate.checks.pool_change import PoolChange
from mnvalidate.mechanisms.curve_data import MechanismCurves
from mnvalidate.models.scans import Scan
from mnvalidate.records import Json, Record
from mnvalidate.verdicts import Conclusion, Severity, Verdict

SCHEMA = "mnvalidate-results-3"
"""Name and version of the file's format."""


class ResultsError(ValueError):
    """A file of results cannot be read; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class MeasuredPool:
    """A pool's records, and what was measured.

    Parameters
    ----------
    model : str
        Name of the model.
    spec, solver : mapping
        JSON values of the model specification and of the method of integration. They are kept as they are:
        a report can be rebuilt where the model cannot be imported.
    records : tuple of Record
        One for each neuron, in order of recruitment.
    """

    model: str
    spec: Mapping[str, Json]
    solver: Mapping[str, Json]
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class LiteratureUsed:
    """Literature beside the shipped.

    Parameters
    ----------
    name, digest : str
        Its folder's name and a digest of its files; empty where there is none.
    told : tuple of str
        What it adds, replaces and switches off, a sentence each.
    """

    name: str = ""
    digest: str = ""
    told: tuple[str, ...] = ()

    @property
    def identity(self) -> Mapping[str, str]:
        """What tells it from other literature; empty for none."""
        return {"name": self.name, "digest": self.digest} if self.digest else {}


@dataclass(frozen=True, slots=True)
class Counts:
    """Checks by how they ended.

    Parameters
    ----------
    expected, run : int
        Checks planned, and those with a verdict.
    measured, judged : int
        Those whose value exists, and those whose value was compared with limits.
    deviating, excused : int
        Those outside, excused or not, and those that are excused.
    errors, warnings : int
        Those outside or not measured and not excused, by what they mean for the run.
    """

    expected: int
    run: int
    measured: int
    judged: int
    deviating: int
    excused: int
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Results:
    """A finished run.

    Parameters
    ----------
    pools : tuple of MeasuredPool
        What was measured, by model.
    verdicts : tuple of Verdict
        What was concluded, of pools and of single mechanisms.
    expected : int
        Number of checks of pools that were planned.
    findings : tuple of str
        What is wrong with the file of known deviations.
    curves : tuple of MechanismCurves
        Curves of the mechanisms that were checked and have some.
    versions : mapping of str to str
        Versions of the programs in use, by their names.
    changes : tuple of PoolChange
        What a change of mechanisms does to each pool; empty where nothing is changed.
    species : str
        Species whose literature applies.
    command : str
        How to repeat the run.
    created : str
        When it ended, as ISO 8601 with the offset from UTC.
    planned : mapping of str to mapping of str to int
        Number of planned checks of each quantity, by model.
    baseline : Comparison, optional
        What is different from the baseline; None where nothing was compared.
    literature : LiteratureUsed
        Literature beside the shipped.
    scan : Scan, optional
        What the models are variants of; None where nothing was scanned.
    """

    pools: tuple[MeasuredPool, ...]
    verdicts: tuple[Verdict, ...]
    expected: int
    findings: tuple[str, ...] = ()
    curves: tuple[MechanismCurves, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[PoolChange, ...] = ()
    species: str = ""
    command: str = ""
    created: str = ""
    planned: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    baseline: Comparison | None = None
    literature: LiteratureUsed = field(default_factory=LiteratureUsed)
    scan: Scan | None = None

    @property
    def judged_by(self) -> str:
        """Whose literature judges, in words."""
        beside = f" with {self.literature.name} ({self.literature.digest})" if self.literature.digest else ""
        return f"{self.species} literature{beside}"

    @property
    def records(self) -> tuple[Record, ...]:
        """Records of all pools."""
        return tuple(record for pool in self.pools for record in pool.records)

    @property
    def of_pools(self) -> tuple[Verdict, ...]:
        """Verdicts on pools and their neurons."""
        return tuple(verdict for verdict in self.verdicts if not verdict.subject.is_mechanism)

    @property
    def of_mechanisms(self) -> tuple[Verdict, ...]:
        """Verdicts on single mechanisms."""
        return tuple(verdict for verdict in self.verdicts if verdict.subject.is_mechanism)

    @property
    def accidents(self) -> tuple[str, ...]:
        """Neurons whose process ended before everything was measured, with the reason, a line each."""
        return tuple(
            f"{record.model} neuron {record.neuron}: {reason}"
            for record in self.records
            if (reason := accident_reason(record))
        )

    @property
    def judged_something(self) -> bool:
        """Whether a check of the pools, where there are some, and of the mechanisms was judged."""
        groups = [group for group in (self.of_pools, self.of_mechanisms) if group]
        return bool(groups) and all(any(v.judged for v in group) for group in groups)

    @property
    def passed(self) -> bool:
        """Whether something was judged and nothing fails the run."""
        failed = any(verdict.failed for verdict in self.verdicts)
        return self.judged_something and not (failed or self.findings or self.accidents)

    @property
    def counts(self) -> Counts:
        """Checks of all models; those of single mechanisms are counted apart."""
        return count(self.of_pools, self.expected)

    def counts_by_quantity(self, model: str) -> dict[str, Counts]:
        """Checks of each quantity of one model."""
        groups: dict[str, list[Verdict]] = {}
        for verdict in self.of_model(model):
            groups.setdefault(verdict.quantity, []).append(verdict)
        planned = self.planned.get(model, {})
        return {quantity: count(groups.get(quantity, []), number) for quantity, number in planned.items()}

    def counts_by_family(self) -> dict[str, Counts]:
        """Checks of each family that was run, in the order of their names."""
        groups: dict[str, list[Verdict]] = {}
        for verdict in self.verdicts:
            groups.setdefault(verdict.family, []).append(verdict)
        return {family: count(groups[family], len(groups[family])) for family in sorted(groups)}

    def of_model(self, model: str) -> tuple[Verdict, ...]:
        """Verdicts on one model."""
        return tuple(verdict for verdict in self.of_pools if verdict.subject.name == model)

    def is_in_comparison(self, verdict: Verdict) -> bool:
        """Whether the comparison with the baseline tells of a verdict, so that no list need repeat it."""
        return self.baseline is not None and verdict.family == FAMILY_NAME and not verdict.accident

    def to_json(self) -> str:
        """Return JSON text; `read_results` restores it exactly."""
        return "".join(self.json_parts())

    def json_parts(self) -> Iterator[str]:
        """Yield `to_json`'s text in parts: as a whole, that of a large pool takes much room."""
        rest = {
            "schema": SCHEMA,
            "passed": self.passed,
            "counts": asdict(self.counts),
            "counts_by_quantity": {
                pool.model: {
                    quantity: asdict(counted)
                    for quantity, counted in self.counts_by_quantity(pool.model).items()
                }
                for pool in self.pools
            },
            "counts_by_family": {name: asdict(counted) for name, counted in self.counts_by_family().items()},
            "species": self.species,
            "literature": asdict(self.literature),
            "command": self.command,
            "created": self.created,
            "expected": self.expected,
            "findings": list(self.findings),
            "accidents": list(self.accidents),
            "curves": [asdict(curves) for curves in self.curves],
            "versions": dict(self.versions),
            "changes": [asdict(change) for change in self.changes],
            "baseline": None if self.baseline is None else asdict(self.baseline),
            "scan": None if self.scan is None else asdict(self.scan),
        }
        yield _opened(rest) + ', "pools": ['
        for index, pool in enumerate(self.pools):
            what = {"model": pool.model, "spec": pool.spec, "solver": pool.solver}
            yield (", " if index else "") + _opened(what) + ', "records": '
            yield from _json_array(pool.records)
            yield "}"
        yield '], "verdicts": '
        yield from _json_array(self.verdicts)
        yield "}"


def _opened(value: Mapping[str, object]) -> str:
    """Return a JSON object without its last bracket."""
    return json.dumps(value).removesuffix("}")


def _json_array(items: Iterable[Record | Verdict]) -> Iterator[str]:
    yield "["
    for index, item in enumerate(items):
        yield (", " if index else "") + json.dumps(item.to_json())
    yield "]"


def accident_reason(record: Record) -> str:
    """Why a neuron's process ended before everything was measured; empty if it did not."""
    return next((m.reason for m in record.measurements.values() if m.outcome.is_accident), "")


def count(verdicts: Sequence[Verdict], expected: int) -> Counts:
    """Count checks by how they ended; an accident is an error whatever the severity."""
    wrong = [v for v in verdicts if v.found and not v.excused]
    return Counts(
        expected=expected,
        run=len(verdicts),
        measured=sum(v.conclusion is not Conclusion.NOT_MEASURED for v in verdicts),
        judged=sum(v.judged for v in verdicts),
        deviating=sum(v.conclusion is Conclusion.DEVIATES for v in verdicts),
        excused=sum(bool(v.excused) for v in verdicts),
        errors=sum(v.failed for v in wrong),
        warnings=sum(not v.failed and v.severity is Severity.WARNING for v in wrong),
    )


def read_results(path: Path) -> Results:
    """Read a file that a run has written.

    Parameters
    ----------
    path : Path
        ``mnvalidate.json`` of a report.

    Returns
    -------
    Results
        The same as was written: nothing is simulated or judged again.

    Raises
    ------
    ResultsError
        If it is not such a file.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ResultsError(f"{path}: is not JSON: {error}") from None
    if isinstance(content, dict) and content.get("schema") != SCHEMA:
        raise ResultsError(f"{path}: is not in the format {SCHEMA}")
    problem = best_match(_schema().iter_errors(content))
    if problem is not None:
        raise ResultsError(f"{path}: {problem.json_path}: {problem.message[:300]}")
    try:
        return _from_json(content)
    except (KeyError, TypeError, ValueError) as error:
        raise ResultsError(f"{path}: {type(error).__name__}: {error}") from None


def _from_json(content: Mapping[str, Any]) -> Results:
    return Results(
        pools=tuple(
            MeasuredPool(
                pool["model"],
                pool["spec"],
                pool["solver"],
                tuple(Record.from_json(record) for record in pool["records"]),
            )
            for pool in content["pools"]
        ),
        verdicts=tuple(Verdict.from_json(verdict) for verdict in content["verdicts"]),
        expected=content["expected"],
        findings=tuple(content["findings"]),
        curves=tuple(MechanismCurves.from_json(curves) for curves in content["curves"]),
        versions=dict(content["versions"]),
        changes=tuple(PoolChange.from_json(change) for change in content["changes"]),
        species=content["species"],
        command=content["command"],
        created=content["created"],
        planned={
            model: {quantity: counted["expected"] for quantity, counted in counts.items()}
            for model, counts in content["counts_by_quantity"].items()
        },
        literature=_literature(content.get("literature", {})),
        baseline=Comparison.from_json(content["baseline"]) if content.get("baseline") else None,
        scan=Scan.from_json(content["scan"]) if content.get("scan") else None,
    )


def _literature(content: Mapping[str, Any]) -> LiteratureUsed:
    told = tuple(content.get("told", ()))
    return LiteratureUsed(content.get("name", ""), content.get("digest", ""), told)


@cache
def _schema() -> Draft202012Validator:
    text = files("mnvalidate.report").joinpath("results.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))
