"""What a run concludes from its records, without measuring."""

import io
from dataclasses import replace

import pytest

from mnvalidate import judge as judge_pool
from mnvalidate.models.spec import ModelSpec
from mnvalidate.options import Options
from mnvalidate.protocols import PROTOCOLS, QUANTITIES
from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult, Record
from mnvalidate.run.pool import Pool
from mnvalidate.solver import Solver
from mnvalidate.validation import Judgement, Outcome, carry_out, judge, plan, results_of


def options_with(**changes):
    spec = ModelSpec("NERLab", 1)
    return replace(Options((spec,), Solver(), None, 1.0, None, "cat", deviations_shipped=False), **changes)


def record_with(outcomes, neuron=0):
    """Record of a neuron that measured nothing, with an outcome for each protocol that is named."""
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
    return Record("NERLab", neuron, 0.5, "relative", results)


def outcome_with(outcomes, **changes):
    options = options_with(**changes)
    pool = Pool(options.specs[0], Solver(), (record_with(outcomes),))
    return Outcome(plan(options), (pool,))


@pytest.fixture
def all_errors(tmp_path):
    profile = tmp_path / "all.yaml"
    profile.write_text("severities: {cat-Ir__nA~Rin__MOhm-band: error, cat-Rin__MOhm-pool: error}\n")
    return profile


ACCIDENTS = [MeasurementOutcome.CRASHED, MeasurementOutcome.TIMED_OUT]


@pytest.mark.parametrize("outcome", ACCIDENTS)
@pytest.mark.parametrize("species", ["cat", "mouse", "human"])
@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_a_crash_in_any_protocol_fails_the_run_for_every_species(protocol, species, outcome):
    judgement = judge(outcome_with({protocol.name: outcome}, species=species))
    lost = {quantity.name for quantity in protocol.quantities}
    accidents = [verdict for verdict in judgement.verdicts if verdict.accident]
    assert all(verdict.failed for verdict in accidents)
    assert lost <= {verdict.quantity for verdict in accidents}


@pytest.mark.parametrize("outcome", ACCIDENTS)
@pytest.mark.parametrize(
    ("protocol", "accidents"),
    [
        ("input_resistance", {"range[NERLab-n00-Rin_50ms__MOhm]", "band[NERLab-n00-Ir__nA~Rin_50ms__MOhm]"}),
        ("rheobase", {"range[NERLab-n00-Ir__nA]", "band[NERLab-n00-Ir__nA~Rin_50ms__MOhm]"}),
        ("action_potential", {"range[NERLab-n00-AHPdur_5pct__ms]"}),
    ],
)
def test_a_crash_is_an_accident_of_the_checks_that_need_its_quantities_alone(protocol, accidents, outcome):
    seen = outcome_with({protocol: outcome})
    needs = {check.full_id: check.needs for check in seen.plan.checks}
    lost = {q.name for p in PROTOCOLS if p.name == protocol for q in p.quantities}
    found = {verdict.check for verdict in judge(seen).verdicts if verdict.accident}
    assert accidents <= found
    assert all(lost & {*needs[check]} for check in found)


def test_whatever_the_severity_a_crash_fails_and_a_missing_value_fails_as_an_error_only(all_errors):
    for outcome, failing in ((MeasurementOutcome.CRASHED, True), (MeasurementOutcome.NOT_MEASURABLE, False)):
        judgement = judge(outcome_with({"derived": outcome}, profile=all_errors))
        verdict = judgement.verdict("range[NERLab-n00-conduction_velocity__m_per_s]")
        assert verdict.severity == "warning"
        assert verdict.failed is failing
    assert judgement.verdict("range[NERLab-n00-Rin_50ms__MOhm]").failed


def test_a_crash_fails_a_run_that_had_selected_other_checks():
    seen = outcome_with({"derived": MeasurementOutcome.CRASHED})
    results = results_of(seen, judge(seen), ["range[NERLab-n00-Rin_50ms__MOhm]"], "")
    assert results.accidents == ("NERLab neuron 0: made up",)
    assert not results.passed


def test_what_does_not_apply_fails_nothing_and_is_no_deviation():
    seen = outcome_with({"derived": MeasurementOutcome.NOT_APPLICABLE})
    verdict = judge(seen).verdict("range[NERLab-n00-conduction_velocity__m_per_s]")
    assert verdict.conclusion == "not_applicable"
    assert not verdict.found
    assert "does not apply: made up" in verdict.message


def test_a_neuron_without_a_record_is_an_accident():
    whole = outcome_with({})
    empty = replace(whole, pools=(replace(whole.pools[0], records=()),))
    verdict = judge(empty).verdict("range[NERLab-n00-Rin_50ms__MOhm]")
    assert verdict.accident
    assert "no record" in verdict.message


def test_every_planned_check_of_what_was_measured_has_a_verdict():
    seen = outcome_with({})
    assert [v.check for v in judge(seen).verdicts] == [check.full_id for check in seen.plan.checks]
    assert {v.quantity for v in judge(seen).verdicts} == set(QUANTITIES)


def test_a_judgement_survives_json():
    judgement = judge(outcome_with({"derived": MeasurementOutcome.CRASHED}, deviations_shipped=True))
    restored = Judgement.from_json(judgement.to_json())
    assert restored == replace(judgement, changes=())


def test_the_library_judges_as_the_suite_does(tmp_path):
    pool = outcome_with({}).pools[0]
    assert judge_pool(pool, deviations=None) == list(judge(outcome_with({})).verdicts)
    excusing = tmp_path / "known.yaml"
    excusing.write_text(
        "deviations:\n  - {checks: 'range[NERLab-n*-Ir__nA]', reason: long enough a reason, date: 2026-01-01,"
        " model_version: own, value: 1.0, margin: 0.1}\n"
    )
    profile = tmp_path / "profile.yaml"
    profile.write_text("severities: {cat-*: info, any-*: info}\n")
    known = judge(outcome_with({}, deviations=excusing, profile=profile)).verdicts
    assert judge_pool(pool, deviations=excusing, profile=profile) == list(known)
    assert not any(verdict.failed for verdict in known)


def test_a_plan_is_a_value():
    assert plan(options_with()) == plan(options_with())


def test_nothing_is_measured_for_no_checks():
    planned = plan(options_with())
    assert carry_out(planned, (), io.StringIO()) == Outcome(planned)
