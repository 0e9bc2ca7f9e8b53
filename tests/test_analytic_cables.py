"""Passive cells have exact answers; the whole way from factory to table must give them."""

import math

import pytest

from mnvalidate.models.spec import ModelSpec
from mnvalidate.run.pool import measure


def measured(builder, **options):
    (record,) = measure(ModelSpec(f"passive_cells:{builder}", 1, options)).records
    return record


@pytest.mark.parametrize(("resistance__MOhm", "tau__ms"), [(1.5, 10.0), (0.4, 3.0), (60.0, 25.0)])
def test_sphere(resistance__MOhm, tau__ms):
    sphere = measured("sphere", resistance__MOhm=resistance__MOhm, tau__ms=tau__ms)
    assert sphere.value("Rin__MOhm") == pytest.approx(resistance__MOhm, rel=1e-3)
    assert sphere.value("tau__ms") == pytest.approx(tau__ms, rel=1e-3)
    assert sphere.value("tau_single_exp__ms") == pytest.approx(tau__ms, rel=1e-3)
    assert sphere.value("sag_ratio") == pytest.approx(1.0, abs=1e-3)
    assert sphere.value("C__nF") == pytest.approx(tau__ms / resistance__MOhm, rel=2e-3)
    assert sphere.value("vhold_soma__mV") == pytest.approx(-65.0, abs=1e-3)


@pytest.mark.parametrize("electrotonic_length", [0.5, 1.0, 1.5, 2.0])
def test_ball_and_stick(electrotonic_length):
    dominance = 8.0
    cell = measured("ball_and_stick", electrotonic_length=electrotonic_length, dendritic_dominance=dominance)
    # Rall 1959, 1969: Rin is 1 / (soma + cable conductance); every membrane patch has the same time constant,
    # which is then the slowest of the whole cell.
    diam, membrane, axial = 10.0, 20_000.0, 100.0
    semi_infinite__S = math.pi / 2 * (diam * 1e-4) ** 1.5 / math.sqrt(membrane * axial)
    cable__S = semi_infinite__S * math.tanh(electrotonic_length)
    resistance__MOhm = 1e-6 / (cable__S * (1 + 1 / dominance))
    assert cell.value("Rin__MOhm") == pytest.approx(resistance__MOhm, rel=2e-3)
    assert cell.value("tau__ms") == pytest.approx(20.0, rel=1e-2)


def test_passive_cell_has_no_spike_but_a_reason():
    sphere = measured("sphere", resistance__MOhm=1.5, tau__ms=10.0)
    for quantity in ("Ir__nA", "AP__mV", "AHP__mV", "FI_gain__Hz_per_nA", "I_repetitive__nA"):
        measurement = sphere.measurements[quantity]
        assert measurement.value is None
        assert measurement.reason
    assert "without a spike" in sphere.measurements["Ir__nA"].reason
