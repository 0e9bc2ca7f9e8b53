"""MyoGen's alpha motoneurons, one built alone in its process."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import myogen
import numpy as np
import yaml
from myogen.simulator.neuron.populations import AlphaMN__Pool

from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.models.myogen_options import checked_options
from mnvalidate.models.named import CONFIG
from mnvalidate.models.spec import ModelSpec
from mnvalidate.records import VoltageFrame

# NERLab counts voltage from rest, as Hodgkin and Huxley did in 1952; Powers2017 is in absolute millivolts.
_VOLTAGE_FRAMES: dict[str, VoltageFrame] = {"NERLab": "relative", "Powers2017": "absolute"}


def build_myogen_motoneuron(spec: ModelSpec, neuron: int) -> Motoneuron:
    """Build neuron number `neuron` of MyoGen's ``AlphaMN__Pool``, and only that one.

    Parameters
    ----------
    spec : ModelSpec
        Specification whose builder is ``NERLab`` or ``Powers2017``.
    neuron : int
        Index in the pool.

    Returns
    -------
    Motoneuron
        Identical in every parameter to the same neuron of the whole pool.
    """
    thresholds = np.array(spec.thresholds)
    options = checked_options(spec.builder, spec.options) if spec.options else {}
    settings = options.pop(CONFIG, None)
    with contextlib.redirect_stdout(io.StringIO()):  # set_random_seed announces itself
        myogen.set_random_seed(spec.seed)
    with _yaml_parsed_in_c(), _as_file(settings) as config_file:
        pool = AlphaMN__Pool(
            recruitment_thresholds__array=thresholds,
            cell_index=neuron,
            model=spec.builder,
            config_file=config_file,
            **options,
        )
    (cell,) = pool
    return Motoneuron(
        soma=cell.soma,
        recruitment_threshold=float(thresholds[neuron]),
        voltage_frame=_VOLTAGE_FRAMES[spec.builder],
        initial_voltage__mV=float(pool.initial_voltage_values__mV[0]),
        conduction_velocity__m_per_s=float(cell.conduction_velocity__m_per_s.rescale("m/s")),
        owner=pool,
    )


@contextlib.contextmanager
def _as_file(settings: object) -> Iterator[Path | None]:
    """Write settings to a file, which is the only way in which MyoGen takes them."""
    if settings is None:
        yield None
        return
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", prefix="mnvalidate-", encoding="utf-8") as file:
        yaml.safe_dump(settings, file)
        file.flush()
        yield Path(file.name)


@contextlib.contextmanager
def _yaml_parsed_in_c() -> Iterator[None]:
    """Let MyoGen read its settings with libyaml: in Python that takes longer than building the neuron."""
    module: Any = yaml  # its loaders are classes, which a type checker lets nobody replace
    loader = module.SafeLoader
    module.SafeLoader = getattr(module, "CSafeLoader", loader)
    try:
        yield
    finally:
        module.SafeLoader = loader
