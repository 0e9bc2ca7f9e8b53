"""A model as it was: its file, what can be compared, and what is a change."""

import json
import math
import os
from dataclasses import replace

import pytest
from report_samples import sample_results
from synthetic_pools import N, judge_records, myogen_pools, plan_checks

from mnvalidate import gate
from mnvalidate.baseline.comparison import Direction, Kind, compare_measurements, compare_states
from mnvalidate.baseline.file import BaselineError, read_baseline, write_baseline
from mnvalidate.baseline.identity import difference, notes
from mnvalidate.baseline.parsing import parse
from mnvalidate.baseline.state import Widening, state_of
from mnvalidate.baseline.text import baseline_text
from mnvalidate.baseline.tolerance import Tolerance, shipped_tolerance
from mnvalidate.checks.check import Planning, PoolOutline
from mnvalidate.checks.families.baseline import BaselineCheck, literature_limits
from mnvalidate.checks.families.baseline import plan as plan_baseline
from mnvalidate.cli import main
from mnvalidate.families import load_reference
from mnvalidate.models.spec import Insertion, ModelSpec, Recruitment
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.options import Options
from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Measurement, MeasurementOutcome, ProtocolResult
from mnvalidate.report.baseline_figure import baseline_figure
from mnvalidate.report.html import html_report
from mnvalidate.report.markdown import markdown_summary
from mnvalidate.report.results import MeasuredPool, Results, read_results
from mnvalidate.report.since_baseline import comparison_lines
from mnvalidate.report.terminal import summary
from mnvalidate.run.pool import Pool
from mnvalidate.solver import Solver
from mnvalidate.validation import Outcome, judge, plan
from mnvalidate.verdicts import Conclusion

REFERENCE = load_reference()
SPEC = ModelSpec("NERLab", N)
RECORDS = tuple(record for record in myogen_pools() if record.model == "NERLab")
OUTLINE = PoolOutline("NERLab", N)
VERDICTS = judge_records(plan_checks(REFERENCE, "cat", [OUTLINE]), RECORDS)
RESOLUTION = 1e-3
SOLVER = {"absolute_tolerance": 1e-6, "fixed_step__ms": None}
VERSIONS = {"mnvalidate": "0.1.0", "neuron": "8.2.7", "myogen": "0.12.0", "measuring": "0123456789ab"}


def resolved(records, relative=1e-4):
    """Records whose values are known to a part of themselves."""
    return tuple(
        replace(
            r,
            results=tuple(
                replace(
                    result,
                    measurements=tuple(
                        m if m.value is None else replace(m, resolution=relative * abs(m.value))
                        for m in result.measurements
                    ),
                )
                for result in r.results
            ),
        )
        for r in records
    )


RESOLVED = resolved(RECORDS)


def state(records=RESOLVED, spec=SPEC, verdicts=VERDICTS, **changes):
    facts = {"species": "cat", "solver": SOLVER, "versions": VERSIONS} | changes
    return state_of([(spec.name, spec.to_json(), records)], verdicts, **facts)


def with_value(records, neuron, quantity, change):
    """Records in which one measurement is another."""

    def changed(result: ProtocolResult):
        return replace(
            result,
            measurements=tuple(change(m) if m.quantity == quantity else m for m in result.measurements),
        )

    return tuple(
        replace(r, results=tuple(map(changed, r.results))) if r.neuron == neuron else r for r in records
    )


def times(factor):
    return lambda m: replace(m, value=m.value * factor)


def without(reason="fires no more", outcome=MeasurementOutcome.NOT_MEASURABLE):
    return lambda m: Measurement(m.quantity, m.unit, outcome, reason=reason)


def compared(records, before=None, verdicts=VERDICTS):
    limits = literature_limits(REFERENCE, "cat")
    old = parse(baseline_text(before or state()))
    return compare_states("b.json", old, state(records, verdicts=verdicts), shipped_tolerance(), limits)


# The file


