"""Every number against the baseline in the user's repository: those of ``--mn-baseline``."""

from mnvalidate.checks.check import Chapter
from mnvalidate.suite.functions import functions_of

globals().update(functions_of(Chapter.BASELINE))
