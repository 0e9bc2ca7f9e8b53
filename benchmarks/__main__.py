"""How fast: the example's way against mnvalidate, cost per neuron, memory, and where the time goes.

``python -m benchmarks [--models NERLab,Powers2017] [--sizes 5,20,100,400] [--repeats 3]``. Everything is
measured in this one run; times are medians, and only their ratios mean something on another machine.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import pairwise

from benchmarks.commands import Cost, example, protocols, suite

EXAMPLE_SIZES = (2, 5)
LARGEST_EXAMPLE = 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--models", default="NERLab,Powers2017")
    parser.add_argument("--sizes", default="5,20,100,400")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    for model in arguments.models.split(","):
        print(f"\n{model}")
        cold = {
            size: median(partial(run, model, size), arguments.repeats)
            for size in sorted({*EXAMPLE_SIZES, *sizes})
        }
        print_example(model, cold)
        print_sizes(model, {size: cold[size] for size in sizes}, arguments.repeats)
        print_phases(model, cold[20] if 20 in cold else run(model, 20))
        print_processes(model, arguments.repeats)


def run(model: str, size: int, *options: str) -> Cost:
    """Run the whole command without records of earlier runs."""
    return suite("--n-neurons", str(size), "--mn-model", model, "--mn-no-cache", *options)


def median(measure: Callable[[], Cost], repeats: int) -> Cost:
    """Return the run with the median time."""
    return sorted((measure() for _ in range(repeats)), key=lambda cost: cost.seconds)[repeats // 2]


def print_example(model: str, cold: dict[int, Cost]) -> None:
    """Print how long the example's way takes, measured for small pools and reckoned for large ones.

    Its cost is quadratic: every step of every neuron integrates the whole pool. For larger pools the time of
    a step of the living pool is measured and multiplied with the steps of all neurons.
    """
    print(f"  {'N':>5} {'example s':>12} {'mnvalidate s':>14} {'ratio':>8}")
    steps_per_neuron = 0.0
    for size in EXAMPLE_SIZES:
        runs = [example(model, size, neuron) for neuron in range(size)]
        steps_per_neuron = statistics.mean(steps for _, steps in runs)
        print_row(str(size), sum(seconds for seconds, _ in runs), cold[size])
    for size in (n for n in cold if max(EXAMPLE_SIZES) < n <= LARGEST_EXAMPLE):
        seconds, steps = example(model, size, size // 2)
        print_row(f"{size}*", seconds / steps * steps_per_neuron * size, cold[size])
    print("  * cost of a step of the living pool, measured on one neuron, times the steps of all")


def print_row(size: str, seconds: float, ours: Cost) -> None:
    """Print a row of the comparison."""
    print(f"  {size:>5} {seconds:>12.1f} {ours.seconds:>14.1f} {seconds / ours.seconds:>8.0f}", flush=True)


def print_sizes(model: str, cold: dict[int, Cost], repeats: int) -> None:
    """Print the cost of a further neuron, cold and warm, and memory."""
    print(
        f"  {'N':>5} {'cold s':>8} {'warm s':>8} {'collect s':>10} {'s/neuron more':>14}"
        f" {'measuring warm s':>17} {'MB':>6}"
    )
    more = {larger: (smaller, larger) for smaller, larger in pairwise(cold)}
    for size, cost in cold.items():
        with tempfile.TemporaryDirectory() as store:
            kept = ("--n-neurons", str(size), "--mn-model", model, f"--mn-cache-dir={store}")
            suite(*kept)
            warm = median(partial(suite, *kept), repeats)
            collected = median(partial(suite, *kept, "--collect-only"), repeats)
        slope = ""
        if size in more:
            smaller, larger = more[size]
            slope = f"{(cold[larger].seconds - cold[smaller].seconds) / (larger - smaller):.3f}"
        print(
            f"  {size:>5} {cost.seconds:>8.1f} {warm.seconds:>8.1f} {collected.seconds:>10.1f} {slope:>14}"
            f" {warm.phases['measuring']:>17.1f} {max(cost.memory__MB, warm.memory__MB):>6.0f}",
            flush=True,
        )


def print_phases(model: str, cost: Cost) -> None:
    """Print where the time of a run goes, and that of one neuron in its process."""
    print("  where the time goes, s: " + ", ".join(f"{name} {s:.2f}" for name, s in cost.phases.items()))
    neuron = protocols(model, 20, 10)
    print("  one neuron, ms: " + ", ".join(f"{name} {1e3 * s:.0f}" for name, s in neuron.items()))


def print_processes(model: str, repeats: int) -> None:
    """Print what a second process is worth while measuring."""
    ratios = []
    for _ in range(repeats):
        one, two = (run(model, 40, "--mn-jobs", jobs).phases["measuring"] for jobs in ("1", "2"))
        ratios.append(one / two)
    print(f"  N = 40: two processes measure {statistics.median(ratios):.2f} times as fast as one", flush=True)


if __name__ == "__main__":
    main()
