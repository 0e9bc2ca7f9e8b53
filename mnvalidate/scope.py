"""What a run can say and what it cannot, known before anything is measured."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mnvalidate.checks.check import Check
from mnvalidate.checks.values import FEWEST_NEURONS
from mnvalidate.families import FAMILIES
from mnvalidate.literature.criteria import ConsistencyCriterion, Criterion, Reference
from mnvalidate.models.origins import ORIGINS
from mnvalidate.models.spec import ModelSpec
from mnvalidate.report.results import LiteratureUsed
from mnvalidate.verdicts import Severity

_ONLY_WARNS = "no criterion from the literature is an error here: what deviates from it can only warn"


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
        *(origin for spec in specs if (origin := _origin(spec, species))),
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


def _origin(spec: ModelSpec, species: str) -> str:
    origin = ORIGINS.get(spec.builder)
    if origin is None or origin.species == species:
        return ""
    return f"{spec.name} {origin.text}; --mn-species {origin.species} judges it by that literature"
