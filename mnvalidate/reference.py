"""The literature as data: facts with their sources, and the criteria that follow from them."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from mnvalidate.datafiles import ReferenceDataError, data_folder, read_yaml, validate
from mnvalidate.protocols import QUANTITIES
from mnvalidate.verdicts import Severity

__all__ = [
    "BandCriterion",
    "Criterion",
    "Evidence",
    "ExponentCriterion",
    "Fact",
    "FoldCriterion",
    "Limit",
    "ProductCriterion",
    "RangeCriterion",
    "Reference",
    "ReferenceDataError",
    "Source",
    "TrendCriterion",
    "TypeFraction",
    "load_reference",
    "species_names",
]

type MotorUnitType = Literal["S", "FR", "FF"]
type Side = Literal["lower", "upper", "middle"]

_TEXT_COLUMNS = frozenset(
    {
        "id",
        "quantity",
        "statistic",
        "against",
        "unit",
        "species",
        "muscle",
        "preparation",
        "mu_type",
        "protocol",
    }
    | {"source", "where", "evidence", "note"}
)


class Evidence(StrEnum):
    """How a number was obtained."""

    READ = "read"
    SECONDARY = "secondary"
    DERIVED = "derived"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Source:
    """A publication.

    Parameters
    ----------
    id, citation : str
        Short name and short citation.
    doi : str
        Digital object identifier, empty where there is none.
    doi_evidence : str
        Whether the DOI was ``read`` on the source's page or comes from ``memory``; ``none`` without a DOI.
    """

    id: str
    citation: str
    doi: str
    doi_evidence: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One published number, or one number recalled or derived, and where it comes from.

    Parameters
    ----------
    id : str
        Unique name.
    quantity : str
        Quantity, by its name in `mnvalidate.protocols.QUANTITIES` where the suite measures it.
    statistic : str
        What the number says of the quantity: its ``value``, the ``exponent``, ``coefficient`` or ``r2`` of a
        power law `against` another quantity, the ``fold`` between extremes, a ``ratio``, a ``fraction``, or
        the ``direction`` along recruitment (1 up, -1 down, 0 none).
    unit : str
        Unit of the numbers.
    mean, sd, min, max : float, optional
        The numbers.
    n : int, optional
        Number of neurons.
    """

    id: str
    quantity: str
    statistic: str
    unit: str
    species: str
    source: Source
    evidence: Evidence
    against: str = ""
    mean: float | None = None
    sd: float | None = None
    min: float | None = None
    max: float | None = None
    n: int | None = None
    muscle: str = ""
    preparation: str = ""
    mu_type: str = ""
    protocol: str = ""
    where: str = ""
    note: str = ""

    def number(self, name: str) -> float:
        """Return ``mean``, ``sd``, ``min`` or ``max``.

        Raises
        ------
        ReferenceDataError
            If the fact does not have it.
        """
        value: float | None = getattr(self, name)
        if value is None:
            raise ReferenceDataError(f"facts.csv: {self.id}: {name}: is empty but a criterion uses it")
        return value


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that a criterion applies, and how it follows from facts.

    Parameters
    ----------
    value : float
        The number.
    rule : str
        How it follows. ``scaled``: a number of a fact, times `times`. ``spread``: mean plus `sds` standard
        deviations. ``root``: square root of a fact (r squared to r) times `times`. ``single_cell``: the
        factor that holds 95 % of single neurons about a power law, from a fold and an r squared, times
        `times`. ``union``: the outermost of a direct exponent's 95 % interval and of the quotients of
        the 95 % intervals of the two relations to cell size.
    sources : tuple of Fact
        The facts.
    number : str
        Which number of the fact.
    times, sds : float
        Parameters of the rule.
    step : float
        Grid to which the result is rounded; 0 for none.
    rounding : {"outward", "nearest"}
        Outward: down for a lower limit and up for an upper one.
    """

    value: float
    rule: str
    sources: tuple[Fact, ...]
    number: str = "mean"
    times: float = 1.0
    sds: float = 0.0
    step: float = 0.0
    rounding: str = "outward"

    @property
    def from_memory(self) -> bool:
        """Whether all of its facts are from memory."""
        return all(fact.evidence is Evidence.MEMORY for fact in self.sources)

    def derived(self, side: Side) -> float:
        """Return the number as it follows from the facts; `value` must agree with it."""
        exact = _RULES[self.rule](self, side)
        if not self.step:
            return exact
        steps = exact / self.step
        nearest = round(steps)
        if self.rounding == "nearest" or side == "middle" or math.isclose(steps, nearest, abs_tol=1e-6):
            return nearest * self.step
        return (math.floor(steps) if side == "lower" else math.ceil(steps)) * self.step

    def agrees(self, side: Side) -> bool:
        """Whether the number written is the one that follows."""
        return math.isclose(self.value, self.derived(side), rel_tol=1e-6, abs_tol=1e-9)


def _scaled(limit: Limit, side: Side) -> float:
    return limit.sources[0].number(limit.number) * limit.times


def _spread(limit: Limit, side: Side) -> float:
    return limit.sources[0].number("mean") + limit.sds * limit.sources[0].number("sd")


def _root(limit: Limit, side: Side) -> float:
    return math.sqrt(limit.sources[0].number("mean")) * limit.times


def _single_cell(limit: Limit, side: Side) -> float:
    # Extremes four standard deviations apart, and the part of the variance that the relation leaves over.
    fold, r2 = (fact.number("mean") for fact in limit.sources)
    residual = math.log(fold) / 4 * math.sqrt(1 - r2)
    return math.exp(1.96 * residual) * limit.times


def _union(limit: Limit, side: Side) -> float:
    direct, quantity, against = limit.sources
    ends = [q / a for q in (quantity.number("min"), quantity.number("max")) for a in _interval(against)]
    return min(direct.number("min"), *ends) if side == "lower" else max(direct.number("max"), *ends)


def _interval(fact: Fact) -> tuple[float, float]:
    return fact.number("min"), fact.number("max")


_RULES: dict[str, Callable[[Limit, Side], float]] = {
    "scaled": _scaled,
    "spread": _spread,
    "root": _root,
    "single_cell": _single_cell,
    "union": _union,
}
_FACTS_OF_RULE = {"scaled": 1, "spread": 1, "root": 1, "single_cell": 2, "union": 3}


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion:
    """What every criterion has in common.

    Parameters
    ----------
    id : str
        Unique name; a profile refers to it.
    species : str
        Species whose data it follows from.
    severity : Severity
        What a deviation means for the run.
    facts : tuple of Fact
        The facts behind it.
    why : str
        How it follows from them, and why it is drawn there.
    """

    id: str
    species: str
    severity: Severity
    facts: tuple[Fact, ...]
    why: str

    @property
    def limits(self) -> tuple[tuple[str, Side, Limit], ...]:
        """Every number of the criterion with its key and the side on which it limits."""
        raise NotImplementedError

    @property
    def quantities(self) -> tuple[str, ...]:
        """Names of the quantities that it judges, the main one first."""
        raise NotImplementedError

    @property
    def source(self) -> Source:
        """The source of its first fact, which the verdict names."""
        return self.facts[0].source

    @property
    def from_memory(self) -> bool:
        """Whether it, or one of its limits, rests on memory alone."""
        return all(fact.evidence is Evidence.MEMORY for fact in self.facts) or any(
            limit.from_memory for _, _, limit in self.limits
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RangeCriterion(Criterion):
    """Limits of a quantity of one neuron.

    Parameters
    ----------
    quantity, unit : str
        Quantity and its unit.
    scope : {"pool", "S", "FR", "FF"}
        Every neuron, or those of one motor-unit type.
    voltage_frame : {"any", "absolute"}
        ``absolute`` if the quantity means nothing where the model counts voltage from rest.
    lower, upper : Limit, optional
        Limits, each included in the range.
    """

    quantity: str
    unit: str
    scope: str
    voltage_frame: str = "any"
    lower: Limit | None = None
    upper: Limit | None = None

    @property
    def limits(self) -> tuple[tuple[str, Side, Limit], ...]:
        """See `Criterion.limits`."""
        lower: tuple[tuple[str, Side, Limit], ...] = (
            () if self.lower is None else (("lower", "lower", self.lower),)
        )
        return lower if self.upper is None else (*lower, ("upper", "upper", self.upper))

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity,)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrendCriterion(Criterion):
    """Direction of a quantity along recruitment.

    Parameters
    ----------
    quantity : str
        Quantity.
    direction : {"up", "down", "none"}
        From the first recruited neuron to the last; ``none`` demands nothing.
    floor : Limit, optional
        Smallest rank correlation (Spearman) in that direction.
    """

    quantity: str
    direction: str
    floor: Limit | None = None

    @property
    def limits(self) -> tuple[tuple[str, Side, Limit], ...]:
        """See `Criterion.limits`."""
        return () if self.floor is None else (("floor", "lower", self.floor),)

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity,)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldCriterion(Criterion):
    """Ratio of the largest to the smallest value in the pool.

    Parameters
    ----------
    quantity : str
        Quantity.
    scope : {"plausible", "typical"}
        Which of the two sets of limits.
    lower, upper : Limit
        Limits of the fold.
    """

    quantity: str
    scope: str
    lower: Limit
    upper: Limit

    @property
    def limits(self) -> tuple[tuple[str, Side, Limit], ...]:
        """See `Criterion.limits`."""
        return (("lower", "lower", self.lower), ("upper", "upper", self.upper))

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity,)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExponentCriterion(Criterion):
    """Exponent of the power law between two quantities over the pool.

    Parameters
    ----------
    quantity, against : str
        ``quantity = k * against ** exponent``.
    lower, upper : Limit
        Limits of the exponent.
    """

    quantity: str
    against: str
    lower: Limit
    upper: Limit

    @property
    def limits(self) -> tuple[tuple[str, Side, Limit], ...]:
        """See `Criterion.limits`."""
        return (("lower", "lower", self.lower), ("upper", "upper", self.upper))

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity, self.against)


@dataclass(frozen=True, kw_only=True, slots=True)
class BandCriterion(Criterion):
    """Band about a power law in SI units that holds 95 % of single neurons.

    Parameters
    ----------
    quantity, against : str
        ``quantity = coefficient * against ** exponent``, both in SI units.
    coefficient, exponent : Limit
        The power law.
    below, above : Limit
        Factors by which a neuron may lie below and above it.
    """

    quantity: str
    against: str
    coefficient: Limit
    exponent: Limit
    below: Limit
    above: Limit

    @property
    def limits(self) -> tuple[tuple[str, Side, Limit], ...]:
        """See `Criterion.limits`."""
        return (
            ("coefficient", "middle", self.coefficient),
            ("exponent", "middle", self.exponent),
            ("below", "upper", self.below),
            ("above", "upper", self.above),
        )

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return (self.quantity, self.against)

    def expected(self, against: float) -> float:
        """Value of `quantity`, in its unit, on the power law at a value of `against` in its unit."""
        si = self.coefficient.value * (against * SI[QUANTITIES[self.against].unit]) ** self.exponent.value
        return float(si / SI[QUANTITIES[self.quantity].unit])


SI: Mapping[str, float] = {"MOhm": 1e6, "nA": 1e-9, "ms": 1e-3, "nF": 1e-9, "m/s": 1.0, "mm2": 1e-6}
"""Factors from the units of power laws to SI units."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductCriterion(Criterion):
    """Limits of a product of powers of quantities of one neuron, for example a ratio.

    Parameters
    ----------
    title : str
        What the product is.
    scale : float
        Number by which it is multiplied.
    powers : mapping of str to float
        Power of each quantity.
    lower, upper : Limit
        Limits.
    """

    title: str
    scale: float
    powers: Mapping[str, float]
    lower: Limit
    upper: Limit

    @property
    def limits(self) -> tuple[tuple[str, Side, Limit], ...]:
        """See `Criterion.limits`."""
        return (("lower", "lower", self.lower), ("upper", "upper", self.upper))

    @property
    def quantities(self) -> tuple[str, ...]:
        """See `Criterion.quantities`."""
        return tuple(self.powers)


