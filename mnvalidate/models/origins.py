"""What MyoGen's models descend from, where that is another species than their name may suggest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """What a model descends from.

    Parameters
    ----------
    species : str
        Species whose motoneurons the original stands for.
    text : str
        Where it comes from, as the end of a sentence about the model.
    """

    species: str
    text: str


ORIGINS: Mapping[str, Origin] = {
    "Powers2017": Origin(
        "human",
        "descends from a published model of human tibialis anterior motoneurons "
        "(the same sodium, potassium, h and passive parameters, a fifth of its L-type conductance)",
    ),
}
"""Origins by the builder's name."""
