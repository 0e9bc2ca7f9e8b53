"""The pool as a whole against the size principle."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnvalidate.checks.base import Check

__all__ = ["test_trend"]


@pytest.mark.mnvalidate
def test_trend(trend_check: Check, conclude: Callable[[Check], None]) -> None:
    """A quantity rises or falls along recruitment as the literature finds."""
    conclude(trend_check)
