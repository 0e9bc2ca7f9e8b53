"""Verdicts of one kind together: what every report shows as one row."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from mnvalidate.checks.check import Family
from mnvalidate.families import family_named
from mnvalidate.report.wording import RANK, limits, number, relative_margin, status, with_unit, worst_first
from mnvalidate.verdicts import Conclusion, Verdict


@dataclass(frozen=True, slots=True)
class Kind:
    """Verdicts that ask the same of the neurons of one pool, or one verdict on a pool or a mechanism.

    Parameters
    ----------
    verdicts : tuple of Verdict
        At least one, worst first.
    """

    verdicts: tuple[Verdict, ...]

    @property
    def worst(self) -> Verdict:
        """The verdict that says most."""
        return self.verdicts[0]

    @property
    def family(self) -> Family:
        """Family of the verdicts, as far as it is known here."""
        return family_named(self.worst.family)

    @property
    def status(self) -> str:
        """Status of the worst verdict."""
        return status(self.worst)

    @property
    def quantities(self) -> str:
        """The quantity that is judged, or both of a relation without their units."""
        worst = self.worst
        if not worst.against:
            return worst.quantity
        return f"{short(worst.quantity)}~{short(worst.against)}"

    @property
    def what(self) -> str:
        """What is judged: its quantities, and the motor-unit type where it is one."""
        return f"{self.quantities} {self.worst.scope}".rstrip()

    @property
    def name(self) -> str:
        """Family and what is judged: ``typical fold Ir__nA``, ``type range tau__ms FR``."""
        return f"{self.worst.family.replace('_', ' ')} {self.what}"

    @property
    def found(self) -> tuple[Verdict, ...]:
        """Verdicts that something is wrong, excused or not."""
        return tuple(verdict for verdict in self.verdicts if verdict.found)

    @property
    def share(self) -> str:
        """How many of the neurons something is wrong with: ``3/20``; empty for a pool as a whole."""
        return "" if self.worst.subject.neuron is None else f"{len(self.found)}/{len(self.verdicts)}"

    @property
    def seen(self) -> str:
        """Smallest and largest value, with the sign where it matters; ``-`` where there is none."""
        values = [verdict.value for verdict in self.verdicts if verdict.value is not None]
        if not values:
            return "-"
        written = [f"{v:+.3f}" if self.family.signed else f"{v:.4g}" for v in (min(values), max(values))]
        return written[0] if len(values) == 1 else " to ".join(written)

    @property
    def limits(self) -> str:
        """Limits that apply to the worst verdict; ``-`` where there are none."""
        bounded = (v for v in self.verdicts if (v.lower, v.upper) != (None, None))
        first = next(bounded, None)
        return "-" if first is None else limits(first.lower, first.upper)

    @property
    def worst_text(self) -> str:
        """Worst value and where it is: ``rate_min 3.178 Hz, n0``."""
        worst = self.worst
        value = "not measured" if worst.conclusion is Conclusion.NOT_MEASURED else number(worst.value)
        where = "" if worst.subject.neuron is None else f", n{worst.subject.neuron}"
        return f"{short(self.quantities)} {with_unit(value, worst.unit)}".rstrip() + where


def short(quantity: str) -> str:
    """Name of a quantity without its unit."""
    return quantity.split("__")[0]


def kinds(verdicts: Iterable[Verdict]) -> list[Kind]:
    """Put verdicts together that are alike, errors first and those farthest outside first."""
    groups: dict[Hashable, list[Verdict]] = {}
    for verdict in worst_first(verdicts):
        groups.setdefault(_alike(verdict), []).append(verdict)
    found = [Kind(tuple(group)) for group in groups.values()]
    return sorted(found, key=lambda kind: (RANK[kind.status], -relative_margin(kind.worst)))


def _alike(verdict: Verdict) -> Hashable:
    whose = verdict.subject.kind, verdict.subject.name
    return whose, verdict.family, verdict.quantity, verdict.against, verdict.criterion
