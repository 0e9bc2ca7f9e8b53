"""The fold of each quantity over the pool, against the typical one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.families.fold import FoldCheck, FoldCriterion


@dataclass(frozen=True)
class TypicalFoldCheck(FoldCheck):
    """Ratio of the largest to the smallest value of a quantity against the typical fold."""

    family: ClassVar[str] = "typical_fold"


def plan(planning: Planning) -> Iterable[TypicalFoldCheck]:
    """One check for each pool and each typical fold."""
    criteria = planning.reference.of_kind(planning.species, FoldCriterion)
    return [TypicalFoldCheck(pool, c) for pool in planning.pools for c in criteria if c.scope == "typical"]


FAMILY = Family(
    name=TypicalFoldCheck.family,
    title="Typical folds over the pool",
    statement="The fold range of a quantity over the pool is typical.",
    chapter=Chapter.TRENDS,
    plan=plan,
    value="fold",
)
