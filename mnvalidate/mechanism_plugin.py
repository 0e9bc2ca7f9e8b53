"""The part of the pytest plugin that checks single mechanisms; it does nothing unless some are named."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mnvalidate.mechanisms.judge import JudgedMechanisms, PlannedCheck
    from mnvalidate.options import Options

_MARKER = "mnvalidate_mechanism"
_FIXTURE = "mechanism_check"
_VERDICT = "mnvalidate_verdict"
_WORKER_FOLDER = "mnvalidate_mechanisms_folder"
_JUDGED_FILE = "mechanisms.json"
_WANTED_FILE = "wanted"

_judged_key = pytest.StashKey["JudgedMechanisms"]()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take part in the run, once the options are known to be good."""
    config.addinivalue_line("markers", f"{_MARKER}: judges single NMODL mechanisms")
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(_Worker(config), "mnvalidate-mechanisms-worker")
    else:
        config.pluginmanager.register(_Controller(config), "mnvalidate-mechanisms-controller")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give the suite's test of mechanisms every check of every mechanism that is named."""
    if _FIXTURE in metafunc.fixturenames and metafunc.definition.get_closest_marker(_MARKER) is not None:
        planned = _planned(metafunc.config)
        metafunc.parametrize(_FIXTURE, planned, ids=[plan.id for plan in planned])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Drop the item that stands for an empty list of mechanisms."""
    if not _options(config).mechanisms:
        items[:] = [item for item in items if not _is_ours(item)]


@pytest.fixture
def conclude_mechanism(
    pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> Callable[[PlannedCheck], None]:
    """Return a function that turns the verdict of a check into the outcome of the test."""
    from mnvalidate.verdicts import Conclusion

    verdicts = {verdict.check: verdict for verdict in _judged(pytestconfig).verdicts}

    def call(plan: PlannedCheck) -> None:
        verdict = verdicts[plan.full_id]
        record_property(_VERDICT, json.dumps(verdict.to_json()))
        if verdict.failed:
            pytest.fail(verdict.message, pytrace=False)
        if verdict.conclusion is Conclusion.NOT_JUDGED:
            pytest.skip(verdict.message)

    return call


class _Controller:
    """The process that judges the mechanisms and reports them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Judge before the first test when this process runs the tests itself."""
        if not self._config.option.collectonly and _any_is_ours(session.items):
            self._judge()
        return (yield)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where to find what was judged."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="mnvalidate-")
        node.workerinput[_WORKER_FOLDER] = self._folder.name

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Judge before xdist hands out the first test, if a worker has collected mechanisms."""
        assert self._folder is not None
        folder = Path(self._folder.name)
        if (folder / _WANTED_FILE).exists() and _judged_key not in self._config.stash:
            self._judge()
            text = json.dumps(self._config.stash[_judged_key].to_json())
            (folder / _JUDGED_FILE).write_text(text, encoding="utf-8")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report; a run that judged no mechanism although some were named fails."""
        judged = self._config.stash.get(_judged_key, None)
        if judged is None:
            return
        folder = _options(self._config).report
        if folder is not None:
            from mnvalidate.report.mechanisms import write_mechanisms

            write_mechanisms(folder, judged)
        if session.exitstatus == pytest.ExitCode.OK and not any(v.judged for v in judged.verdicts):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show what was found, worst first."""
        judged = self._config.stash.get(_judged_key, None)
        if judged is None:
            return
        from mnvalidate.mechanisms.known import known_defects, stale
        from mnvalidate.report.mechanisms import mechanism_lines

        terminalreporter.write_sep("=", "mechanism checks")
        outdated = stale(judged.verdicts, known_defects(_nmodl(self._config)))
        for line in mechanism_lines(judged, [entry.check for entry in outdated]):
            terminalreporter.write_line(line)

    def pytest_unconfigure(self) -> None:
        """Remove the folder shared with xdist's workers."""
        if self._folder is not None:
            self._folder.cleanup()

    def _judge(self) -> None:
        from mnvalidate.mechanisms.judge import judge_mechanisms
        from mnvalidate.mechanisms.known import excuse, known_defects
        from mnvalidate.models.nmodl import NmodlError
        from mnvalidate.options import OptionError, check_writable
        from mnvalidate.run.pool import default_jobs

        options = _options(self._config)
        nmodl = _nmodl(self._config)
        try:
            if options.report is not None:
                check_writable(options.report)
            judged = judge_mechanisms(options.mechanisms, nmodl, jobs=options.jobs or default_jobs())
        except NmodlError as error:
            raise pytest.UsageError(f"--mn-nmodl: {error}") from None
        except OptionError as error:
            raise pytest.UsageError(str(error)) from None
        known = known_defects(nmodl)
        self._config.stash[_judged_key] = judged.with_verdicts([excuse(v, known) for v in judged.verdicts])


class _Worker:
    """A process of xdist's: it reports what the controller has judged."""

    def __init__(self, config: pytest.Config) -> None:
        self._folder = Path(config.workerinput[_WORKER_FOLDER])  # type: ignore[attr-defined]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Ask for the mechanisms to be judged, if that is needed."""
        if _any_is_ours(session.items):
            (self._folder / _WANTED_FILE).touch()


def _options(config: pytest.Config) -> Options:
    from mnvalidate.plugin import options_key

    return config.stash[options_key]


def _nmodl(config: pytest.Config) -> Any:
    return _options(config).specs[0].nmodl


def _planned(config: pytest.Config) -> tuple[PlannedCheck, ...]:
    from mnvalidate.mechanisms.judge import plan_mechanisms

    return plan_mechanisms(_options(config).mechanisms)


def _judged(config: pytest.Config) -> JudgedMechanisms:
    if _judged_key not in config.stash:
        from mnvalidate.mechanisms.judge import JudgedMechanisms

        folder = Path(config.workerinput[_WORKER_FOLDER])  # type: ignore[attr-defined]
        data = json.loads((folder / _JUDGED_FILE).read_text(encoding="utf-8"))
        config.stash[_judged_key] = JudgedMechanisms.from_json(data)
    return config.stash[_judged_key]


def _is_ours(item: pytest.Item) -> bool:
    return item.get_closest_marker(_MARKER) is not None


def _any_is_ours(items: Iterable[pytest.Item]) -> bool:
    return any(_is_ours(item) for item in items)
