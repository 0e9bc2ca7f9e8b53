"""Results as a run would leave them, made up and judged by the real checks."""

import math
from array import array
from collections import Counter
from dataclasses import replace

from synthetic_pools import judge_records, plan_checks

from mnvalidate.checks.check import PoolOutline
from mnvalidate.checks.pool_change import Flip, PoolChange, Shift
from mnvalidate.drawing import Curve, Drawing, Pulse
from mnvalidate.families import load_reference
from mnvalidate.mechanisms.curve_data import Family, GateCurve, MechanismCurves
from mnvalidate.mechanisms.questions import QUESTIONS
from mnvalidate.protocols import PROTOCOLS
from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult, Provenance, Record
from mnvalidate.report.results import MeasuredPool, Results
from mnvalidate.verdicts import Conclusion, Subject, SubjectKind, Verdict

HOSTILE = "=cmd()<script>alert('1')</script>\"|`\x1b[31m\udcff" + "x" * 10_000

_VALUES = {
    "vhold_soma__mV": lambda x: -67.0,
    "Rin__MOhm": lambda x: 7.0 * math.exp(-3.5 * x),
    "Rin_50ms__MOhm": lambda x: 40.0 * math.exp(-5.3 * x),
    "tau__ms": lambda x: 11.0 - 7.0 * x,
    "Ir__nA": lambda x: 5.0 * math.exp(1.5 * x),
    "AP__mV": lambda x: 85.0 + 5 * x,
    "AHP__mV": lambda x: 5.0 - x,
    "AHPdur__ms": lambda x: 150.0 - 100.0 * x,
    "AHPdur_5pct__ms": lambda x: 150.0 - 100.0 * x,
    "FI_gain__Hz_per_nA": lambda x: 2.5,
    "I_repetitive__nA": lambda x: 7.5 * math.exp(1.5 * x),
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


def mechanism_verdict(mechanism, question, conclusion, text, **facts):
    """Verdict on one question about a mechanism."""
    return Verdict(
        f"mechanism[{mechanism}-{question.name}]",
        "mechanism",
        Subject(SubjectKind.MECHANISM, mechanism, mechanism),
        question.name,
        conclusion,
        question.severity,
        f"{mechanism}: {question.text} {text}.",
        **facts,
    )


def sample_mechanisms(name="channel", text="as it should be"):
    """Verdicts on two mechanisms under a name, one with findings, one sound; texts of findings are `text`."""
    found = {"reversal": "", "units": "", "table": text, "combinations": ""}
    verdicts = [mechanism_verdict(f"sound {name}", q, Conclusion.CONFORMS, text) for q in QUESTIONS]
    for question in QUESTIONS:
        if question.name in found:
            facts = {"advice": "Mend it.", "excused": found[question.name]}
            verdict = mechanism_verdict(name, question, Conclusion.DEVIATES, text, **facts)
        elif question.name == "pointers":
            reason = "not applicable: it has none"
            verdict = mechanism_verdict(name, question, Conclusion.NOT_APPLICABLE, reason)
        else:
            verdict = mechanism_verdict(name, question, Conclusion.CONFORMS, text)
        verdicts.append(verdict)
    return tuple(verdicts)


def sample_curves(text="as it should be", file_name="channel"):
    """Curves of one mechanism."""
    voltages = tuple(range(-120, 121, 4))
    steady = tuple(None if v == 0 else 1 / (1 + math.exp(-(v + 40) / 9)) for v in voltages)
    gates = (GateCurve("n", voltages, steady, tuple(1 + abs(v) / 10 for v in voltages)),)
    time = tuple(0.025 * 1.1**k for k in range(80))
    steps = tuple((-80.0, float(v)) for v in range(-80, 81, 20))
    traces = tuple(tuple(v * (1 - math.exp(-t)) for t in time) for _, v in steps)
    return MechanismCurves(file_name, gates, (Family(text[:40], steps, time, traces),))


def sample_change(n, model="sample", text="channel inserted in soma"):
    """What a mechanism did to a pool of n neurons."""
    shifts = [Shift(i, "Rin__MOhm", "MOhm", 2.0, 1.0 + 0.1 * i) for i in range(n)]
    shifts += [Shift(0, "AP__mV", "mV", None, 80.0), Shift(0, "tau__ms", "ms", 5.0, 5.0)]
    shifts.sort(key=lambda shift: -abs(shift.relative))
    flip = Flip(f"range[{text}]", Conclusion.CONFORMS, Conclusion.DEVIATES)
    return PoolChange(model, text, tuple(shifts), (flip,))


def with_mechanisms(results, name="channel", text="as it should be", file_name="channel"):
    """The same run, with mechanisms checked and changed."""
    description = "channel inserted in soma" if text == "as it should be" else text
    model = results.pools[0].model if results.pools else "sample"
    return replace(
        results,
        verdicts=results.verdicts + sample_mechanisms(name, text),
        curves=(sample_curves(text, file_name),),
        findings=(f"{text} no longer deviates",),
        versions={"neuron": "8"},
        changes=(sample_change(len(results.records), model, description),) if results.pools else (),
    )


def mechanisms_only(**texts):
    """A run that measured no pool."""
    return with_mechanisms(Results((), (), 0, species="cat", command="pytest"), **texts)


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
