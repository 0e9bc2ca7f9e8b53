"""All files of a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from matplotlib.figure import Figure

from mnvalidate.records import Record
from mnvalidate.report.figures import Band, parameters_figure, rin_tau_figure
from mnvalidate.report.files import write_whole
from mnvalidate.table import parameter_csv
from mnvalidate.verdicts import Verdict

_DOTS_PER_INCH = 300


def write_report(folder: Path, pools: Mapping[str, Sequence[Record]], verdicts: Iterable[Verdict]) -> None:
    """Write the parameter table and the figures.

    Parameters
    ----------
    folder : Path
        An existing folder.
    pools : mapping of str to sequence of Record
        Records by model.
    verdicts : iterable of Verdict
        Verdicts, whose limits are drawn.
    """
    table = parameter_csv([record for records in pools.values() for record in records])
    write_whole(folder / "neuron_parameters.csv", lambda file: file.write(table.encode("utf-8")))
    figures = {
        "neuron_parameters.png": parameters_figure(pools, literature_bands(verdicts)),
        "rin_tau_relationship.png": rin_tau_figure(pools),
    }
    for name, figure in figures.items():
        write_whole(folder / name, partial(_save_png, figure))


def write_partial_table(folder: Path, pools: Mapping[str, Sequence[Record]]) -> None:
    """Write the rows of an interrupted run to ``neuron_parameters.partial.csv``, beside the last report."""
    table = parameter_csv([record for records in pools.values() for record in records])
    write_whole(folder / "neuron_parameters.partial.csv", lambda file: file.write(table.encode("utf-8")))


def _save_png(figure: Figure, file: IO[bytes]) -> None:
    figure.savefig(file, format="png", dpi=_DOTS_PER_INCH)


def literature_bands(verdicts: Iterable[Verdict]) -> dict[str, Band]:
    """Limits that were applied to each quantity of single neurons."""
    return {
        v.quantity: Band(v.lower, v.upper, "literature")
        for v in verdicts
        if v.check.startswith("range[") and (v.lower, v.upper) != (None, None)
    }
