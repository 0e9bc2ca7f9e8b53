"""Line numbers of what stands in a YAML file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Lines:
    """Numbers of the lines on which keys and items begin.

    Parameters
    ----------
    numbers : dict of tuple to int
        Line of each key and item, by the keys and indices that lead to it.
    """

    numbers: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> Lines:
        """Look through a file that is known to be YAML without tags and anchors."""
        lines = cls()
        lines._note(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader), ())
        return lines

    def of_key(self, place: Iterable[str | int]) -> int:
        """Line of a key or an item, or of the nearest one above it that has one."""
        keys = tuple(place)
        while keys and keys not in self.numbers:
            keys = keys[:-1]
        return self.numbers.get(keys, 1)

    def _note(self, node: yaml.Node | None, place: tuple[str | int, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self.numbers[*place, key.value] = key.start_mark.line + 1
                self._note(value, (*place, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.numbers[*place, index] = item.start_mark.line + 1
                self._note(item, (*place, index))
