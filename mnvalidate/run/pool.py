"""A whole pool, measured."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnvalidate.models.layering import sources_to_compile
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.library import build_library
from mnvalidate.records import Record
from mnvalidate.run.progress import Progress, Silence
from mnvalidate.run.store import Store
from mnvalidate.solver import Solver

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_TIMEOUT__s = 300.0


@dataclass(frozen=True, slots=True)
class Pool:
    """The records of a pool.

    Parameters
    ----------
    spec : ModelSpec
        What was measured.
    solver : Solver
        How it was integrated.
    records : tuple of Record
        One for each neuron, in order of recruitment; fewer if measuring was interrupted.
    cached : int
        How many of them came from the store.
    """

    spec: ModelSpec
    solver: Solver
    records: tuple[Record, ...]
    cached: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every neuron has a record."""
        return len(self.records) == self.spec.n_neurons

    @property
    def table(self) -> pd.DataFrame:
        """One row for each neuron, with the columns of ``neuron_parameters.csv``."""
        from mnvalidate.table import parameter_table

        return parameter_table(self.records)


def default_jobs() -> int:
    """Number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def measure(
    spec: ModelSpec | None = None,
    *,
    solver: Solver | None = None,
    jobs: int | None = None,
    timeout__s: float = DEFAULT_TIMEOUT__s,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Pool:
    """Measure every neuron of a pool, each in a fresh process.

    The result does not depend on the number of processes. A neuron whose process crashes or times out has a
    record that says so; the others are not affected.

    Parameters
    ----------
    spec : ModelSpec, optional
        The model; five neurons of the default model by default.
    solver : Solver, optional
        Method of integration; CVODE by default.
    jobs : int, optional
        Number of processes at a time; all cores by default.
    timeout__s : float
        Seconds that one neuron may take.
    store : Store, optional
        Records of earlier runs, which are not measured again; none by default.
    progress : Progress, optional
        Shows how far it has come.

    Returns
    -------
    Pool
        Records in order of recruitment, and a DataFrame of them as ``table``.

    Raises
    ------
    Interrupted
        On a keyboard interrupt; it carries what was measured until then.
    NmodlError
        If the specification's mechanisms cannot be compiled.
    ValueError
        If the package of a model is not installed.
    """
    from mnvalidate.run.neurons import Arrival, measure_neurons

    spec, solver = spec or ModelSpec(), solver or Solver()
    if spec.named is not None:
        spec.named.require()
    to_compile = sources_to_compile(spec)
    if to_compile:
        build_library(to_compile)
    arrivals: dict[int, Arrival] = {}

    def pool() -> Pool:
        ordered = [arrivals[neuron] for neuron in sorted(arrivals)]
        return Pool(spec, solver, tuple(a.record for a in ordered), sum(a.cached for a in ordered))

    with progress or Silence() as shown:

        def keep(arrival: Arrival) -> None:
            arrivals[arrival.record.neuron] = arrival
            shown.advance(arrival.record, cached=arrival.cached)

        try:
            measure_neurons(
                spec,
                range(spec.n_neurons),
                solver,
                jobs=jobs or default_jobs(),
                timeout__s=timeout__s,
                store=store,
                on_arrival=keep,
            )
        except KeyboardInterrupt:
            raise Interrupted(pool()) from None
        finally:
            if store is not None:
                store.trim()
    return pool()


class Interrupted(KeyboardInterrupt):
    """Measuring was interrupted.

    Attributes
    ----------
    pool : Pool
        What was measured until then.
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__(f"{len(pool.records)} of {pool.spec.n_neurons} neurons measured")
        self.pool = pool
