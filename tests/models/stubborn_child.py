"""Work of children for tests of how they end."""

import signal
import threading
import time

ANSWERED = "answered"


def answer_at_once(task, folder):
    """Return the task."""
    return task


def answer_and_stay(task, folder):
    """Return the task; all but the first then stay a while, whatever asks them to go."""
    if task:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        threading.Thread(target=time.sleep, args=(60,)).start()
    (folder / ANSWERED).touch()
    return task


def answer_or_work_on(task, folder):
    """Return 0; anything else keeps on working."""
    if task:
        time.sleep(60)
    return task
