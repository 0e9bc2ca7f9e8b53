"""The part of the pytest plugin that checks single mechanisms; it does nothing unless some are named."""

from __future__ import annotations

import inspect
import json
import tempfile
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mnvalidate.mechanisms.judge import PlannedCheck
    from mnvalidate.options import Options
    from mnvalidate.session import ValidationSession

_MARKER = "mnvalidate_mechanism"
_CHECK = "mechanism_check"
_DEVIATION = "known_mechanism_deviation"
_WORKER_FOLDER = "mnvalidate_mechanisms_folder"
_JUDGED_FILE = "mechanisms.json"
_WANTED_FILE = "wanted"


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take part in the run, once the options are known to be good."""
    config.addinivalue_line("markers", f"{_MARKER}: judges single NMODL mechanisms")
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(_Worker(config), "mnvalidate-mechanisms-worker")
    else:
        config.pluginmanager.register(_Controller(config), "mnvalidate-mechanisms-controller")


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, obj: object) -> list[pytest.Item] | None:
    """Collect nothing in place of a test that there is nothing to ask about."""
    if not inspect.isfunction(obj) or all(m.name != _MARKER for m in getattr(obj, "pytestmark", [])):
        return None
    try:
        return None if _subjects(collector.config, inspect.signature(obj).parameters)[1] else []
    except pytest.UsageError:
        return []  # the tests of pools tell it, once


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give the suite every check of every mechanism that is named, and what is known of them."""
    if metafunc.definition.get_closest_marker(_MARKER) is not None:
        name, subjects = _subjects(metafunc.config, metafunc.fixturenames)
        metafunc.parametrize(name, subjects.values(), ids=subjects.keys())


@pytest.fixture(scope="session")
def judged_mechanisms(pytestconfig: pytest.Config) -> ValidationSession:
    """Return the run, with the mechanisms judged."""
    session = _session(pytestconfig)
    if session.mechanisms is None:
        from mnvalidate.mechanisms.judged import JudgedMechanisms
        from mnvalidate.plugin import worker_folder

        folder = worker_folder(pytestconfig, _WORKER_FOLDER)
        data = json.loads((folder / _JUDGED_FILE).read_text(encoding="utf-8"))
        session.mechanisms = JudgedMechanisms.from_json(data)
    return session


@pytest.fixture
def conclude_mechanism(
    judged_mechanisms: ValidationSession, request: pytest.FixtureRequest
) -> Callable[[PlannedCheck], None]:
    """Return a function that turns the verdict of a check into the outcome of the test."""
    from mnvalidate.plugin import CONCLUDED
    from mnvalidate.verdicts import Conclusion

    def call(plan: PlannedCheck) -> None:
        verdict = judged_mechanisms.verdict(plan.full_id)
        request.node.user_properties.append((CONCLUDED, plan.full_id))
        if verdict.failed:
            pytest.fail(verdict.message, pytrace=False)
        if verdict.conclusion is Conclusion.NOT_JUDGED:
            pytest.skip(verdict.message)

    return call


class _Controller:
    """The process that judges the mechanisms; they are reported with the pools."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Judge before the first test when this process runs the tests itself."""
        if not self._config.option.collectonly:
            self._judge(_wanted(self._config, session.items))
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
        session = _session(self._config)
        if (folder / _WANTED_FILE).exists() and session.mechanisms is None:
            self._judge(json.loads((folder / _WANTED_FILE).read_text(encoding="utf-8")))
            assert session.mechanisms is not None
            text = json.dumps(session.mechanisms.to_json())
            (folder / _JUDGED_FILE).write_text(text, encoding="utf-8")

    def pytest_unconfigure(self) -> None:
        """Remove the folder shared with xdist's workers."""
        if self._folder is not None:
            self._folder.cleanup()

    def _judge(self, names: list[str]) -> None:
        from mnvalidate.plugin import usage_errors

        if names:
            usage_errors(lambda: _session(self._config).judge_mechanisms(names))


class _Worker:
    """A process of xdist's: it reports what the controller has judged."""

    def __init__(self, config: pytest.Config) -> None:
        from mnvalidate.plugin import worker_folder

        self._config = config
        self._folder = worker_folder(config, _WORKER_FOLDER)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Ask for the mechanisms to be judged, if that is needed."""
        names = _wanted(self._config, session.items)
        if names:
            # Every worker writes the same; none may see half of it.
            with tempfile.NamedTemporaryFile(
                "w", dir=self._folder, encoding="utf-8", delete=False
            ) as waiting:
                json.dump(names, waiting)
            Path(waiting.name).replace(self._folder / _WANTED_FILE)


def _options(config: pytest.Config) -> Options:
    from mnvalidate.plugin import run_options

    return run_options(config)


def _session(config: pytest.Config) -> ValidationSession:
    from mnvalidate.plugin import validation_session

    return validation_session(config)


def _planned(config: pytest.Config) -> tuple[PlannedCheck, ...]:
    from mnvalidate.mechanisms.judge import plan_mechanisms

    return plan_mechanisms(_options(config).mechanisms)


def _subjects(config: pytest.Config, arguments: Iterable[str]) -> tuple[str, dict[str, Any]]:
    """Argument of a test that stands for what it asks about, and its values by their ids."""
    deviations = _DEVIATION in arguments
    name = _DEVIATION if deviations else _CHECK
    if not _options(config).mechanisms:
        return name, {}
    if deviations:
        return name, {d.checks: d for d in _session(config).mechanism_deviations}
    return name, {plan.id: plan for plan in _planned(config)}


def _wanted(config: pytest.Config, items: Iterable[pytest.Item]) -> list[str]:
    """Mechanisms that the selected tests are about."""
    params = [_params(item) for item in items if _is_ours(item)]
    if not params:
        return []
    checks = {p[_CHECK].full_id for p in params if _CHECK in p}
    deviations = [p[_DEVIATION] for p in params if _DEVIATION in p]
    planned = _planned(config)
    needed = [p for p in planned if p.full_id in checks or any(d.matches(p.full_id) for d in deviations)]
    return list(dict.fromkeys(plan.mechanism for plan in needed))


def _params(item: pytest.Item) -> dict[str, Any]:
    return item.callspec.params if hasattr(item, "callspec") else {}


def _is_ours(item: pytest.Item) -> bool:
    return item.get_closest_marker(_MARKER) is not None
