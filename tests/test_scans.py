"""Scans: what is varied, what is refused, and what is said of the variants."""

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from report_samples import sample_results

from mnvalidate.families import load_reference
from mnvalidate.models.files import as_model_file, read_model_file
from mnvalidate.models.recruitment import Recruitment
from mnvalidate.models.scans import MOST_NEURONS, MOST_VARIANTS, Scan, read_scan, scanned
from mnvalidate.models.spec import ModelSpec
from mnvalidate.report.figure_choice import MOST_MODELS, drawn_pools
from mnvalidate.report.html import html_report
from mnvalidate.report.markdown import markdown_summary
from mnvalidate.report.models_part import models_lines
from mnvalidate.report.render import render_figure, stems
from mnvalidate.report.results import read_results
from mnvalidate.report.scan import ScanReading, all_tracks, scan_csv, tracks, unmoved
from mnvalidate.report.terminal import summary
from mnvalidate.run.keys import input_key
from mnvalidate.solver import Solver
from mnvalidate.verdicts import Conclusion, Severity

SUITE = ("--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider", "-p", "no:xdist")


def variants(*texts, models=("NERLab",), n=5, **fields):
    return scanned([ModelSpec(model, n, **fields) for model in models], read_scan(texts))


# What is scanned


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("gamma=0,0.1,0.2,0.4", (0, 0.1, 0.2, 0.4)),
        (" gamma = 0.4 , 0 ", (0.4, 0)),
        ("gamma=1:20:5", (1, 5.75, 10.5, 15.25, 20)),
        ("gamma=0:0.3:4", (0, 0.1, 0.2, 0.3)),
        ("gamma=1:-1:3", (1, 0, -1)),
        ("gamma=1e-5,2e-5", (1e-5, 2e-5)),
    ],
)
def test_values_are_read_as_they_are_written(text, values):
    (parameter,) = read_scan([text])
    assert (parameter.key, parameter.values) == ("gamma", values)
    assert [type(value) for value in parameter.values] == [type(value) for value in values]


def test_every_model_has_a_variant_for_every_combination_and_its_name_tells_the_values():
    specs, scan = variants("gamma=0,0.4", "celsius=35,36", "seed=1,2", models=("NERLab", "Powers2017"))
    assert len(specs) == len(scan.variants) == 16
    assert [spec.name for spec in specs] == [variant.model for variant in scan.variants]
    last, variant = specs[-1], scan.variants[-1]
    assert last.name == "Powers2017,gamma=0.4,celsius=36,seed=2"
    assert (last.options, last.celsius, last.seed) == ({"gamma": 0.4}, 36, 2)
    assert (variant.base, variant.values) == ("Powers2017", (0.4, 36, 2))
    assert Scan.from_json(json.loads(json.dumps(asdict(scan)))) == scan


def test_numbers_of_the_recruitment_are_varied_together():
    specs, _ = variants(
        "recruitment.range=10,200", "recruitment.max=0.5,1", recruitment=Recruitment(100.0, "konstantin")
    )
    shapes = [(spec.recruitment.range_ratio, spec.recruitment.max_threshold) for spec in specs]
    assert shapes == [(10, 0.5), (10, 1), (200, 0.5), (200, 1)]
    assert {spec.recruitment.mode for spec in specs} == {"konstantin"}


def test_a_variant_is_to_the_store_what_the_same_model_is_without_a_scan():
    (_, varied), _ = variants("gamma=0,0.3")
    alone = ModelSpec("NERLab", 5, options={"gamma": 0.3})
    assert input_key(varied, 2, Solver()) == input_key(alone, 2, Solver())
    assert input_key(varied, 2, Solver()) != input_key(ModelSpec("NERLab", 5), 2, Solver())


def test_a_variant_that_is_printed_can_be_read_again(tmp_path):
    for spec in variants("gamma=-1e-05,0.3", "celsius=35,36")[0]:
        (tmp_path / "one.yaml").write_text(as_model_file(spec))
        again = read_model_file(tmp_path / "one.yaml", 3).spec
        assert (again.name, again.options, again.celsius) == (spec.name, spec.options, spec.celsius)


