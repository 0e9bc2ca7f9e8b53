"""Figures drawn by another process, which costs the run no time while it does something else.

``python -m mnvalidate.report.artist`` is that process: it reads pickled results and the reference from its
standard input, and writes the pickled files of the figures to its standard output.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from multiprocessing import get_context

from mnvalidate.literature.criteria import Reference
from mnvalidate.report.results import Results

_HANDS = 2
# Far longer than figures take; a process that was stopped would be waited for without end.
_LONGEST_WAIT__s = 300.0

_order: tuple[Results, Reference]


class Artist:
    """A process that draws. It ends with its order, or when this process ends."""

    def __init__(self) -> None:
        # A session of its own, so that Ctrl-C on the terminal is for this process alone. No -P would let a
        # file in the working folder stand for a module.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._order: tuple[Results, Future[bytes]] | None = None

    def draw(self, results: Results, reference: Reference) -> None:
        """Order the figures of `results`; to be called once."""
        order, self._process.stdin = self._process.stdin, None
        assert order is not None
        # Whole and at once: a thread that writes would wait for its turn at each page of the pipe.
        with suppress(BrokenPipeError), order:
            order.write(pickle.dumps((results, reference)))
        exchange = ThreadPoolExecutor(1)
        answer = exchange.submit(lambda: self._process.communicate()[0])
        exchange.shutdown(wait=False)
        self._order = results, answer

    def figures(self, results: Results) -> dict[str, bytes] | None:
        """Files of the figures that were ordered, None where it was something else or drawing failed."""
        if self._order is None or not _show_the_same(self._order[0], results):
            return None
        try:
            answer = self._order[1].result(_LONGEST_WAIT__s)
        except FutureTimeoutError:
            return None
        return pickle.loads(answer) if self._process.returncode == 0 else None

    def dismiss(self) -> None:
        """End the process, whatever it does, and those that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._order is None:
            self._process.communicate()
        else:
            self._order[1].exception()


def _show_the_same(ordered: Results, wanted: Results) -> bool:
    same = ordered.pools == wanted.pools and ordered.verdicts == wanted.verdicts
    return same and ordered.baseline == wanted.baseline and ordered.scan == wanted.scan


def main() -> None:
    """Draw what is ordered, on two cores, unless the order ends before it has begun."""
    from mnvalidate.report.render import stems

    order = sys.stdin.buffer.read()
    if not order:
        return
    # This process has one thread, so that it may fork; its children find the order in their memory.
    results, reference = pickle.loads(order)
    fork = get_context("fork")
    # Of the standard library's two pools this is the one that tells when a process of its own was killed.
    with ProcessPoolExecutor(_HANDS, fork, initializer=_take, initargs=(results, reference)) as hands:
        # The largest figures come last in a report; begun first, they leave no core idle at the end.
        drawn = list(hands.map(_draw, reversed(stems(results))))
    with suppress(BrokenPipeError):
        pickle.dump(
            {name: file for files in reversed(drawn) for name, file in files.items()}, sys.stdout.buffer
        )
        sys.stdout.buffer.flush()
    # Whoever ordered waits for the end, and the interpreter would take 0.1 s to take itself apart.
    os._exit(0)


def _take(results: Results, reference: Reference) -> None:
    global _order
    _order = results, reference


def _draw(stem: str) -> dict[str, bytes]:
    from mnvalidate.report.render import render_figure

    return render_figure(stem, *_order)


if __name__ == "__main__":
    main()
