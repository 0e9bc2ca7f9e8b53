"""What one process of pytest knows of the validation run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from mnvalidate.options import Options

if TYPE_CHECKING:
    from mnvalidate.checks.check import Check
    from mnvalidate.checks.deviations import Deviation
    from mnvalidate.validation import Judgement, Outcome, Plan

MARKER = "mnvalidate"
"""Marker of the suite's tests; its keyword ``family`` says which checks a test is given."""

CHECK = "mnvalidate_check"
DEVIATION = "mnvalidate_deviation"
"""Arguments of the suite's tests."""


@dataclass
class ValidationRun:
    """The run, as far as it has come in this process.

    Parameters
    ----------
    read : callable
        Reads and checks what the user asked for. What an ini file says is no matter in a run that collects
        none of the suite.

    Attributes
    ----------
    outcome : Outcome or None
        What was measured; None before that, and in xdist's workers.
    judgement : Judgement or None
        What is concluded from it; None before that.
    concluded : dict of str to None
        Full ids of the checks whose tests have run, in their order.
    problem : str
        Why nothing could be planned; empty where it could.
    """

    read: Callable[[], Options]
    outcome: Outcome | None = None
    judgement: Judgement | None = None
    concluded: dict[str, None] = field(default_factory=dict)
    problem: str = ""

    @cached_property
    def options(self) -> Options:
        """What the user asked for.

        Raises
        ------
        OptionError
            If a value is not allowed.
        """
        return self.read()

    @cached_property
    def plan(self) -> Plan:
        """Every check, planned from the options, which do not change.

        Raises
        ------
        ReferenceDataError
            If anything is wrong with a file.
        """
        from mnvalidate.validation import plan

        return plan(self.options)

    def checks(self, family: str) -> list[Check]:
        """Checks of one family."""
        return [check for check in self.plan.checks if check.family == family]

    def deviations(self, *, of_mechanisms: bool) -> list[Deviation]:
        """Known deviations of pools, or of mechanisms."""
        return [d for d in self.plan.deviations if d.on_mechanisms is of_mechanisms]

    def needed(self, items: Iterable[pytest.Item]) -> list[Check]:
        """Checks whose verdicts the tests among the items ask for."""
        parameters = [parameters_of(item) for item in items if is_ours(item)]
        wanted = {p[CHECK].full_id for p in parameters if CHECK in p}
        deviations = [p[DEVIATION] for p in parameters if DEVIATION in p]
        if not (wanted or deviations):
            return []
        return [
            check
            for check in self.plan.checks
            if check.full_id in wanted or any(d.matches(check.full_id) for d in deviations)
        ]


def is_ours(item: pytest.Item) -> bool:
    """Whether a test is one of the suite's."""
    return item.get_closest_marker(MARKER) is not None


def parameters_of(item: pytest.Item) -> dict[str, Any]:
    """Arguments with which a test was parametrised."""
    return item.callspec.params if hasattr(item, "callspec") else {}


def usage_errors[T](action: Callable[[], T]) -> T:
    """Turn an unusable option into pytest's usage error: one line, exit code 4."""
    try:
        return action()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
