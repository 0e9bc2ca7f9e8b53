"""Judging a measured pool without pytest."""

from __future__ import annotations

from mnvalidate.checks.base import PoolOutline
from mnvalidate.checks.plan import judge_records, plan_checks
from mnvalidate.reference import load_reference
from mnvalidate.run.pool import Pool
from mnvalidate.verdicts import Verdict


def judge(pool: Pool, species: str = "cat") -> list[Verdict]:
    """Judge every neuron and the pool as a whole, as the suite does.

    Parameters
    ----------
    pool : Pool
        A measured pool.
    species : str
        Species whose literature applies.

    Returns
    -------
    list of Verdict
        One for each check; those with ``failed`` would fail a pytest run.

    Raises
    ------
    ValueError
        If there is no literature for the species.
    """
    outline = PoolOutline(pool.spec.name, pool.spec.n_neurons)
    return judge_records(plan_checks(load_reference(), species, [outline]), pool.records)
