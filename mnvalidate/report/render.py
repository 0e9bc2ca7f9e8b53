"""The figures of a report as the bytes of their files."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image

from mnvalidate.literature.criteria import Reference
from mnvalidate.report import figures
from mnvalidate.report.baseline_figure import baseline_figure, has_curves
from mnvalidate.report.figure_choice import SCAN_STEM, drawn
from mnvalidate.report.files import encoded, without_garbage_collection
from mnvalidate.report.mechanism_figure import curves_figure
from mnvalidate.report.relations_figure import relations_figure
from mnvalidate.report.results import Results
from mnvalidate.report.scan_figure import scan_figure, scan_stems

FIGURES: Mapping[str, Callable[[Results, Reference], Figure]] = {
    "baseline": lambda results, _: baseline_figure(results),
    "neuron_parameters": lambda results, _: figures.parameters_figure(results),
    "rin_tau_relationship": lambda results, _: figures.rin_tau_figure(results),
    "quantities": lambda results, _: figures.quantities_figure(results),
    "fi_curves": lambda results, _: figures.firing_figure(results),
    "traces": lambda results, _: figures.traces_figure(results),
    "relations": relations_figure,
}
"""Figures by the stem of their files; those of a scan join them."""

_OF_BASELINE = "baseline"
_DOTS_PER_INCH = 300


def render(results: Results, reference: Reference) -> dict[str, bytes]:
    """Draw every figure, as SVG and as PNG.

    Parameters
    ----------
    results : Results
        What is drawn: the pools, and the verdicts on them.
    reference : Reference
        The literature, for the lines of published relations.

    Returns
    -------
    dict of str to bytes
        Files by their names, those of a scan first, then in the order of `FIGURES`; none without a pool.
    """
    files: dict[str, bytes] = {}
    for stem in stems(results):
        files |= render_figure(stem, results, reference)
    return files


def stems(results: Results) -> list[str]:
    """Stems of the figures that there is something to show in; none without a pool."""
    is_changed = results.baseline is not None and has_curves(results.baseline)
    scanned = [] if results.scan is None or not results.pools else scan_stems(results.scan)
    return scanned + [stem for stem in FIGURES if results.pools and (stem != _OF_BASELINE or is_changed)]


def render_figure(stem: str, results: Results, reference: Reference) -> dict[str, bytes]:
    """Draw one figure; see `render`."""
    with without_garbage_collection():
        if stem.startswith(SCAN_STEM):
            figure = scan_figure(results, stem)
        else:
            figure = FIGURES[stem](drawn(results), reference)
        return {f"{stem}.svg": svg(figure), f"{stem}.png": png(figure)}


def render_mechanisms(results: Results) -> dict[str, bytes]:
    """Draw the curves of each mechanism that has some, as PNG; files by their names."""
    return {
        f"mechanism_{curves.mechanism}.png": png(curves_figure(curves))
        for curves in results.curves
        if curves.gates or curves.families
    }


def png(figure: Figure) -> bytes:
    """Render a figure at 300 dots per inch."""
    file = io.BytesIO()
    figure.set_dpi(_DOTS_PER_INCH)
    # The canvas itself: savefig draws everything twice, for layouts that these figures do without.
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = canvas.buffer_rgba()
    height, width, _ = pixels.shape
    image = Image.frombuffer("RGBA", (width, height), pixels, "raw", "RGBA", 0, 1).convert("RGB")
    image.save(file, format="png", compress_level=1, dpi=(_DOTS_PER_INCH, _DOTS_PER_INCH))
    return file.getvalue()


def svg(figure: Figure) -> bytes:
    """Render a figure as vectors whose text stays text."""
    file = io.StringIO()
    figure.set_dpi(_DOTS_PER_INCH)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "mnvalidate"}):
        FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None})
    return encoded(file.getvalue())
