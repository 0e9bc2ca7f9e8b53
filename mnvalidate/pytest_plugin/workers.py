"""All that the plugin does for pytest-xdist.

The controller measures and judges, the workers tell pytest what was concluded:

1. `Controller.pytest_configure_node` tells each worker of a folder that all of them share.
2. Each worker collects the suite; `Worker.pytest_collection_finish` writes the ids of the checks that the
   selected tests ask for to ``needed.json``. All workers write the same.
3. `Controller.pytest_xdist_node_collection_finished` comes before xdist hands out the first test: it measures
   what is needed, judges it, and writes ``judgement.json``.
4. A worker's first test reads ``judgement.json``; each test reports the id of the check that it concludes.
5. The controller collects these ids, and reports at the end as in a run without workers.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mnvalidate.pytest_plugin.run import ValidationRun, usage_errors

if TYPE_CHECKING:
    from mnvalidate.checks.check import Check
    from mnvalidate.validation import Judgement

_FOLDER = "mnvalidate_folder"
_NEEDED_FILE = "needed.json"
_JUDGEMENT_FILE = "judgement.json"


class Controller:
    """The process that xdist's workers report to.

    Parameters
    ----------
    run : ValidationRun
        The run.
    judge : callable
        Measures and judges what some checks need.
    """

    def __init__(self, run: ValidationRun, judge: Callable[[Sequence[Check]], Judgement]) -> None:
        self._run = run
        self._judge = judge
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of the shared folder."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="mnvalidate-")
        node.workerinput[_FOLDER] = self._folder.name

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Measure and judge, if a worker has collected the suite and it was not done before."""
        assert self._folder is not None
        folder = Path(self._folder.name)
        if self._run.judgement is not None or not (folder / _NEEDED_FILE).exists():
            return
        needed = frozenset(json.loads((folder / _NEEDED_FILE).read_text(encoding="utf-8")))
        plan = usage_errors(lambda: self._run.plan)
        judgement = self._judge([check for check in plan.checks if check.full_id in needed])
        text = json.dumps(judgement.to_json())
        (folder / _JUDGEMENT_FILE).write_text(text, encoding="utf-8")

    def pytest_unconfigure(self) -> None:
        """Remove the shared folder."""
        if self._folder is not None:
            self._folder.cleanup()


class Worker:
    """A process of xdist's.

    Parameters
    ----------
    run : ValidationRun
        The run, as far as this process knows it.
    config : pytest.Config
        Tells where the shared folder is.
    """

    def __init__(self, run: ValidationRun, config: Any) -> None:
        self._run = run
        self._folder = Path(config.workerinput[_FOLDER])
        self._waits = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Ask for what the selected tests need."""
        needed = [check.full_id for check in self._run.needed(session.items)]
        if needed or self._run.problem:  # a problem is the controller's to tell, who has it too
            # Every worker writes the same; none may see half of it.
            descriptor, waiting = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(needed, file)
            Path(waiting).replace(self._folder / _NEEDED_FILE)
            self._waits = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Read what the controller has concluded."""
        self._waits = False
        if self._run.judgement is None and (self._folder / _JUDGEMENT_FILE).exists():
            from mnvalidate.validation import Judgement

            text = (self._folder / _JUDGEMENT_FILE).read_text(encoding="utf-8")
            self._run.judgement = Judgement.from_json(json.loads(text))

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """End at once while the controller measures: nothing has run here, so that there is nothing to tell.

        The usual end takes a second in each worker, for a traceback and a summary that nobody sees.
        """
        if self._waits:
            os._exit(pytest.ExitCode.INTERRUPTED)
