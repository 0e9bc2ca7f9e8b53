"""Error of every quantity against CVODE's tolerance, and against a fixed step.

``python -m benchmarks.convergence`` prints, for the first, middle and last neuron of both models, the
largest difference from a tolerance of 1e-9.
"""

from __future__ import annotations

from mnvalidate.models.spec import ModelSpec
from mnvalidate.protocols import QUANTITIES
from mnvalidate.run.pool import measure
from mnvalidate.solver import Solver

REFERENCE = Solver(absolute_tolerance=1e-9)
SOLVERS = (
    *(Solver(absolute_tolerance=tolerance) for tolerance in (1e-8, 1e-7, 1e-6, 1e-5, 1e-4)),
    *(Solver(fixed_step__ms=step) for step in (0.0125, 0.025, 0.05)),
)


def main() -> None:
    """Measure and print."""
    for model in ("NERLab", "Powers2017"):
        spec = ModelSpec(model, 3)
        truth = measure(spec, solver=REFERENCE).table
        print(f"\n{model}: largest relative difference in %")
        print(f"  {'quantity':<30}" + "".join(f"{_name(solver):>10}" for solver in SOLVERS))
        tables = [measure(spec, solver=solver).table for solver in SOLVERS]
        for name in QUANTITIES:
            errors = [(table[name] / truth[name] - 1).abs().max() * 100 for table in tables]
            print(f"  {name:<30}" + "".join(f"{error:>10.2g}" for error in errors))


def _name(solver: Solver) -> str:
    if solver.fixed_step__ms is None:
        return f"{solver.absolute_tolerance:.0e}"
    return f"{solver.fixed_step__ms:g} ms"


if __name__ == "__main__":
    main()
