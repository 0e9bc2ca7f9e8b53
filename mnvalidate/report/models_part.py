"""Several models, or the variants of a scan, as the parts that page, Markdown and terminal show."""

from __future__ import annotations

from dataclasses import dataclass

from mnvalidate.checks.pool_comparison import PoolComparison
from mnvalidate.models.scans import value_text
from mnvalidate.report.comparison import (
    HEADINGS,
    Standing,
    comparison_lines,
    comparisons,
    matching_text,
    standing_lines,
    standings,
    table_rows,
)
from mnvalidate.report.results import Results
from mnvalidate.report.scan import Flip, ScanReading, ScanRow, all_tracks, flip_lines, scan_title, unmoved

_MOST_LINES = 20
_MOST_FLIPS = 8


@dataclass(frozen=True, slots=True)
class ComparisonPart:
    """Models beside the first of them.

    Parameters
    ----------
    title, matching : str
        Their names, and how their neurons were put side by side.
    headings : tuple of str
        Columns of `rows`.
    rows : list of tuple of str
        A quantity of a model each.
    """

    title: str
    matching: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ScanTable:
    """Every quantity against one parameter.

    Parameters
    ----------
    key : str
        The parameter.
    values : list of str
        Its values, the columns.
    rows : list of ScanRow
        Quantities and models.
    """

    key: str
    values: list[str]
    rows: list[ScanRow]


@dataclass(frozen=True, slots=True)
class ScanPart:
    """A scan.

    Parameters
    ----------
    title : str
        Parameters and values.
    tables : list of ScanTable
        One for each parameter.
    flips : list of Flip
        Verdicts that flip, those that warn or fail on one side first.
    unmoved : list of str
        Parameters that move nothing.
    """

    title: str
    tables: list[ScanTable]
    flips: list[Flip]
    unmoved: list[str]


@dataclass(frozen=True, slots=True)
class ModelsPart:
    """What a report says of several models.

    Parameters
    ----------
    standings : list of Standing
        Verdict of each.
    comparisons : list of ComparisonPart
        Models beside each other.
    scan : ScanPart, optional
        None where nothing was scanned.
    """

    standings: list[Standing]
    comparisons: list[ComparisonPart]
    scan: ScanPart | None


def models_part(results: Results) -> ModelsPart | None:
    """Arrange what is to be said of several models; None for one or none."""
    if len(results.pools) < 2:
        return None
    compared = [_comparison(results, comparison) for comparison in comparisons(results)]
    return ModelsPart(standings(results), compared, _scan(results))


def models_lines(results: Results) -> list[str]:
    """Lines for the terminal: a verdict for each model, the largest differences, and where verdicts flip."""
    if len(results.pools) < 2:
        return []
    found = standings(results)
    lines = standing_lines(found)
    if len(found) > _MOST_LINES:
        wanting = [standing for standing in found if not standing.passed]
        lines = [
            f"  {len(found) - len(wanting)} of {len(found)} passed",
            *standing_lines(wanting)[:_MOST_LINES],
        ]
        if len(wanting) > _MOST_LINES:
            lines.append(f"  and {len(wanting) - _MOST_LINES} more that did not; all are in the report")
    if results.scan is None:
        said = [line for comparison in comparisons(results) for line in comparison_lines(comparison)]
        return ["models side by side:", *lines, *said]
    part = _scan(results)
    assert part is not None
    notable = [flip for flip in part.flips if flip.is_notable]
    said = flip_lines(notable)
    lines = [f"scan of {part.title}:", *lines, *(f"  {line}" for line in said[:_MOST_FLIPS])]
    if len(said) > _MOST_FLIPS:
        lines.append("  and more verdicts flip; all are in the report")
    if not notable:
        lines.append("  no verdict turns to or from a warning or an error")
    return lines + [f"  {line}" for line in part.unmoved]


def _comparison(results: Results, comparison: PoolComparison) -> ComparisonPart:
    title = " beside ".join((", ".join(comparison.models[1:]), comparison.reference))
    return ComparisonPart(title, matching_text(comparison), HEADINGS, table_rows(results, comparison))


def _scan(results: Results) -> ScanPart | None:
    if results.scan is None:
        return None
    reading = ScanReading(results)
    flips = [flip for track in all_tracks(results.scan) for flip in reading.flips(track)]
    return ScanPart(
        scan_title(results.scan),
        [
            ScanTable(parameter.key, [value_text(v) for v in sorted(parameter.values)], reading.rows(index))
            for index, parameter in enumerate(results.scan.parameters)
        ],
        sorted(flips, key=lambda flip: not flip.is_notable),
        unmoved(reading),
    )
