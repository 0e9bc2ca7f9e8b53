"""Figure of the curves of a mechanism."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from mnvalidate.mechanisms.curve_data import Family, GateCurve, MechanismCurves
from mnvalidate.report.mechanisms import TIME_LABEL, VOLTAGE_LABEL
from mnvalidate.report.style import grid, plain_text

_PANEL__inch = (4.5, 3.0)


def curves_figure(curves: MechanismCurves) -> Figure:
    """Draw steady states, time constants and the families of currents of one mechanism."""
    of_gates = 2 * bool(curves.gates)
    figure, axes = grid(_PANEL__inch, 2, of_gates + len(curves.families))
    figure.suptitle(f"{plain_text(curves.mechanism)}, 36 °C")
    if curves.gates:
        _draw_gates(axes[0], axes[1], curves.gates)
    for panel, family in zip(axes[of_gates:], curves.families, strict=True):
        _draw_family(panel, family)
    return figure


def _draw_gates(steady: Axes, tau: Axes, gates: Sequence[GateCurve]) -> None:
    for gate in gates:
        steady.plot(gate.voltage__mV, _numbers(gate.steady_state), label=plain_text(gate.state))
        tau.plot(gate.voltage__mV, _numbers(gate.tau__ms), label=plain_text(gate.state))
    steady.set_ylabel("Steady state")
    tau.set_ylabel("Time constant (ms)")
    if any(value for gate in gates for value in gate.tau__ms):
        tau.set_yscale("log")
        tau.yaxis.set_minor_locator(NullLocator())
    for axes in (steady, tau):
        axes.set_xlabel(VOLTAGE_LABEL)
        axes.legend(frameon=False, fontsize="small")


def _draw_family(axes: Axes, family: Family) -> None:
    for label, trace in zip(family.labels, family.traces, strict=True):
        axes.plot(family.time__ms, _numbers(trace), linewidth=0.8, label=label)
    axes.set_title(plain_text(family.title), fontsize="medium")
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())  # they take half of the time of drawing
    axes.set_xlabel(TIME_LABEL)
    axes.set_ylabel(f"{plain_text(family.current)} (mA/cm²)")
    axes.legend(frameon=False, fontsize="xx-small", ncols=2)


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [np.nan if value is None else value for value in values]