# What is refused


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gama=1,2", "NERLab with gama=1: NERLab has no argument 'gama'; the nearest are gamma"),
        ("celcius=20,30", "celsius can be scanned, too"),
        ("sed=1,2", "seed can be scanned, too"),
        ("recruitment.slop=1,2", "there is no key 'recruitment.slop'; the nearest are recruitment.slope"),
        ("recruitment.mode=1,2", "there is no key 'recruitment.mode'"),
        ("recruitment.slope=1,2", "slope is of no use in fuglevand"),
        ("recruitment.range=0.5,100", "recruitment range ratio must be above 1, got 0.5"),
        ("a.b=1,2", "there is no key 'a.b'; there are celsius"),
        ("gamma", "must be KEY=VALUE,VALUE,... or KEY=START:STOP:NUMBER, got 'gamma'"),
        ("gamma=", "must be KEY=VALUE"),
        ("=1,2", "must be KEY=VALUE"),
        ("gamma=,", "gamma: '' is not a finite number"),
        ("gamma=1,,2", "gamma: '' is not a finite number"),
        ("gamma=0.4", "gamma=0.4 is one value: a scan needs two at least"),
        ("gamma=1,1.0", "gamma: 1 is given twice"),
        ("gamma=0,-0.0", "gamma: 0 is given twice"),
        ("gamma=1:1:3", "gamma: 1 is given twice"),
        ("gamma=low,high", "gamma: 'low' is not a finite number"),
        ("mode=active,passive", "mode: 'active' is not a finite number"),
        ("mode=1,2", "mode must be one of active, passive, got 1"),
        ("gamma=1,nan", "gamma: 'nan' is not a finite number"),
        ("gamma=1,1e999", "gamma: '1e999' is not a finite number"),
        ("gamma=[1,2]", "gamma: '[1' is not a finite number"),
        ("gamma=1:2", "or KEY=START:STOP:NUMBER, got 'gamma=1:2'"),
        ("gamma=1:2:3:4", "or KEY=START:STOP:NUMBER"),
        ("gamma=1:2:1", "the number of values must be a whole number of at least 2, got '1'"),
        ("gamma=1:2:2.5", "the number of values must be a whole number of at least 2, got '2.5'"),
        ("gamma=1:2:-3", "the number of values must be a whole number of at least 2"),
        ("gamma=-1e308:1e308:3", "are too far apart"),
        ("gamma=0:1:1000000000000", "variants are more than the 100"),
        ("seed=1.5,2", "seed must be a whole number, got 1.5"),
        ("seed=-1,2", "seed must be a whole number from 0"),
        ("n=3,4", "n is given by --n-neurons"),
        ("soma_L=1,2", "soma_"),
    ],
)
def test_what_cannot_be_scanned_is_refused_in_one_line(text, message):
    with pytest.raises(ValueError, match=r"^--mn-scan: ") as refusal:
        variants(text)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_parameter_is_scanned_once():
    with pytest.raises(ValueError, match="--mn-scan: gamma is given twice"):
        read_scan(["gamma=1,2", "gamma=3,4"])


def test_the_bounds_count_combinations_models_and_neurons():
    ten = [f"{key}=1:10:10" for key in ("gamma", "seed")]
    assert len(variants(*ten)[0]) == MOST_VARIANTS
    with pytest.raises(ValueError, match="--mn-scan: 110 variants are more than the 100"):
        read_scan([ten[0], "seed=1:11:11"])
    with pytest.raises(ValueError, match="--mn-scan: 200 variants are more than the 100"):
        variants(*ten, models=("NERLab", "Powers2017"))
    assert len(variants(*ten, n=MOST_NEURONS // 100)[0]) == 100
    with pytest.raises(ValueError, match="--mn-scan: 100 variants are 10100 neurons, and at most 10000"):
        variants(*ten, n=101)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--mn-scan", "gamma=0,1", "--mn-set", "gamma=2"], "gamma has a value by --mn-set, too"),
        (["--mn-scan", "seed=1,2", "--mn-seed", "3"], "seed has a value by --mn-seed, too"),
        (["--mn-scan", "celsius=30,36", "--mn-celsius", "33"], "celsius has a value by --mn-celsius, too"),
        (["--mn-scan", "celsius=30,300"], "celsius: must be between -1 and 100 degC, got '300'"),
        (
            ["--mn-scan", "recruitment.slope=1,2", "--mn-recruitment", "deluca:slope=3"],
            "recruitment.slope has a value by --mn-recruitment, too",
        ),
        (["--mn-scan", "gamma=0:1:100", "--n-neurons", "1000"], "100 variants are 100000 neurons"),
        (["--mn-scan", "gamma=0:1:100000"], "100000 variants are more than the 100"),
        (["--mn-scan="], "--mn-scan: must not be empty"),
    ],
)
def test_a_scan_that_is_refused_measures_nothing(tmp_path, options, said):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *SUITE,
            "-c",
            "/dev/null",
            f"--mn-report={tmp_path / 'r'}",
            *options,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in done.stderr.splitlines() if line]
    assert said in line
    assert not (tmp_path / "r").exists()


