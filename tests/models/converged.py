"""What is measured on one neuron, at any tolerance of the solver."""

from neuron import h

from mnvalidate.models.build import build_motoneuron
from mnvalidate.protocols import QUANTITIES
from mnvalidate.protocols.input_resistance import InputResistance
from mnvalidate.protocols.rest import Rest
from mnvalidate.protocols.time_constant import TimeConstant
from mnvalidate.run.measuring import measure_motoneuron
from mnvalidate.solver import Solver


def values(spec, neuron, absolute_tolerance):
    """Every quantity of a neuron by its name."""
    solver = Solver(absolute_tolerance=absolute_tolerance)
    record = measure_motoneuron(build_motoneuron(spec, neuron), spec, neuron, solver)
    return {name: record.value(name) for name in QUANTITIES}


def passive_values(spec, neuron, solver, capacitance_factor=1.0):
    """What is measured below threshold, by its name."""
    motoneuron = build_motoneuron(spec, neuron)
    for section in h.allsec():
        for segment in section:
            segment.cm *= capacitance_factor
    protocols = (Rest(), InputResistance(), TimeConstant())
    record = measure_motoneuron(motoneuron, spec, neuron, solver, protocols)
    return {name: m.value for name, m in record.measurements.items()}
