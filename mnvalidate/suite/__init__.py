"""The tests that judge a pool of motoneurons.

``pytest --pyargs mnvalidate.suite`` runs them; a repository of its own needs one file with
``from mnvalidate.suite import *``.
"""

from mnvalidate.suite import (
    test_baseline,
    test_deviations,
    test_mechanisms,
    test_ranges,
    test_relations,
    test_trends,
)

_TESTS = {
    name: function
    for chapter in (test_baseline, test_deviations, test_mechanisms, test_ranges, test_relations, test_trends)
    for name, function in vars(chapter).items()
    if name.startswith("test_") and callable(function)
}
globals().update(_TESTS)

__all__ = list(_TESTS)
