"""Which mechanisms a run asks about, and the asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TextIO

from mnvalidate.mechanisms.asking import (
    Answers,
    DEFAULT_TIMEOUT__s,
    ask_mechanisms,
    n_questions,
    unanswered,
)
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.layers import Layer, names_of
from mnvalidate.nmodl.sources import NmodlError
from mnvalidate.options import OptionError, Options
from mnvalidate.run.own_mechanisms import layers_in_force, layers_told
from mnvalidate.run.pool import default_jobs
from mnvalidate.run.progress import Bar


def mechanisms_to_check(options: Options) -> tuple[tuple[str, ...], tuple[Layer, ...]]:
    """Names of the mechanisms to check, and what the models have in force.

    Raises
    ------
    NmodlError
        If all of a model's are to be checked, and cannot be found.
    """
    if not options.all_mechanisms:
        return options.mechanisms, layers_told(options.specs, options.mechanisms)
    own = layers_in_force(options.specs)
    return tuple(dict.fromkeys([*options.mechanisms, *names_of(own)])), own


def ask(mechanisms: Sequence[str], options: Options, own: Sequence[Layer] | None, stream: TextIO) -> Answers:
    """Ask about mechanisms as the run has them.

    Parameters
    ----------
    mechanisms : sequence of str
        Their names.
    options : Options
        Options of the run.
    own : sequence of Layer, optional
        What the models have in force; MyoGen's mechanisms by default.
    stream : file
        Where the progress is shown.

    Raises
    ------
    OptionError
        If the mechanisms cannot be read or compiled.
    """
    if not mechanisms:
        return Answers()
    try:
        return ask_mechanisms(
            mechanisms,
            options.specs[0].nmodl,
            own=own,
            jobs=options.jobs or default_jobs(),
            timeout__s=min(DEFAULT_TIMEOUT__s, options.timeout__s),
            progress=Bar("checking mechanisms", n_questions(mechanisms), stream, "checks"),
        )
    except NmodlError as error:
        raise OptionError(f"{cause(options.specs[0])}: {error}") from error


def ask_originals(mechanisms: Sequence[str], options: Options, stream: TextIO) -> Answers:
    """Ask about mechanisms of MyoGen's that the run has changed, as they were.

    Where they cannot be read or compiled, each answer says why: they are there for comparison only.
    """
    unchanged = replace(options, specs=(replace(options.specs[0], nmodl=()),))
    try:
        return ask(mechanisms, unchanged, None, stream)
    except OptionError as error:
        return unanswered(mechanisms, str(error))


def cause(spec: ModelSpec) -> str:
    """What the user gave that makes mechanisms be compiled."""
    given = [flag for flag, what in (("--mn-nmodl", spec.nmodl), ("--mn-library", spec.library)) if what]
    return ", ".join(given) or f"mechanisms of {spec.name}"
