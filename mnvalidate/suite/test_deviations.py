"""The known deviations themselves: an entry that no longer holds is an error of its own."""

from __future__ import annotations

import pytest

from mnvalidate.checks.deviations import Deviation
from mnvalidate.session import ValidationSession

__all__ = ["test_known_deviation"]


@pytest.mark.mnvalidate
def test_known_deviation(known_deviation: Deviation, validation: ValidationSession) -> None:
    """An excused deviation still deviates, and as far as when it was written down."""
    conclude_deviation(known_deviation, validation)


def conclude_deviation(deviation: Deviation, session: ValidationSession) -> None:
    """Fail for an entry that no longer holds, and skip for one that this run cannot tell about."""
    finding = session.finding(deviation)
    if finding is not None and finding.failed:
        pytest.fail(finding.message, pytrace=False)
    if finding is not None:
        pytest.skip(finding.message)
