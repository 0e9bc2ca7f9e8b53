"""Which known deviations apply to a run: by its options, and by what its models are built of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mnvalidate._version import installed
from mnvalidate.checks.check import Check
from mnvalidate.checks.deviations import Deviation, apply_deviations, load_deviations
from mnvalidate.checks.known import Known, known_of_myogen
from mnvalidate.mechanisms.asking import Answers
from mnvalidate.mechanisms.check import MechanismCheck
from mnvalidate.nmodl.layers import Layer
from mnvalidate.nmodl.sources import myogen_sources
from mnvalidate.options import Options
from mnvalidate.records import Record
from mnvalidate.verdicts import Conclusion, Verdict

# Species whose literature the shipped entries on pools are about.
_SHIPPED_SPECIES = "cat"


def known_for(options: Options, checks: Iterable[Check], own: Iterable[Layer]) -> Known:
    """Return what is known of MyoGen, where that is wanted; only entries on what is checked count.

    Mechanisms of the user's, or that the models have in force (`own`), are changed ones where their text is
    another than MyoGen's.
    """
    if options.deviations is not None or not options.deviations_shipped:
        return Known()
    of_pools_too = options.species == _SHIPPED_SPECIES
    ids = [check.full_id for check in checks if of_pools_too or check.subject.is_mechanism]
    changed = [*(source for layer in own for source in layer.sources), *options.specs[0].nmodl]
    return known_of_myogen(installed("myogen"), ids, myogen_sources(), changed)


def deviations_for(options: Options, known: Known, checks: Iterable[Check]) -> tuple[Deviation, ...]:
    """Return the entries that apply whatever is measured: the user's own, or those that ship.

    Raises
    ------
    ReferenceDataError
        If anything is wrong with the user's file.
    """
    if options.deviations is None:
        return known.certain
    entries = load_deviations(options.deviations)
    with_mechanisms = any(check.subject.is_mechanism for check in checks)
    return tuple(d for d in entries if with_mechanisms or not d.on_mechanisms)


def holding(
    deviations: Iterable[Deviation], options: Options, verdicts: Sequence[Verdict]
) -> list[Deviation]:
    """Return the entries that count.

    What ships was written neither for variants nor for literature of one's own, and must hold there.
    """
    varied = {spec.name for spec in options.specs if not spec.is_usual}

    def counts(entry: Deviation) -> bool:
        matched = {verdict.subject.name for verdict in verdicts if entry.matches(verdict.check)}
        another = matched & varied or options.literature is not None
        if options.deviations is not None or not another:
            return True
        return not apply_deviations(verdicts, [entry]).findings

    return [entry for entry in deviations if counts(entry)]


def deviations_seen(
    known: Known,
    verdicts: Sequence[Verdict],
    pools: Iterable[tuple[str, Sequence[Record]]],
    checks: Iterable[Check],
    originals: Answers,
) -> Iterator[Deviation]:
    """Yield the entries that apply because of what was seen; one that does not hold is no finding.

    Parameters
    ----------
    known : Known
        What is known of MyoGen.
    verdicts : sequence of Verdict
        All verdicts of the run.
    pools : iterable of tuple of str and sequence of Record
        Name and records of each pool.
    checks : iterable of Check
        All checks of the run.
    originals : Answers
        What is known of the mechanisms that the user has changed, as they were.
    """
    by_model: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_model.setdefault(verdict.subject.name, []).append(verdict)
    for model, records in pools:
        for entry in known.of_built(model, records):
            if not apply_deviations(by_model.get(model, []), [entry]).findings:
                yield entry
    answers = originals.by_mechanism
    as_it_was = {c.full_id: c(answers[c.subject.name]) for c in checks if c.subject.name in answers}
    yield from known.still_found(verdicts, as_it_was)


def with_doubts(
    known: Known, verdicts: Iterable[Verdict], checks: Iterable[Check], originals: Answers
) -> tuple[Verdict, ...]:
    """Return the verdicts; of each that might be a known deviation, and is not excused, the message says why.

    A finding on a mechanism that the user has changed is excused where it is that of the mechanism as it was.
    Where nothing could be found out about that one, the finding is not excused.

    Parameters
    ----------
    known : Known
        What is known of MyoGen.
    verdicts : iterable of Verdict
        All verdicts of the run.
    checks : iterable of Check
        All checks of the run.
    originals : Answers
        What is known of the mechanisms that the user has changed, as they were.
    """
    lost = {
        check.full_id: answer.message
        for check in checks
        if isinstance(check, MechanismCheck)
        and any(entry.matches(check.full_id) for entry in known.of_changed_mechanisms)
        and (answers := originals.by_mechanism.get(check.mechanism)) is not None
        and ((answer := check.answer(answers)).accident or answer.conclusion is Conclusion.NOT_JUDGED)
    }
    return tuple(
        replace(
            verdict,
            message=f"{verdict.message} Not excused, although such a finding is known of MyoGen's own "
            f"{verdict.subject.name}: that one could not be looked at for comparison "
            f"({lost[verdict.check]}); run again.",
        )
        if verdict.conclusion is Conclusion.DEVIATES and not verdict.accident and verdict.check in lost
        else verdict
        for verdict in verdicts
    )
