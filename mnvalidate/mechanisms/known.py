"""What is known to be wrong with mechanisms, and excused."""

from __future__ import annotations

from mnvalidate._version import installed
from mnvalidate.checks.deviations import Deviation, load_deviations, shipped_deviations
from mnvalidate.mechanisms.judge import plan_mechanisms
from mnvalidate.nmodl.sources import myogen_sources, replaced_names
from mnvalidate.options import Options


def known_deviations(options: Options) -> tuple[Deviation, ...]:
    """Known deviations that apply to the mechanisms of a run.

    Of those that ship with mnvalidate only entries on mechanisms that are checked count, and none on one
    that the user replaces: its text is another.

    Parameters
    ----------
    options : Options
        What the user asked for.

    Raises
    ------
    ReferenceDataError
        If anything is wrong with the file.
    """
    if options.deviations is not None:
        return tuple(d for d in load_deviations(options.deviations) if d.on_mechanisms)
    file = shipped_deviations(installed("myogen"), "-mechanisms") if options.deviations_shipped else None
    if file is None or not options.mechanisms:
        return ()
    changed = options.specs[0].nmodl
    replaced = replaced_names(myogen_sources(), changed) if changed else ()
    own = [plan.full_id for plan in plan_mechanisms(options.mechanisms) if plan.mechanism not in replaced]
    return tuple(d for d in load_deviations(file) if any(d.matches(check) for check in own))
