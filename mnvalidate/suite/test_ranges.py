"""Every neuron against the ranges seen in experiments."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnvalidate.checks.base import Check

__all__ = ["test_range"]


@pytest.mark.mnvalidate
def test_range(range_check: Check, conclude: Callable[[Check], None]) -> None:
    """A quantity of one neuron lies within the range of the species' motoneurons."""
    conclude(range_check)
