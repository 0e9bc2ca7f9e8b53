"""The table of neurons by quantities."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mnvalidate.protocols import QUANTITIES
from mnvalidate.records import Record

INDEX_COLUMNS = ("cell_index", "recruitment_threshold")


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
    return parameter_table(records).to_csv(index=False)


def _reasons(record: Record) -> str:
    """Quantities without a value, grouped by reason: ``AP__mV, AHP__mV: no spike up to ...; ...``."""
    by_reason: dict[str, list[str]] = {}
    for name, measurement in record.measurements.items():
        if measurement.value is None:
            by_reason.setdefault(measurement.reason, []).append(name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in by_reason.items())
