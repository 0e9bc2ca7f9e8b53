"""Single NMODL mechanisms: those of ``--mn-nmodl`` and ``--mn-mechanism``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from mnvalidate.suite.test_deviations import conclude_deviation

if TYPE_CHECKING:
    from mnvalidate.checks.deviations import Deviation
    from mnvalidate.mechanisms.judge import PlannedCheck
    from mnvalidate.session import ValidationSession

__all__ = ["test_mechanism", "test_mechanism_deviation"]


@pytest.mark.mnvalidate_mechanism
def test_mechanism(mechanism_check: PlannedCheck, conclude_mechanism: Callable[[PlannedCheck], None]) -> None:
    """A mechanism has none of the defects that a check looks for."""
    conclude_mechanism(mechanism_check)


@pytest.mark.mnvalidate_mechanism
def test_mechanism_deviation(
    known_mechanism_deviation: Deviation, judged_mechanisms: ValidationSession
) -> None:
    """An excused defect of a mechanism is still there."""
    conclude_deviation(known_mechanism_deviation, judged_mechanisms)
