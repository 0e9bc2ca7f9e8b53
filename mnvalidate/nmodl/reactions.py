"""KINETIC schemes of an NMODL source: which states exchange what."""

from __future__ import annotations

import re
from dataclasses import dataclass

_REACTION = re.compile(r"~\s*(?P<left>[^~\n(<>-]+?)\s*(?P<arrow><->|->|<<)(?P<right>[^~\n(]*)")
_MEMBER = re.compile(r"(?P<count>\d*)\s*(?P<name>[A-Za-z]\w*)")


@dataclass(frozen=True, slots=True)
class Scheme:
    """States that reactions join.

    Parameters
    ----------
    states : tuple of str
        Names; of an array without index.
    unimolecular : bool
        Whether each reaction turns one state into another, so that their sum changes by sources and sinks
        alone.
    fed, drained : bool
        Whether there is a source ``<<``, and a sink ``->``.
    conserved : bool
        Whether a CONSERVE statement names one of its states.
    """

    states: tuple[str, ...]
    unimolecular: bool
    fed: bool
    drained: bool
    conserved: bool


def read_schemes(code: str) -> tuple[Scheme, ...]:
    """Find the schemes of code without comments.

    Reactions that share a state belong to one scheme.
    """
    reactions = [
        (_members(found["left"]), found["arrow"], _members(found["right"]))
        for found in _REACTION.finditer(code)
    ]
    groups: list[set[str]] = []
    for left, _, right in reactions:
        group = {name for _, name in left + right}
        joined = [other for other in groups if other & group]
        groups = [other for other in groups if not other & group] + [group.union(*joined)]
    conserved = set(re.findall(r"[A-Za-z]\w*", " ".join(re.findall(r"\bCONSERVE\b([^=\n]*)=", code))))
    return tuple(
        Scheme(
            states=tuple(sorted(group)),
            unimolecular=all(
                sum(count for count, _ in side) <= 1
                for left, _, right in reactions
                if group & {name for _, name in left}
                for side in (left, right)
            ),
            fed=any(arrow == "<<" and group & {n for _, n in left} for left, arrow, _ in reactions),
            drained=any(arrow == "->" and group & {n for _, n in left} for left, arrow, _ in reactions),
            conserved=bool(group & conserved),
        )
        for group in groups
        if group
    )


def _members(side: str) -> list[tuple[int, str]]:
    side = re.sub(r"\[[^\]]*\]", "", side)
    return [(int(found["count"] or 1), found["name"]) for found in _MEMBER.finditer(side)]