@dataclass(frozen=True, slots=True)
class TypeFraction:
    """Share of a motor-unit type in the pool, in order of recruitment."""

    type: MotorUnitType
    fraction: float
    fact: Fact


@dataclass(frozen=True, slots=True)
class Reference:
    """Facts and the criteria of every species.

    Parameters
    ----------
    facts : mapping of str to Fact
        By id.
    criteria : tuple of Criterion
        All of them.
    type_fractions : mapping of str to tuple of TypeFraction
        By species; empty where types are not assigned.
    """

    facts: Mapping[str, Fact]
    criteria: tuple[Criterion, ...]
    type_fractions: Mapping[str, tuple[TypeFraction, ...]] = field(default_factory=dict)

    @property
    def species(self) -> tuple[str, ...]:
        """Species that can be judged."""
        return tuple(sorted({criterion.species for criterion in self.criteria}))

    def of_species(self, species: str) -> tuple[Criterion, ...]:
        """Criteria of one species.

        Raises
        ------
        ReferenceDataError
            If there is none.
        """
        if species not in self.species:
            raise ReferenceDataError(
                f"no reference for species {species!r}: there are {', '.join(self.species)}"
            )
        return tuple(criterion for criterion in self.criteria if criterion.species == species)

    def of_quantity(self, quantity: str) -> tuple[Criterion, ...]:
        """Criteria of every species that judge a quantity."""
        return tuple(criterion for criterion in self.criteria if quantity in criterion.quantities)

    def with_severities(self, severities: Mapping[str, Severity]) -> Reference:
        """Return the reference with other severities, by id of the criterion."""
        criteria = tuple(replace(c, severity=severities.get(c.id, c.severity)) for c in self.criteria)
        return replace(self, criteria=criteria)


