"""The pytest plugin: options, parametrisation and fixtures; it does nothing in a run without the suite."""

from __future__ import annotations

import gc
import io
import os
import shlex
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import pytest

from mnvalidate.options import Options, add_options, is_given, read_options

if TYPE_CHECKING:
    from mnvalidate.checks.base import Check
    from mnvalidate.report.results import Results
    from mnvalidate.session import ValidationSession

pytest_plugins = ["mnvalidate.mechanism_plugin"]

_SUITE = Path(__file__).parent / "suite"
_FAMILY_SUFFIX = "_check"
_WORKER_FOLDER = "mnvalidate_folder"
_POOLS_FILE = "pools.json"
_WANTED_FILE = "wanted"
_MARKUP: dict[str, dict[str, bool]] = {
    "plain": {},
    "heading": {"bold": True},
    "error": {"red": True},
    "warning": {"yellow": True},
}

CONCLUDED = "mnvalidate_concluded"
"""Property of a report under which it carries the full id of the check that was concluded."""

options_key = pytest.StashKey[Options]()
_session_key = pytest.StashKey["ValidationSession"]()
_problem_key = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse bad options before anything else happens, then take part in the run."""
    config.addinivalue_line("markers", "mnvalidate: judges measured motoneurons")
    # What an ini file says is no matter in a run that collects none of the suite.
    if is_given(config) or any(map(_is_suite, config.args)):
        options = run_options(config)
        if options.deviations or options.profile:
            usage_errors(validation_session(config).read_inputs)
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(_Worker(config), "mnvalidate-worker")
    else:
        config.pluginmanager.register(_Controller(config), "mnvalidate-controller")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Explain a quantity in place of running tests, if that is asked for."""
    if not config.getoption("--mn-explain"):
        return None
    from mnvalidate.explain import explain
    from mnvalidate.session import ValidationSession

    options = usage_errors(lambda: read_options(config))
    print(usage_errors(lambda: explain(options.explain, ValidationSession(options).reference)))
    return 0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test of the suite its checks: ``range_check`` takes those of the family ``range``."""
    if metafunc.definition.get_closest_marker("mnvalidate") is None:
        return
    try:
        _prepare_early(metafunc.config)
        session = validation_session(metafunc.config)
        session.read_inputs()
    except (ValueError, pytest.UsageError) as error:
        # pytest would report it with a traceback for each file of the suite.
        metafunc.config.stash[_problem_key] = str(error)
        return
    if "known_deviation" in metafunc.fixturenames:
        deviations = session.deviations
        metafunc.parametrize("known_deviation", deviations, ids=[d.checks for d in deviations])
    for name in metafunc.fixturenames:
        if name.endswith(_FAMILY_SUFFIX):
            family = name.removesuffix(_FAMILY_SUFFIX)
            checks = [check for check in session.checks if check.family == family]
            metafunc.parametrize(name, checks, ids=[check.id for check in checks])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config) -> None:
    """Refuse unusable reference data; xdist's workers leave that to the controller."""
    if _problem_key in config.stash and not hasattr(config, "workerinput"):
        raise pytest.UsageError(config.stash[_problem_key])


