"""Hooks and fixtures: they do nothing in a run without the suite."""

from __future__ import annotations

import inspect
import io
import shlex
from collections.abc import Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import pytest

from mnvalidate.options import add_options, is_given, read_options
from mnvalidate.pytest_plugin import workers
from mnvalidate.pytest_plugin.leaving import leave_as_after_an_interrupt
from mnvalidate.pytest_plugin.run import (
    CHECK,
    DEVIATION,
    MARKER,
    ValidationRun,
    is_ours,
    parameters_of,
    usage_errors,
)

if TYPE_CHECKING:
    from mnvalidate.checks.check import Check
    from mnvalidate.gate import Saving
    from mnvalidate.report.artist import Artist
    from mnvalidate.report.results import Results
    from mnvalidate.validation import Judgement

_MARKUP: dict[str, dict[str, bool]] = {
    "plain": {},
    "heading": {"bold": True},
    "error": {"red": True},
    "warning": {"yellow": True},
}

_CONCLUDED = "mnvalidate_concluded"
_run_key = pytest.StashKey[ValidationRun]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse bad options before anything else happens, then take part in the run."""
    config.addinivalue_line(
        "markers", f"{MARKER}(family, of_mechanisms): a test of mnvalidate's suite, given its checks"
    )
    run = config.stash[_run_key] = ValidationRun(lambda: read_options(config))
    if is_given(config):
        options = usage_errors(lambda: run.options)
        files = (options.deviations, options.profile, options.baseline, options.save_baseline)
        if any(files) or options.literature:
            usage_errors(lambda: run.plan)
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(workers.Worker(run, config), "mnvalidate-worker")
    else:
        controller = _Controller(config, run)
        config.pluginmanager.register(controller, "mnvalidate-controller")
        config.pluginmanager.register(workers.Controller(run, controller.judge), "mnvalidate-workers")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Explain what is measured and judged, or print the models, in place of running tests."""
    if config.getoption("--mn-spec"):
        from mnvalidate.models.files import as_model_file

        specs = usage_errors(lambda: read_options(config)).specs
        print("---\n".join(map(as_model_file, specs)), end="")
        return 0
    if not config.getoption("--mn-explain"):
        return None
    from mnvalidate.explain import explain

    run = ValidationRun(lambda: read_options(config))
    usage_errors(lambda: run.options)
    sizes = [spec.n_neurons for spec in run.options.specs]
    print(usage_errors(lambda: explain(run.options.explain, run.plan.reference, sizes)))
    return 0


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, obj: object) -> list[pytest.Item] | None:
    """Collect nothing in place of a test of the suite that has nothing to ask."""
    marker = _marker_of(obj)
    if marker is None or _arguments(collector.config, marker)[1]:
        return None
    return []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test of the suite its checks, or the known deviations."""
    marker = metafunc.definition.get_closest_marker(MARKER)
    if marker is not None:
        name, values = _arguments(metafunc.config, marker)
        metafunc.parametrize(name, values.values(), ids=values.keys())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config) -> None:
    """Refuse unusable reference data; xdist's workers leave that to the controller."""
    problem = config.stash[_run_key].problem
    if problem and not hasattr(config, "workerinput"):
        raise pytest.UsageError(problem)


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note which check a test concludes.

    A crash or a timeout is an error of the test's setup: nothing was there to be judged.
    """
    check = parameters_of(item).get(CHECK) if is_ours(item) else None
    if check is None:
        return
    # Not through record_property, which warns of the family of JUnit files that is the default.
    item.user_properties.append((_CONCLUDED, check.full_id))
    verdict = _judgement(item.config).verdict(check.full_id)
    if verdict.accident:
        pytest.fail(verdict.message, pytrace=False)


@pytest.fixture(scope="session")
def mnvalidate_judgement(pytestconfig: pytest.Config) -> Judgement:
    """Return what is concluded from all that was measured."""
    return _judgement(pytestconfig)


class _Controller:
    """The process that measures, judges and reports: the only one, or the one that workers report to."""

    def __init__(self, config: pytest.Config, run: ValidationRun) -> None:
        self._config = config
        self._run = run
        self._results: Results | None = None
        self._report_problem = ""
        self._interrupted = False
        self._artist: Artist | None = None
        self._saving: Saving | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Measure and judge before the first test when this process runs the tests itself."""
        if not self._config.option.collectonly:
            needed = self._run.needed(session.items)
            if needed:
                self.judge(needed)
        return (yield)

    def judge(self, needed: Sequence[Check]) -> Judgement:
        """Measure and judge what some checks need, and let the figures be drawn while the tests run."""
        from mnvalidate.gate import announced
        from mnvalidate.scope import describe, remarks
        from mnvalidate.validation import InterruptedRun, carry_out, judge, results_of

        run, options = self._run, self._run.options
        self._config.add_cleanup(leave_as_after_an_interrupt())
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        measures = any(not check.subject.is_mechanism for check in needed)
        if measures and reporter is not None and reporter.verbosity >= 0:
            reporter.ensure_newline()
            if reporter.isatty:
                reporter.rewrite("", erase=True)  # the line that xdist means to write over
                reporter.rewrite("")
            remarked = remarks(run.plan.reference, options.species, options.specs, needed)
            for text in (describe(options), *announced(options, run.plan.reference, run.plan.baseline)):
                reporter.write_line(text)
            for remark in remarked:
                reporter.write_line(f"  {remark}")
        if measures and options.report is not None:
            from mnvalidate.report.artist import Artist

            self._artist = Artist()
        try:
            run.outcome = usage_errors(lambda: carry_out(run.plan, needed, self._stream(reporter)))
        except InterruptedRun as interrupt:
            run.outcome = interrupt.outcome
            raise
        run.judgement = judge(run.outcome)
        if self._artist is not None:
            expected = [check.full_id for check in needed]
            self._artist.draw(results_of(run.outcome, run.judgement, expected, ""), run.plan.reference)
        return run.judgement

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what is concluded, wherever the test ran, and leave properties for other reports."""
        concluded = dict(report.user_properties).get(_CONCLUDED)
        if concluded is None or self._run.judgement is None:
            return
        verdict = self._run.judgement.verdict(str(concluded))
        report.user_properties = [p for p in report.user_properties if p[0] != _CONCLUDED]
        if report.when == "teardown":
            report.user_properties += verdict.properties
        if report.when == "call" or (report.when == "setup" and report.failed):
            self._run.concluded[verdict.check] = None

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that someone wants to leave; other plugins end a run with exceptions derived from this one."""
        self._interrupted = excinfo.type is KeyboardInterrupt

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report; a run that judged nothing fails, and one in which a process ended by accident."""
        run = self._run
        if run.outcome is None or session.exitstatus == pytest.ExitCode.USAGE_ERROR:
            return
        if run.options.save_baseline is not None:
            self._save_baseline()
        if self._interrupted or run.judgement is None or not run.outcome.is_whole:
            self._write_partial_table()
            return
        from mnvalidate.validation import results_of

        command = shlex.join(["pytest", *map(str, self._config.invocation_params.args)])
        self._results = results_of(run.outcome, run.judgement, run.concluded, command)
        self._write_report(self._results)
        saved = self._saving is None or not self._saving.obstacle
        judged = self._results.judged_something and not self._results.accidents
        whole = judged and saved and not self._report_problem
        if session.exitstatus == pytest.ExitCode.OK and not whole:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show what was seen, against what the literature has, and what was found in mechanisms."""
        run = self._run
        if run.outcome is None:
            if self._config.getoption("--mn-save-baseline") and not self._config.option.collectonly:
                terminalreporter.write_line("the baseline was not saved: no check of the suite was run")
            return
        from mnvalidate.pytest_plugin.remarks import baseline_lines, partial_lines, remarks
        from mnvalidate.report.mechanisms import mechanism_lines
        from mnvalidate.report.terminal import summary

        width = terminalreporter._tw.fullwidth
        if run.outcome.pools:
            terminalreporter.write_sep("=", "motoneuron validation")
        if self._results is None or run.judgement is None:
            for text in [*partial_lines(run.outcome), *baseline_lines(run.options, None, self._saving)]:
                terminalreporter.write_line(text)
            return
        if run.outcome.pools:
            for text in baseline_lines(run.options, self._results.baseline, self._saving):
                terminalreporter.write_line(text)
            quiet = terminalreporter.verbosity < 0  # no head said it
            for text in self._results.literature.told if quiet else ():
                terminalreporter.write_line(text)
            for line in summary(self._results, width=width, verbosity=terminalreporter.verbosity):
                terminalreporter.write_line(line.text, **_MARKUP[line.style.value])
            for text in remarks(run.outcome, run.judgement, self._report_problem):
                terminalreporter.write_line(text)
        if self._results.of_mechanisms:
            terminalreporter.write_sep("=", "mechanism checks")
            for text in mechanism_lines(self._results, width=width):
                terminalreporter.write_line(text)
        folder = run.options.report
        if folder is not None and not self._report_problem:
            terminalreporter.write_line(f"report: {folder / 'report.html'}")

    def pytest_unconfigure(self) -> None:
        """End what was started for the report."""
        if self._artist is not None:
            self._artist.dismiss()

    def _save_baseline(self) -> None:
        from mnvalidate.gate import Saving, save

        run, path = self._run, self._run.options.save_baseline
        assert path is not None
        if self._interrupted or run.outcome is None or run.judgement is None:
            self._saving = Saving(path, "the run was interrupted")
            return
        missing = [check for check in run.plan.checks if check.full_id not in run.concluded]
        pools, verdicts = run.outcome.pools, run.judgement.verdicts
        self._saving = save(run.options, run.plan.reference, pools, verdicts, missing)

    def _write_report(self, results: Results) -> None:
        from mnvalidate.report.publish import publish

        try:
            publish(results, self._run.plan.reference, self._run.options.report, self._artist)
        except OSError as error:  # a full disk, for example
            self._report_problem = f"{error.filename or self._run.options.report}: {error.strerror or error}"

    def _write_partial_table(self) -> None:
        if self._run.options.report is not None and self._run.outcome is not None:
            from mnvalidate.report.write import write_partial_table

            write_partial_table(self._run.options.report, self._run.outcome.records)

    def _stream(self, reporter: Any) -> TextIO:
        """Where progress is shown: a quiet run shows it only where it vanishes, on a terminal."""
        quietest = -1 if reporter is not None and reporter.isatty else 0
        if reporter is None or reporter.verbosity < quietest:
            return io.StringIO()
        stream: TextIO = reporter._tw._file
        return stream


def _judgement(config: pytest.Config) -> Judgement:
    judgement = config.stash[_run_key].judgement
    assert judgement is not None  # it is there before the first test
    return judgement


def _marker_of(obj: object) -> pytest.Mark | None:
    """Our marker on a function, None where there is none."""
    marks: Iterable[pytest.Mark] = getattr(obj, "pytestmark", ()) if inspect.isfunction(obj) else ()
    return next((mark for mark in marks if mark.name == MARKER), None)


def _arguments(config: pytest.Config, marker: pytest.Mark) -> tuple[str, dict[str, Any]]:
    """Argument of a test of the suite, and its values by their ids."""
    run = config.stash[_run_key]
    family = marker.kwargs.get("family")
    name = DEVIATION if family is None else CHECK
    try:
        if family is None:
            entries = run.deviations(of_mechanisms=marker.kwargs["of_mechanisms"])
            return name, {entry.checks: entry for entry in entries}
        return name, {check.id: check for check in run.checks(family)}
    except ValueError as error:
        # pytest would report it with a traceback for each file of the suite.
        run.problem = str(error)
        return name, {}
