"""How smooth the quantities are along a pool, and what one per cent of the capacitance moves.

``python -m benchmarks.smoothness [size ...]`` prints, for both models, the largest second difference of each
quantity along the pool (in per cent of its value there: a sawtooth of stimuli or windows shows here), and the
largest change when every specific capacitance is 1 % larger. Sizes are 20 and 200 by default.
"""

from __future__ import annotations

import sys

import numpy as np
from neuron import h

from mnvalidate.models.build import build_motoneuron
from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols import QUANTITIES
from mnvalidate.run.pool import measure

MODELS = ("NERLab", "Powers2017")


def thicker(spec: ModelSpec, neuron: int) -> Motoneuron:
    """One of MyoGen's neurons with another capacitance; options ``model`` and ``factor``."""
    motoneuron = build_motoneuron(ModelSpec(spec.options["model"], spec.n_neurons), neuron)
    for section in h.allsec():
        for segment in section:
            segment.cm *= spec.options["factor"]
    return motoneuron


def main() -> None:
    """Measure and print."""
    sizes = [int(size) for size in sys.argv[1:]] or [20, 200]
    for model in MODELS:
        tables = [measure(ModelSpec(model, size)).table for size in sizes]
        usual, more = (
            measure(ModelSpec("benchmarks.smoothness:thicker", sizes[0], {"model": model, "factor": f})).table
            for f in (1.0, 1.01)
        )
        print(f"\n{model}: largest second difference in %, at N = {sizes}; largest change for 1 % of cm in %")
        for name in QUANTITIES:
            bends = [_bend(table[name].to_numpy(float)) for table in tables]
            change = np.abs(more[name].to_numpy(float) / usual[name].to_numpy(float) - 1) * 100
            moved = f"{np.nanmax(change):.2g}" if np.isfinite(change).any() else ""
            print(f"  {name:<30}" + "".join(f"{bend:>10}" for bend in bends) + f"{moved:>10}", flush=True)


def _bend(values: np.ndarray) -> str:
    bends = np.abs(np.diff(values, 2) / values[1:-1]) * 100
    if not np.isfinite(bends).any():
        return ""
    return f"{np.nanmax(bends):.2g} n{int(np.nanargmax(bends)) + 1}"


if __name__ == "__main__":
    main()
