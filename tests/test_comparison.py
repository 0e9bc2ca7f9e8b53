"""Models side by side: differences along recruitment, and what reports say of them."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import HOSTILE, sample_results
from synthetic_pools import records

from mnvalidate.checks.pool_comparison import Matching, compare_along_recruitment, interpolated
from mnvalidate.families import load_reference
from mnvalidate.records import MeasurementOutcome
from mnvalidate.report.comparison import comparison_csv, comparisons, standings
from mnvalidate.report.html import html_report
from mnvalidate.report.markdown import markdown_summary
from mnvalidate.report.models_part import models_lines, models_part
from mnvalidate.report.render import FIGURES, render_figure
from mnvalidate.report.terminal import summary
from mnvalidate.verdicts import Conclusion, Severity

SUITE = ("--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider", "-p", "no:xdist")
ROOT = Path(__file__).parents[1]


def compared(reference, other, quantity="tau__ms"):
    """The difference of two pools in one quantity, given its values along recruitment."""
    pools = {
        "reference": records({quantity: np.array(reference, float)}, "reference"),
        "other": records({quantity: np.array(other, float)}, "other"),
    }
    (row,) = compare_along_recruitment(pools).quantities
    (difference,) = row.differences
    return difference


# Along recruitment


def test_pools_of_one_size_are_compared_rank_by_rank():
    found = compared([10, 20, 30, 40], [11, 20, 33, 10])
    assert (found.matching, found.ranks, found.pairs) == (Matching.RANK, 4, 4)
    assert found.median == pytest.approx(0.5)
    assert found.median_relative == pytest.approx(0.05)
    assert (found.largest.value, found.largest.rank) == (-30, 4)
    assert (found.largest_relative.value, found.largest_relative.rank) == (-0.75, 4)


def test_the_largest_difference_in_the_unit_may_be_at_another_rank_than_that_in_per_cent():
    found = compared([1, 100], [2, 110])
    assert (found.largest.value, found.largest.rank) == (10, 2)
    assert (found.largest_relative.value, found.largest_relative.rank) == (1, 1)


def test_ranks_are_those_of_thresholds_and_not_of_indices():
    one = records({"tau__ms": np.array([1.0, 2.0, 3.0])}, "one")
    other = records({"tau__ms": np.array([3.0, 2.0, 1.0])}, "other")
    turned = [replace(r, recruitment_threshold=1 - r.recruitment_threshold) for r in other]
    (row,) = compare_along_recruitment({"one": one, "other": turned}).quantities
    assert row.differences[0].largest.value == 0


def test_the_larger_pool_is_interpolated_at_the_ranks_of_the_smaller_whichever_is_the_reference():
    small, large = [0, 10, 20], [0, 5, 10, 15, 20]
    for one, other in ((small, large), (large, small)):
        found = compared(one, other)
        assert (found.matching, found.ranks, found.pairs) == (Matching.INTERPOLATED, 3, 3)
        assert found.largest.value == pytest.approx(0)
    assert compared([0, 1], [0, 4, 8, 7]).largest.value == 6


def test_nothing_is_interpolated_across_a_neuron_without_a_value():
    found = compared([1, 2, 3, 4], [1, np.nan, 3])
    assert (found.ranks, found.pairs) == (3, 2)
    assert interpolated([1.0, None, 3.0], 0.25) is None
    assert interpolated([1.0, None, 3.0], 0.5) is None
    assert interpolated([1.0, None, 3.0], 1.0) == 3.0


@given(small=st.integers(2, 30), large=st.integers(2, 200))
@settings(max_examples=50, deadline=None)
def test_a_line_is_a_line_in_a_pool_of_any_size(small, large):
    one, other = np.linspace(5, 9, small), np.linspace(5, 9, large)
    found = compared(one, other)
    assert found.pairs == min(small, large)
    assert found.largest.value == pytest.approx(0, abs=1e-12)


def test_neurons_without_a_value_are_no_pairs_and_no_differences():
    found = compared([1, np.nan, 3], [2, 2, np.nan])
    assert (found.ranks, found.pairs, found.median) == (3, 1, 1)
    nothing = compared([1, np.nan], [np.nan, 2])
    assert (nothing.pairs, nothing.median, nothing.largest, nothing.median_relative) == (0, None, None, None)


def test_a_pool_of_one_neuron_has_no_order_to_be_compared_along():
    assert compared([1], [1, 2]).matching is Matching.ONE_NEURON
    assert compared([1], [3]).largest.value == 2  # two pools of one neuron are of one size


def test_there_is_no_percentage_of_nothing():
    found = compared([0, 0], [1, 2])
    assert (found.median, found.median_relative, found.largest_relative) == (1.5, None, None)
    assert compared([0, 2], [1, 3]).median_relative == 0.5


def test_a_potential_has_differences_but_no_percentage_and_none_between_voltage_frames():
    found = compared([-70, -60], [-63, -60], "vhold_soma__mV")
    assert (found.largest.value, found.median_relative, found.largest_relative) == (7, None, None)
    absolute = records({"vhold_soma__mV": np.array([-70.0, -70.0])}, "one")
    relative = records({"vhold_soma__mV": np.array([0.0, 0.0])}, "other", "relative")
    (row,) = compare_along_recruitment({"one": absolute, "other": relative}).quantities
    assert row.differences[0].matching is Matching.VOLTAGE_FRAMES
    assert row.differences[0].median is None


def test_the_first_of_three_models_is_the_reference_of_both_others():
    pools = {name: records({"tau__ms": np.array([x, x])}, name) for name, x in (("a", 1), ("b", 2), ("c", 4))}
    comparison = compare_along_recruitment(pools)
    assert (comparison.reference, comparison.models) == ("a", ("a", "b", "c"))
    assert [d.median for d in comparison.quantities[0].differences] == [1, 3]
    assert [pool.median for pool in comparison.quantities[0].pools] == [1, 2, 4]


# In reports


def side_by_side(*names, failing=()):
    """A run with several pools of different sizes; some fail."""
    samples = [sample_results(5 + i, name) for i, name in enumerate(names)]
    verdicts = [
        replace(v, conclusion=Conclusion.DEVIATES, severity=Severity.ERROR, excused="")
        if v.subject.name in failing and v.family == "range" and v.quantity == "tau__ms"
        else replace(v, severity=Severity.WARNING, accident=False)
        for sample in samples
        for v in sample.verdicts
    ]
    return replace(
        samples[0],
        pools=tuple(pool for sample in samples for pool in sample.pools),
        verdicts=tuple(verdicts),
        expected=len(verdicts),
        planned={name: count for sample in samples for name, count in sample.planned.items()},
    )


@pytest.fixture(scope="module")
def results():
    return side_by_side("original", "port", failing=("port",))


def test_every_model_has_a_verdict_of_its_own(results):
    found = {standing.model: standing for standing in standings(results)}
    assert (found["original"].verdict, found["port"].verdict) == ("passed", "FAILED")
    assert (found["original"].counts.errors, found["port"].counts.errors) == (0, 6)
    unasked = replace(results, verdicts=results.of_model("port"))
    assert [standing.verdict for standing in standings(unasked)] == ["not judged", "FAILED"]


def test_a_model_whose_process_ended_has_failed(results):
    pool = results.pools[0]
    lost = pool.records[1]
    protocol = lost.results[0]
    crashed = replace(
        protocol.measurements[0], outcome=MeasurementOutcome.CRASHED, value=None, reason="ended"
    )
    broken = replace(lost, results=(replace(protocol, measurements=(crashed,)), *lost.results[1:]))
    with_loss = replace(pool, records=(pool.records[0], broken, *pool.records[2:]))
    assert standings(replace(results, pools=(with_loss,)))[0].verdict == "FAILED"


def test_the_table_has_a_row_for_each_quantity_of_each_model(results):
    (comparison,) = comparisons(results)
    rows = list(csv.DictReader(io.StringIO(comparison_csv(results, [comparison]))))
    assert len(rows) == 2 * len(comparison.quantities)
    first, second = (row for row in rows if row["quantity"] == "tau__ms")
    assert (first["model"], first["reference"], first["median_difference"]) == ("original", "", "")
    assert (second["model"], second["reference"], second["matching"]) == (
        "port",
        "original",
        "interpolated rank",
    )
    assert (second["neurons"], second["errors"], second["ranks"], second["pairs"]) == ("6", "6", "5", "5")
    # tau falls linearly along both pools.
    assert float(second["largest_difference"]) == pytest.approx(0, abs=1e-12)


def test_page_markdown_and_terminal_show_models_side_by_side(results):
    page, markdown = html_report(results, ()), markdown_summary(results).replace("\\", "")
    assert "Models side by side" in page
    assert "port beside original" in page
    assert "| port | FAILED | 6 |" in markdown
    lines = [line.text for line in summary(results, width=80, verbosity=0)]
    place = lines.index("models side by side:")
    assert re.fullmatch(r"  original passed: 0 errors, \d+ warnings, 0 excused", lines[place + 1])
    assert re.fullmatch(r"  port     FAILED: 6 errors, \d+ warnings, 0 excused", lines[place + 2])
    assert max(map(len, lines)) <= 80
    assert len(models_lines(results)) <= 4


def test_one_model_is_beside_none():
    results = sample_results(5)
    assert comparisons(results) == []
    assert models_part(results) is None
    assert models_lines(results) == []
    assert 'id="models"' not in html_report(results, ())


def test_names_do_no_harm(tmp_path):
    results = side_by_side("original", HOSTILE[:200])
    page = html_report(results, ())
    assert "<script>alert" not in page
    rows = list(csv.reader(io.StringIO(comparison_csv(results, comparisons(results)))))
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert "<script>" not in markdown_summary(results)


@pytest.mark.parametrize("stem", [stem for stem in FIGURES if stem != "baseline"])
def test_every_figure_overlays_the_models(results, stem):
    text = render_figure(stem, results, load_reference())[f"{stem}.svg"].decode()
    assert "original" in text
    assert "port" in text


# The page on it


def test_the_port_of_the_documentation_differs_from_its_original_by_its_leak(pytester):
    page = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.S | re.M)
    (command,) = re.findall(r"^pytest .*port:port$", page, re.M)
    pytester.makepyfile(port=code)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist", *command.split()[1:])
    result.stdout.fnmatch_lines(["models side by side:", "  original FAILED*", "  port     FAILED*"])
    with (pytester.path / "results" / "comparison.csv").open() as file:
        rows = {row["quantity"]: row for row in csv.DictReader(file) if row["model"] == "port"}
    for quantity in ("Rin__MOhm", "tau__ms"):
        assert float(rows[quantity]["median_difference_percent"]) == pytest.approx(-16.7, abs=0.1)
        assert float(rows[quantity]["largest_difference_percent"]) == pytest.approx(-16.7, abs=0.1)
        assert (rows[quantity]["matching"], rows[quantity]["pairs"]) == ("rank", "2")
    assert float(rows["C__nF"]["largest_difference_percent"]) == pytest.approx(0, abs=0.5)
