"""Reports: what they say, that they do no harm, and that they come whole or not at all."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from processes import descendants, wait_until
from report_samples import HOSTILE, mechanism_verdict, mechanisms_only, sample_results, with_mechanisms

from mnvalidate.cli import main
from mnvalidate.families import load_reference
from mnvalidate.mechanisms.questions import QUESTIONS_BY_NAME
from mnvalidate.report import figures, html, render, write
from mnvalidate.report.artist import Artist
from mnvalidate.report.files import staged
from mnvalidate.report.html import html_report
from mnvalidate.report.markdown import markdown_summary
from mnvalidate.report.mechanisms import mechanism_lines
from mnvalidate.report.results import Counts, ResultsError, read_results
from mnvalidate.report.style import DEVIATING
from mnvalidate.report.terminal import summary
from mnvalidate.table import measurement_csv, parameter_csv, text_cell
from mnvalidate.verdicts import Conclusion, Severity, Subject, SubjectKind, Verdict


@pytest.fixture(scope="module")
def reference():
    return load_reference()


@pytest.fixture(scope="module")
def results():
    return with_mechanisms(sample_results(5))


@pytest.fixture(scope="module")
def hostile():
    return with_mechanisms(sample_results(2, name=HOSTILE), name=HOSTILE, text=HOSTILE)


def every_figure(results, reference):
    return render.render(results, reference) | render.render_mechanisms(results)


# What can be read back


def test_results_come_back_exactly_as_they_were(results, tmp_path):
    (tmp_path / "r.json").write_text(results.to_json())
    assert read_results(tmp_path / "r.json") == results


def test_a_report_is_rebuilt_from_its_json_without_simulating(results, reference, tmp_path, capsys):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    write.write_report(first, results, lambda: every_figure(results, reference))
    assert main(["report", str(first / "mnvalidate.json"), "--output", str(second)]) == 0
    assert "deviating" in capsys.readouterr().out
    for name in ("neuron_parameters.csv", "measurements.csv", "summary.md", "report.html", "mnvalidate.json"):
        assert (second / name).read_bytes() == (first / name).read_bytes()
    assert {p.name for p in second.iterdir()} == {p.name for p in first.iterdir()}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is not of type 'object'"),
        ('{"schema": "mnvalidate-results-0"}', "is not in the format mnvalidate-results-3"),
    ],
)
def test_what_is_not_a_report_is_refused_in_one_line(content, said, tmp_path, capsys):
    (tmp_path / "r.json").write_text(content)
    with pytest.raises(ResultsError, match=said):
        read_results(tmp_path / "r.json")
    assert main(["report", str(tmp_path / "r.json")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


# Tables


def test_the_long_table_has_a_row_for_every_measurement(results):
    rows = list(csv.DictReader(io.StringIO(measurement_csv(results.records))))
    assert len(rows) == sum(len(record.measurements) for record in results.records)
    missing = [row for row in rows if row["outcome"] != "ok"]
    assert missing
    assert all(row["reason"] and not row["value"] for row in missing)
    assert all(json.loads(row["settings"]) is not None for row in rows)


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@x", "\t=cmd()", " =cmd()", "\r=1"])
def test_text_cannot_start_a_formula(text):
    assert text_cell(text).startswith("'")


def test_hostile_text_stays_in_its_cell(hostile):
    for table in (parameter_csv(hostile.records), measurement_csv(hostile.records)):
        for row in csv.reader(io.StringIO(table)):
            for cell in row:
                assert not re.match(r"[=+@\t\r]", cell)
                assert cell.isprintable()


# Text


def test_markdown_lists_errors_first_and_links_sources(results):
    text = markdown_summary(results)
    assert "FAILED" in text.splitlines()[0]
    pools = text.partition("with and without the change")[0]
    statuses = re.findall(r"^\| (error|warning) \|", pools, flags=re.M)
    assert statuses == sorted(statuses)
    assert "](https://doi.org/10." in text


def test_markdown_has_one_row_for_neurons_that_deviate_alike(results):
    ranges = [v for v in results.verdicts if v.family == "range"]
    alike = [
        replace(v, conclusion=Conclusion.DEVIATES, value=v.upper + 1 + v.subject.neuron)
        for v in ranges
        if v.upper
    ]
    text = markdown_summary(replace(results, verdicts=tuple(alike)))
    alike = [v for v in alike if v.severity is not Severity.INFO]
    found = re.findall(r"^\| (?:error|warning) \| .* in (\d+) of \d+ neurons", text, flags=re.M)
    kinds = {(v.subject.name, v.quantity, v.severity) for v in alike}
    assert len(found) == len(kinds) < len(alike)
    assert sum(int(neurons) for neurons in found) == len(alike)
    for verdict in alike:
        worst = max(v.value for v in alike if v.quantity == verdict.quantity)
        assert f"to {worst:.4g} {verdict.unit}".removesuffix(" 1") in text.replace("\\", "")


def test_page_and_summary_show_the_counts_of_each_quantity(results):
    page, text = html_report(results, ()), markdown_summary(results).replace("\\", "")
    for pool in results.pools:
        for quantity, counts in results.counts_by_quantity(pool.model).items():
            numbers = [str(count) for count in astuple(counts)]
            assert f"| {quantity} | {' | '.join(numbers)} |" in text
            cells = "".join(f'<td class="num">{number}</td>' for number in numbers)
            assert f'<tr><th scope="row">{quantity}</th>{cells}</tr>' in page


def test_hostile_text_is_no_markup_in_markdown(hostile):
    text = markdown_summary(hostile)
    assert not re.search(r"(?<!\\)<script", text)
    assert max(map(len, text.splitlines())) < 2000


@pytest.mark.parametrize("verbosity", [-1, 0, 1])
def test_terminal_fits_its_width(results, verbosity):
    assert all(len(line.text) <= 80 for line in summary(results, width=80, verbosity=verbosity))


def test_terminal_puts_errors_before_counts_and_the_worst_families_first(results):
    lines = [line.text for line in summary(results, width=80, verbosity=0)]
    (heading,) = [i for i, line in enumerate(lines) if line.startswith("  family")]
    errors = [i for i, line in enumerate(lines) if line.startswith("  error")]
    assert errors
    assert max(errors) < heading
    rows = re.findall(r"^  [a-z ]+? +\d+ +\d+ +(\d+) +(\d+)", "\n".join(lines[heading + 1 :]), flags=re.M)
    ranks = [(int(errors) == 0, int(errors) == int(warnings) == 0) for errors, warnings in rows]
    assert len(ranks) >= 8
    assert ranks == sorted(ranks)


def test_a_verbose_terminal_lists_every_kind_of_check(results):
    text = "\n".join(line.text for line in summary(results, width=80, verbosity=1))
    assert re.search(r"^  trend \(rho\) +seen +limits$", text, flags=re.M)
    assert re.search(r"^  Ir__nA +[+-]\d\.\d{3} +>= -?\d\.\d+$", text, flags=re.M)
    assert re.search(r"^  Rin_50ms__MOhm +[\d.]+ to [\d.]+ +0\.\d+ to [\d.]+ +\d/5", text, flags=re.M)


def test_terminal_heeds_verbosity(results):
    quiet, plain, verbose = (summary(results, width=80, verbosity=v) for v in (-1, 0, 1))
    assert len(quiet) < len(plain) < len(verbose)
    assert any("errors" in line.text for line in quiet)


def test_counts_add_up_and_are_kept_for_each_quantity(results):
    subject = Subject(SubjectKind.POOL, "sample", "sample")
    one = Verdict("a", "trend", subject, "q", Conclusion.CONFORMS, Severity.ERROR, "")
    out = replace(one, check="b", conclusion=Conclusion.DEVIATES)
    verdicts = (
        one,
        out,
        replace(out, check="c", severity=Severity.WARNING),
        replace(out, check="d", excused="known"),
        replace(out, check="e", conclusion=Conclusion.NOT_MEASURED),
        replace(out, check="f", conclusion=Conclusion.NOT_JUDGED),
        replace(one, quantity="other"),
    )
    planned = {"sample": {"q": 8, "other": 1, "deselected": 2}}
    some = replace(results, verdicts=verdicts, expected=11, planned=planned)
    counts = some.counts_by_quantity("sample")
    assert list(counts) == ["q", "other", "deselected"]
    assert counts["q"] == Counts(8, run=6, measured=5, judged=4, deviating=3, excused=1, errors=2, warnings=1)
    assert (counts["deselected"].expected, counts["deselected"].run) == (2, 0)
    assert (some.counts.expected, some.counts.run, some.counts.judged) == (11, 7, 5)
    lines = [line.text for line in summary(some, width=80, verbosity=1)]
    assert "  checks of                    expected      run measured   judged  excused" in lines
    assert "  q                                   8        6        5        4        1" in lines
    assert not any("checks of" in line.text for line in summary(some, width=80, verbosity=0))


def test_hostile_text_is_short_and_printable_on_a_terminal(hostile):
    lines = summary(hostile, width=80, verbosity=0)
    assert all(line.text.isprintable() and len(line.text) <= 80 for line in lines)
    assert len(lines) < 150


# Figures


@pytest.mark.parametrize("n", [1, 5, 20, 1000])
def test_every_neuron_is_in_the_figure_and_in_view(n, reference):
    results = sample_results(n)
    figure = figures.parameters_figure(results)
    drawn = ("Ir__nA", "Rin_50ms__MOhm", "AHPdur_5pct__ms", "FI_primary_gain__Hz_per_nA")
    for axes, name in zip(figure.axes, drawn, strict=True):
        (line,) = [line for line in axes.lines if line.get_label() == "sample"]
        assert list(line.get_xdata()) == [r.neuron for r in results.records]
        assert list(line.get_ydata()) == [r.value(name) for r in results.records]
        low, high = axes.get_ylim()
        assert all(low < value < high for value in line.get_ydata())
        left, right = axes.get_xlim()
        assert left < 0
        assert right > n - 1
        assert all(tick == int(tick) for tick in axes.get_xticks())


def test_deviating_neurons_are_ringed(results):
    axes = figures.parameters_figure(results).axes[1]
    (ring,) = [line for line in axes.lines if line.get_label() == DEVIATING]
    outside = {
        (v.subject.neuron, v.value)
        for v in results.verdicts
        if v.family in ("range", "type_range")
        and v.quantity == "Rin_50ms__MOhm"
        and v.conclusion == "deviates"
    }
    assert outside
    assert set(zip(ring.get_xdata(), ring.get_ydata(), strict=True)) == outside


def test_every_axis_says_what_it_is_and_in_which_unit(results, reference):
    for draw in render.FIGURES.values():
        figure = draw(results, reference)
        for axes in figure.axes:
            if axes.get_label() == "<colorbar>":
                continue
            assert axes.get_ylabel()
            assert "(" in axes.get_ylabel() or "ratio" in axes.get_ylabel()


def test_models_are_told_apart_by_colour_marker_and_line(reference):
    one, two = sample_results(5, name="one"), sample_results(5, name="two")
    both = replace(one, pools=one.pools + two.pools, verdicts=one.verdicts + two.verdicts)
    axes = figures.parameters_figure(both).axes[0]
    first, second = (line for line in axes.lines if line.get_label() in ("one", "two"))
    assert first.get_color() != second.get_color()
    assert first.get_marker() != second.get_marker()
    assert first.get_linestyle() != second.get_linestyle()


def test_figures_leave_the_hosts_settings_alone(results, reference):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    render.svg(figures.parameters_figure(results))
    assert dict(mpl.rcParams) == before


# The page


def test_the_page_loads_nothing(results):
    page = html_report(results, ())
    without_plotly = re.sub(r'<script type="text/plain" id="plotly">.*?</script>', "", page, flags=re.S)
    assert not re.search(r"""(src|href)=["'](?!data:|#|https://doi\.org/)""", without_plotly)
    assert "@import" not in without_plotly
    assert "default-src 'none'" in page


