"""Relations between the quantities of the pool's neurons."""

from mnvalidate.checks.check import Chapter
from mnvalidate.suite.functions import functions_of

globals().update(functions_of(Chapter.RELATIONS))
