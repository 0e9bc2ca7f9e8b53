"""The pool as a whole against the size principle."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnvalidate.checks.base import Check

__all__ = ["test_fold", "test_trend", "test_typical_fold"]


@pytest.mark.mnvalidate
def test_trend(trend_check: Check, conclude: Callable[[Check], None]) -> None:
    """A quantity rises or falls along recruitment as the literature finds."""
    conclude(trend_check)


@pytest.mark.mnvalidate
def test_fold(fold_check: Check, conclude: Callable[[Check], None]) -> None:
    """The fold range of a quantity over the pool is plausible."""
    conclude(fold_check)


@pytest.mark.mnvalidate
def test_typical_fold(typical_fold_check: Check, conclude: Callable[[Check], None]) -> None:
    """The fold range of a quantity over the pool is typical."""
    conclude(typical_fold_check)
