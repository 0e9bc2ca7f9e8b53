"""What is measured on one neuron, at any tolerance of the solver."""

from mnvalidate.models.build import build_motoneuron
from mnvalidate.protocols import QUANTITIES
from mnvalidate.run.measuring import measure_motoneuron
from mnvalidate.solver import Solver


def values(spec, neuron, absolute_tolerance):
    """Every quantity of a neuron by its name."""
    solver = Solver(absolute_tolerance=absolute_tolerance)
    record = measure_motoneuron(build_motoneuron(spec, neuron), spec, neuron, solver)
    return {name: record.value(name) for name in QUANTITIES}