def test_hostile_text_is_no_markup_in_the_page(hostile):
    page = html_report(hostile, ())
    assert "<script>alert" not in page
    n_mechanisms = len({verdict.subject.name for verdict in hostile.of_mechanisms})
    assert page.count('<script type="application/json"') == len(hostile.records) + n_mechanisms


def test_plotly_is_inlined_once(results):
    page = html_report(results, ())
    assert page.count("plotly.js v") == 1


def test_a_large_page_stays_small():
    assert len(html_report(sample_results(300), ())) < 12e6


def test_a_page_with_too_many_points_shows_fewer_of_each_curve_and_its_peak(monkeypatch):
    results = sample_results(3)
    monkeypatch.setattr(html, "_MOST_POINTS", 600)
    (whole,), (spike, *_) = figures_of(sample_results(1)), figures_of(results)
    assert len(spike["x"]) < len(whole["x"]) == 200
    assert max(spike["y"]) == pytest.approx(max(whole["y"]), abs=0.5)
    assert spike["x"] == sorted(spike["x"])


def figures_of(results):
    """Curves of the spikes in the page."""
    data = re.findall(
        r'<script type="application/json" id="neuron-[^"]*">(.*?)</script>',
        html_report(results, ()),
        flags=re.S,
    )
    return [json.loads(text)["drawings"][0]["curves"][0] for text in data]