@pytest.fixture(scope="session")
def validation(pytestconfig: pytest.Config) -> ValidationSession:
    """Return the run, with every pool measured."""
    return _measured_session(pytestconfig)


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note which checks a test concludes.

    A crash or a timeout is an error of the test's setup: nothing was there to be judged.
    """
    for check in _checks(item) if _is_ours(item) else ():
        session = _measured_session(item.config)
        # Not through record_property, which warns of the family of JUnit files that is the default.
        item.user_properties.append((CONCLUDED, check.full_id))
        if session.accident(check):
            pytest.fail(session.verdict(check.full_id).message, pytrace=False)


@pytest.fixture(scope="session")
def conclude(validation: ValidationSession) -> Callable[[Check], None]:
    """Return a function that turns the verdict of a check into the outcome of the test."""
    from mnvalidate.verdicts import Conclusion

    def call(check: Check) -> None:
        verdict = validation.verdict(check.full_id)
        if verdict.failed:
            pytest.fail(verdict.message, pytrace=False)
        if verdict.conclusion is Conclusion.NOT_JUDGED:
            pytest.skip(verdict.message)

    return call


class _Controller:
    """The process that measures and reports: the only one, or the one that xdist's workers report to."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._results: Results | None = None
        self._interrupted = False

    def pytest_sessionstart(self) -> None:
        """Let NEURON and MyoGen load from the start where the suite is asked for by its name or place."""
        if self._config.option.collectonly or not any(map(_is_suite, self._config.args)):
            return
        from mnvalidate.run.context import start_server
        from mnvalidate.run.keys import has_unknown_neurons
        from mnvalidate.run.store import Store

        options = run_options(self._config)
        store = Store(options.store) if options.store else None
        if has_unknown_neurons(store, options.specs, options.solver):
            start_server(own_mechanisms=options.has_own_mechanisms)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Measure before the first test when this process runs the tests itself."""
        ours = [item for item in session.items if _is_ours(item)]
        if ours and not self._config.option.collectonly:
            self._measure()
            validation_session(self._config).draw({check.full_id for item in ours for check in _checks(item)})
            # What is collected and measured stays to the end of the run: no garbage collection need visit it.
            gc.freeze()
        return (yield)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where to find what is measured."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="mnvalidate-")
        node.workerinput[_WORKER_FOLDER] = self._folder.name

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Measure before xdist hands out the first test, if a worker has collected the suite."""
        assert self._folder is not None
        folder = Path(self._folder.name)
        if (folder / _WANTED_FILE).exists() and not validation_session(self._config).measured:
            from mnvalidate.run.pool import save_pools

            self._measure()
            ours = validation_session(self._config)
            (folder / _POOLS_FILE).write_text(save_pools(ours.pools), encoding="utf-8")
            ours.draw({check.full_id for check in ours.checks})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the verdicts, wherever the test ran, and leave properties that other reports can show."""
        concluded = dict(report.user_properties).get(CONCLUDED)
        if concluded is None:
            return
        verdict = validation_session(self._config).verdict(str(concluded))
        report.user_properties = [p for p in report.user_properties if p[0] != CONCLUDED]
        if report.when == "teardown":
            report.user_properties += verdict.properties
        if report.when == "call" or (report.when == "setup" and report.failed):
            validation_session(self._config).verdicts.append(verdict)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that someone wants to leave; other plugins end a run with exceptions derived from this one."""
        self._interrupted = excinfo.type is KeyboardInterrupt

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report; a run that judged nothing fails, and one whose report cannot be written."""
        ours = self._config.stash.get(_session_key, None)
        refused = session.exitstatus == pytest.ExitCode.USAGE_ERROR
        if ours is None or not ours.has_results or refused:
            return
        if self._interrupted or not ours.is_whole:
            ours.write_partial_table()
            return
        command = shlex.join(["pytest", *map(str, self._config.invocation_params.args)])
        self._results = ours.finish(command)
        ours.write_report(self._results)
        incomplete = ours.report_problem or not ours.judged_something
        if session.exitstatus == pytest.ExitCode.OK and incomplete:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show what was seen, against what the literature has, and what was found in mechanisms."""
        ours = self._config.stash.get(_session_key, None)
        if ours is None or not ours.has_results:
            return
        if ours.measured:
            terminalreporter.write_sep("=", "motoneuron validation")
        if self._results is None:
            for partial in ours.partial_lines():
                terminalreporter.write_line(partial)
            return
        from mnvalidate.report.mechanisms import mechanism_lines
        from mnvalidate.report.terminal import summary

        width = terminalreporter._tw.fullwidth
        if ours.measured:
            for line in summary(self._results, width=width, verbosity=terminalreporter.verbosity):
                terminalreporter.write_line(line.text, **_MARKUP[line.style.value])
            for remark in ours.remarks():
                terminalreporter.write_line(remark)
        if ours.mechanisms is not None:
            terminalreporter.write_sep("=", "mechanism checks")
            for text in mechanism_lines(self._results.mechanisms, width=width):
                terminalreporter.write_line(text)
        folder = run_options(self._config).report
        if folder is not None and not ours.report_problem:
            terminalreporter.write_line(f"report: {folder / 'report.html'}")

    def pytest_unconfigure(self) -> None:
        """Remove the folder shared with xdist's workers, and end what was started for the report."""
        ours = self._config.stash.get(_session_key, None)
        if ours is not None:
            ours.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _measure(self) -> None:
        session = validation_session(self._config)
        usage_errors(session.read_inputs)
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and reporter.verbosity >= 0:
            reporter.ensure_newline()
            if reporter.isatty:
                reporter.rewrite("", erase=True)  # the line that xdist means to write over
                reporter.rewrite("")
            reporter.write_line(session.description())
        usage_errors(lambda: session.measure(self._stream(reporter)))

    def _stream(self, reporter: Any) -> TextIO:
        """Where progress is shown: a quiet run shows it only where it vanishes, on a terminal."""
        quietest = -1 if reporter is not None and reporter.isatty else 0
        if reporter is None or reporter.verbosity < quietest:
            return io.StringIO()
        stream: TextIO = reporter._tw._file
        return stream


