"""Figures drawn by another process, which costs the run no time while it does something else.

``python -m mnvalidate.report.artist`` is that process: it reads pickled results and the reference from its
standard input, and writes the pickled files of the figures to its standard output.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from mnvalidate.reference import Reference
from mnvalidate.report.results import Results

_NICENESS = 10


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
        exchange = ThreadPoolExecutor(1)
        answer = exchange.submit(lambda: self._process.communicate(pickle.dumps((results, reference)))[0])
        exchange.shutdown(wait=False)
        self._order = results, answer

    def figures(self, results: Results) -> dict[str, bytes] | None:
        """Files of the figures that were ordered, None where it was something else or drawing failed."""
        if self._order is None or not _show_the_same(self._order[0], results):
            return None
        answer = self._order[1].result()
        return pickle.loads(answer) if self._process.returncode == 0 else None

    def dismiss(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        if self._order is None:
            self._process.communicate()
        else:
            self._order[1].exception()


def _show_the_same(ordered: Results, wanted: Results) -> bool:
    return ordered.pools == wanted.pools and ordered.verdicts == wanted.verdicts


def main() -> None:
    """Draw what is ordered, unless the order ends before it has begun."""
    with suppress(OSError):
        os.nice(_NICENESS)
    from mnvalidate.report.render import render

    order = sys.stdin.buffer.read()
    if not order:
        return
    files = render(*pickle.loads(order))
    with suppress(BrokenPipeError):
        pickle.dump(files, sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