# Mechanisms


def text_of(page):
    """What a reader sees of a page, without the data for its plots."""
    shown = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]*>", " ", shown).split())


def test_the_page_says_of_each_check_how_it_ended_and_what_to_do(results):
    text = text_of(html_report(results, ()))
    sound = len(QUESTIONS_BY_NAME) - 5
    assert f"channel error 2 errors, 1 warning, 1 known warning, {sound} sound, 1 not applicable" in text
    assert "reversal error Does each ionic current reverse" in text
    assert "What to do: Mend it." in text
    assert "Known: as it should be" in text
    assert "pointers not applicable" in text
    whole = f"sound channel sound {len(QUESTIONS_BY_NAME)} sound"
    assert text.index("1 known warning") < text.index(whole)
    assert "Known deviations: as it should be no longer deviates" in text


def test_the_page_shows_what_a_change_does_worst_first(results):
    page = html_report(results, ())
    section = text_of(re.search(r'<section id="changes">.*?</section>', page, flags=re.S)[0])
    assert section.index("AP__mV appears 0 - 80 mV") < section.index("Rin__MOhm -50 % 0 2 MOhm 1 MOhm")
    assert "4 -30 %" in section
    assert "tau__ms" not in section
    assert "range[channel inserted in soma] conforms deviates" in section


