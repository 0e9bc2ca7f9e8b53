"""The table of neurons by quantities, and the long table of measurements."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record

if TYPE_CHECKING:
    import pandas as pd

INDEX_COLUMNS = ("cell_index", "recruitment_threshold")
_PARAMETER_COLUMNS = (*INDEX_COLUMNS, *QUANTITIES, "model", "not_measured")
_MEASUREMENT_COLUMNS = (
    "model",
    "neuron",
    "quantity",
    "value",
    "unit",
    "resolution",
    "outcome",
    "reason",
    "protocol",
    "settings",
)


def parameter_table(records: Sequence[Record]) -> pd.DataFrame:
    """Put records into a table, one row for each neuron.

    Parameters
    ----------
    records : sequence of Record
        Records in the order of the rows.

    Returns
    -------
    DataFrame
        ``cell_index``, ``recruitment_threshold``, the quantities (those of MyoGen's example first),
        ``model``, and ``not_measured``: which of the quantities have no value, and why. A missing value is
        NaN here and an empty cell in the CSV; its reason stands in ``not_measured``.
    """
    import pandas as pd

    table = pd.DataFrame(_parameter_rows(records), columns=list(_PARAMETER_COLUMNS))
    return table.astype({"recruitment_threshold": float, **dict.fromkeys(QUANTITIES, float)})


def parameter_csv(records: Sequence[Record]) -> str:
    """Return the table as CSV text with every digit of every value."""
    return _csv(_PARAMETER_COLUMNS, _parameter_rows(records))


def measurement_csv(records: Sequence[Record]) -> str:
    """Return the long table as CSV text with every digit of every value."""
    return _csv(_MEASUREMENT_COLUMNS, _measurement_rows(records))


def _parameter_rows(records: Iterable[Record]) -> Iterator[tuple[object, ...]]:
    for record in records:
        values = [record.value(name) for name in QUANTITIES]
        yield (record.neuron, record.recruitment_threshold, *values, record.model, _reasons(record))


def _measurement_rows(records: Iterable[Record]) -> Iterator[tuple[object, ...]]:
    for record in records:
        for result in record.results:
            settings = json.dumps(result.settings)
            for m in result.measurements:
                yield (
                    *(record.model, record.neuron, m.quantity, m.value, m.unit, m.resolution),
                    *(m.outcome.value, m.reason, result.protocol, settings),
                )


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    # Not with pandas, which takes longer to import than the tables of many pools to write.
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([text_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue()


def text_cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula, and that stays in its line."""
    line = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return f"'{line}" if line.lstrip().startswith(("=", "+", "-", "@")) else line


def _reasons(record: Record) -> str:
    """Quantities without a value, grouped by reason: ``AP__mV, AHP__mV: no spike up to ...; ...``."""
    by_reason: dict[str, list[str]] = {}
    for name, measurement in record.measurements.items():
        if measurement.value is None:
            by_reason.setdefault(measurement.reason, []).append(name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in by_reason.items())
