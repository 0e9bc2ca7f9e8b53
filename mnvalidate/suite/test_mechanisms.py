"""Single NMODL mechanisms: those of ``--mn-nmodl`` and ``--mn-mechanism``."""

import pytest

from mnvalidate.checks.check import Chapter
from mnvalidate.checks.deviations import Deviation
from mnvalidate.suite.functions import functions_of
from mnvalidate.suite.test_deviations import conclude_deviation
from mnvalidate.validation import Judgement

globals().update(functions_of(Chapter.MECHANISMS))


@pytest.mark.mnvalidate(of_mechanisms=True)
def test_mechanism_deviation(mnvalidate_deviation: Deviation, mnvalidate_judgement: Judgement) -> None:
    """An excused defect of a mechanism is still there."""
    conclude_deviation(mnvalidate_deviation, mnvalidate_judgement)
