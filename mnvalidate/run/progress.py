"""How far measuring has come, for a person or a log."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Never, Protocol, Self, TextIO

from tqdm import tqdm

from mnvalidate.records import MeasurementOutcome, Record

# With a pool of 1000, all of it fits into 80 columns.
_BAR = "{desc}: {n_fmt}/{total_fmt} {bar} {rate_noinv_fmt}, {remaining} left{postfix}"
_LONGEST_TITLE = 20


class Progress(Protocol):
    """Shows measuring as it goes; a context manager around it."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, however it ended."""

    def advance(self, record: Record, *, cached: bool) -> None:
        """One neuron more has a record, measured now or kept in the store."""

    def count(self, more: int, *, failed: int = 0, cached: int = 0) -> None:
        """Count what is done now; some of it failed or was kept in the store."""

    def note(self, text: str) -> None:
        """Say what is going on before anything can be counted."""


class Bar:
    """A bar on a terminal, which vanishes at the end; a line for every tenth of the whole elsewhere.

    Parameters
    ----------
    title : str
        What is being done.
    total : int
        Number of neurons, or of what else is counted.
    stream : text file
        Where to write.
    unit : str
        What is counted.
    """

    def __init__(self, title: str, total: int, stream: TextIO, unit: str = "neurons") -> None:
        self._title, self._total, self._stream, self._unit = title, total, stream, unit
        self._done = 0
        self._failed = 0
        self._cached = 0
        self._bar: tqdm[Never] | None = None
        self._began__s = time.monotonic()

    def __enter__(self) -> Self:
        """Begin."""
        if self._stream.isatty():
            title = self._title
            self._bar = tqdm(
                total=self._total,
                desc=title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 3]}...",
                bar_format=_BAR,
                unit="",
                file=self._stream,
                dynamic_ncols=True,
                leave=False,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, however it ended."""
        if self._bar is not None:
            self._bar.close()
        self._stream.flush()

    def advance(self, record: Record, *, cached: bool) -> None:
        """One neuron more has a record, measured now or kept in the store."""
        failed = any(
            m.outcome in (MeasurementOutcome.CRASHED, MeasurementOutcome.TIMED_OUT)
            for m in record.measurements.values()
        )
        self.count(1, failed=int(failed), cached=int(cached))

    def count(self, more: int, *, failed: int = 0, cached: int = 0) -> None:
        """Count what is done now; some of it failed or was kept in the store."""
        before, self._done = self._done, self._done + more
        self._failed += failed
        self._cached += cached
        if self._bar is not None:
            self._bar.set_postfix_str(", ".join(self._remarks), refresh=False)
            self._bar.update(more)
        elif self._done * 10 // self._total > before * 10 // self._total:
            counts = ", ".join([f"{self._done}/{self._total} {self._unit}", self._pace, *self._remarks])
            self._write(counts)

    def note(self, text: str) -> None:
        """Say what is going on before anything can be counted."""
        if self._bar is not None:
            self._bar.set_postfix_str(f"  {text}")
        else:
            self._write(text)

    def _write(self, text: str) -> None:
        self._stream.write(f"{self._title}: {text}\n")
        self._stream.flush()

    @property
    def _pace(self) -> str:
        """Rate so far, and the time left at that rate."""
        rate__per_s = self._done / max(time.monotonic() - self._began__s, 1e-3)
        left = tqdm.format_interval((self._total - self._done) / rate__per_s)
        return f"{rate__per_s:.3g} {self._unit}/s, {left} left"

    @property
    def _remarks(self) -> list[str]:
        failed = [f"{self._failed} failed"] if self._failed else []
        return failed + ([f"{self._cached} cached"] if self._cached else [])


class Silence:
    """No progress shown."""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, however it ended."""

    def advance(self, record: Record, *, cached: bool) -> None:
        """One neuron more has a record, measured now or kept in the store."""

    def count(self, more: int, *, failed: int = 0, cached: int = 0) -> None:
        """Count what is done now."""

    def note(self, text: str) -> None:
        """Say what is going on."""
