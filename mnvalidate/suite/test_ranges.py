"""Every neuron against what was seen in experiments."""

from mnvalidate.checks.check import Chapter
from mnvalidate.suite.functions import functions_of

globals().update(functions_of(Chapter.RANGES))