def test_the_scanned_number_of_a_distribution_need_not_be_said_twice(pytester):
    pytester.makeini("[pytest]\nmn_scan = recruitment.slope=1:20:3\nmn_recruitment = deluca\n")
    result = pytester.runpytest_subprocess(*SUITE, "--collect-only", "-q", "--n-neurons", "1", "-k", "Ir__nA")
    result.stdout.fnmatch_lines(["*::test_range[[]NERLab,recruitment.slope=10.5-n00-Ir__nA]"])


# What is said


def scan_results(deviating=(), flat=False):
    """A scan of two parameters over two models; a verdict warns at the values of `a` in `deviating`."""
    texts = ("a=1,2,3", "b=10,20")
    pools, verdicts, planned, made = [], [], {}, []
    for base in ("one", "other"):
        for a in (1, 2, 3):
            for b in (10, 20):
                name = f"{base},a={a},b={b}"
                sample = sample_results(5, name)
                records = sample.records if flat else _scaled(sample.records, a)
                pools.append(replace(sample.pools[0], records=records))
                own = [
                    replace(v, conclusion=Conclusion.DEVIATES, severity=Severity.WARNING)
                    if a in deviating and v.check == f"range[{name}-n02-tau__ms]"
                    else v
                    for v in sample.verdicts
                ]
                verdicts += own
                planned |= sample.planned
                made.append((name, base, (a, b)))
    scan = Scan.from_json(
        {
            "parameters": [{"key": "a", "values": [1, 2, 3]}, {"key": "b", "values": [10, 20]}],
            "variants": [{"model": m, "base": base, "values": values} for m, base, values in made],
        }
    )
    assert scan.parameters == read_scan(texts)
    first = sample_results(5)
    return replace(
        first,
        pools=tuple(pools),
        verdicts=tuple(verdicts),
        expected=len(verdicts),
        planned=planned,
        scan=scan,
    )


def _scaled(records, factor):
    return tuple(
        replace(
            record,
            results=tuple(
                replace(
                    result,
                    measurements=tuple(
                        m if m.value is None else replace(m, value=factor * m.value)
                        for m in result.measurements
                    ),
                )
                for result in record.results
            ),
        )
        for record in records
    )


@pytest.fixture(scope="module")
def results():
    return scan_results(deviating=(3,))


def test_a_track_varies_one_parameter_and_keeps_the_others(results):
    found = tracks(results.scan, 0)
    assert [track.name for track in found] == ["one,b=10", "one,b=20", "other,b=10", "other,b=20"]
    assert {track.values for track in found} == {(1, 2, 3)}
    assert len(all_tracks(results.scan)) == 4 + 6


def test_verdicts_flip_between_the_values_where_they_change_and_nowhere_else(results):
    reading = ScanReading(results)
    flips = [flip for track in all_tracks(results.scan) for flip in reading.flips(track)]
    assert len(flips) == 4
    assert {(f.kind, f.below, f.above, f.before, f.after) for f in flips} == {
        ("range tau__ms", 2, 3, "conforms", "warning")
    }
    assert all(flip.is_notable and flip.track.key == "a" for flip in flips)


def test_values_that_were_given_in_another_order_flip_in_the_order_of_the_values(results):
    turned = replace(results, scan=replace(results.scan, variants=results.scan.variants[::-1]))
    reading = ScanReading(turned)
    flips = [flip for track in tracks(turned.scan, 0) for flip in reading.flips(track)]
    assert {(f.below, f.above, f.before, f.after) for f in flips} == {(2, 3, "conforms", "warning")}


def test_a_parameter_that_moves_nothing_is_named(results):
    assert [line.partition(":")[0] for line in unmoved(ScanReading(results))] == [
        "no quantity of one moves with b",
        "no quantity of other moves with b",
    ]
    assert len(unmoved(ScanReading(scan_results(flat=True)))) == 4


def test_the_table_has_a_row_for_each_quantity_of_each_variant(results):
    reading = ScanReading(results)
    rows = list(csv.DictReader(io.StringIO(scan_csv(results, reading))))
    assert len(rows) == 12 * len(reading.quantities)
    (row,) = [r for r in rows if r["variant"] == "one,a=3,b=20" and r["quantity"] == "tau__ms"]
    assert (row["model"], row["a"], row["b"], row["unit"], row["neurons"]) == ("one", "3", "20", "ms", "5")
    assert (row["status"], int(row["warnings"])) == ("warning", 1 + _warnings_of(results, "one,a=1,b=20"))
    assert [float(row[name]) for name in ("median", "lowest", "highest")] == pytest.approx([22.5, 12.0, 33.0])


