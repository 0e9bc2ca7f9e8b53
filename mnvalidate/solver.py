"""How the membrane equations are integrated, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

FIXED_STEP_LIMIT__MS = 0.1

HIGHEST_ORDER = 5
"""Highest order of CVODE's formulas."""

QUIET_ORDER = 3
"""Highest order that costs least where a membrane rests or creeps.

The formulas of order 4 and 5 are not stable for every decaying oscillation. Below the threshold of
Powers2017, that keeps their steps at 1 ms and lets the voltage jitter by 0.003 mV; those of order 3 are eight
times as long. Where a neuron fires fast, order 5 needs a quarter fewer steps.
"""


@dataclass(frozen=True, slots=True)
class Solver:
    """Integration method and its accuracy.

    Parameters
    ----------
    absolute_tolerance : float
        CVODE's absolute tolerance of voltages in mV, and a tenth of it is that of all other states;
        its relative tolerance is 0.
    fixed_step__ms : float, optional
        Integrate with this fixed step (implicit Euler) in place of CVODE.

    Raises
    ------
    ValueError
        If the step is not above 0 and at most 0.1 ms, or the tolerance not above 0.
    """

    absolute_tolerance: float = 1e-6
    fixed_step__ms: float | None = None

    def __post_init__(self) -> None:
        if self.fixed_step__ms is not None and not 0 < self.fixed_step__ms <= FIXED_STEP_LIMIT__MS:
            raise ValueError(
                f"fixed step must be above 0 and at most {FIXED_STEP_LIMIT__MS} ms, got {self.fixed_step__ms}"
            )
        if not self.absolute_tolerance > 0:
            raise ValueError(f"absolute tolerance must be above 0, got {self.absolute_tolerance}")
