"""Figure of the curves of a mechanism."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mnvalidate.mechanisms.curve_data import Family, GateCurve, MechanismCurves
from mnvalidate.report.mechanisms import TIME_LABEL, VOLTAGE_LABEL
from mnvalidate.report.style import plain_text


def curves_figure(curves: MechanismCurves) -> Figure:
    """Draw steady states, time constants and the families of currents of one mechanism."""
    rows = bool(curves.gates) + (len(curves.families) + 1) // 2
    figure = Figure(figsize=(9.0, 3.0 * max(rows, 1)), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"{plain_text(curves.mechanism)}, 36 °C")
    axes = list(figure.subplots(max(rows, 1), 2, squeeze=False).flat)
    if curves.gates:
        _draw_gates(axes[0], axes[1], curves.gates)
    used = 2 * bool(curves.gates)
    for panel, family in zip(axes[used:], curves.families, strict=False):
        _draw_family(panel, family)
    for panel in axes[used + len(curves.families) :]:
        panel.set_axis_off()
    return figure


def _draw_gates(steady: Axes, tau: Axes, gates: Sequence[GateCurve]) -> None:
    for gate in gates:
        steady.plot(gate.voltage__mV, _numbers(gate.steady_state), label=plain_text(gate.state))
        tau.plot(gate.voltage__mV, _numbers(gate.tau__ms), label=plain_text(gate.state))
    steady.set_ylabel("Steady state")
    tau.set_ylabel("Time constant (ms)")
    if any(value for gate in gates for value in gate.tau__ms):
        tau.set_yscale("log")
    for axes in (steady, tau):
        axes.set_xlabel(VOLTAGE_LABEL)
        axes.legend(frameon=False, fontsize="small")


def _draw_family(axes: Axes, family: Family) -> None:
    for label, trace in zip(family.labels, family.traces, strict=True):
        axes.plot(family.time__ms, _numbers(trace), linewidth=0.8, label=label)
    axes.set_title(plain_text(family.title), fontsize="medium")
    axes.set_xscale("log")
    axes.set_xlabel(TIME_LABEL)
    axes.set_ylabel(f"{plain_text(family.current)} (mA/cm²)")
    axes.legend(frameon=False, fontsize="xx-small", ncols=2)


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [np.nan if value is None else value for value in values]
