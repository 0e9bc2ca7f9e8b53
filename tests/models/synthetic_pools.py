"""Pools of records with values made up for a purpose, and MyoGen's as they were measured."""

import json
from pathlib import Path

import numpy as np

from mnvalidate import families
from mnvalidate.checks.check import Planning
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult, Record

N = 20
MEASURED = Path(__file__).parents[1] / "data" / "myogen_0.12.0_n20.json"


def typical_cat():
    """Values of a pool that follows the published relations between 3.2 and 0.5 MOhm, by quantity."""
    R = np.geomspace(3.2, 0.5, N)
    ohm = R * 1e6
    along = np.linspace(0, 1, N)
    AHPdur = 1.3e-5 * ohm**0.62 * 1e3
    Ir = 2.7e-2 * ohm**-1.04 * 1e9
    tau = 9.6e-7 * ohm**0.61 * 1e3
    return {
        "Rin__MOhm": R,
        "Rin_50ms__MOhm": R,
        "Rin_rest__MOhm": R,
        "Rin_peak__MOhm": 1.1 * R,
        "Ir__nA": Ir,
        "tau__ms": tau,
        "tau_single_exp__ms": 0.9 * tau,
        "AHPdur__ms": AHPdur,
        "AHPdur_5pct__ms": AHPdur,
        "AHP_half_decay__ms": 0.27 * AHPdur,
        "conduction_velocity__m_per_s": 1.12 * 4.9e3 * ohm**-0.29,
        "C__nF": 4.0 * (R / 1.2) ** -0.4,
        "AHP__mV": 5.0 - 2.5 * along,
        "fast_AHP__mV": 2.0 + along,
        "AP__mV": 80.0 + 5.0 * along,
        "AP_half_width__ms": 0.6 - 0.1 * along,
        "AP_max_slope__mV_per_ms": 250.0 + 20.0 * along,
        "vhold_soma__mV": -67.0 + along,
        "AP_threshold__mV": np.repeat([6.0, 10.0, 13.0], [5, 5, 10]) + along,
        "FI_gain__Hz_per_nA": 1.9 + 0.01 * along,
        "FI_primary_gain__Hz_per_nA": 1.9 + 0.01 * along,
        "rate_min__Hz": 1000.0 / AHPdur,
        "rate_max__Hz": 40.0 + 20.0 * along,
        "I_repetitive__nA": 1.5 * Ir,
        "I_short__nA": 1.5 * Ir,
        "I_block__nA": 6.0 * Ir,
        "sag_ratio": 0.95 - 0.15 * along,
    }


def records(values, model="cat", voltage_frame="absolute"):
    """Records of a pool from columns of values; NaN is a quantity that could not be measured."""
    size = len(next(iter(values.values())))
    return [
        record({name: float(column[i]) for name, column in values.items()}, i, model, voltage_frame)
        for i in range(size)
    ]


def record(values, neuron=0, model="cat", voltage_frame="absolute"):
    """Record of one neuron."""
    measurements = tuple(
        Measurement(
            name, QUANTITIES[name].unit, MeasurementOutcome.NOT_MEASURABLE, reason="made up to have none"
        )
        if np.isnan(value)
        else Measurement(name, QUANTITIES[name].unit, MeasurementOutcome.OK, value, 1e-9)
        for name, value in values.items()
    )
    result = ProtocolResult("synthetic", {}, measurements)
    return Record(model, neuron, (neuron + 1) / N, voltage_frame, (result,))


def myogen_pools():
    """Pools of 20 neurons of MyoGen 0.12.0, as measured with NEURON 8.2.7."""
    return [
        record(row["values"], row["neuron"], row["model"], row["voltage_frame"])
        for row in json.loads(MEASURED.read_text())
    ]


def plan_checks(reference, species, outlines):
    """Every check of pools."""
    planning = Planning(reference, species, tuple(outlines))
    return [check for check in families.plan_checks(planning) if not check.subject.is_mechanism]


def judge_records(checks, pool):
    """Verdicts of checks, each called with the records of its model."""
    by_model = {}
    for found in sorted(pool, key=lambda found: found.neuron):
        by_model.setdefault(found.model, []).append(found)
    return [check(by_model.get(check.subject.name, [])) for check in checks]
