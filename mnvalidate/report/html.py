"""One self-contained page: verdicts, neurons with their traces, figures, references."""

from __future__ import annotations

import base64
import json
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from importlib.resources import files
from urllib.parse import quote

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from mnvalidate.baseline.comparison import Comparison
from mnvalidate.checks.check import Family
from mnvalidate.checks.pool_change import PoolChange, Shift
from mnvalidate.drawing import Curve, Drawing, as_json
from mnvalidate.families import family_named
from mnvalidate.models.spec import variant_of
from mnvalidate.protocols import QUANTITIES
from mnvalidate.protocols.draw import thinned
from mnvalidate.quantities import Quantity
from mnvalidate.records import Measurement, Record
from mnvalidate.report.cells import cell_facts, told_together
from mnvalidate.report.comparison import pools_text
from mnvalidate.report.comparison import summary_text as spread_text
from mnvalidate.report.figure_choice import drawn_pools, figure_title
from mnvalidate.report.kinds import Kind, kinds
from mnvalidate.report.literature import sources
from mnvalidate.report.mechanisms import MechanismPart, mechanism_counts, mechanism_parts
from mnvalidate.report.models_part import models_part
from mnvalidate.report.pool_change import largest_shifts, shift_text
from mnvalidate.report.reasons import Unmeasured, unmeasured
from mnvalidate.report.results import Counts, Results
from mnvalidate.report.sentences import sentence
from mnvalidate.report.since_baseline import (
    TABLE_HEADINGS,
    changed_quantities,
    summary_text,
    table_rows,
    verdict_lines,
)
from mnvalidate.report.wording import RANK, limits, number, status, with_unit, worst_first
from mnvalidate.verdicts import Conclusion, Verdict

_MOST_ROWS = 300
_MOST_OTHERS = 50
_MOST_POINTS = 250_000
_FEWEST_POINTS_OF_A_CURVE = 12
_FEW_MECHANISMS = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """One quantity of one neuron in the table."""

    text: str
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class Row:
    """One neuron in the table.

    Parameters
    ----------
    key : str
        Id of its data in the page.
    status : str
        The worst of its cells.
    """

    key: str
    record: Record
    cells: tuple[Cell, ...]
    status: str
    data: Markup


@dataclass(frozen=True, slots=True)
class FoundRow:
    """What was found alike in the table of deviations.

    Parameters
    ----------
    status, text : str
        How it ended, and the sentence that every report has.
    worst : Verdict
        The verdict that says most.
    others : str
        The other neurons, with their values.
    """

    status: str
    text: str
    worst: Verdict
    others: str


@dataclass(frozen=True, slots=True)
class ChangePart:
    """What a change of mechanisms does to one pool.

    Parameters
    ----------
    largest : list of Shift
        Largest shift of each quantity that moves, worst first.
    neurons : list of tuple
        Index of a neuron and its shift of each of these quantities, None where it has none.
    """

    change: PoolChange
    largest: list[Shift]
    neurons: list[tuple[int, list[Shift | None]]]


@dataclass(frozen=True, slots=True)
class BaselinePart:
    """What is different from the baseline.

    Parameters
    ----------
    counts : str
        One sentence.
    verdicts : list of str
        Checks that found something new, then those that healed.
    headings : tuple of str
        Columns of `rows`.
    rows : list of tuple of str
        One for each quantity that changed.
    """

    comparison: Comparison
    counts: str
    verdicts: list[str]
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]


