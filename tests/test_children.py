"""The end of children, also where what is done with their results fails."""

import os
import threading
import time

import pytest
from processes import descendants, wait_until
from stubborn_child import ANSWERED, answer_and_stay, answer_at_once, answer_or_work_on

from mnvalidate.run.children import run_in_children
from mnvalidate.run.context import process_context, start_server

SOON__s = 5.0


class NoSpaceError(Exception):
    """Stands for whatever keeps a result from being kept."""


@pytest.fixture
def complaints(monkeypatch):
    """What threads have raised and nobody caught."""
    found = []
    monkeypatch.setattr(threading, "excepthook", found.append)
    return found


def run(tasks, work, on_end):
    start_server()
    run_in_children(tasks, work, jobs=3, timeout__s=50.0, context=process_context(), on_end=on_end)


def no_child_is_waited_for():
    return not any(thread.name.startswith("mnvalidate-child") for thread in threading.enumerate())


def test_what_cannot_be_kept_costs_no_other_result_that_has_come(complaints):
    kept = []

    def keep(task, ending, folder):
        if task == 0:
            wait_until(no_child_is_waited_for)
            raise NoSpaceError
        kept.append(ending)

    with pytest.raises(NoSpaceError):
        run(range(3), answer_at_once, keep)
    assert sorted(kept) == [1, 2]
    assert not complaints


def test_a_child_whose_result_has_come_as_all_are_ended_is_ended_too(complaints):
    """Its process is not yet gone when nobody waits for it any more."""
    before = descendants(os.getpid())
    raised__s = []

    def keep(task, ending, folder):
        wait_until((folder.parent / "2" / ANSWERED).exists)
        time.sleep(0.5)
        raised__s.append(time.monotonic())
        raise NoSpaceError

    with pytest.raises(NoSpaceError):
        run(range(2), answer_and_stay, keep)
    assert time.monotonic() - raised__s[0] < SOON__s
    wait_until(no_child_is_waited_for)
    assert not complaints
    wait_until(lambda: descendants(os.getpid()) <= before)


def test_what_still_runs_is_ended_at_once():
    before = descendants(os.getpid())
    raised__s = []

    def refuse(task, ending, folder):
        raised__s.append(time.monotonic())
        raise NoSpaceError

    with pytest.raises(NoSpaceError):
        run(range(3), answer_or_work_on, refuse)
    assert time.monotonic() - raised__s[0] < SOON__s
    wait_until(lambda: descendants(os.getpid()) <= before)
