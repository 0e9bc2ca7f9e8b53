"""What was found is one sentence for all that is alike, and the default summary is short."""

import html
import re
from dataclasses import replace

import pytest
from report_samples import sample_results
from synthetic_pools import judge_records, myogen_pools, plan_checks

from mnvalidate.checks.check import PoolOutline
from mnvalidate.checks.deviations import apply_deviations, shipped_deviations
from mnvalidate.families import load_reference
from mnvalidate.report.html import html_report
from mnvalidate.report.kinds import kinds
from mnvalidate.report.markdown import markdown_summary
from mnvalidate.report.results import MeasuredPool, Results
from mnvalidate.report.sentences import sentence
from mnvalidate.report.terminal import summary
from mnvalidate.verdicts import Conclusion, Severity, Subject, SubjectKind, Verdict


@pytest.fixture(scope="module")
def results():
    return sample_results(5)


def text_of(page):
    """What a reader sees of a page, without the data for its plots."""
    shown = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.S)
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", shown).split()))


def deviating(neuron, value, severity=Severity.WARNING, **facts):
    """Verdict on the lowest rate of a neuron of twenty."""
    subject = Subject(SubjectKind.NEURON, "sample", f"sample-n{neuron:02d}", neuron, 0.1)
    found = Conclusion.CONFORMS if value >= 4.0 else Conclusion.DEVIATES
    bounds = {"value": value, "unit": "Hz", "lower": 4.0, "upper": 30.0, "criterion": "c"}
    name = f"range[sample-n{neuron:02d}-rate_min__Hz]"
    return Verdict(name, "range", subject, "rate_min__Hz", found, severity, "said", **{**bounds, **facts})


def sentences(*verdicts):
    return [sentence(kind) for kind in kinds(verdicts) if kind.found]


def test_neurons_that_deviate_alike_are_one_sentence():
    pool = [deviating(i, 3.2 if i == 1 else 3.9) for i in range(18)]
    sound = [deviating(i, 5.0) for i in (18, 19)]
    assert sentences(*pool, *sound) == ["rate_min below 4 Hz in 18 of 20 neurons (3.2 to 3.9 Hz, worst n01)"]
    assert sentences(deviating(0, 3.2)) == ["rate_min below 4 Hz in n00 (3.2 Hz)"]


def test_a_sentence_says_on_which_sides_of_which_limits():
    above = replace(deviating(1, 60.0), conclusion=Conclusion.DEVIATES)
    assert sentences(deviating(0, 3.0), above) == [
        "rate_min below 4 Hz or above 30 Hz in 2 of 2 neurons (3 to 60 Hz, worst n01)"
    ]
    other = replace(deviating(1, 3.0), family="band", lower=5.0)
    assert sentences(replace(deviating(0, 3.0), family="band"), other) == [
        "band rate_min below its limit in 2 of 2 neurons (3 Hz, worst n01)"
    ]


def test_what_has_no_value_is_said_once_for_all_neurons_and_its_reason_elsewhere():
    lost = [replace(deviating(i, 3.0), conclusion=Conclusion.NOT_MEASURED, value=None) for i in (0, 1)]
    assert sentences(*lost) == ["rate_min not measured in 2 of 2 neurons"]
    assert sentences(lost[0]) == ["rate_min in n00: said"]


def test_a_sentence_names_the_type_and_what_a_pool_was_compared_by():
    of_type = replace(deviating(0, 3.0), family="type_range", scope="FR")
    assert sentences(of_type) == ["rate_min of type FR below 4 Hz in n00 (3 Hz)"]
    pool = replace(deviating(0, 3.0), subject=Subject(SubjectKind.POOL, "sample", "sample"), unit="1")
    assert sentences(replace(pool, family="relation", against="Rin__MOhm")) == [
        "relation rate_min~Rin: exponent +3.000, below 4"
    ]
    assert sentences(replace(pool, family="fold")) == ["fold rate_min: SD of ln 3, below 4"]
    assert sentences(replace(pool, family="recruitment_order", value=None)) == [
        "recruitment order rate_min: said"
    ]


def test_every_report_has_the_same_sentences(results):
    found = [kind for kind in kinds(results.of_pools) if kind.status in ("error", "warning")]
    assert found
    terminal = " ".join(line.text.strip() for line in summary(results, width=80, verbosity=0))
    page = text_of(html_report(results, ()))
    markdown = markdown_summary(results).replace("\\", "")
    for kind in found:
        said = sentence(kind)
        assert f"{kind.status}: {said}" in terminal
        assert said in page
        assert f"| {kind.status} | {said} |" in markdown


def test_what_only_informs_is_counted_by_default_and_said_when_asked(results):
    verdicts = tuple(deviating(i, 3.0, Severity.INFO) for i in range(5))
    only = replace(results, verdicts=verdicts)
    plain, verbose = ("\n".join(line.text for line in summary(only, width=80, verbosity=v)) for v in (0, 1))
    said = "rate_min below 4 Hz in 5 of 5 neurons (3 Hz, worst n00)"
    assert said not in plain
    assert "1 criterion that only informs is not met (5 checks)" in plain
    assert f"info: {said}" in verbose
    assert said in text_of(html_report(only, ()))


def test_rows_of_motor_unit_types_name_the_type(results):
    text = "\n".join(line.text for line in summary(results, width=80, verbosity=1))
    for unit_type in ("S", "FR", "FF"):
        assert re.search(rf"^  Rin_50ms__MOhm {unit_type} +[\d.]+", text, flags=re.M)


def test_the_summary_of_the_reference_model_fits_a_screen():
    model = "NERLab"
    pool = [r for r in myogen_pools() if r.model == model]
    checks = plan_checks(load_reference(), "cat", [PoolOutline(model, len(pool))])
    verdicts = apply_deviations(judge_records(checks, pool), shipped_deviations("0.12.0")).verdicts
    measured = MeasuredPool(model, {}, {}, tuple(pool))
    lines = summary(Results((measured,), verdicts, len(checks)), width=80, verbosity=0)
    assert len(lines) <= 40
    assert not any(line.text.startswith("  error") for line in lines)


def test_what_a_lost_process_leaves_open_is_one_line(results):
    lost = replace(deviating(3, 3.0), conclusion=Conclusion.NOT_MEASURED, value=None, accident=True)
    verdicts = tuple(replace(lost, check=f"c{i}", criterion=f"c{i}") for i in range(40))
    lines = [line.text for line in summary(replace(results, verdicts=verdicts), width=80, verbosity=0)]
    assert "  error: 40 checks not answered, as a process ended before" in lines
    assert len(lines) < 15