class _Worker:
    """A process of xdist's: it judges what the controller has measured."""

    def __init__(self, config: pytest.Config) -> None:
        self._folder = worker_folder(config, _WORKER_FOLDER)
        self._waits = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Ask for the pools to be measured, if they are needed."""
        if any(_is_ours(item) for item in session.items):
            (self._folder / _WANTED_FILE).touch()
            self._waits = True

    def pytest_runtest_logstart(self) -> None:
        """Note that the controller has measured."""
        self._waits = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """End at once while the controller measures: nothing has run here, so that there is nothing to tell.

        The usual end takes a second in each worker, for a traceback and a summary that nobody sees.
        """
        if self._waits:
            os._exit(pytest.ExitCode.INTERRUPTED)


def run_options(config: pytest.Config) -> Options:
    """Return the options of the run, read and checked when they are first needed."""
    if options_key not in config.stash:
        config.stash[options_key] = usage_errors(lambda: read_options(config))
    return config.stash[options_key]


def validation_session(config: pytest.Config) -> ValidationSession:
    """Return the run of this process."""
    if _session_key not in config.stash:
        from mnvalidate.session import ValidationSession

        config.stash[_session_key] = ValidationSession(run_options(config))
    return config.stash[_session_key]


def _measured_session(config: pytest.Config) -> ValidationSession:
    """Return the run of this process with every pool measured, by the controller if this is a worker."""
    session = validation_session(config)
    if not session.measured:
        from mnvalidate.run.pool import load_pools

        folder = worker_folder(config, _WORKER_FOLDER)
        session.pools = load_pools((folder / _POOLS_FILE).read_text(encoding="utf-8"))
    return session


def worker_folder(config: Any, key: str) -> Path:
    """Return the folder that xdist's controller has told this worker of, by the key of what is in it."""
    return Path(config.workerinput[key])


def _prepare_early(config: pytest.Config) -> None:
    """Let NEURON, MyoGen and matplotlib load beside the collection, where this process will measure."""
    if not config.option.collectonly and not hasattr(config, "workerinput"):
        validation_session(config).prepare()


def _is_suite(argument: str) -> bool:
    """Whether an argument of pytest is the suite, or something in it, as a path or as a module."""
    place = Path(argument.partition("::")[0]).resolve()
    return place.is_relative_to(_SUITE) or argument.partition("::")[0].startswith("mnvalidate.suite")


def _is_ours(item: pytest.Item) -> bool:
    return item.get_closest_marker("mnvalidate") is not None


def _checks(item: pytest.Item) -> list[Check]:
    """Return the checks that a test concludes."""
    from mnvalidate.checks.base import Check

    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return [parameter for parameter in parameters if isinstance(parameter, Check)]


def usage_errors[T](action: Callable[[], T]) -> T:
    """Turn an unusable option into pytest's usage error: one line, exit code 4."""
    try:
        return action()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
