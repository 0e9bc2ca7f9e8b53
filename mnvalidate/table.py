"""The table of neurons by quantities, and the long table of measurements."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd

from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record

INDEX_COLUMNS = ("cell_index", "recruitment_threshold")
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
    rows = [
        {
            "cell_index": record.neuron,
            "recruitment_threshold": record.recruitment_threshold,
            **{name: record.value(name) for name in QUANTITIES},
            "model": record.model,
            "not_measured": _reasons(record),
        }
        for record in records
    ]
    columns = [*INDEX_COLUMNS, *QUANTITIES, "model", "not_measured"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"recruitment_threshold": float, **dict.fromkeys(QUANTITIES, float)})


def parameter_csv(records: Sequence[Record]) -> str:
    """Return the table as CSV text with every digit of every value."""
    table = parameter_table(records)
    table["model"] = table["model"].map(text_cell)
    table["not_measured"] = table["not_measured"].map(text_cell)
    return table.to_csv(index=False)


def measurement_table(records: Sequence[Record]) -> pd.DataFrame:
    """Put every measurement into a row of its own.

    Returns
    -------
    DataFrame
        ``model``, ``neuron``, ``quantity``, ``value``, ``unit``, ``resolution``, ``outcome``, ``reason``,
        ``protocol`` and its ``settings`` as JSON.
    """
    rows = [
        (
            record.model,
            record.neuron,
            measurement.quantity,
            measurement.value,
            measurement.unit,
            measurement.resolution,
            measurement.outcome.value,
            measurement.reason,
            result.protocol,
            json.dumps(result.settings),
        )
        for record in records
        for result in record.results
        for measurement in result.measurements
    ]
    return pd.DataFrame(rows, columns=list(_MEASUREMENT_COLUMNS)).astype(
        {"value": float, "resolution": float}
    )


def measurement_csv(records: Sequence[Record]) -> str:
    """Return the long table as CSV text with every digit of every value."""
    table = measurement_table(records)
    for column in ("model", "reason"):
        table[column] = table[column].map(text_cell)
    return table.to_csv(index=False)


def text_cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula, and that stays in its line."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return f"'{line}" if line.lstrip().startswith(("=", "+", "-", "@")) else line


def _reasons(record: Record) -> str:
    """Quantities without a value, grouped by reason: ``AP__mV, AHP__mV: no spike up to ...; ...``."""
    by_reason: dict[str, list[str]] = {}
    for name, measurement in record.measurements.items():
        if measurement.value is None:
            by_reason.setdefault(measurement.reason, []).append(name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in by_reason.items())
