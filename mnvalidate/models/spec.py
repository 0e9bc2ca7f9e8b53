"""The model to be validated, as plain data."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from mnvalidate.models.named import CONFIG, NamedModel
from mnvalidate.models.recruitment import Recruitment
from mnvalidate.models.registry import DEFAULT_MODEL, model_names, named_model
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.records import Json

# Left out of the JSON where they are empty: a specification without them keeps the JSON it always had.
_OPTIONAL_FIELDS = ("nmodl", "insertions", "library", "label")

DEFAULT_SEED = 42
# NumPy takes no other.
_LARGEST_SEED = 2**32 - 1

InsertionSection = Literal["soma", "dend", "all"]


@dataclass(frozen=True, slots=True)
class Insertion:
    """A density mechanism that every neuron gets.

    Parameters
    ----------
    section : {"soma", "dend", "all"}
        Where: the soma, every other section, or both.
    suffix : str
        The mechanism.
    parameters : mapping of str to float
        Its RANGE and GLOBAL parameters that differ from their defaults.
    """

    section: InsertionSection
    suffix: str
    parameters: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Insertion:
        """Read ``SECTION:SUFFIX[,param=value...]``.

        Raises
        ------
        ValueError
            If the text has another form.
        """
        place, *settings = (part.strip() for part in text.split(","))
        section, colon, suffix = place.partition(":")
        if not colon or section not in get_args(InsertionSection) or not suffix.isidentifier():
            raise ValueError(
                f"must be SECTION:SUFFIX[,param=value...] with SECTION one of "
                f"{', '.join(get_args(InsertionSection))}, got {text!r}"
            )
        parameters: dict[str, float] = {}
        for setting in settings:
            name, _, value = setting.partition("=")
            try:
                parameters[name.strip()] = float(value)
            except ValueError:
                raise ValueError(f"{setting!r} is not of the form param=number in {text!r}") from None
            if not math.isfinite(parameters[name.strip()]):
                raise ValueError(f"{setting!r} is not a finite number in {text!r}")
        return cls(section, suffix, parameters)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Everything about the model that can change a result.

    Parameters
    ----------
    builder : str
        Name of a model, as MyoGen's pools have one, or ``package.module:factory``. A factory is called in the
        neuron's own process with this specification and the neuron's index and returns a
        `mnvalidate.models.motoneuron.Motoneuron`.
    n_neurons : int
        Size of the pool.
    options : mapping
        Keyword arguments for the builder (JSON values).
    recruitment : Recruitment
        Distribution of recruitment thresholds.
    seed : int
        Seed of Python's, NumPy's and MyoGen's random generators.
    celsius : float, optional
        Temperature in degrees Celsius; the model's own by default.
    nmodl : tuple of NmodlSource
        Mechanisms merged over the model's own by their names; their whole text, so that it can be compiled
        anywhere.
    insertions : tuple of Insertion
        Mechanisms that every neuron gets on top of the model's own.
    library : tuple of NmodlSource
        Mechanisms that a factory's cells are made of, compiled and loaded before it is imported.
    label : str
        Name of the model where the factory's alone would be another model's, too.

    Raises
    ------
    ValueError
        If the builder's name has neither form, the number of neurons is not at least 1, the temperature is no
        finite number, the seed is none, or the model has no such option.
    """

    builder: str = DEFAULT_MODEL
    n_neurons: int = 5
    options: Mapping[str, Json] = field(default_factory=dict)
    recruitment: Recruitment = field(default_factory=Recruitment)
    seed: int = DEFAULT_SEED
    celsius: float | None = None
    nmodl: tuple[NmodlSource, ...] = ()
    insertions: tuple[Insertion, ...] = ()
    library: tuple[NmodlSource, ...] = ()
    label: str = ""

    def __post_init__(self) -> None:
        if self.celsius is not None and not math.isfinite(self.celsius):
            raise ValueError(f"temperature must be a finite number of degrees Celsius, got {self.celsius!r}")
        if isinstance(self.n_neurons, bool) or not isinstance(self.n_neurons, int) or self.n_neurons < 1:
            raise ValueError(
                f"number of neurons must be a whole number of at least 1, got {self.n_neurons!r}"
            )
        if not 0 <= self.seed <= _LARGEST_SEED:
            raise ValueError(f"seed must be a whole number from 0 to {_LARGEST_SEED}, got {self.seed!r}")
        if self.named is not None:
            self.named.checked(self.options)
            return
        module, _, factory = self.builder.partition(":")
        if not factory.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
            raise ValueError(
                f"unknown model {self.builder!r}: allowed are {', '.join(model_names())} "
                "or package.module:factory"
            )
        try:
            found = importlib.util.find_spec(module)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise ValueError(
                f"unknown model {self.builder!r}: there is no module {module!r} on the import path"
            )

    @property
    def named(self) -> NamedModel | None:
        """What is known of the model if it has a name of its own, None for a factory."""
        return named_model(self.builder)

    @property
    def factory(self) -> str:
        """Path of the function that builds a neuron."""
        return self.builder if self.named is None else self.named.factory

    @property
    def package(self) -> str:
        """Installed package that holds all of a model, empty where it is not known to be one."""
        return "" if self.named is None else self.named.package

    @property
    def name(self) -> str:
        """Short name of the model, used in test ids and figures.

        A factory that is called as a model with a name is not taken for it.
        """
        short = self.builder.rpartition(":")[2]
        is_mistakable = short != self.builder and short in model_names()
        return self.label or (self.long_name if is_mistakable else short)

    @property
    def long_name(self) -> str:
        """Name of the model with that of its module."""
        return self.builder.replace(":", ".")

    @property
    def variant(self) -> str:
        """What is varied about the model apart from mechanisms and temperature; empty where nothing is."""
        given = {"options": self.options, "recruitment": self.recruitment.to_json(), "seed": self.seed}
        return variant_of(given)

    @property
    def is_usual(self) -> bool:
        """Whether nothing is varied, and the temperature is the model's own."""
        own = None if self.named is None else self.named.celsius
        return not self.variant and self.celsius in (None, own)

    @property
    def temperature(self) -> str:
        """Temperature in words, as far as it is known before a neuron is built."""
        if self.celsius is None:
            usual = None if self.named is None else self.named.celsius
            return "the factory's temperature" if usual is None else f"{usual:g} degC"
        return f"{self.celsius:g} degC"

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Recruitment thresholds, in order of recruitment."""
        return self.recruitment.thresholds(self.n_neurons)

    def to_json(self) -> dict[str, Any]:
        """Return the specification as JSON values."""
        values = asdict(self) | {"recruitment": self.recruitment.to_json()}
        return {name: value for name, value in values.items() if value or name not in _OPTIONAL_FIELDS}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ModelSpec:
        """Restore a specification from `to_json`'s values."""
        return cls(
            **{
                **data,
                "recruitment": Recruitment.from_json(data["recruitment"]),
                "nmodl": tuple(NmodlSource.from_json(source) for source in data.get("nmodl", ())),
                "library": tuple(NmodlSource.from_json(source) for source in data.get("library", ())),
                "insertions": tuple(Insertion(**insertion) for insertion in data.get("insertions", ())),
            }
        )


def variant_of(data: Mapping[str, Any]) -> str:
    """Say what is varied about a model, given its specification as JSON values; empty where nothing is."""
    options = data.get("options", {})
    recruitment = Recruitment.from_json(data.get("recruitment", {}))
    seed = data.get("seed", DEFAULT_SEED)
    said = [f"{name}={value}" for name, value in options.items() if name != CONFIG]
    said += ["own settings"] if CONFIG in options else []
    said += [str(recruitment)] if recruitment != Recruitment() else []
    said += [f"seed {seed}"] if seed != DEFAULT_SEED else []
    return ", ".join(said)
