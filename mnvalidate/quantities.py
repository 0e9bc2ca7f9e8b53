"""What a measured quantity is called, its unit, and how it is defined."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity that a protocol measures on one neuron.

    Parameters
    ----------
    name : str
        Name with its unit in MyoGen's style, for example ``Rin__MOhm``. It is the column of the CSV.
    unit : str
        Unit as written in ``reference_data`` and in messages; ``"1"`` for a ratio.
    title : str
        The field's word for it, as an axis label or a table heading.
    definition : str
        One sentence that says what is measured.
    """

    name: str
    unit: str
    title: str
    definition: str

    @property
    def label(self) -> str:
        """Axis label: title and unit."""
        return self.title if self.unit == "1" else f"{self.title} ({self.unit})"
