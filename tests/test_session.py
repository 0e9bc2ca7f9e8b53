"""What a run concludes from its records, without measuring."""

import pytest

from mnvalidate.models.spec import ModelSpec
from mnvalidate.options import Options
from mnvalidate.protocols import PROTOCOLS
from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult, Record
from mnvalidate.run.pool import Pool
from mnvalidate.session import ValidationSession
from mnvalidate.solver import Solver


def session_with(tmp_path, outcomes):
    """A run of one neuron that measured nothing, with an outcome for each protocol that is named."""
    profile = tmp_path / "all.yaml"
    profile.write_text("severities: {cat-Ir__nA~Rin__MOhm-band: error, cat-Rin__MOhm-pool: error}\n")
    spec = ModelSpec("NERLab", 1)
    results = tuple(
        ProtocolResult(
            protocol.name,
            {},
            tuple(
                Measurement(
                    q.name,
                    q.unit,
                    outcomes.get(protocol.name, MeasurementOutcome.NOT_MEASURABLE),
                    reason="made up",
                )
                for q in protocol.quantities
            ),
        )
        for protocol in PROTOCOLS
    )
    session = ValidationSession(
        Options((spec,), Solver(), None, 1.0, None, "cat", deviations_shipped=False, profile=profile)
    )
    session.pools = (Pool(spec, Solver(), (Record("NERLab", 0, 0.5, "relative", results),)),)
    return session


@pytest.mark.parametrize("outcome", [MeasurementOutcome.CRASHED, MeasurementOutcome.TIMED_OUT])
@pytest.mark.parametrize(
    ("protocol", "accidents"),
    [
        ("rest", set()),
        ("input_resistance", {"range[NERLab-n00-Rin__MOhm]", "band[NERLab-n00-Ir__nA~Rin__MOhm]"}),
        ("rheobase", {"range[NERLab-n00-Ir__nA]", "band[NERLab-n00-Ir__nA~Rin__MOhm]"}),
        ("action_potential", {"range[NERLab-n00-AHPdur__ms]"}),
        ("derived", set()),
    ],
)
def test_a_crash_is_an_accident_of_the_checks_on_its_own_quantities_alone(
    tmp_path, protocol, accidents, outcome
):
    session = session_with(tmp_path, {protocol: outcome})
    assert {check.full_id for check in session.checks if session.accident(check)} == accidents
    failed = {check.full_id for check in session.checks if session.verdict(check.full_id).failed}
    assert {"range[NERLab-n00-Ir__nA]", "range[NERLab-n00-Rin__MOhm]"} <= failed


def test_a_warning_is_no_accident(tmp_path):
    session = session_with(tmp_path, dict.fromkeys([p.name for p in PROTOCOLS], MeasurementOutcome.CRASHED))
    accidents = [check for check in session.checks if session.accident(check)]
    assert accidents
    assert all(session.verdict(check.full_id).failed for check in accidents)
    assert [c for c in session.checks if not session.verdict(c.full_id).failed and session.accident(c)] == []