def test_a_baseline_is_restored_with_every_verdict():
    old = state()
    restored = parse(baseline_text(old))
    assert restored.verdicts == old.verdicts == {v.check: v.status for v in VERDICTS}
    assert (restored.species, restored.solver, restored.versions) == (old.species, old.solver, old.versions)
    assert baseline_text(restored) == baseline_text(old)
    assert restored.pools[0].spec == json.loads(json.dumps(old.pools[0].spec))


def test_what_is_restored_differs_by_less_than_a_tenth_of_what_is_allowed():
    tolerance = shipped_tolerance()
    for old, new in zip(
        state().pools[0].neurons, parse(baseline_text(state())).pools[0].neurons, strict=True
    ):
        for name, measurement in old.measurements.items():
            if measurement.value is not None:
                allowed = tolerance.allowed(name, measurement, measurement)
                assert abs(new.measurements[name].value - measurement.value) <= allowed / 10


def test_a_pool_of_20_neurons_takes_less_than_40_kB_and_a_neuron_one_line():
    text = baseline_text(state())
    assert len(text) < 40_000
    moved = baseline_text(state(with_value(RESOLVED, 7, "Rin__MOhm", times(1.05))))
    pairs = list(zip(text.splitlines(), moved.splitlines(), strict=True))
    assert sum(one != other for one, other in pairs) == 1


def test_the_order_in_which_things_come_does_not_matter():
    backwards = tuple(reversed(RESOLVED))
    assert baseline_text(state(backwards, verdicts=VERDICTS[::-1])) == baseline_text(state())


def test_a_comment_in_a_mechanism_is_no_other_specification():
    def spec(text):
        return replace(SPEC, nmodl=(NmodlSource("own/napp.mod", text),))

    plain = "NEURON { SUFFIX napp }\nPARAMETER { g = 1 }\n"
    said = (
        ": mine\nNEURON { SUFFIX napp } ? interface\nCOMMENT\nlong\nENDCOMMENT\nPARAMETER {\n  g = 1 : S\n}\n"
    )
    assert baseline_text(state(spec=spec(plain))) == baseline_text(state(spec=spec(said)))
    assert baseline_text(state(spec=spec(plain))) != baseline_text(state(spec=spec(plain.replace("1", "2"))))
    assert "own/napp.mod" not in baseline_text(state(spec=spec(plain)))


def edited(change):
    content = json.loads(baseline_text(state()))
    change(content)
    return json.dumps(content)


def in_first_neuron(change):
    return lambda content: change(content["pools"][0]["neurons"][0])


NO_BASELINES = {
    "empty": lambda: "",
    "truncated": lambda: baseline_text(state())[:5000],
    "of a newer schema": lambda: baseline_text(state()).replace("baseline-1", "baseline-2"),
    "of an unknown schema": lambda: baseline_text(state()).replace("baseline-1", "baseline-x"),
    "another file": lambda: '{"schema": "mnvalidate-results-3"}',
    "a list": lambda: "[]",
    "deeply nested": lambda: "[" * 100_000,
    "with NaN": lambda: edited(in_first_neuron(lambda n: n["values"].update(Rin__MOhm=[math.nan, 0.1]))),
    "with infinity": lambda: edited(lambda c: None).replace("1.74319", "1e999", 1),
    "with a number of 400 digits": lambda: edited(
        in_first_neuron(lambda n: n["values"].update(Rin__MOhm=[10**400, 0.1]))
    ),
    "with text for a number": lambda: edited(
        in_first_neuron(lambda n: n["values"].update(Rin__MOhm=["1.7", 0.1]))
    ),
    "with true for a number": lambda: edited(in_first_neuron(lambda n: n.update(recruitment_threshold=True))),
    "a neuron twice": lambda: edited(
        lambda c: c["pools"][0]["neurons"].insert(1, c["pools"][0]["neurons"][0])
    ),
    "a neuron too few": lambda: edited(lambda c: c["pools"][0]["neurons"].pop()),
    "without neurons": lambda: edited(lambda c: c["pools"][0].update(neurons=[], n_neurons=10**12)),
    "without pools": lambda: edited(lambda c: c.update(pools=[])),
    "a pool twice": lambda: edited(lambda c: c["pools"].append(c["pools"][0])),
    "a key twice": lambda: baseline_text(state()).replace('"species"', '"widened": {},\n"species"'),
    "with conflicts of a merge": lambda: baseline_text(state()).replace(
        '"pools"', "<<<<<<< HEAD\n=======\n", 1
    ),
    "a verdict that is none": lambda: baseline_text(state()).replace('"warning"', '"worrying"'),
    "widened without a reason": lambda: edited(lambda c: c.update(widened={"Rin__MOhm": {"relative": 1}})),
    "widened by nothing": lambda: edited(lambda c: c.update(widened={"Rin__MOhm": {"reason": "as it is"}})),
    "widened for nothing": lambda: edited(
        lambda c: c.update(widened={"Rin": {"reason": "x", "relative": 1}})
    ),
}


