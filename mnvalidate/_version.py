"""Versions: that of mnvalidate, in one place, and those of other packages."""

from importlib.metadata import PackageNotFoundError, version

__version__ = "0.1.0"


_OTHER_NAMES = {"neuron": ("neuron-nightly", "neuron-gpu-nightly", "neuron-gpu")}


def installed(package: str) -> str:
    """Version of an installed package, empty if it is not there."""
    for name in (package, *_OTHER_NAMES.get(package, ())):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return ""
