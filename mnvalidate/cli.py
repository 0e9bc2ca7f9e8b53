"""The command ``mnvalidate``: what can be done without measuring."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mnvalidate._version import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those after the command's name; of the process by default.

    Returns
    -------
    int
        Exit code: 0, 2 if the file cannot be read or the report not be written, or 4 if an option of ``spec``
        is not allowed.
    """
    parser = argparse.ArgumentParser(
        prog="mnvalidate", description="Reports and models of motoneuron validation."
    )
    parser.add_argument("--version", action="version", version=f"mnvalidate {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    report = commands.add_parser("report", help="write every file of a report from its mnvalidate.json")
    report.add_argument("results", type=Path, help="mnvalidate.json of a report")
    report.add_argument("--output", type=Path, metavar="DIR", help="folder (default: that of the file)")
    report.set_defaults(run=_report)
    commands.add_parser("spec", help="print the models that options of pytest ask for, as model files")
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["spec"]:
        return _spec(given[1:])
    options = parser.parse_args(given)
    try:
        options.run(options)
    except (OSError, ValueError) as error:
        print(f"mnvalidate: {error}", file=sys.stderr)
        return 2
    return 0


def _spec(arguments: Sequence[str]) -> int:
    """Let pytest read the options, with those of the ini file."""
    import pytest

    return int(pytest.main(["--mn-spec", *arguments]))


def _report(options: argparse.Namespace) -> None:
    from mnvalidate.families import load_reference
    from mnvalidate.report.mechanisms import counts_line
    from mnvalidate.report.render import render, render_mechanisms
    from mnvalidate.report.results import read_results
    from mnvalidate.report.terminal import counts_text
    from mnvalidate.report.write import write_report

    results = read_results(options.results)
    folder = options.output or options.results.parent
    folder.mkdir(parents=True, exist_ok=True)
    figures = render(results, load_reference()) | render_mechanisms(results)
    write_report(folder, results, lambda: figures)
    if results.pools:
        print(counts_text(results.counts))
    if results.of_mechanisms:
        print(counts_line(results.of_mechanisms))
    print(f"report: {folder / 'report.html'}")
