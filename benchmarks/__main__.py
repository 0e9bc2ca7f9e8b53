"""One table: the example's way against mnvalidate, cost per neuron, memory, and where the time goes.

``python -m benchmarks [--sizes 5,20,100,400] [--repeats 3]``. Ratios are of medians within one run.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile

from benchmarks.commands import Cost, example, suite

MODELS = ("NERLab", "Powers2017")
EXAMPLE_SIZES = (2, 5)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", default="5,20,100,400")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    for model in MODELS:
        print(f"\n{model}")
        cold = {size: median([run(model, size) for _ in range(arguments.repeats)]) for size in sizes}
        print_example(model, cold)
        print_sizes(model, cold)


def run(model: str, size: int, *options: str) -> Cost:
    """Run the whole command without a store."""
    return suite("--n-neurons", str(size), "--mn-model", model, "--mn-no-cache", *options)


def median(costs: list[Cost]) -> Cost:
    """Return the run with the median time."""
    return sorted(costs, key=lambda cost: cost.seconds)[len(costs) // 2]


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
        print_row(str(size), sum(seconds for seconds, _ in runs), cold.get(size))
    for size in (n for n in cold if n > max(EXAMPLE_SIZES) and n <= 100):
        seconds, steps = example(model, size, size // 2)
        print_row(f"{size}*", seconds / steps * steps_per_neuron * size, cold[size])
    print("  * cost of a step of the living pool, measured on one neuron, times the steps of all")


def print_row(size: str, seconds: float, ours: Cost | None) -> None:
    """Print a row of the comparison."""
    mine, ratio = ("", "") if ours is None else (f"{ours.seconds:.1f}", f"{seconds / ours.seconds:.0f}")
    print(f"  {size:>5} {seconds:>12.1f} {mine:>14} {ratio:>8}")


def print_sizes(model: str, cold: dict[int, Cost]) -> None:
    """Print the cost per neuron, cold and warm, one process and two, and memory."""
    print(f"  {'N':>5} {'cold s':>8} {'s/neuron':>9} {'warm s':>8} {'collect s':>10} {'MB':>6}")
    smallest = min(cold.items())
    for size, cost in cold.items():
        with tempfile.TemporaryDirectory() as store:
            kept = ("--n-neurons", str(size), "--mn-model", model, "--mn-cache-dir", store)
            suite(*kept)
            warm = suite(*kept)
            collected = suite(*kept, "--collect-only")
        slope = (
            (cost.seconds - smallest[1].seconds) / (size - smallest[0])
            if size > smallest[0]
            else float("nan")
        )
        print(
            f"  {size:>5} {cost.seconds:>8.1f} {slope:>9.3f} {warm.seconds:>8.1f} {collected.seconds:>10.1f} "
            f"{cost.memory__MB:>6.0f}"
        )
    one, two = run(model, 40, "--mn-jobs", "1"), run(model, 40, "--mn-jobs", "2")
    print(f"  N = 40: one process {one.seconds:.1f} s, two {two.seconds:.1f} s")


if __name__ == "__main__":
    main()
