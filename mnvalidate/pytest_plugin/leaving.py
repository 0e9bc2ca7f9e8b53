"""Being asked to leave: what a batch system, a container or a closed terminal sends counts as Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

_REQUESTS = (signal.SIGTERM, signal.SIGHUP)


def leave_as_after_an_interrupt() -> Callable[[], None]:
    """Let requests to end this process raise KeyboardInterrupt, the first time.

    What would otherwise be lost is then written, and what was started is ended. A request that is ignored (as
    under ``nohup``) or handled by somebody stays so.

    Returns
    -------
    callable
        Undoes it.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    taken = [number for number in _REQUESTS if signal.getsignal(number) is signal.SIG_DFL]

    def undo() -> None:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)

    def leave(number: int, frame: FrameType | None) -> None:
        undo()
        raise KeyboardInterrupt(signal.Signals(number).name)

    for number in taken:
        signal.signal(number, leave)
    return undo
