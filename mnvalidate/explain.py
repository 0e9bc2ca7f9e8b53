"""What a quantity is, how it is measured, and what it is judged by, as text."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields

from mnvalidate.checks.definitions import other_definitions
from mnvalidate.literature.criteria import Criterion, Reference
from mnvalidate.literature.facts import Fact
from mnvalidate.literature.limits import Limit
from mnvalidate.literature.predictions import Limits, Prediction
from mnvalidate.protocols import PROTOCOLS, QUANTITIES
from mnvalidate.protocols.base import Protocol

EVERYTHING = "all"
"""Name that stands for every quantity."""
_WIDTH = 80
_SIZES = (5, 20, 100)
"""Sizes of pools for which limits are shown."""
_EVIDENCE = {
    "read": "read in the source",
    "secondary": "read in another paper",
    "derived": "derived from what was read",
    "memory": "from memory, unverified",
}


def explain(name: str, reference: Reference, sizes: Iterable[int] = ()) -> str:
    """Explain a quantity or a criterion, or list all of them.

    Parameters
    ----------
    name : str
        Name in `mnvalidate.protocols.QUANTITIES`, id of a criterion, or ``all``.
    reference : Reference
        The literature.
    sizes : iterable of int
        Sizes of pools for which limits are shown beside the usual ones.

    Returns
    -------
    str
        Definition, protocol, criteria, facts and sources, in at most 80 columns; long DOIs are not broken.

    Raises
    ------
    ValueError
        If there is neither such a quantity nor such a criterion; names the closest ones.
    """
    shown = tuple(sorted({*_SIZES, *sizes}))
    if name == EVERYTHING:
        return "\n".join(_overview(reference))
    named = next((c for c in reference.criteria if c.id == name), None)
    if named is not None:
        return "\n".join(_criterion_alone(named, reference, shown))
    if name not in QUANTITIES:
        known = [*QUANTITIES, *(criterion.id for criterion in reference.criteria)]
        close = difflib.get_close_matches(name, known, n=3, cutoff=0.3) or list(QUANTITIES)
        raise ValueError(f"unknown quantity {name!r}: did you mean {', '.join(close)}?")
    criteria = reference.of_quantity(name)
    facts = [f for f in reference.facts.values() if name in (f.quantity, f.against)]
    facts += [f for c in criteria for f in c.facts if f not in facts]
    facts = list(dict.fromkeys(facts))
    return "\n".join(
        [
            *_heading(name),
            *_protocol(name),
            *_section("Criteria", _criteria(criteria, reference, shown)),
            *_not_applied(name, reference),
            *_section("Facts", (_fact(fact) for fact in facts)),
            *_section("Sources", _sources(facts)),
        ]
    )


def explain_all(reference: Reference) -> str:
    """Explain every quantity, as a page of the documentation in Markdown."""
    parts = [
        f"## {QUANTITIES[name].title}\n\n```text\n{explain(name, reference)}\n```\n" for name in QUANTITIES
    ]
    return "\n".join(["# Every quantity: protocol, criteria, facts and sources\n", *parts])


def _heading(quantity: str) -> Iterator[str]:
    defined = QUANTITIES[quantity]
    yield f"{defined.title}: {quantity}"
    yield "=" * min(_WIDTH, len(f"{defined.title}: {quantity}"))
    yield from _wrapped(f"{defined.definition} Unit: {defined.unit}.")
    if others := other_definitions(quantity):
        yield from _wrapped(f"Other definitions of the same property: {', '.join(others)}.")
    yield ""


def _protocol(quantity: str) -> Iterator[str]:
    protocol = next(p for p in PROTOCOLS if quantity in {q.name for q in p.quantities})
    yield f"Protocol: {protocol.name}"
    yield from _wrapped(" ".join((type(protocol).__doc__ or "").split("Parameters\n")[0].split()), "  ")
    yield from (line for name in fields(protocol) for line in _setting(protocol, name.name))
    yield ""


def _setting(protocol: Protocol, name: str) -> list[str]:
    value = getattr(protocol, name)
    text = ", ".join(f"{v:g}" for v in value) if isinstance(value, tuple) else str(value)
    return _wrapped(f"{name} = {text}", "  ", "      ")


def _overview(reference: Reference) -> Iterator[str]:
    yield from ([] if reference.own is None else _wrapped(reference.own.told("")[0]))
    for quantity in QUANTITIES.values():
        yield from _wrapped(f"{quantity.name}: {quantity.title}, {quantity.unit}", "", "  ")
        ids = [criterion.id for criterion in reference.of_quantity(quantity.name)]
        yield from _wrapped(", ".join(ids) or "no criterion", "  ")


def _criterion_alone(criterion: Criterion, reference: Reference, sizes: Sequence[int]) -> Iterator[str]:
    yield from (f"{criterion.id}", "=" * min(_WIDTH, len(criterion.id)))
    yield from _wrapped(f"Species: {criterion.about}. Quantities: {', '.join(criterion.quantities)}.")
    yield ""
    yield from _section("Criterion", _criteria([criterion], reference, sizes))
    yield from _section("Facts", (_fact(fact) for fact in criterion.facts))
    yield from _section("Sources", _sources(criterion.facts))


def _not_applied(quantity: str, reference: Reference) -> Iterator[str]:
    """What literature of one's own replaces or switches off; nothing where there is none."""
    ids = {criterion.id for criterion in reference.retired if quantity in criterion.quantities}
    departures = () if reference.own is None else reference.own.departures
    told = [_wrapped(str(departure), "  ", "      ") for departure in departures if departure.what in ids]
    if told:
        yield from _section("Not as shipped", told)