def species_names(folder: Path | None = None) -> tuple[str, ...]:
    """Names of the species that have criteria, found without reading them."""
    return tuple(sorted(path.stem for path in ((folder or data_folder()) / "criteria").glob("*.yaml")))


def load_reference(folder: Path | None = None) -> Reference:
    """Load and check facts and criteria.

    Parameters
    ----------
    folder : Path, optional
        Folder with ``sources.yaml``, ``facts.csv`` and ``criteria/*.yaml``; the shipped one by default.

    Returns
    -------
    Reference
        Typed facts and criteria.

    Raises
    ------
    ReferenceDataError
        If anything is wrong: a unit, a missing source, an unknown key, a repeated id, reversed limits, a
        limit that does not follow from its facts, or an error that rests on memory. One line with file, entry
        and key.
    """
    folder = folder or data_folder()
    sources = _load_sources(folder / "sources.yaml")
    facts = _load_facts(folder / "facts.csv", sources)
    criteria: list[Criterion] = []
    fractions: dict[str, tuple[TypeFraction, ...]] = {}
    for path in sorted((folder / "criteria").glob("*.yaml")):
        content = read_yaml(path)
        validate(content, "criteria", path.name)
        if content["species"] != path.stem:
            raise ReferenceDataError(
                f"{path.name}: species: {content['species']!r} does not match the file's name"
            )
        fractions[path.stem] = _type_fractions(content.get("motor_unit_types", []), facts, path.name)
        for section, kind in _KINDS.items():
            for entry in content.get(section, []):
                where = f"{path.name}: {section}: {entry['id']}"
                criterion = _criterion(kind, entry, path.stem, facts, where)
                _check_criterion(criterion, where)
                criteria.append(criterion)
        if not any(criterion.species == path.stem for criterion in criteria):
            raise ReferenceDataError(f"{path.name}: holds no criterion")
    _refuse_repeated((criterion.id for criterion in criteria), "criteria")
    return Reference(facts, tuple(criteria), fractions)


