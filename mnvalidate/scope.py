"""What a run can say and what it cannot, known before anything is measured."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from mnvalidate.checks.check import Check
from mnvalidate.checks.values import FEWEST_NEURONS
from mnvalidate.families import FAMILIES
from mnvalidate.literature.criteria import ConsistencyCriterion, Criterion, Reference
from mnvalidate.models.origins import ORIGINS
from mnvalidate.models.spec import ModelSpec
from mnvalidate.options import Options
from mnvalidate.report.results import LiteratureUsed
from mnvalidate.run.changed import changes_neurons
from mnvalidate.run.pool import default_jobs
from mnvalidate.verdicts import Severity

_ONLY_WARNS = "no criterion from the literature is an error here: what deviates from it can only warn"


def describe(options: Options) -> str:
    """One line that says what is about to be measured, and how."""
    solver = options.solver
    method = "CVODE" if solver.fixed_step__ms is None else f"dt {solver.fixed_step__ms:g} ms"
    temperatures = dict.fromkeys(spec.temperature for spec in options.specs)
    jobs = options.jobs or default_jobs()
    return (
        f"mnvalidate: {_what(options)}, {', '.join(temperatures)}, {method}, "
        f"{options.species} literature, {jobs} process{'es' if jobs > 1 else ''}"
    )


def _what(options: Options) -> str:
    """The models and the sizes of their pools; of a scan, how much is to be measured for it."""
    specs = options.specs
    sizes = ", ".join(dict.fromkeys(str(spec.n_neurons) for spec in specs))
    if options.scan is None:
        models = (f"{spec.name} ({spec.variant})" if spec.variant else spec.name for spec in specs)
        return f"{', '.join(models)}, {sizes} neurons"
    measured = [*specs, *(spec for spec in specs if changes_neurons(spec))]
    return (
        f"scan of {'; '.join(map(str, options.scan.parameters))} in {', '.join(options.scan.bases)}: "
        f"{sum(spec.n_neurons for spec in measured)} neurons to be measured, {len(specs)} variants of {sizes}"
    )


def remarks(
    reference: Reference, species: str, specs: Collection[ModelSpec], checks: Iterable[Check]
) -> list[str]:
    """What the reader of a run's verdicts must know: a line each, none where there is nothing to say.

    Parameters
    ----------
    reference : Reference
        The literature, with the severities that apply.
    species : str
        Species whose literature judges.
    specs : collection of ModelSpec
        Models that are judged.
    checks : iterable of Check
        The checks of the run.
    """
    missing = not_judged(reference, species)
    return [
        *([] if reference.own is None else reference.own.told(species)),
        *_origins(specs, species),
        *([f"not judged for the {species}: {missing}"] if missing else []),
        *([] if _can_fail(specs, checks) else [_ONLY_WARNS]),
    ]


def not_judged(reference: Reference, species: str) -> str:
    """What other species have criteria for and this one has not, in words; empty for nothing."""
    parts = []
    for family in FAMILIES:
        if family.criterion is None or issubclass(family.criterion, ConsistencyCriterion):
            continue
        own = _questions(reference.of_kind(species, family.criterion))
        asked = _questions(c for c in reference.criteria if isinstance(c, family.criterion))
        lacking = [name for name in asked if name not in own]
        title = family.title.lower()
        if lacking and not own:
            parts.append(title)
        elif len(lacking) > len(own):
            parts.append(f"{title} (but of {', '.join(own)})")
        elif lacking:
            parts.append(f"{title} (of {', '.join(lacking)})")
    return "; ".join(parts)


def literature_used(reference: Reference, species: str) -> LiteratureUsed:
    """Return what reports say of the literature beside the shipped; empty where there is none."""
    own = reference.own
    return LiteratureUsed() if own is None else LiteratureUsed(own.name, own.digest, tuple(own.told(species)))


def _questions(criteria: Iterable[Criterion]) -> list[str]:
    return list(dict.fromkeys("~".join(criterion.quantities) for criterion in criteria))


def _can_fail(specs: Collection[ModelSpec], checks: Iterable[Check]) -> bool:
    """Whether a criterion from the literature that is an error can be judged."""
    small = {spec.name for spec in specs if spec.n_neurons < FEWEST_NEURONS}
    for check in checks:
        criterion = getattr(check, "criterion", None)
        of_pool = check.subject.neuron is None
        if (
            isinstance(criterion, Criterion)
            and not isinstance(criterion, ConsistencyCriterion)
            and criterion.severity is Severity.ERROR
            and not (of_pool and check.subject.name in small)
        ):
            return True
    return False


def _origins(specs: Iterable[ModelSpec], species: str) -> Iterator[str]:
    """Say of each model that descends from another species' what it is, of all its variants at once."""
    by_builder: dict[str, list[str]] = {}
    for spec in specs:
        by_builder.setdefault(spec.builder, []).append(spec.name)
    for builder, (name, *others) in by_builder.items():
        origin = ORIGINS.get(builder)
        if origin is not None and origin.species != species:
            whose = f"{builder} (in {1 + len(others)} variants)" if others else name
            yield f"{whose} {origin.text}; --mn-species {origin.species} judges it by that literature"
