"""From a finished run to its report, wherever it is wanted."""

from __future__ import annotations

import os
from pathlib import Path

from mnvalidate.literature.criteria import Reference
from mnvalidate.report.artist import Artist
from mnvalidate.report.markdown import markdown_summary
from mnvalidate.report.results import Results
from mnvalidate.report.write import write_report


def publish(results: Results, reference: Reference, folder: Path | None, artist: Artist | None) -> None:
    """Write every file of the report, if one is wanted, and the summary that GitHub shows.

    Parameters
    ----------
    results : Results
        A finished run.
    reference : Reference
        The literature that it was judged by.
    folder : Path, optional
        Folder of the report; None for none.
    artist : Artist, optional
        Who may have drawn the figures already.

    Raises
    ------
    OSError
        If something cannot be written, on a full disk for example.
    """
    if folder is not None:
        write_report(folder, results, lambda: _figures(results, reference, artist))
    if step_summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(step_summary).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(markdown_summary(results))


def _figures(results: Results, reference: Reference, artist: Artist | None) -> dict[str, bytes]:
    """Files of all figures; matplotlib is loaded only for what the artist has not drawn."""
    figures = artist.figures(results) if artist is not None else None
    if figures is None:
        from mnvalidate.report.render import render

        figures = render(results, reference)
    if results.curves:
        from mnvalidate.report.render import render_mechanisms

        figures |= render_mechanisms(results)
    return figures
