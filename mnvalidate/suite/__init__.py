"""The tests that judge a pool of motoneurons.

``pytest --pyargs mnvalidate.suite`` runs them; a repository of its own needs one file with
``from mnvalidate.suite import *``.
"""

from mnvalidate.suite.test_deviations import *
from mnvalidate.suite.test_mechanisms import *
from mnvalidate.suite.test_ranges import *
from mnvalidate.suite.test_relations import *
from mnvalidate.suite.test_trends import *
