"""Relations between the quantities of the pool's neurons."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnvalidate.checks.base import Check

__all__ = ["test_band", "test_relation"]


@pytest.mark.mnvalidate
def test_relation(relation_check: Check, conclude: Callable[[Check], None]) -> None:
    """Two quantities are related by a power law with the published exponent."""
    conclude(relation_check)


@pytest.mark.mnvalidate
def test_band(band_check: Check, conclude: Callable[[Check], None]) -> None:
    """One neuron lies within the band of single neurons about a power law."""
    conclude(band_check)
