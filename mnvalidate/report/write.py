"""All files of a report."""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image

from mnvalidate.records import Record
from mnvalidate.reference import Reference
from mnvalidate.report import figures
from mnvalidate.report.changes import change_csv
from mnvalidate.report.files import encoded, staged
from mnvalidate.report.html import html_report
from mnvalidate.report.markdown import markdown_summary
from mnvalidate.report.mechanism_figure import curves_figure
from mnvalidate.report.results import Results
from mnvalidate.table import measurement_csv, parameter_csv

RESULTS_FILE = "mnvalidate.json"
"""The file from which all others can be rebuilt."""

FIGURES: Mapping[str, Callable[[Results, Reference], Figure]] = {
    "neuron_parameters": lambda results, _: figures.parameters_figure(results),
    "rin_tau_relationship": lambda results, _: figures.rin_tau_figure(results),
    "quantities": lambda results, _: figures.quantities_figure(results),
    "fi_curves": lambda results, _: figures.firing_figure(results),
    "traces": lambda results, _: figures.traces_figure(results),
    "relations": figures.relations_figure,
}
"""Figures by the stem of their files."""

_DOTS_PER_INCH = 300


def write_report(folder: Path, results: Results, reference: Reference) -> None:
    """Write every file of a report, all of them at once.

    Parameters
    ----------
    folder : Path
        An existing folder.
    results : Results
        A finished run.
    reference : Reference
        The literature, for the lines of published relations.
    """
    with staged(folder) as stage, _without_garbage_collection():
        stage.write_text(RESULTS_FILE, results.to_json())
        stage.write_text("summary.md", markdown_summary(results))
        drawn: dict[str, bytes] = {}
        if results.pools:
            stage.write_text("neuron_parameters.csv", parameter_csv(results.records))
            stage.write_text("measurements.csv", measurement_csv(results.records))
            for stem, draw in FIGURES.items():
                figure = draw(results, reference)
                drawn[stem] = svg(figure)
                stage.write(f"{stem}.svg", drawn[stem])
                stage.write(f"{stem}.png", png(figure))
        if results.changes:
            stage.write_text("mechanism_change.csv", change_csv(results.changes))
        for curves in results.mechanisms.curves:
            if curves.gates or curves.families:
                stage.write(f"mechanism_{curves.mechanism}.png", png(curves_figure(curves)))
        stage.write_text("report.html", html_report(results, drawn))


def write_partial_table(folder: Path, records: Sequence[Record]) -> None:
    """Write the rows of an interrupted run to ``neuron_parameters.partial.csv``, beside the last report."""
    with staged(folder) as stage:
        stage.write_text("neuron_parameters.partial.csv", parameter_csv(records))


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Spare the collector's visits to a heap full of records, which take a tenth of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def png(figure: Figure) -> bytes:
    """Render a figure at 300 dots per inch."""
    file = io.BytesIO()
    figure.set_dpi(_DOTS_PER_INCH)
    # The canvas itself: savefig draws everything twice, for layouts that these figures do without.
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    height, width, _ = pixels.shape
    image = Image.frombuffer("RGBA", (width, height), pixels, "raw", "RGBA", 0, 1).convert("RGB")
    image.save(file, format="png", compress_level=1, dpi=(_DOTS_PER_INCH, _DOTS_PER_INCH))
    return file.getvalue()


def svg(figure: Figure) -> bytes:
    """Render a figure as vectors whose text stays text."""
    file = io.StringIO()
    figure.set_dpi(_DOTS_PER_INCH)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "mnvalidate"}):
        FigureCanvasSVG(figure).print_svg(  # type: ignore[no-untyped-call]
            file, metadata={"Date": None}
        )
    return encoded(file.getvalue())
