"""The known deviations themselves: an entry that no longer holds is an error of its own."""

import pytest

from mnvalidate.checks.deviations import Deviation
from mnvalidate.validation import Judgement


@pytest.mark.mnvalidate(of_mechanisms=False)
def test_known_deviation(mnvalidate_deviation: Deviation, mnvalidate_judgement: Judgement) -> None:
    """An excused deviation still deviates, and as far as when it was written down."""
    conclude_deviation(mnvalidate_deviation, mnvalidate_judgement)


def conclude_deviation(deviation: Deviation, judgement: Judgement) -> None:
    """Fail for an entry that no longer holds, and skip for one that this run cannot tell about."""
    finding = judgement.finding(deviation)
    if finding is not None and finding.failed:
        pytest.fail(finding.message, pytrace=False)
    if finding is not None:
        pytest.skip(finding.message)
