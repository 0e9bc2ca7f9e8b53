"""How far a value may move before it is a change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType

from mnvalidate.baseline.state import THRESHOLD, Widening
from mnvalidate.datafiles import data_folder, read_yaml, validate
from mnvalidate.records import Measurement, MeasurementOutcome

_FRACTION_OF_CHANGE = 0.1
_DECIMALS = 17


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What is no change.

    Parameters
    ----------
    resolutions : float
        Multiple of the combined resolution of both values.
    relative : float
        Fraction of the value in the baseline, for any quantity.
    of_quantity : mapping of str to float
        The same for single quantities.
    widened : mapping of str to Widening
        What a baseline allows on top of it.
    """

    resolutions: float
    relative: float
    of_quantity: Mapping[str, float] = field(default_factory=dict)
    widened: Mapping[str, Widening] = field(default_factory=dict)

    def allowed(self, quantity: str, before: Measurement, after: Measurement) -> float:
        """Return the largest change of a quantity that is none, in its unit; both have a value.

        The combined resolution is the root of the sum of squares: each value is known to its own.
        """
        size = abs(before.value or 0.0)
        combined = math.hypot(before.resolution or 0.0, after.resolution or 0.0)
        relative = self.of_quantity.get(quantity, self.relative)
        wide = self.widened.get(quantity, Widening(""))
        return max(self.resolutions * combined, relative * size, wide.relative * size, wide.absolute)

    def rounded(self, measurement: Measurement) -> float:
        """Return a value with the digits that a comparison needs: a tenth of what is allowed is the last."""
        value = measurement.value or 0.0
        known = replace(measurement, resolution=rounded_resolution(measurement.resolution))
        allowed = self.allowed(measurement.quantity, known, known)
        if allowed <= 0.0:
            return value
        return round(value, min(_DECIMALS, -math.floor(math.log10(_FRACTION_OF_CHANGE * allowed))))


def rounded_resolution(resolution: float | None) -> float | None:
    """Return a resolution with two significant digits."""
    return None if resolution is None else float(f"{resolution:.2g}")


@cache
def shipped_tolerance() -> Tolerance:
    """Read ``reference_data/baseline.yaml``."""
    path = data_folder() / "baseline.yaml"
    content = read_yaml(path)
    validate(content, "baseline", path.name)
    return Tolerance(
        float(content["resolutions"]),
        float(content["relative"]),
        MappingProxyType({name: float(entry["relative"]) for name, entry in content["quantities"].items()}),
    )


def threshold_measurement(threshold: float) -> Measurement:
    """Return a recruitment threshold as something that is compared: it has no unit and no resolution."""
    return Measurement(THRESHOLD, "1", MeasurementOutcome.OK, threshold, 0.0)