@pytest.mark.parametrize("kind", NO_BASELINES)
def test_what_is_no_baseline_is_refused_in_one_line(tmp_path, kind):
    path = tmp_path / "b.json"
    path.write_text(NO_BASELINES[kind](), encoding="utf-8")
    with pytest.raises(BaselineError) as refused:
        read_baseline(path)
    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)
    assert main(["compare", str(path), str(path)]) == 4


def test_places_that_hold_no_file_are_refused_and_a_missing_file_is_none(tmp_path):
    assert read_baseline(tmp_path / "missing.json") is None
    loop, dangling = tmp_path / "loop.json", tmp_path / "dangling.json"
    loop.symlink_to(loop)
    dangling.symlink_to(tmp_path / "missing.json")
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    os.mkfifo(tmp_path / "pipe")
    for path in (loop, dangling, tmp_path, binary, tmp_path / "pipe"):
        with pytest.raises(BaselineError):
            read_baseline(path)
    for path in (loop, tmp_path, tmp_path / "no folder" / "b.json"):
        with pytest.raises(BaselineError):
            write_baseline(path, state())
    assert not list(tmp_path.glob(".*"))


def test_a_baseline_is_written_where_a_link_points_to(tmp_path):
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    write_baseline(link, state())
    assert link.is_symlink()
    assert read_baseline(target) == read_baseline(link)


# What is a change


def measurement(value, resolution=RESOLUTION, quantity="Rin__MOhm"):
    return Measurement(quantity, "MOhm", MeasurementOutcome.OK, value, resolution)


def test_allowed_is_three_times_the_combined_resolution_or_a_part_of_the_value():
    tolerance = Tolerance(3.0, 1e-4, {"tau__ms": 0.01})
    assert tolerance.allowed("Rin__MOhm", measurement(1.0), measurement(1.0)) == pytest.approx(
        3 * math.sqrt(2) * RESOLUTION
    )
    assert tolerance.allowed("Rin__MOhm", measurement(1.0, 3e-3), measurement(1.0, 4e-3)) == pytest.approx(
        0.015
    )
    assert tolerance.allowed("Rin__MOhm", measurement(-200.0), measurement(-200.0)) == pytest.approx(0.02)
    assert tolerance.allowed("tau__ms", measurement(10.0), measurement(10.0)) == pytest.approx(0.1)
    wide = replace(tolerance, widened={"Rin__MOhm": Widening("it drifts", relative=0.5)})
    assert wide.allowed("Rin__MOhm", measurement(2.0), measurement(2.0)) == 1.0
    narrow = replace(tolerance, widened={"Rin__MOhm": Widening("no effect", absolute=1e-9)})
    assert narrow.allowed("Rin__MOhm", measurement(1.0), measurement(1.0)) > RESOLUTION


@pytest.mark.parametrize(("factor", "kind"), [(0.99, Kind.SAME), (1.01, Kind.MOVED)])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_limit_is_what_is_allowed_on_either_side(factor, kind, sign):
    allowed = shipped_tolerance().allowed("Rin__MOhm", measurement(1.0), measurement(1.0))
    after = measurement(1.0 + sign * factor * allowed)
    assert compare_measurements(("M", 0), measurement(1.0), after, shipped_tolerance()).kind is kind


