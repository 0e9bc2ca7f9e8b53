"""How much each quantity varies over the pool, against what a pool typically varies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mnvalidate.checks.check import Chapter, Family, Planning
from mnvalidate.checks.families.fold import FoldCheck, with_scope


@dataclass(frozen=True)
class TypicalFoldCheck(FoldCheck):
    """Standard deviation of a quantity's logarithm over the pool against the typical one."""

    family: ClassVar[str] = "typical_fold"


def plan(planning: Planning) -> Iterable[TypicalFoldCheck]:
    """One check for each pool and each typical fold."""
    return [TypicalFoldCheck(*arguments) for arguments in with_scope(planning, "typical")]


FAMILY = Family(
    name=TypicalFoldCheck.family,
    title="Typical spreads over the pool",
    statement="A quantity varies over the pool as much as is typical.",
    chapter=Chapter.TRENDS,
    plan=plan,
    value="SD of ln",
)
