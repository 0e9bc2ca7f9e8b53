"""Every neuron against what was seen in experiments."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnvalidate.checks.base import Check

__all__ = ["test_no_reference", "test_product", "test_range", "test_type_range"]


@pytest.mark.mnvalidate
def test_range(range_check: Check, conclude: Callable[[Check], None]) -> None:
    """A quantity of one neuron lies within the range of the species' motoneurons."""
    conclude(range_check)


@pytest.mark.mnvalidate
def test_type_range(type_range_check: Check, conclude: Callable[[Check], None]) -> None:
    """A quantity of one neuron lies within the range of its motor-unit type."""
    conclude(type_range_check)


@pytest.mark.mnvalidate
def test_product(product_check: Check, conclude: Callable[[Check], None]) -> None:
    """A ratio or product of one neuron's quantities lies within its limits."""
    conclude(product_check)


@pytest.mark.mnvalidate
def test_no_reference(no_reference_check: Check, conclude: Callable[[Check], None]) -> None:
    """A quantity without a range in the literature is reported as not judged."""
    conclude(no_reference_check)
