"""Seconds that one neuron takes: ``python -m benchmarks.protocols MODEL N NEURON`` prints them as JSON."""

import json
import sys
import time
from itertools import pairwise

from mnvalidate.models.build import build_motoneuron
from mnvalidate.models.spec import ModelSpec
from mnvalidate.run.measuring import measure_motoneuron
from mnvalidate.solver import Solver


def main() -> None:
    """Build and measure one neuron, with a clock between protocols."""
    spec, neuron = ModelSpec(sys.argv[1], int(sys.argv[2])), int(sys.argv[3])
    times = [("", time.perf_counter())]
    motoneuron = build_motoneuron(spec, neuron)
    times.append(("build", time.perf_counter()))
    measure_motoneuron(
        motoneuron,
        spec,
        neuron,
        Solver(),
        on_result=lambda result: times.append((result.protocol, time.perf_counter())),
    )
    seconds = {name: end - start for (_, start), (name, end) in pairwise(times)}
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
