"""Fresh processes: started from a preloaded server, ended by a hard timeout, never trusted."""

from __future__ import annotations

import itertools
import multiprocessing
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from pebble import ProcessExpired
from pebble.concurrent import process as concurrent_process

from mnvalidate.nmodl.sources import NmodlError
from mnvalidate.printed import described, one_line, tail
from mnvalidate.records import MeasurementOutcome, UnusableModel
from mnvalidate.run.confinement import OUTPUT_FILE, MEMORY__bytes, behave_as_child, end_of_group

_CHILD_NAME = "mnvalidate-child"
_NUMBERS = itertools.count(1)
_LONGEST_END__s = 5.0
# What C++ and NEURON print before they end a process that is refused memory; Python raises MemoryError.
_REFUSED_MEMORY = ("std::bad_alloc", "NEURON: out of memory")
_TOO_LARGE = f"needed more than {MEMORY__bytes // 1024**2} MB of memory"


@dataclass(frozen=True, slots=True)
class Accident:
    """The end of a process that gave no result.

    Parameters
    ----------
    outcome : MeasurementOutcome
        ``CRASHED`` or ``TIMED_OUT``.
    reason : str
        What happened, on one line.
    printed : str
        The end of what the process printed.
    """

    outcome: MeasurementOutcome
    reason: str
    printed: str


def run_in_children[Task, Result](
    tasks: Iterable[Task],
    work: Callable[[Task, Path], Result],
    *,
    jobs: int,
    timeout__s: float,
    context: BaseContext,
    on_end: Callable[[Task, Result | Accident, Path], None],
) -> None:
    """Carry out each task in a process of its own.

    Parameters
    ----------
    tasks : iterable of Task
        What to do; each must survive pickling.
    work : callable
        Function of a module; called in the child with a task and an empty folder of the task's own.
    jobs : int
        Number of processes at a time.
    timeout__s : float
        Seconds after which a process is ended.
    context : multiprocessing context
        How processes are started; see `mnvalidate.run.context`.
    on_end : callable
        Called in this process with each task as it ends, in no particular order: with its result, or what
        befell it, and with its folder, which is removed afterwards. What it raises ends everything, once it
        has been called with all that has come in by then.
    """
    name = f"{_CHILD_NAME}-{next(_NUMBERS)}"
    # Pebble 5.2 reads the keyword `context`; its type annotations call it `mp_context`.
    in_process = concurrent_process(name=name, timeout=timeout__s, context=context)  # type: ignore[call-overload]
    start: Callable[..., Future[Result]] = in_process(_confined)
    waiting = list(tasks)[::-1]
    running: dict[Future[Result], tuple[Task, Path]] = {}
    started = 0

    def hand_over(future: Future[Result]) -> None:
        task, folder = running.pop(future)
        end_of_group(folder)
        ending: Result | Accident = _ending(future, folder, timeout__s)
        on_end(task, ending, folder)
        rmtree(folder, ignore_errors=True)

    with TemporaryDirectory(prefix="mnvalidate-") as scratch:
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    task, started = waiting.pop(), started + 1
                    folder = Path(scratch) / str(started)
                    folder.mkdir()
                    running[start(work, task, folder)] = task, folder
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    hand_over(future)
        except BaseException:
            for future in [future for future in running if future.done()]:
                with suppress(Exception):  # the first one is raised
                    hand_over(future)
            raise
        finally:
            _end(running, name)
            for _, folder in running.values():
                end_of_group(folder)


def _confined[Task, Result](work: Callable[[Task, Path], Result], task: Task, folder: Path) -> Result:
    """Run in the child."""
    behave_as_child(folder)
    try:
        return work(task, folder)
    except BaseException as error:  # a model may raise anything, and its class must not travel
        raise _that_travels(error).with_traceback(error.__traceback__) from None


class _Raised(Exception):  # noqa: N818 - stands for an error of another process
    """What another process raised, by the name of its class and its message."""


def _that_travels(error: BaseException) -> Exception:
    """Return an error that this program can read without importing what raised it.

    An exception's class may be the user's, and its arguments anything.
    """
    if isinstance(error, MemoryError):
        return MemoryError()
    for own in (UnusableModel, NmodlError):
        if isinstance(error, own):
            return own(str(error))
    return _Raised(described(error))


def _ending[Result](future: Future[Result], folder: Path, timeout__s: float) -> Result | Accident:
    output = folder / OUTPUT_FILE
    try:
        return future.result()
    except FutureTimeoutError:
        reason = f"ended after the timeout of {timeout__s:g} s"
        return Accident(MeasurementOutcome.TIMED_OUT, reason, tail(output))
    except ProcessExpired as error:
        reason = how_it_ended(error.exitcode)
        if any(words in tail(output) for words in _REFUSED_MEMORY):
            reason = f"{_TOO_LARGE}: {reason}"
    except Exception as error:
        _print_traceback(error, output)
        raised = str(error) if isinstance(error, _Raised) else described(error)
        reason = _TOO_LARGE if isinstance(error, MemoryError) else f"raised {raised}"
        if isinstance(error, UnusableModel | NmodlError):  # its message is a sentence of our own
            reason = one_line(str(error))
    return Accident(MeasurementOutcome.CRASHED, reason, tail(output))


def _end[Result](running: Iterable[Future[Result]], name: str) -> None:
    """End what still runs, and wait until it has ended.

    Pebble's thread of a child sets the child's result or end, and raises if someone has cancelled it first.
    """
    for child in multiprocessing.active_children():
        if child.name == name:
            child.kill()
    wait(running, timeout=_LONGEST_END__s)


def how_it_ended(exitcode: int | None) -> str:
    """Describe the end of a process that gave no result."""
    if exitcode is not None and exitcode < 0:
        try:
            return f"the process ended with {signal.Signals(-exitcode).name}"
        except ValueError:
            return f"the process ended with signal {-exitcode}"
    if exitcode == 0:
        return "the process ended itself with exit code 0 and without a result, as h.quit() does"
    return f"the process ended with exit code {exitcode} and without a result"


def _print_traceback(error: BaseException, file: Path) -> None:
    """Append the traceback that came with an error from a child to what the child printed."""
    with file.open("a", encoding="utf-8", errors="backslashreplace") as output:
        stand_in = f"{_Raised.__module__}.{_Raised.__qualname__}: "
        output.write(f"\n{error.__cause__ or error}\n".replace(stand_in, ""))