def _section(title: str, items: Iterable[list[str]]) -> Iterator[str]:
    lines = [line for item in items for line in item]
    yield title
    yield from lines or ["  none"]
    yield ""


def _criteria(
    criteria: Collection[Criterion], reference: Reference, sizes: Sequence[int]
) -> Iterator[list[str]]:
    for criterion in criteria:
        head = f"{criterion.id} ({criterion.severity}): {_demand(criterion)}"
        lines = [*_wrapped(head, "  ", "      "), *_wrapped(criterion.why, "      ")]
        for species in reference.species:
            predicted = reference.predicted(species, criterion.id)
            if predicted is not None:
                lines += _wrapped(_predicted(species, predicted, sizes), "      ", "        ")
        yield lines
    error = max((found.error for found in reference.predictions.values()), default=0.0)
    if any(criterion.is_predicted for criterion in criteria):
        text = (
            "Limits by N are quantiles of simulated pools (docs/limits.md); their Monte-Carlo error "
            f"is at most {100 * error:.2g} % of the distance between them."
        )
        yield _wrapped(text, "  ")


def _predicted(species: str, predicted: Prediction, sizes: Sequence[int]) -> str:
    """Limits of pools of some sizes, and those of pools without scatter where they have their own."""
    judged = [n for n in sizes if n >= predicted.scattered.sizes[0]]
    text = f"{species}: " + ", ".join(f"{_band(predicted.scattered.at(n))} (N = {n})" for n in judged)
    if predicted.structural is not None and predicted.scatterless_from is not None:
        text += f"; without scatter {_band(predicted.structural.at(judged[-1]))}"
    return text


def _band(limits: Limits) -> str:
    lower, upper = limits
    if lower is None or upper is None:
        return f"at least {lower:.3g}" if lower is not None else f"at most {upper:.3g}"
    return f"{lower:.3g} to {upper:.3g}"


def _demand(criterion: Criterion) -> str:
    limits = [f"{key} {_limit(limit)}" for key, _, limit in criterion.limits]
    return ", ".join([criterion.demand(), *limits])


def _limit(limit: Limit) -> str:
    return f"{limit.value:g} (from {', '.join(fact.id for fact in limit.sources)})"


def _fact(fact: Fact) -> list[str]:
    numbers = [] if fact.mean is None else [f"{fact.mean:g}"]
    numbers += [] if fact.sd is None else [f"± {fact.sd:g}"]
    if fact.min is not None or fact.max is not None:
        numbers.append(
            f"{'' if fact.min is None else f'{fact.min:g}'} to {'' if fact.max is None else f'{fact.max:g}'}"
        )
    what = fact.statistic + (f" against {fact.against}" if fact.against else "")
    unit = "" if fact.unit == "1" else f" {fact.unit}"
    about = [
        f"{fact.species}, {fact.mu_type}" if fact.mu_type else fact.species,
        fact.muscle,
        fact.preparation,
        fact.protocol,
        "" if fact.n is None else f"n = {fact.n}",
        fact.note,
        f"{fact.source.id}, {fact.where}" if fact.where else fact.source.id,
        _EVIDENCE[fact.evidence],
    ]
    head = f"{fact.id}: {fact.quantity} {what} {' '.join(numbers)}{unit}"
    return _wrapped(f"{head}; {'; '.join(part for part in about if part)}", "  ", "      ")


def _sources(facts: Iterable[Fact]) -> Iterator[list[str]]:
    for source in sorted({fact.source for fact in facts}, key=lambda source: source.id):
        doi = f", doi:{source.doi}" if source.doi else ", no DOI"
        recalled = " (the DOI was not seen on the page read)" if source.doi_evidence == "memory" else ""
        yield _wrapped(f"{source.id}: {source.citation}{doi}{recalled}", "  ", "      ")


def _wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