def html_report(results: Results, figures: Iterable[tuple[str, bytes]]) -> str:
    """Return the page.

    Parameters
    ----------
    results : Results
        A finished run.
    figures : iterable of tuple of str and bytes
        Stems of names and SVG files. They are asked for when the page comes to them.
    """
    environment = Environment(
        loader=PackageLoader("mnvalidate.report", "web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "doi": doi_link, "status": status}
    found = [k for k in kinds(results.of_pools) if k.found and not results.is_in_comparison(k.worst)]
    wrong = [found_row(kind, results) for kind in found]
    mechanisms = mechanism_parts(results)
    shown = [q for q in QUANTITIES.values() if any(q.name in r.measurements for r in results.records)]
    return environment.get_template("report.html.j2").render(
        results=results,
        counts=results.counts,
        families=family_rows(results),
        counts_by_quantity=[(p.model, results.counts_by_quantity(p.model)) for p in results.pools],
        count_names=[field.name for field in fields(Counts)],
        wrong=wrong[:_MOST_ROWS],
        n_wrong=len(wrong),
        quantities=shown,
        rows=rows(results, shown),
        figures=((figure_title(stem), stem, _data_uri(svg)) for stem, svg in figures),
        sources=sources(results.verdicts),
        unmeasured=[
            (pool.model, *reason_cells(u)) for pool in results.pools for u in unmeasured(pool.records)
        ],
        versions=versions(results),
        specs=[
            (pool.model, json.dumps({"spec": pool.spec, "solver": pool.solver}, indent=2))
            for pool in results.pools
        ],
        mechanisms=mechanisms,
        mechanism_counts=mechanism_counts(results.of_mechanisms),
        mechanism_data=[_json_script({"drawings": part.drawings}) for part in mechanisms],
        opened=[_is_opened(part, len(mechanisms)) for part in mechanisms],
        changes=[change_part(change) for change in results.changes],
        since=None if results.baseline is None else baseline_part(results.baseline),
        models=models_part(results),
        pools_text=pools_text(results),
        spread_text=spread_text,
        n_left_out=len(results.pools) - len(drawn_pools(results)),
        shift_text=shift_text,
        limits=limits,
        with_unit=with_unit,
        style=_own("report.css"),
        script=_own("report.js"),
        plotly=_inline_script(get_plotlyjs()),
    )


def found_row(kind: Kind, results: Results) -> FoundRow:
    """Row of what was found alike, with the model's name where there are several."""
    whose = f"{kind.worst.subject.name}: " if len(results.pools) > 1 else ""
    others = [
        f"{v.subject.label.removeprefix(f'{v.subject.name}-')} {with_unit(number(v.value), v.unit) or '-'}"
        for v in kind.found[1 : 1 + _MOST_OTHERS]
    ]
    if len(kind.found) > 1 + _MOST_OTHERS:
        others.append(f"{len(kind.found) - 1 - _MOST_OTHERS} more")
    return FoundRow(kind.status, f"{whose}{sentence(kind)}", kind.worst, ", ".join(others))


def rows(results: Results, quantities: Sequence[Quantity]) -> list[Row]:
    """One row for each neuron, with the data that its traces are drawn from."""
    judged: dict[tuple[str, int | None, str], list[Verdict]] = {}
    for v in results.of_pools:
        judged.setdefault((v.subject.name, v.subject.neuron, v.quantity), []).append(v)
    fraction = min(1.0, _MOST_POINTS / max(1, sum(_n_points(r) for r in results.records)))
    table = []
    for pool_index, pool in enumerate(results.pools):
        for record in pool.records:
            measurements = record.measurements
            cells = tuple(
                _cell(measurements.get(q.name), judged.get((pool.model, record.neuron, q.name), []))
                for q in quantities
            )
            worst = min((cell.status for cell in cells), key=lambda s: RANK[s], default="not judged")
            key = f"neuron-{pool_index}-{record.neuron}"
            table.append(Row(key, record, cells, worst, _json_script(neuron_data(record, fraction))))
    return table


def neuron_data(record: Record, fraction: float) -> dict[str, object]:
    """JSON values of what a click on a neuron shows.

    Parameters
    ----------
    record : Record
        The neuron.
    fraction : float
        Part of the points of its curves to keep.
    """
    drawings = [drawing for result in record.results for drawing in result.drawings]
    return {
        "title": f"{record.model}, neuron {record.neuron}",
        "stderr": record.stderr_tail,
        "drawings": [as_json(_lighter(drawing, fraction)) for drawing in drawings],
        "measurements": [
            [m.quantity, number(m.value), m.unit, m.outcome.value.replace("_", " "), m.reason]
            for m in record.measurements.values()
        ],
    }


def change_part(change: PoolChange) -> ChangePart:
    """Arrange the shifts of a pool by neuron and quantity."""
    largest = largest_shifts(change)
    by_place = {(shift.neuron, shift.quantity): shift for shift in change.shifts}
    neurons = sorted({shift.neuron for shift in change.shifts})
    return ChangePart(
        change,
        largest,
        [(neuron, [by_place.get((neuron, worst.quantity)) for worst in largest]) for neuron in neurons],
    )


def baseline_part(comparison: Comparison) -> BaselinePart:
    """Arrange what is different from the baseline."""
    rows = table_rows(changed_quantities(comparison))
    return BaselinePart(
        comparison, summary_text(comparison), list(verdict_lines(comparison)), TABLE_HEADINGS, rows
    )


def family_rows(results: Results) -> list[tuple[Family, Counts, str, str]]:
    """Each family with its counts, and the status and the words of the worst that was found."""
    found: dict[str, Kind] = {}
    for kind in kinds(results.verdicts):
        found.setdefault(kind.worst.family, kind)
    return [
        (
            family_named(name),
            counted,
            found[name].status,
            found[name].worst_text if found[name].found else "",
        )
        for name, counted in results.counts_by_family().items()
    ]


def doi_link(doi: str) -> str:
    """Address of a DOI."""
    return f"https://doi.org/{quote(doi, safe='/.:;')}"


def reason_cells(reason: Unmeasured) -> tuple[str, int, str]:
    """Quantities, number of neurons and reason, for the table of what has no value."""
    return ", ".join(reason.quantities), len(reason.neurons), reason.reason


def versions(results: Results) -> list[tuple[str, str]]:
    """Name and version of what was used, one entry for each different version, and what is varied."""
    found = {
        (name, getattr(record.provenance, name))
        for record in results.records
        if record.provenance is not None
        for name in ("mnvalidate", "neuron", "myogen", "python")
    }
    used = sorted(found) if found else sorted(results.versions.items())
    pools = () if results.scan is not None else results.pools  # the variants' names say it
    varied = [(pool.model, variant_of(pool.spec)) for pool in pools]
    return (
        used
        + [(f"{model} variant", said) for model, said in varied if said]
        + cell_facts(told_together(results.records, results.scan))
    )


def _cell(measurement: Measurement | None, verdicts: Sequence[Verdict]) -> Cell:
    if measurement is None:
        return Cell("", "not judged", "")
    worst = next(iter(worst_first(verdicts)), None)
    if measurement.outcome.is_accident:
        return Cell("-", "error", measurement.reason)
    text = number(measurement.value) or "-"
    if worst is None:
        return Cell(text, "not judged", measurement.reason)
    return Cell(text, status(worst), "" if worst.conclusion is Conclusion.CONFORMS else worst.message)


def _is_opened(part: MechanismPart, n_mechanisms: int) -> bool:
    """Whether a mechanism shows its checks at once: few do, and those that fail the run."""
    return n_mechanisms <= _FEW_MECHANISMS or part.worst.status == "error"


def _n_points(record: Record) -> int:
    return sum(len(c.x) for result in record.results for d in result.drawings for c in d.curves)


def _lighter(drawing: Drawing, fraction: float) -> Drawing:
    if fraction >= 1.0:
        return drawing
    curves = tuple(_lighter_curve(curve, fraction) for curve in drawing.curves)
    return Drawing(drawing.title, drawing.x_label, drawing.y_label, curves, drawing.marks, drawing.pulses)


def _lighter_curve(curve: Curve, fraction: float) -> Curve:
    most = max(_FEWEST_POINTS_OF_A_CURVE, int(fraction * len(curve.x)))
    if len(curve.x) <= most:
        return curve
    x, y = np.array(curve.x), np.array(curve.y)
    kept = thinned(x, y, 0.0, most)
    return Curve(curve.label, array("d", x[kept].tolist()), array("d", y[kept].tolist()))


def _json_script(data: object) -> Markup:
    """JSON that can stand in a script element: no character of it ends the element."""
    text = json.dumps(data, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _inline_script(text: str) -> Markup:
    return Markup(text.replace("</script", "<\\/script"))


def _own(name: str) -> Markup:
    return Markup(files("mnvalidate.report").joinpath("web", name).read_text(encoding="utf-8"))


def _data_uri(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode('ascii')}"
