"""What was found in single mechanisms: data, figures of their curves, and lines for the terminal."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mnvalidate.mechanisms.curve_data import Family, GateCurve, MechanismCurves
from mnvalidate.mechanisms.judge import JudgedMechanisms
from mnvalidate.report.files import staged
from mnvalidate.verdicts import Conclusion, Severity, Verdict

_DOTS_PER_INCH = 150
_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def write_mechanisms(folder: Path, judged: JudgedMechanisms) -> None:
    """Write ``mechanisms.json`` and a figure ``mechanism_<name>.png`` for each mechanism with curves."""
    data = json.dumps(judged.to_json(), indent=1)
    with staged(folder) as stage:
        stage.write_text("mechanisms.json", data)
        for curves in judged.curves:
            if curves.gates or curves.activation:
                image = io.BytesIO()
                curves_figure(curves).savefig(image, format="png", dpi=_DOTS_PER_INCH)
                stage.write(f"mechanism_{curves.mechanism}.png", image.getvalue())


def curves_figure(curves: MechanismCurves) -> Figure:
    """Draw steady states, time constants and the families of currents of one mechanism."""
    families = [*curves.activation, *curves.inactivation]
    rows = bool(curves.gates) + (len(families) + 1) // 2
    figure = Figure(figsize=(9.0, 3.0 * max(rows, 1)), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"{curves.mechanism}, 36 °C")
    grid = figure.subplots(max(rows, 1), 2, squeeze=False)
    axes = list(grid.flat)
    if curves.gates:
        _draw_gates(axes[0], axes[1], curves.gates)
    used = 2 * bool(curves.gates)
    for panel, family in zip(axes[used:], families, strict=False):
        _draw_family(panel, family)
    for panel in axes[used + len(families) :]:
        panel.set_axis_off()
    return figure


def mechanism_lines(judged: JudgedMechanisms, outdated: Sequence[str]) -> list[str]:
    """Describe the findings, errors first, and count the checks by how they ended.

    Parameters
    ----------
    judged : JudgedMechanisms
        What was found.
    outdated : sequence of str
        Known defects that are no longer found.
    """
    found = [v for v in judged.verdicts if v.conclusion is Conclusion.DEVIATES]
    ordered = sorted(found, key=lambda v: (bool(v.excused), _SEVERITIES.index(v.severity)))
    lines = [line for verdict in ordered for line in _lines(verdict)]
    lines += [f"no longer found, so no longer to be excused: {check}" for check in outdated]
    return [*lines, _counts(judged.verdicts)]


def _lines(verdict: Verdict) -> list[str]:
    kind = f"known {verdict.severity}" if verdict.excused else str(verdict.severity)
    lines = [f"{kind}: {verdict.check}", f"  {verdict.message}"]
    return [*lines, f"  known: {verdict.excused}"] if verdict.excused else lines


def _counts(verdicts: Sequence[Verdict]) -> str:
    found = [v for v in verdicts if v.conclusion is Conclusion.DEVIATES]
    by_severity = ", ".join(
        f"{sum(v.severity is severity and not v.excused for v in found)} {severity}"
        for severity in _SEVERITIES
    )
    return (
        f"{len({v.model for v in verdicts})} mechanisms, {len(verdicts)} checks: "
        f"{sum(v.conclusion is Conclusion.CONFORMS for v in verdicts)} sound, {len(found)} findings "
        f"({by_severity}, {sum(bool(v.excused) for v in found)} known), "
        f"{sum(v.conclusion is Conclusion.NOT_JUDGED for v in verdicts)} not applicable or not judged"
    )


def _draw_gates(steady: Axes, tau: Axes, gates: Sequence[GateCurve]) -> None:
    for gate in gates:
        steady.plot(gate.voltage__mV, _numbers(gate.steady_state), label=gate.state)
        tau.plot(gate.voltage__mV, _numbers(gate.tau__ms), label=gate.state)
    steady.set_ylabel("Steady state")
    tau.set_ylabel("Time constant (ms)")
    if any(value for gate in gates for value in gate.tau__ms):
        tau.set_yscale("log")
    for axes in (steady, tau):
        axes.set_xlabel("Membrane potential (mV)")
        axes.legend(frameon=False, fontsize="small")


def _draw_family(axes: Axes, family: Family) -> None:
    for label, trace in zip(family.labels, family.traces, strict=True):
        axes.plot(family.time__ms, _numbers(trace), linewidth=0.8, label=label)
    axes.set_xscale("log")
    axes.set_xlabel("Time after the step (ms)")
    axes.set_ylabel(f"{family.current} (mA/cm²)")
    axes.legend(frameon=False, fontsize="xx-small", ncols=2)


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [np.nan if value is None else value for value in values]