def test_curves_leave_gaps_where_there_is_no_value(results):
    page = html_report(results, ())
    data = json.loads(
        re.search(r'<script type="application/json" id="mechanism-0">(.*?)</script>', page, flags=re.S)[1]
    )
    steady, tau, family = data["drawings"]
    (curve,) = steady["curves"]
    assert [x for x, y in zip(curve["x"], curve["y"], strict=True) if y is None] == [0]
    assert tau["logarithmic"] == "yaxis"
    assert [c["label"] for c in family["curves"]][::4] == ["-80 mV", "0 mV", "80 mV"]
    assert family["title"].endswith("steps from -80 mV to V")


def test_markdown_has_mechanisms_and_their_change(results):
    text = markdown_summary(results)
    assert re.search(r"^\| error \| channel\\-reversal \|", text, flags=re.M)
    assert "table" not in re.findall(r"^\| warning \| channel\\-(\S+)", text, flags=re.M)
    assert "| Rin\\_\\_MOhm | 0 | 2 | 1 | \\-50 % |" in text
    assert "Verdicts that flip: 1" in text


def test_a_run_of_mechanisms_alone_has_a_page_without_empty_sections(reference, tmp_path):
    write.write_report(tmp_path, mechanisms_only(), lambda: every_figure(mechanisms_only(), reference))
    assert {path.name for path in tmp_path.iterdir()} == {
        "mnvalidate.json",
        "report.html",
        "summary.md",
        "mechanism_channel.png",
    }
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'id="mechanisms"' in page
    assert "<li>neuron 8</li>" in page
    assert 'id="neurons"' not in page
    assert read_results(tmp_path / "mnvalidate.json") == mechanisms_only()


def test_a_defect_of_a_mechanism_and_an_outdated_entry_each_fail_the_report():
    only = mechanisms_only()
    assert not only.passed
    sound = tuple(v for v in only.verdicts if not v.failed)
    assert not replace(only, verdicts=sound).passed
    assert replace(only, verdicts=sound, findings=()).passed


