"""Single NMODL mechanisms: those of ``--mn-nmodl`` and ``--mn-mechanism``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mnvalidate.mechanisms.judge import PlannedCheck

__all__ = ["test_mechanism"]


@pytest.mark.mnvalidate_mechanism
def test_mechanism(mechanism_check: PlannedCheck, conclude_mechanism: Callable[[PlannedCheck], None]) -> None:
    """A mechanism has none of the defects that a check looks for."""
    conclude_mechanism(mechanism_check)
