"""Results as a run would leave them, made up and judged by the real checks."""

import math
from array import array
from collections import Counter

from mnvalidate.checks.base import PoolOutline
from mnvalidate.checks.plan import judge_records, plan_checks
from mnvalidate.drawing import Curve, Drawing, Pulse
from mnvalidate.protocols import PROTOCOLS
from mnvalidate.records import Measurement, Outcome, ProtocolResult, Provenance, Record
from mnvalidate.reference import load_reference
from mnvalidate.report.results import MeasuredPool, Results

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
        *((pool,), verdicts, len(checks), (), "cat", f"pytest {name}", "2026-01-01T00:00:00+00:00"),
        planned={name: Counter(verdict.quantity for verdict in verdicts)},
    )


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
        return Measurement(quantity.name, quantity.unit, Outcome.OK, _VALUES[quantity.name](x), 0.01)
    return Measurement(quantity.name, quantity.unit, Outcome.NOT_MEASURABLE, reason=reason)


def _drawings(label):
    t = [0.1 * k for k in range(200)]
    spike = Curve(label, array("d", t), array("d", [-67.0 + 90.0 * math.exp(-((s - 5.0) ** 2)) for s in t]))
    peak = Curve("peak", array("d", [5.0]), array("d", [23.0]))
    return tuple(
        Drawing(title, "Time (ms)", "Voltage (mV)", (spike,), (peak,), (Pulse(45.0, 4.0, 0.5),))
        for title in ("Action potential", "Afterhyperpolarisation")
    )
