"""A pytest plugin that writes how long each phase of a run took, as JSON, to the file in `PHASES_FILE`."""

import json
import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

FILE_VARIABLE = "PHASES_FILE"
_ends: dict[str, float] = {}


def _seconds_since_start() -> float:
    """Seconds since the kernel started this process, so that starting Python counts."""
    fields = Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def _end(phase: str) -> None:
    _ends[phase] = _seconds_since_start()


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    _end("start-up")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    _end("collection")


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    # Wrapped by mnvalidate's own hook, which measures before the first test.
    _end("measuring")
    result = yield
    _end("judging")
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish() -> Generator[None, object, object]:
    result = yield
    _end("report")
    if FILE_VARIABLE in os.environ:
        starts = [0.0, *_ends.values()]
        phases = {name: end - start for start, (name, end) in zip(starts, _ends.items(), strict=False)}
        Path(os.environ[FILE_VARIABLE]).write_text(json.dumps(phases))
    return result
