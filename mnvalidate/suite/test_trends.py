"""The pool as a whole against the size principle."""

from mnvalidate.checks.check import Chapter
from mnvalidate.suite.functions import functions_of

globals().update(functions_of(Chapter.TRENDS))