LIMITS = (1.0, 2.0)


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (1.2, 1.8, Direction.WITHIN),
        (0.5, 0.9, Direction.TOWARDS),
        (0.5, 1.5, Direction.TOWARDS),
        (1.5, 2.5, Direction.AWAY),
        (2.5, 3.5, Direction.AWAY),
        (0.5, 4.0, Direction.AWAY),
    ],
)
def test_a_change_says_where_it_leads_seen_from_the_literature(before, after, direction):
    change = compare_measurements(
        ("M", 0), measurement(before), measurement(after), shipped_tolerance(), LIMITS
    )
    assert change.direction is direction
    bare = compare_measurements(("M", 0), measurement(before), measurement(after), shipped_tolerance())
    assert bare.direction is Direction.NOWHERE


def test_the_same_again_is_no_change():
    again = compared(RESOLVED)
    assert again.changes == again.verdicts == ()
    assert again.compared == N * (1 + len(RESOLVED[0].measurements))
    assert not again.is_changed


CHANGES = {
    "moved": (times(1.02), Kind.MOVED),
    "went": (without(), Kind.WENT),
    "crashed": (without(outcome=MeasurementOutcome.CRASHED), Kind.WENT),
}


@pytest.mark.parametrize("what", CHANGES)
def test_each_kind_of_change_is_found_where_it_is(what):
    change, kind = CHANGES[what]
    (found,) = compared(with_value(RESOLVED, 4, "tau__ms", change)).changes
    assert (found.neuron, found.quantity, found.kind) == (4, "tau__ms", kind)


def test_a_value_that_comes_and_another_outcome_are_changes_and_another_reason_is_none():
    gone = with_value(RESOLVED, 4, "tau__ms", without())
    (came,) = compared(RESOLVED, state(gone)).changes
    assert came.kind is Kind.CAME
    other = with_value(RESOLVED, 4, "tau__ms", without(outcome=MeasurementOutcome.NOT_APPLICABLE))
    (otherwise,) = compared(other, state(gone)).changes
    assert otherwise.kind is Kind.OTHERWISE
    assert not compared(with_value(RESOLVED, 4, "tau__ms", without("for 3 ms")), state(gone)).changes


def test_a_recruitment_threshold_is_compared_too():
    moved = tuple(
        replace(r, recruitment_threshold=r.recruitment_threshold * (1.001 if r.neuron == 3 else 1.0))
        for r in RESOLVED
    )
    (change,) = compared(moved).changes
    assert (change.neuron, change.quantity) == (3, "recruitment_threshold")


def test_a_quantity_that_the_baseline_does_not_have_is_not_compared():
    old = state()
    neurons = tuple(
        replace(n, measurements={k: m for k, m in n.measurements.items() if k != "tau__ms"})
        for n in old.pools[0].neurons
    )
    known = replace(old, pools=(replace(old.pools[0], neurons=neurons),))
    assert not compared(RESOLVED, known).changes
    check = next(c for c in checks_against(known) if c.quantity == "tau__ms")
    verdict = check(RESOLVED)
    assert verdict.conclusion is Conclusion.NOT_JUDGED
    assert "the baseline does not have it" in verdict.message


# What can be compared


