"""Distributions of recruitment thresholds over a pool."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from mnvalidate.nearest import nearest

RecruitmentMode = Literal["fuglevand", "deluca", "konstantin", "combined"]

_KEYS = {"range": "range_ratio", "slope": "slope", "max": "max_threshold"}
_SLOPED = ("deluca", "combined")
_SCALED = ("konstantin", "combined")


@dataclass(frozen=True, slots=True)
class Recruitment:
    """Distribution of recruitment thresholds over the pool, for neurons ``i = 1 ... n``.

    - ``fuglevand``: ``exp(ln(R) * i / n) / 100`` (Fuglevand et al. 1993, doi:10.1152/jn.1993.70.6.2470),
      scaled as MyoGen scales it;
    - ``deluca``: ``b * i / n * exp(ln(R / b) * i / n) / 100`` (De Luca and Contessa 2012,
      doi:10.1152/jn.00961.2010), scaled in the same way;
    - ``konstantin``: ``max / R * exp(ln(R) * (i - 1) / (n - 1))`` (Konstantin et al. 2020,
      doi:10.1109/TBME.2019.2953680);
    - ``combined``: the shape of ``deluca`` between the ends of ``konstantin``.

    Parameters
    ----------
    range_ratio : float
        ``R``, ratio of the largest to the smallest threshold of a large pool.
    mode : {"fuglevand", "deluca", "konstantin", "combined"}
        The distribution.
    slope : float, optional
        ``b``, for ``deluca`` and ``combined``, which need it.
    max_threshold : float, optional
        Largest threshold, for ``konstantin`` and ``combined``: 1 by default.

    Raises
    ------
    ValueError
        If a number is not allowed, missing, or of no use in the distribution.
    """

    range_ratio: float = 100.0
    mode: RecruitmentMode = "fuglevand"
    slope: float | None = None
    max_threshold: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.range_ratio) and self.range_ratio > 1):
            raise ValueError(f"recruitment range ratio must be above 1, got {self.range_ratio}")
        if self.mode not in get_args(RecruitmentMode):
            modes = get_args(RecruitmentMode)
            raise ValueError(f"unknown distribution {self.mode!r}{nearest(str(self.mode), modes)}")
        for name, value, modes in (
            ("slope", self.slope, _SLOPED),
            ("max", self.max_threshold, _SCALED),
        ):
            if value is not None and self.mode not in modes:
                raise ValueError(f"{name} is of no use in {self.mode}: it is for {' and '.join(modes)}")
            if value is not None and not 0 < value < math.inf:
                raise ValueError(f"{name} must be a finite number above 0, got {value}")
        if self.mode in _SLOPED:
            # Beyond that the last neurons would have lower thresholds than those before them.
            steepest = math.e * self.range_ratio
            if self.slope is None or self.slope >= steepest:
                raise ValueError(
                    f"{self.mode} needs slope=NUMBER, below {steepest:.4g} for thresholds that increase, "
                    f"got {self.slope if self.slope is not None else 'none'}"
                )

    @classmethod
    def parse(cls, text: str) -> Recruitment:
        """Read ``MODE[:range=...,slope=...,max=...]``.

        Raises
        ------
        ValueError
            If the text has another form, or a number is not allowed.
        """
        mode, _, settings = (part.strip() for part in text.partition(":"))
        numbers: dict[str, float] = {}
        for setting in settings.split(",") if settings else ():
            name, _, value = (part.strip() for part in setting.partition("="))
            if name not in _KEYS:
                raise ValueError(f"unknown setting {name!r} in {text!r}{nearest(name, _KEYS)}")
            if _KEYS[name] in numbers:
                raise ValueError(f"{name} is given twice in {text!r}")
            try:
                numbers[_KEYS[name]] = float(value)
            except ValueError:
                raise ValueError(
                    f"{setting.strip()!r} is not of the form {name}=NUMBER in {text!r}"
                ) from None
        return cls.from_json({"mode": mode, **numbers})

    def thresholds(self, n_neurons: int) -> tuple[float, ...]:
        """Thresholds of a pool of `n_neurons`, in order of recruitment."""
        import numpy as np  # not at the top: pytest reads this module in every run, and starts faster without

        rank = np.arange(1, n_neurons + 1)
        log_range = np.log(self.range_ratio)
        largest = 1.0 if self.max_threshold is None else self.max_threshold
        if self.mode == "fuglevand":
            return tuple((np.exp(log_range / n_neurons * rank) / 100).tolist())
        if n_neurons == 1 and self.mode in _SCALED:
            return (largest / self.range_ratio,)
        if self.mode == "konstantin":
            position = (rank - 1) / (n_neurons - 1)
            return tuple((largest / self.range_ratio * np.exp(log_range * position)).tolist())
        assert self.slope is not None
        share = rank / n_neurons
        shape = self.slope * share * np.exp(np.log(self.range_ratio / self.slope) * share)
        if self.mode == "deluca":
            return tuple((shape / 100).tolist())
        smallest = largest / self.range_ratio
        along = (shape - shape[0]) / (shape[-1] - shape[0])
        return tuple((smallest + (largest - smallest) * along).tolist())

    def to_json(self) -> dict[str, Any]:
        """Return what is not left to the default as JSON values, and the range."""
        values = {"mode": self.mode, "slope": self.slope, "max_threshold": self.max_threshold}
        usual = {"mode": "fuglevand", "slope": None, "max_threshold": None}
        said = {name: value for name, value in values.items() if value != usual[name]}
        return {"range_ratio": self.range_ratio, **said}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Recruitment:
        """Restore a distribution from `to_json`'s values."""
        return cls(**data)

    def __str__(self) -> str:
        numbers = {"range": self.range_ratio, "slope": self.slope, "max": self.max_threshold}
        said = ",".join(f"{name}={value:g}" for name, value in numbers.items() if value is not None)
        return f"{self.mode}:{said}"
