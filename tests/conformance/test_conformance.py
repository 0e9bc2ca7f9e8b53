"""All that a model's own repository needs to have its motoneurons validated."""

from mnvalidate.suite import *