def _load_sources(path: Path) -> dict[str, Source]:
    content = read_yaml(path)
    validate(content, "sources", path.name)
    entries = content["sources"]
    _refuse_repeated((entry["id"] for entry in entries), path.name)
    return {entry["id"]: Source(**{**entry, "doi": entry["doi"] or ""}) for entry in entries}


def _load_facts(path: Path, sources: Mapping[str, Source]) -> dict[str, Fact]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReferenceDataError(f"{path.name}: cannot be read: {error}") from None
    facts = [_fact(row, sources, f"{path.name}: row {i}") for i, row in enumerate(rows, start=2)]
    _refuse_repeated((fact.id for fact in facts), path.name)
    return {fact.id: fact for fact in facts}


def _fact(row: Mapping[str | None, Any], sources: Mapping[str, Source], where: str) -> Fact:
    where = f"{where} ({row.get('id')})"
    if None in row or None in row.values():
        raise ReferenceDataError(f"{where}: has not as many cells as the header")
    content: dict[str, Any] = {
        str(key): cell if key in _TEXT_COLUMNS else _number(cell, f"{where}: {key}")
        for key, cell in row.items()
        if cell != ""
    }
    validate(content, "facts", where)
    if content["source"] not in sources:
        raise ReferenceDataError(f"{where}: source: {content['source']!r} is not in sources.yaml")
    quantity = QUANTITIES.get(content["quantity"])
    wanted = {"value": quantity.unit if quantity else content["unit"], "coefficient": "SI"}.get(
        content["statistic"], "1"
    )
    if content["unit"] != wanted:
        raise ReferenceDataError(f"{where}: unit: is {content['unit']!r}, must be {wanted!r}")
    if content.get("min", -math.inf) > content.get("max", math.inf):
        raise ReferenceDataError(f"{where}: min: {content['min']:g} is above max {content['max']:g}")
    if "n" in content:
        content["n"] = int(content["n"])
    return Fact(
        **{**content, "source": sources[content["source"]], "evidence": Evidence(content["evidence"])}
    )


