"""Results as a run would leave them, made up and judged by the real checks."""

import math
from array import array
from collections import Counter
from dataclasses import replace

from mnvalidate.checks.base import PoolOutline
from mnvalidate.checks.changes import Flip, PoolChange, Shift
from mnvalidate.checks.plan import judge_records, plan_checks
from mnvalidate.drawing import Curve, Drawing, Pulse
from mnvalidate.mechanisms.curve_data import Family, GateCurve, MechanismCurves
from mnvalidate.mechanisms.judge import plan_mechanisms
from mnvalidate.mechanisms.judged import JudgedMechanisms
from mnvalidate.protocols import PROTOCOLS
from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult, Provenance, Record
from mnvalidate.reference import load_reference
from mnvalidate.report.results import MeasuredPool, Results
from mnvalidate.verdicts import Conclusion, Verdict

HOSTILE = "=cmd()<script>alert('1')</script>\"|`\x1b[31m\udcff" + "x" * 10_000

_VALUES = {
    "vhold_soma__mV": lambda x: -67.0,
    "Rin__MOhm": lambda x: 7.0 * math.exp(-3.5 * x),
    "tau__ms": lambda x: 11.0 - 7.0 * x,
    "Ir__nA": lambda x: 5.0 * math.exp(1.5 * x),
    "AP__mV": lambda x: 85.0 + 5 * x,
    "AHP__mV": lambda x: 5.0 - x,
    "AHPdur__ms": lambda x: 150.0 - 100.0 * x,
    "FI_gain__Hz_per_nA": lambda x: 2.5,
    "rate_min__Hz": lambda x: 3.0 + 10 * x,
    "C__nF": lambda x: 6.0 + x,
    "FI_primary_gain__Hz_per_nA": lambda x: 2.5,
    "AP_threshold__mV": lambda x: 12.0 + x,
    "AHP_half_decay__ms": lambda x: 40.0 - 20 * x,
    "rate_max__Hz": lambda x: 60.0 + 20 * x,
    "conduction_velocity__m_per_s": lambda x: 70.0 + 30 * x,
}


def sample_results(n, name="sample"):
    """A pool of n neurons under a name, which also is the reason of whatever has no value."""
    records = tuple(_record(i, n, name) for i in range(n))
    checks = plan_checks(load_reference(), "cat", [PoolOutline(name, n)])
    pool = MeasuredPool(name, {"builder": name}, {"fixed_step__ms": None}, records)
    verdicts = tuple(judge_records(checks, records))
    return Results(
        (pool,),
        verdicts,
        len(checks),
        species="cat",
        command=f"pytest {name}",
        created="2026-01-01T00:00:00+00:00",
        planned={name: Counter(verdict.quantity for verdict in verdicts)},
    )


def sample_mechanisms(name="channel", text="as it should be", file_name="channel"):
    """Two mechanisms under a name, one with findings, one sound; texts of findings are `text`."""
    found = {"reversal": "", "units": "", "table": text, "combinations": "", "pointers": None}
    verdicts = []
    for mechanism in (f"sound {name}", name):
        for plan in plan_mechanisms([mechanism]):
            excuse = found.get(plan.check.name, "sound") if mechanism == name else "sound"
            conclusion = {"sound": Conclusion.CONFORMS, None: Conclusion.NOT_JUDGED}.get(
                excuse, Conclusion.DEVIATES
            )
            advice = " What to do: Mend it." if conclusion is Conclusion.DEVIATES else ""
            reason = "not applicable: it has none" if excuse is None else text
            message = f"{mechanism}: {plan.check.question} {reason}.{advice}"
            excused = excuse if conclusion is Conclusion.DEVIATES else ""
            check = plan.check
            verdicts.append(
                Verdict(
                    plan.full_id, mechanism, check.name, conclusion, check.severity, message, excused=excused
                )
            )
    voltages = tuple(range(-120, 121, 4))
    steady = tuple(None if v == 0 else 1 / (1 + math.exp(-(v + 40) / 9)) for v in voltages)
    gates = (GateCurve("n", voltages, steady, tuple(1 + abs(v) / 10 for v in voltages)),)
    time = tuple(0.025 * 1.1**k for k in range(80))
    steps = tuple((-80.0, float(v)) for v in range(-80, 81, 20))
    traces = tuple(tuple(v * (1 - math.exp(-t)) for t in time) for _, v in steps)
    curves = MechanismCurves(file_name, gates, (Family(text[:40], steps, time, traces),))
    return JudgedMechanisms(tuple(verdicts), (curves,), (f"{text} no longer deviates",), {"neuron": "8"})


def sample_change(n, model="sample", text="channel inserted in soma"):
    """What a mechanism did to a pool of n neurons."""
    shifts = [Shift(i, "Rin__MOhm", "MOhm", 2.0, 1.0 + 0.1 * i) for i in range(n)]
    shifts += [Shift(0, "AP__mV", "mV", None, 80.0), Shift(0, "tau__ms", "ms", 5.0, 5.0)]
    shifts.sort(key=lambda shift: -abs(shift.relative))
    flip = Flip(f"range[{text}]", Conclusion.CONFORMS, Conclusion.DEVIATES)
    return PoolChange(model, text, tuple(shifts), (flip,))


def with_mechanisms(results, **texts):
    """The same run, with mechanisms checked and changed."""
    change = sample_change(len(results.records), *([texts["text"]] * 2 if "text" in texts else []))
    return replace(results, mechanisms=sample_mechanisms(**texts), changes=(change,))


def mechanisms_only(**texts):
    """A run that measured no pool."""
    return Results((), (), 0, mechanisms=sample_mechanisms(**texts), species="cat", command="pytest")


def _record(i, n, name):
    x = i / max(n - 1, 1)
    results = tuple(
        ProtocolResult(
            p.name,
            {"setting": 1.0},
            tuple(_measurement(q, x, name) for q in p.quantities),
            {"curve__nA": (5.0, 10.0), "curve__Hz": (10.0, 20.0 + i)}
            if p.name == "repetitive_firing"
            else {},
            _drawings(name) if p.name == "action_potential" else (),
        )
        for p in PROTOCOLS
    )
    return Record(
        name, i, 0.01 * (i + 1), "absolute", results, Provenance("0", "8", "0.12", "3.12", {}), name
    )


def _measurement(quantity, x, reason):
    if quantity.name in _VALUES:
        return Measurement(
            quantity.name, quantity.unit, MeasurementOutcome.OK, _VALUES[quantity.name](x), 0.01
        )
    return Measurement(quantity.name, quantity.unit, MeasurementOutcome.NOT_MEASURABLE, reason=reason)


def _drawings(label):
    t = [0.1 * k for k in range(200)]
    spike = Curve(label, array("d", t), array("d", [-67.0 + 90.0 * math.exp(-((s - 5.0) ** 2)) for s in t]))
    peak = Curve("peak", array("d", [5.0]), array("d", [23.0]))
    return tuple(
        Drawing(title, "Time (ms)", "Voltage (mV)", (spike,), (peak,), (Pulse(45.0, 4.0, 0.5),))
        for title in ("Action potential", "Afterhyperpolarisation")
    )