def _warnings_of(results, model):
    return results.counts_by_quantity(model)["tau__ms"].warnings


def test_every_report_says_where_verdicts_flip(results):
    said = "\n".join(models_lines(results))
    assert "scan of a = 1, 2, 3; b = 10, 20:" in said
    assert "one,b=10, between a 2 and 3, conforms -> warning: range tau__ms" in said
    page, markdown = html_report(results, ()), markdown_summary(results).replace("\\", "")
    for text in (page, markdown):
        assert "a 2 and 3" in text
        assert "no quantity of one moves with b" in text


def test_a_median_of_some_neurons_says_of_how_many(results):
    first = results.pools[0]
    lost = replace(first.records[0], results=())
    fewer = replace(results, pools=(replace(first, records=(lost, *first.records[1:])), *results.pools[1:]))
    cell = ScanReading(fewer).cell(fewer.scan.variants[0], "tau__ms")
    assert cell.value == "6.625 (4/5)"
    assert "6.625 (4/5)" in html_report(fewer, ())
    assert "hollow" in render_figure("scan_a", fewer, load_reference())["scan_a.svg"].decode()
    assert "hollow" not in render_figure("scan_a", results, load_reference())["scan_a.svg"].decode()


def test_the_terminal_stays_within_its_width_and_says_a_line_for_each_variant(results):
    lines = [line.text for line in summary(results, width=80, verbosity=0)]
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith("  one,a=") and "warnings" in line for line in lines) == 6
    assert len(lines) < 40


def test_a_scan_survives_its_file(results, tmp_path):
    (tmp_path / "r.json").write_text(results.to_json())
    assert read_results(tmp_path / "r.json") == results


def test_there_is_a_figure_for_each_parameter_with_every_quantity(results):
    assert stems(results)[:2] == ["scan_a", "scan_b"]
    drawn = render_figure("scan_a", results, load_reference())
    assert set(drawn) == {"scan_a.svg", "scan_a.png"}
    text = drawn["scan_a.svg"].decode()
    assert "a verdict flips between two values" in text
    assert "Membrane time constant" in text
    assert "a verdict flips" not in render_figure("scan_b", results, load_reference())["scan_b.svg"].decode()


def test_figures_of_neurons_show_as_many_models_as_can_be_told_apart(results):
    shown = drawn_pools(results)
    assert len(shown) == MOST_MODELS
    assert (shown[0], shown[-1]) == (results.pools[0], results.pools[-1])
    assert len({pool.model for pool in shown}) == MOST_MODELS
    assert "6 of 12 models are left out" in html_report(results, ())


# A whole run


BALL = """
from neuron import h


def ball(spec, neuron, leak=1e-3):
    soma = h.Section(name="soma")
    soma.L = soma.diam = 30
    soma.insert("pas")
    soma.g_pas = leak
    return soma
"""


def test_a_scan_of_a_factory_is_measured_judged_and_reported(pytester):
    pytester.makepyfile(cells=BALL)
    options = ("--mn-model", "cells:ball", "--n-neurons", "1", "--mn-scan", "leak=1e-3,2e-3")
    result = pytester.runpytest_subprocess(*SUITE, *options)
    assert result.ret == pytest.ExitCode.TESTS_FAILED  # a sphere is no motoneuron
    first = next(line for line in result.outlines if line.startswith("mnvalidate: "))
    assert "scan of leak = 0.001, 0.002 in ball: 2 neurons to be measured, 2 variants of 1" in first
    result.stdout.fnmatch_lines(["scan of leak = 0.001, 0.002:", "  ball,leak=0.001 FAILED: *"])
    folder = pytester.path / "results"
    rows = list(csv.DictReader(io.StringIO((folder / "scan.csv").read_text())))
    low, high = (float(r["median"]) for r in rows if r["quantity"] == "Rin__MOhm")
    assert low == pytest.approx(2 * high, rel=1e-3)
    assert (folder / "scan_leak.png").stat().st_size > 10_000
    more = (*options[:-1], "leak=1e-3,2e-3,3e-3", "--mn-report=none", "-k", "Rin_50ms__MOhm")
    again = pytester.runpytest_subprocess(*SUITE, *more)
    again.stdout.fnmatch_lines(["cached: 2 of 3 neurons"])


def test_the_documentation_states_the_bounds():
    text = (Path(__file__).parents[1] / "docs" / "comparison.md").read_text(encoding="utf-8")
    assert re.search(rf"At most {MOST_VARIANTS} variants and {MOST_NEURONS} neurons", text)