def _number(cell: Any, where: str) -> float | str:
    try:
        number = float(cell)
    except ValueError:
        return str(cell)
    if not math.isfinite(number):
        raise ReferenceDataError(f"{where}: {cell!r} is not a finite number")
    return number


def _refuse_repeated(ids: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise ReferenceDataError(f"{where}: {name}: id: is used twice")
        seen.add(name)


def _type_fractions(
    entries: Iterable[Mapping[str, Any]], facts: Mapping[str, Fact], file: str
) -> tuple[TypeFraction, ...]:
    fractions = tuple(
        TypeFraction(
            entry["type"],
            entry["fraction"],
            _fact_named(entry["fact"], facts, f"{file}: motor_unit_types: {entry['type']}: fact"),
        )
        for entry in entries
    )
    for share in fractions:
        if share.fraction != share.fact.mean:
            raise ReferenceDataError(
                f"{file}: motor_unit_types: {share.type}: fraction: {share.fraction:g} is not "
                f"that of {share.fact.id}"
            )
    if fractions and not math.isclose(sum(share.fraction for share in fractions), 1.0):
        raise ReferenceDataError(f"{file}: motor_unit_types: fraction: the fractions do not sum to 1")
    return fractions


def _fact_named(name: str, facts: Mapping[str, Fact], where: str) -> Fact:
    if name not in facts:
        raise ReferenceDataError(f"{where}: {name!r} is not in facts.csv")
    return facts[name]


_KINDS: dict[str, type[Criterion]] = {
    "ranges": RangeCriterion,
    "trends": TrendCriterion,
    "folds": FoldCriterion,
    "exponents": ExponentCriterion,
    "bands": BandCriterion,
    "products": ProductCriterion,
}
_LIMIT_KEYS = ("lower", "upper", "floor", "coefficient", "exponent", "below", "above")


def _criterion(
    kind: type[Criterion], entry: Mapping[str, Any], species: str, facts: Mapping[str, Fact], where: str
) -> Criterion:
    limits = {key: _limit(entry[key], facts, f"{where}: {key}") for key in _LIMIT_KEYS if key in entry}
    listed = tuple(_fact_named(name, facts, f"{where}: facts") for name in entry["facts"])
    return kind(
        **{**entry, **limits, "species": species, "severity": Severity(entry["severity"]), "facts": listed}
    )


def _limit(entry: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Limit:
    sources = tuple(_fact_named(name, facts, f"{where}: from") for name in entry["from"])
    takes = _FACTS_OF_RULE[entry["rule"]]
    if len(sources) != takes:
        raise ReferenceDataError(
            f"{where}: from: rule {entry['rule']} takes {takes} facts, got {len(sources)}"
        )
    return Limit(
        value=float(entry["value"]),
        rule=entry["rule"],
        sources=sources,
        number=entry.get("field", "mean"),
        times=entry.get("times", 1.0),
        sds=entry.get("sds", 0.0),
        step=entry.get("step", 0.0),
        rounding=entry.get("rounding", "outward"),
    )


def _check_criterion(criterion: Criterion, where: str) -> None:
    for name in criterion.quantities:
        if name not in QUANTITIES:
            raise ReferenceDataError(f"{where}: quantity: {name!r} is not measured")
    if isinstance(criterion, RangeCriterion) and criterion.unit != QUANTITIES[criterion.quantity].unit:
        wanted = QUANTITIES[criterion.quantity].unit
        raise ReferenceDataError(f"{where}: unit: is {criterion.unit!r}, must be {wanted!r}")
    values = {key: limit.value for key, _, limit in criterion.limits}
    if values.get("lower", -math.inf) > values.get("upper", math.inf):
        raise ReferenceDataError(f"{where}: lower: {values['lower']:g} is above upper {values['upper']:g}")
    for key, side, limit in criterion.limits:
        if not limit.agrees(side):
            raise ReferenceDataError(
                f"{where}: {key}: value: is {limit.value:g}, but {limit.derived(side):g} follows from "
                f"{', '.join(fact.id for fact in limit.sources)}"
            )
        if missing := [fact.id for fact in limit.sources if fact not in criterion.facts]:
            raise ReferenceDataError(f"{where}: facts: {missing[0]} is used by {key} but not listed")
    _check_severity(criterion, where)
    _check_direction(criterion, where)


def _check_severity(criterion: Criterion, where: str) -> None:
    if criterion.severity is not Severity.ERROR:
        return
    if criterion.from_memory:
        raise ReferenceDataError(f"{where}: severity: what rests on memory alone can only warn")
    if not any(f.species == criterion.species and f.evidence is not Evidence.MEMORY for f in criterion.facts):
        raise ReferenceDataError(
            f"{where}: severity: without a fact on {criterion.species} beyond memory, it can only warn"
        )


def _check_direction(criterion: Criterion, where: str) -> None:
    if not isinstance(criterion, TrendCriterion):
        return
    sign = {"up": 1.0, "down": -1.0, "none": 0.0}[criterion.direction]
    for fact in criterion.facts:
        if fact.statistic == "direction" and fact.mean != sign:
            raise ReferenceDataError(
                f"{where}: direction: is {criterion.direction!r}, {fact.id} says otherwise"
            )
    if not any(fact.statistic == "direction" for fact in criterion.facts):
        raise ReferenceDataError(f"{where}: facts: none of them states a direction")
    if (criterion.direction == "none") is not (criterion.floor is None):
        raise ReferenceDataError(f"{where}: floor: must be there exactly when a direction is demanded")