OTHERS = {
    "neurons": (state(spec=replace(SPEC, n_neurons=12)), "20 neurons there and 12 here"),
    "model": (state(spec=replace(SPEC, builder="Powers2017")), "it is of NERLab, this run of Powers2017"),
    "builder": (state(spec=replace(SPEC, builder="math:NERLab", label="NERLab")), "is built by"),
    "recruitment": (state(spec=replace(SPEC, recruitment=Recruitment(50.0))), "recruitment"),
    "options": (state(spec=replace(SPEC, options={"gamma": 0.3})), "options"),
    "temperature": (state(spec=replace(SPEC, celsius=37.0)), "at 36 degC there and at 37 degC here"),
    "solver": (state(solver={**SOLVER, "fixed_step__ms": 0.025}), "a fixed step of 0.025 ms (--mn-dt)"),
    "species": (state(species="rat"), "cat literature, this run is by rat literature"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_subject_is_named_and_not_compared(what):
    other, said = OTHERS[what]
    assert said in difference(state(), other)
    assert difference(state(), state()) == ""


def test_the_models_own_temperature_is_the_same_when_it_is_stated():
    assert difference(state(), state(spec=replace(SPEC, celsius=36.0))) == ""


def test_other_versions_and_mechanisms_are_compared_and_told():
    changed = replace(SPEC, insertions=(Insertion("soma", "pas"),))
    now = state(spec=changed, versions={**VERSIONS, "neuron": "9.0.1"})
    assert difference(state(), now) == ""
    told = notes(state(), now)
    assert "neuron 8.2.7 then, 9.0.1 now" in told
    assert any("insertions" in line for line in told)


# The checks


def checks_against(baseline):
    planning = Planning(REFERENCE, "cat", (OUTLINE,), baseline=baseline)
    return [check for check in plan_baseline(planning) if isinstance(check, BaselineCheck)]


def test_there_is_a_check_for_each_number_and_none_without_a_baseline():
    ids = {check.full_id for check in checks_against(state())}
    assert {f"baseline[NERLab-n03-{name}]" for name in (*QUANTITIES, "recruitment_threshold")} <= ids
    assert len(ids) == N * (len(QUANTITIES) + 1)
    assert not checks_against(None)


def test_a_verdict_says_old_new_change_and_what_is_allowed():
    check = next(c for c in checks_against(state()) if (c.neuron, c.quantity) == (3, "Rin_50ms__MOhm"))
    same = check(RESOLVED)
    assert same.conclusion is Conclusion.CONFORMS
    moved = check(with_value(RESOLVED, 3, "Rin_50ms__MOhm", times(1.1)))
    assert moved.failed
    assert "+10 %" in moved.message
    assert "within the literature" in moved.message
    assert "allowed is" in moved.message
    facts = dict(moved.properties)
    assert facts["value"] / facts["baseline"] == pytest.approx(1.1)
    assert facts["change"] == pytest.approx(facts["value"] - facts["baseline"])


def test_a_crash_is_an_accident_and_a_value_that_went_fails():
    check = next(c for c in checks_against(state()) if (c.neuron, c.quantity) == (3, "Rin__MOhm"))
    lost = check(with_value(RESOLVED, 3, "Rin__MOhm", without(outcome=MeasurementOutcome.CRASHED)))
    assert lost.accident
    gone = check(with_value(RESOLVED, 3, "Rin__MOhm", without()))
    assert gone.failed
    assert "has no value now: fires no more" in gone.message
    assert check(RESOLVED[:3]).accident


# Held verdicts, and a whole run


def run_with(records, tmp_path, **changes):
    options = Options(
        (SPEC,), Solver(), None, 1.0, None, "cat", deviations_shipped=False, baseline=tmp_path / "b.json"
    )
    options = replace(options, **changes)
    planned = plan(options)
    return judge(Outcome(planned, (Pool(SPEC, Solver(), records),))), planned


@pytest.fixture
def saved(tmp_path):
    """A baseline of the pool, saved as a run would."""
    judgement, planned = run_with(RESOLVED, tmp_path, save_baseline=tmp_path / "b.json", baseline=None)
    options = planned.options
    saving = gate.save(options, REFERENCE, (Pool(SPEC, Solver(), RESOLVED),), judgement.verdicts, [])
    assert not saving.obstacle
    return tmp_path


def test_a_run_against_its_own_baseline_has_no_news(saved):
    judgement, _ = run_with(RESOLVED, saved)
    assert judgement.since.verdicts == judgement.since.changes == ()
    of_baseline = [v for v in judgement.verdicts if v.family == "baseline"]
    measured = {"recruitment_threshold", *RESOLVED[0].measurements}
    assert {v.quantity for v in of_baseline if v.conclusion is Conclusion.CONFORMS} == measured
    assert not any(v.found for v in of_baseline)


def test_new_warnings_are_told_and_fail_where_that_is_asked_for(saved):
    changed = with_value(RESOLVED, 4, "C__nF", times(6.0))
    judgement, _ = run_with(changed, saved)
    new = judgement.since.new_findings
    assert {change.after for change in new} == {"warning"}
    assert all(not judgement.verdict(change.check).failed for change in new)
    strict, _ = run_with(changed, saved, new_warnings="error")
    assert all(strict.verdict(change.check).failed for change in new)
    assert "new since the baseline" in strict.verdict(new[0].check).message
    old = [v for v in strict.verdicts if v.status == "warning"]
    assert old
    healed, _ = run_with(RESOLVED, saved)
    assert not healed.since.verdicts


def test_what_healed_is_told(saved):
    text = (saved / "b.json").read_text()
    (saved / "b.json").write_text(
        text.replace('trend[NERLab-Ir__nA]": "conforms"', 'trend[NERLab-Ir__nA]": "error"')
    )
    (change,) = run_with(RESOLVED, saved)[0].since.verdicts
    assert change.is_healed
    assert change.check == "trend[NERLab-Ir__nA]"


def test_saving_over_a_baseline_tells_what_changes_and_keeps_what_is_widened(saved):
    path = saved / "b.json"
    widened = '"widened": {"tau__ms":{"absolute":0.5,"reason":"it is noisy here"}}'
    path.write_text(path.read_text().replace('"widened": {}', widened))
    changed = with_value(RESOLVED, 4, "Rin__MOhm", times(1.5))
    judgement, planned = run_with(changed, saved, save_baseline=path)
    assert planned.baseline is None  # what is accepted fails nothing
    saving = gate.save(planned.options, REFERENCE, (Pool(SPEC, Solver(), changed),), judgement.verdicts, [])
    (change,) = saving.change.changes
    assert (change.neuron, change.quantity) == (4, "Rin__MOhm")
    assert '"reason":"it is noisy here"' in path.read_text()
    assert not run_with(changed, saved)[0].since.changes


@pytest.mark.parametrize("what", ["fewer neurons", "an accident", "a selection"])
def test_a_run_that_is_not_whole_saves_nothing_and_says_why(tmp_path, what):
    records = RESOLVED[:5] if what == "fewer neurons" else RESOLVED
    if what == "an accident":
        records = with_value(RESOLVED, 4, "tau__ms", without(outcome=MeasurementOutcome.TIMED_OUT))
    judgement, planned = run_with(RESOLVED, tmp_path, save_baseline=tmp_path / "b.json")
    missing = planned.checks[:3] if what == "a selection" else []
    saving = gate.save(
        planned.options, REFERENCE, (Pool(SPEC, Solver(), records),), judgement.verdicts, missing
    )
    assert saving.obstacle
    assert not (tmp_path / "b.json").exists()


def test_saving_over_what_is_no_baseline_is_refused_before_anything_is_measured(tmp_path):
    (tmp_path / "b.json").write_text("precious")
    with pytest.raises(BaselineError):
        run_with(RESOLVED, tmp_path, save_baseline=tmp_path / "b.json", baseline=None)
    assert (tmp_path / "b.json").read_text() == "precious"


# Reports


@pytest.fixture
def changed_results(tmp_path):
    """Results of a pool in which three neurons are not as they were."""
    results = sample_results(5, "NERLab")
    old = results.pools[0].records
    new = with_value(old, 1, "Rin__MOhm", times(1.5))
    new = with_value(with_value(new, 2, "Rin__MOhm", times(0.5)), 3, "tau__ms", without())
    pool = MeasuredPool("NERLab", {"builder": "NERLab", "n_neurons": 5}, SOLVER, new)

    def as_state(records):
        pools = [("NERLab", pool.spec, records)]
        return state_of(pools, results.verdicts, species="cat", solver=SOLVER, versions=VERSIONS)

    comparison = compare_states(
        "base.json", as_state(old), as_state(new), shipped_tolerance(), literature_limits(REFERENCE, "cat")
    )
    checks = checks_of(old, as_state(old))
    verdicts = (*results.verdicts, *(check(new) for check in checks))
    return replace(results, pools=(pool,), verdicts=verdicts, baseline=comparison)


def checks_of(records, baseline):
    planning = Planning(REFERENCE, "cat", (PoolOutline("NERLab", len(records)),), baseline=baseline)
    return list(plan_baseline(planning))


def test_every_report_has_a_line_for_each_quantity_that_changed(changed_results):
    lines = comparison_lines(changed_results.baseline)
    assert sum("Rin__MOhm" in line for line in lines) == 1
    assert any(line.startswith("  Rin__MOhm +50 %") and "2 neurons changed" in line for line in lines)
    assert any(line.startswith("  tau__ms went") for line in lines)
    page, markdown = html_report(changed_results, ()), markdown_summary(changed_results).replace("\\", "")
    for text in (page, markdown):
        assert "Since the baseline" in text
        assert "+50 %" in text
        assert text.count("base.json") == 1
    terminal = [line.text for line in summary(changed_results, width=200, verbosity=0)]
    assert not any("error in" in line and "baseline" in line for line in terminal)


def test_results_with_a_comparison_survive_json(changed_results, tmp_path):
    (tmp_path / "r.json").write_text(changed_results.to_json())
    assert read_results(tmp_path / "r.json").baseline == changed_results.baseline


def test_results_without_one_are_read_as_before(tmp_path):
    data = json.loads(sample_results(2).to_json())
    del data["baseline"]
    (tmp_path / "r.json").write_text(json.dumps(data))
    assert read_results(tmp_path / "r.json").baseline is None


def test_the_figure_has_the_old_curve_in_grey_and_the_new_one_in_colour(changed_results):
    figure = baseline_figure(changed_results)
    for axes in figure.axes:
        old, new = axes.lines
        assert old.get_label() == "baseline"
        assert old.get_color() != new.get_color()
        assert axes.get_ylabel()
    rin = next(axes for axes in figure.axes if "esistance" in axes.get_ylabel())
    assert list(rin.lines[0].get_ydata()) != list(rin.lines[1].get_ydata())


# The command


def test_baselines_and_results_are_compared_in_any_mix(tmp_path, capsys):
    pool = MeasuredPool("NERLab", SPEC.to_json(), SOLVER, RESOLVED)
    facts = {"species": "cat", "versions": {k: v for k, v in VERSIONS.items() if k != "measuring"}}
    (tmp_path / "r.json").write_text(Results((pool,), tuple(VERDICTS), len(VERDICTS), **facts).to_json())
    write_baseline(tmp_path / "b.json", state())
    write_baseline(tmp_path / "other.json", state(with_value(RESOLVED, 2, "Ir__nA", times(1.1))))
    r, b, other = (str(tmp_path / name) for name in ("r.json", "b.json", "other.json"))
    for old, new in ((r, b), (b, r), (r, r), (b, b)):
        assert main(["compare", old, new]) == 0
    capsys.readouterr()
    markdown = tmp_path / "m.md"
    for old, new in ((b, other), (other, r)):
        assert main(["compare", old, new, "--markdown", str(markdown)]) == 1
        assert "Ir__nA" in capsys.readouterr().out
        assert "Ir\\_\\_nA" in markdown.read_text()


def test_files_that_cannot_be_compared_end_with_4_and_one_line(tmp_path, capsys):
    write_baseline(tmp_path / "b.json", state())
    write_baseline(tmp_path / "dt.json", OTHERS["solver"][0])
    for old, new in (("b.json", "dt.json"), ("b.json", "missing.json"), (".", "b.json")):
        assert main(["compare", str(tmp_path / old), str(tmp_path / new)]) == 4
        assert capsys.readouterr().err.count("\n") == 1


def test_the_floors_are_above_what_was_seen():
    import yaml

    from mnvalidate.datafiles import data_folder

    content = yaml.safe_load((data_folder() / "baseline.yaml").read_text())
    assert set(content["quantities"]) <= {*QUANTITIES, "recruitment_threshold"}
    assert all(entry["relative"] > 2.5 * entry["seen"] for entry in content["quantities"].values())
