"""All files of a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from mnvalidate.records import Record
from mnvalidate.report.comparison import comparison_csv, comparisons
from mnvalidate.report.files import staged, without_garbage_collection
from mnvalidate.report.html import html_report
from mnvalidate.report.markdown import markdown_summary
from mnvalidate.report.pool_change import change_csv
from mnvalidate.report.results import Results
from mnvalidate.report.scan import ScanReading, scan_csv
from mnvalidate.table import measurement_csv, parameter_csv

RESULTS_FILE = "mnvalidate.json"
"""The file from which all others can be rebuilt."""


def write_report(folder: Path, results: Results, figures: Callable[[], Mapping[str, bytes]]) -> None:
    """Write every file of a report, all of them at once.

    Parameters
    ----------
    folder : Path
        An existing folder.
    results : Results
        A finished run.
    figures : callable
        Returns the files of the figures by their names, as `mnvalidate.report.render` draws them. It is
        called once, when all that needs no figures is done: they may be drawn meanwhile.
    """
    with staged(folder) as stage, without_garbage_collection():
        stage.write_parts(RESULTS_FILE, results.json_parts())
        stage.write_text("summary.md", markdown_summary(results))
        if results.pools:
            stage.write_text("neuron_parameters.csv", parameter_csv(results.records))
            stage.write_text("measurements.csv", measurement_csv(results.records))
        if results.changes:
            stage.write_text("mechanism_change.csv", change_csv(results.changes))
        if compared := comparisons(results):
            stage.write_text("comparison.csv", comparison_csv(results, compared))
        if results.scan is not None and results.pools:
            stage.write_text("scan.csv", scan_csv(results, ScanReading(results)))
        drawn = cache(figures)
        drawings = ((Path(name).stem, file) for name, file in _files(drawn) if name.endswith(".svg"))
        stage.write_text("report.html", html_report(results, drawings))
        for name, file in _files(drawn):
            stage.write(name, file)


def _files(figures: Callable[[], Mapping[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    yield from figures().items()


def write_partial_table(folder: Path, records: Sequence[Record]) -> None:
    """Write the rows of an interrupted run to ``neuron_parameters.partial.csv``, beside the last report."""
    with staged(folder) as stage:
        stage.write_text("neuron_parameters.partial.csv", parameter_csv(records))
