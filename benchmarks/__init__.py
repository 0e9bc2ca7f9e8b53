"""How fast, and how exact: ``python -m benchmarks`` and ``python -m benchmarks.convergence``."""
