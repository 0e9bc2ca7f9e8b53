"""Which mistakes are caught, and by what: ``python -m benchmarks.mutants [--models NERLab,Powers2017]``.

Each mutation of `benchmarks.mutations` is made in a pool as a user would have it: a factory with a folder of
mod files, a baseline in a file, and one edit. The suite runs as its command, without xdist and with it, and
what it concludes is read from its JUnit file. The table is Markdown.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.mutated_pool import VARIABLE
from benchmarks.mutations import MUTATIONS, Edit, Mutation
from mnvalidate.baseline.tolerance import shipped_tolerance
from mnvalidate.nmodl.sources import myogen_sources

N_NEURONS = 10
FACTORIES = {"NERLab": "pool_of_nerlab", "Powers2017": "pool_of_powers"}
MECHANISMS = {
    "NERLab": ("Constant", "caL", "gh", "napp"),
    # With caL MyoGen takes these for its own library, and brings none.
    "Powers2017": ("L_Ca_inact", "caL", "gh", "kdrRL", "mAHP", "na3rp", "naps"),
}
WORKERS = ("-n", "2")
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Seen:
    """What one run concluded of one check."""

    status: str
    value: float | None = None
    before: float | None = None
    allowed: float | None = None

    @property
    def times_allowed(self) -> float:
        """Change as a multiple of what is allowed; infinite where a value came or went."""
        if self.value is None or self.before is None:
            return math.inf if self.value is not self.before else 0.0
        return abs(self.value - self.before) / self.allowed if self.allowed else 0.0

    @property
    def percent(self) -> float:
        """Change in per cent of the value in the baseline."""
        if self.value is None or self.before is None:
            return math.inf if self.value is not self.before else 0.0
        return 100.0 * (self.value - self.before) / abs(self.before) if self.before else 0.0


@dataclass(frozen=True)
class Row:
    """What became of one mutation."""

    mutation: Mutation
    exit_code: int
    moved: str = ""
    times_allowed: float = 0.0
    literature: int = 0
    warnings: int = 0
    baseline: int = 0
    same_with_xdist: bool = True
    problem: str = ""

    @property
    def is_red(self) -> bool:
        """Whether the run failed."""
        return self.exit_code != 0

    def markdown(self) -> str:
        """Return it as a row of the table."""
        cells = (
            self.mutation.name,
            self.moved or "nothing",
            f"{self.times_allowed:.2g}",
            str(self.literature or ""),
            str(self.warnings or ""),
            str(self.baseline or ""),
            f"{'red' if self.is_red else 'green'}{'' if self.same_with_xdist else ' (not so with xdist)'}",
        )
        return "| " + " | ".join(cells) + " |" + (f" {self.problem}" if self.problem else "")


@dataclass
class Workplace:
    """A folder with the mods of one model, its baseline, and a store of records."""

    model: str
    folder: Path
    store: Path
    with_xdist: bool = True
    unmutated: Mapping[str, Seen] = field(default_factory=dict)

    def prepare(self) -> None:
        """Save the baseline of the model as it is."""
        self._write_mods(None)
        saved, _ = self._run("", "--mn-save-baseline=baseline.json")
        if saved != 0 and not (self.folder / "baseline.json").exists():
            raise RuntimeError(f"{self.model}: no baseline")
        _, self.unmutated = self._run("", "--mn-baseline=baseline.json")

    def row(self, mutation: Mutation) -> Row:
        """Make a mutation and run the suite without xdist and with it."""
        self._write_mods(mutation.change if isinstance(mutation.change, Edit) else None)
        code, seen = self._run(mutation.name, "--mn-baseline=baseline.json")
        if not seen:
            return Row(mutation, code, problem="nothing was judged")
        again, seen_again = code, seen
        if self.with_xdist:
            again, seen_again = self._run(mutation.name, "--mn-baseline=baseline.json", *WORKERS)
        same = code == again and {k: s.status for k, s in seen.items()} == {
            k: s.status for k, s in seen_again.items()
        }
        of_baseline = {name: s for name, s in seen.items() if name.startswith("baseline[")}
        others = {name: s for name, s in seen.items() if name not in of_baseline}
        worst = max(of_baseline, key=lambda name: of_baseline[name].times_allowed, default="")
        farthest = of_baseline[worst].times_allowed if worst else 0.0
        return Row(
            mutation,
            code,
            _largest(of_baseline),
            farthest,
            literature=self._newly(others, "error"),
            warnings=self._newly(others, "warning"),
            baseline=sum(s.status == "error" for s in of_baseline.values()),
            same_with_xdist=same,
        )

    def _newly(self, seen: Mapping[str, Seen], status: str) -> int:
        before = {name: found.status for name, found in self.unmutated.items()}
        return sum(found.status == status != before.get(name) for name, found in seen.items())

    def _write_mods(self, edit: Edit | None) -> None:
        mods = self.folder / "mods"
        mods.mkdir(exist_ok=True)
        for source in myogen_sources():
            if source.name not in MECHANISMS[self.model]:
                continue
            text = source.text
            if edit is not None and edit.mechanism == source.name:
                text, n = re.subn(edit.pattern, edit.replacement, text, count=edit.count)
                if n == 0:
                    raise RuntimeError(f"{edit.pattern!r} is not in {source.file}")
            (mods / Path(source.file).name).write_text(text, encoding="utf-8")

    def _run(self, mutation: str, *options: str) -> tuple[int, dict[str, Seen]]:
        junit = self.folder / "junit.xml"
        junit.unlink(missing_ok=True)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "--pyargs", "mnvalidate.suite", "-q"),
                *("-p", "no:cacheprovider", "-p", "no:hypothesispytest", f"--n-neurons={N_NEURONS}"),
                f"--mn-model=benchmarks.mutated_pool:{FACTORIES[self.model]}",
                *("--mn-library=mods", "--mn-report=none", f"--mn-cache-dir={self.store}"),
                *(f"--junitxml={junit}", "-o", "junit_family=xunit1", *options),
            ],
            cwd=self.folder,
            env={
                **os.environ,
                VARIABLE: mutation,
                "PYTHONPATH": str(_ROOT),
                "NEURON_MODULE_OPTIONS": "-nogui",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1):
            print(done.stdout[-2000:], done.stderr[-2000:], file=sys.stderr)
        return done.returncode, _read(junit) if junit.exists() else {}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__)
    parser.add_argument("--models", default=",".join(FACTORIES))
    parser.add_argument("--only", default="", help="a regular expression in the names of mutations")
    parser.add_argument("--store", type=Path, help="folder of records to keep")
    parser.add_argument("--without-xdist", action="store_true", help="half the runs")
    arguments = parser.parse_args()
    rows = [
        row
        for model in arguments.models.split(",")
        for row in rows_of(model, arguments.only, arguments.store, with_xdist=not arguments.without_xdist)
    ]
    print("\n".join(["", *summary(rows)]))


def rows_of(
    model: str, only: str = "", store: Path | None = None, *, with_xdist: bool = True
) -> Iterable[Row]:
    """Run every mutation of one model, and print each row as it comes."""
    print(f"\n| {model} | largest change | times allowed | errors | warnings | baseline | run |")
    print("|---|---|---:|---:|---:|---:|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="mnvalidate-mutants-") as name:
        place = Workplace(model, Path(name), store or Path(name) / "store", with_xdist)
        place.prepare()
        for mutation in MUTATIONS.values():
            if mutation.model == model and re.search(only, mutation.name):
                row = place.row(mutation)
                print(row.markdown(), flush=True)
                yield row


def summary(rows: Iterable[Row]) -> list[str]:
    """Count what was caught, and by what."""
    rows = list(rows)
    mistakes = [row for row in rows if not row.mutation.is_neutral]
    neutral = [row for row in rows if row.mutation.is_neutral]
    # Both values have the same resolution here, so that the combined one is larger by the root of two.
    resolution = 1.0 / (shipped_tolerance().resolutions * math.sqrt(2.0))
    beyond = [row for row in mistakes if row.times_allowed > resolution or row.problem]
    silent = [row for row in beyond if not row.literature]
    farthest = max((row.times_allowed for row in neutral), default=0.0)
    lines = [
        f"{len(mistakes)} mistakes, {len(beyond)} of them move a quantity beyond its resolution; of these",
        f"- {len(beyond) - len(silent)} turn a check of the literature into an error,",
        f"- {sum(bool(row.warnings) for row in silent)} only warn,",
        f"- {sum(not row.warnings for row in silent)} pass both without a word,",
        f"- {sum(bool(row.baseline or row.problem) for row in beyond)} are red against the baseline.",
        f"{sum(row.is_red for row in neutral)} of {len(neutral)} edits that change nothing are red; "
        f"their largest shift is {farthest:.2g} times what is allowed.",
        f"{sum(not row.same_with_xdist for row in rows)} runs conclude otherwise with xdist.",
    ]
    missed = [row.mutation.name for row in beyond if not (row.baseline or row.problem)]
    return [*lines, *(f"MISSED: {name}" for name in missed)]


def _largest(seen: Mapping[str, Seen]) -> str:
    """The change that is largest in per cent, or what came or went."""
    moved = {name: s for name, s in seen.items() if s.status == "error"}
    if not moved:
        return ""
    name = max(moved, key=lambda each: abs(moved[each].percent))
    quantity = name.removesuffix("]").split("-", 2)[-1]
    percent = moved[name].percent
    return f"{quantity} " + ("came or went" if math.isinf(percent) else f"{percent:+.3g} %")


def _read(junit: Path) -> dict[str, Seen]:
    return {
        _id(case.get("name", "")): _seen(case)
        for case in ET.parse(junit).iter("testcase")
        if "[" in case.get("name", "")
    }


def _id(name: str) -> str:
    return name.removeprefix("test_")


def _seen(case: ET.Element) -> Seen:
    facts = {p.get("name"): p.get("value", "") for p in case.iter("property")}
    failed = case.find("failure") is not None or case.find("error") is not None
    status = "error" if failed else "excused" if facts.get("excused") else facts.get("conclusion", "")
    if not failed and status in ("deviates", "not_measured"):
        status = facts.get("severity", "")
    value, before, upper = (_number(facts.get(name)) for name in ("value", "baseline", "upper"))
    allowed = None if upper is None or before is None else upper - before
    return Seen(status, value, before, allowed)


def _number(text: str | None) -> float | None:
    return None if text in (None, "") else float(text)


if __name__ == "__main__":
    main()
