"""Judging a measured pool without pytest."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mnvalidate.literature.criteria import Reference
from mnvalidate.options import Options
from mnvalidate.run.pool import DEFAULT_TIMEOUT__s, Pool
from mnvalidate.validation import Outcome, plan
from mnvalidate.validation import judge as judge_outcome
from mnvalidate.verdicts import Verdict


def judge(
    pool: Pool,
    species: str = "cat",
    *,
    deviations: Path | Literal["shipped"] | None = "shipped",
    profile: Path | None = None,
    baseline: Path | None = None,
    reference: Path | Reference | None = None,
) -> list[Verdict]:
    """Judge every neuron and the pool as a whole, as the suite does.

    Parameters
    ----------
    pool : Pool
        A measured pool.
    species : str
        Species whose literature applies.
    deviations : Path or "shipped", optional
        File of known deviations that are excused, or those of the installed MyoGen; None excuses nothing.
    profile : Path, optional
        File of other severities for some criteria.
    baseline : Path, optional
        File of the model as it was, with which every number is compared.
    reference : Path or Reference, optional
        Folder of literature of one's own beside the shipped, or literature that
        `mnvalidate.families.load_reference` has loaded.

    Returns
    -------
    list of Verdict
        One for each check; those with ``failed`` would fail a pytest run.

    Raises
    ------
    ValueError
        If there is no literature for the species, or anything is wrong with a file.
    """
    options = Options(
        specs=(pool.spec,),
        solver=pool.solver,
        jobs=None,
        timeout__s=DEFAULT_TIMEOUT__s,
        report=None,
        species=species,
        deviations=None if deviations == "shipped" else deviations,
        deviations_shipped=deviations == "shipped",
        profile=profile,
        baseline=baseline,
        literature=reference if isinstance(reference, Path) else None,
    )
    loaded = reference if isinstance(reference, Reference) else None
    return list(judge_outcome(Outcome(plan(options, loaded), (pool,))).verdicts)
