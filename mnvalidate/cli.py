"""The command ``mnvalidate``: what can be done without measuring."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mnvalidate._version import __version__

_CHANGED, _UNUSABLE, _NOT_COMPARED = 1, 2, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those after the command's name; of the process by default.

    Returns
    -------
    int
        Exit code: 0, or 2 if a file cannot be read or the report not be written; of ``compare`` 1 for a
        change and 4 if the files cannot be compared; of ``spec`` and ``explain`` 4 if an option is not
        allowed.
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
    compare = commands.add_parser("compare", help="compare two baselines, or mnvalidate.json of two reports")
    compare.add_argument("old", type=Path, help="baseline, or mnvalidate.json of a report")
    compare.add_argument("new", type=Path, help="baseline, or mnvalidate.json of a report")
    compare.add_argument("--markdown", type=Path, metavar="FILE", help="write a table of the changes, too")
    compare.set_defaults(run=_compare)
    commands.add_parser(
        "spec",
        help="print the models that options of pytest ask for, as model files",
        usage="mnvalidate spec [OPTIONS OF PYTEST]",
    )
    commands.add_parser(
        "explain",
        help="explain how a quantity is measured and judged, or a criterion with its limits; list all",
        usage="mnvalidate explain [QUANTITY or CRITERION] [OPTIONS OF PYTEST, as --mn-literature=DIR]",
    )
    given = list(sys.argv[1:] if arguments is None else arguments)
    command, rest = given[:1], given[1:]
    if command == ["spec"] and not _asks_for_help(rest):
        return _pytest("--mn-spec", *rest)
    if command == ["explain"] and not _asks_for_help(rest):
        return _explain(rest)
    options = parser.parse_args(given)
    code: int = options.run(options)
    return code


def _asks_for_help(arguments: Sequence[str]) -> bool:
    return any(argument in ("-h", "--help") for argument in arguments)


def _compare(options: argparse.Namespace) -> int:
    from mnvalidate.report.compare_files import compare_files
    from mnvalidate.report.markdown import baseline_section
    from mnvalidate.report.since_baseline import comparison_lines

    try:
        comparison = compare_files(options.old, options.new)
        if options.markdown is not None:
            text = "\n".join(baseline_section(comparison))
            options.markdown.write_text(text, encoding="utf-8", errors="backslashreplace")
    except (OSError, ValueError) as error:
        print(f"mnvalidate: {error}", file=sys.stderr)
        return _NOT_COMPARED
    print("\n".join(comparison_lines(comparison)))
    return _CHANGED if comparison.is_changed else 0


def _report(options: argparse.Namespace) -> int:
    try:
        _write_report(options)
    except (OSError, ValueError) as error:
        print(f"mnvalidate: {error}", file=sys.stderr)
        return _UNUSABLE
    return 0


def _explain(arguments: Sequence[str]) -> int:
    from mnvalidate.explain import EVERYTHING

    named = bool(arguments) and not arguments[0].startswith("-")
    name = arguments[0] if named else EVERYTHING
    return _pytest(f"--mn-explain={name}", *arguments[named:])


def _pytest(*arguments: str) -> int:
    """Let pytest read the options, with those of the ini file."""
    import pytest

    return int(pytest.main(list(arguments)))


def _write_report(options: argparse.Namespace) -> None:
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