def test_no_file_is_written_under_a_name_with_a_path(reference, tmp_path, capsys):
    only = mechanisms_only(file_name="../escaped")
    (tmp_path / "mnvalidate.json").write_text(only.to_json())
    assert main(["report", str(tmp_path / "mnvalidate.json")]) == 2
    assert "does not match" in capsys.readouterr().err


def test_findings_on_a_terminal_are_printable(hostile):
    lines = mechanism_lines(hostile, width=80)
    assert all(line.isprintable() for line in lines)


def test_findings_fit_the_width_of_the_terminal_and_scripts_can_be_copied():
    script = f"soma = 1\nprint({'x' * 100})"
    question = QUESTIONS_BY_NAME["combinations"]
    text = "m becomes nan after a step."
    found = mechanism_verdict(
        "napp", question, Conclusion.DEVIATES, text, advice=question.advice, script=script
    )
    lines = mechanism_lines(replace(mechanisms_only(), verdicts=(found,)), width=60)
    assert [line for line in lines if len(line) > 60] == script.splitlines()[1:]
    start = lines.index("soma = 1")
    assert "\n".join(lines[start : start + 2]) == script
    assert question.advice in " ".join(" ".join(lines).split())


# Figures from another process


@pytest.fixture
def artist():
    artist = Artist()
    yield artist
    artist.dismiss()


def test_another_process_draws_the_same_figures(artist, results, reference):
    artist.draw(results, reference)
    assert artist.figures(replace(results, command="another")) == render.render(results, reference)


def test_figures_of_other_verdicts_are_not_taken(artist, results, reference):
    artist.draw(results, reference)
    assert artist.figures(replace(results, verdicts=results.verdicts[1:])) is None


def test_a_process_that_cannot_draw_has_no_figures(artist, results, reference):
    artist.draw(results, "no reference")
    assert artist.figures(results) is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_helper_that_is_killed_costs_no_more_than_its_figures(artist, results, reference, number):
    artist.draw(results, reference)
    wait_until(lambda: descendants(artist._process.pid))
    os.kill(min(descendants(artist._process.pid)), number)
    assert artist.figures(results) is None


def test_a_process_that_is_never_asked_ends_with_the_one_that_started_it():
    program = "from mnvalidate.report.artist import Artist; print(Artist()._process.pid, flush=True)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    drawing = Path(f"/proc/{int(run.stdout)}")
    deadline = time.monotonic() + 10
    while drawing.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not drawing.exists()


# Files


def test_a_report_killed_half_way_leaves_the_previous_one_whole(results, reference, tmp_path, monkeypatch):
    drawn = render.render(results, reference)
    write.write_report(tmp_path, results, lambda: drawn)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(write, "html_report", fail)
    with pytest.raises(KeyboardInterrupt):
        write.write_report(tmp_path, replace(results, command="another"), lambda: drawn)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


WRITES_AND_WAITS = (
    "import sys, time; from pathlib import Path; from mnvalidate.report.files import staged\n"
    "with staged(Path(sys.argv[1])) as stage:\n"
    "    stage.write_text('report.html', 'half'); print('waits', flush=True); time.sleep(60)\n"
)


def test_what_a_killed_run_left_goes_with_the_next_report_and_that_of_a_live_one_stays(tmp_path):
    (tmp_path / "report.html").write_text("whole")
    command = [sys.executable, "-c", WRITES_AND_WAITS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as killed:
        killed.stdout.readline()
        (left,) = tmp_path.glob(".mnvalidate-*")
        killed.kill()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as alive:
        alive.stdout.readline()
        assert not left.exists()
        (waiting,) = tmp_path.glob(".mnvalidate-*")
        with staged(tmp_path) as stage:
            stage.write_text("summary.md", "new")
        assert waiting.exists()
        assert (tmp_path / "report.html").read_text() == "whole"
        alive.kill()
    with staged(tmp_path):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "summary.md"]


def test_every_output_takes_hostile_text(hostile, reference, tmp_path):
    write.write_report(tmp_path, hostile, lambda: every_figure(hostile, reference))
    assert read_results(tmp_path / "mnvalidate.json") == hostile
    for path in Path(tmp_path).iterdir():
        if path.suffix in (".csv", ".md", ".html", ".json", ".svg"):
            path.read_text(encoding="utf-8")
