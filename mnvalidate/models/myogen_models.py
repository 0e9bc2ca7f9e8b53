"""MyoGen's two motoneuron pools, as models among others."""

from __future__ import annotations

from functools import partial

from mnvalidate.models.named import NamedModel

PACKAGE = "myogen"
SETTINGS = "config/alpha_mn_default.yaml"

_pool = partial(
    NamedModel,
    factory="mnvalidate.models.myogen:build_myogen_motoneuron",
    celsius=36.0,
    package=PACKAGE,
    title="MyoGen",
    mechanisms="simulator/nmodl_files",
    marker="caL",
    settings=SETTINGS,
    check="mnvalidate.models.myogen_options:checked_options",
)

NERLAB = _pool("NERLab")
POWERS_2017 = _pool("Powers2017")
MODELS = (NERLAB, POWERS_2017)
