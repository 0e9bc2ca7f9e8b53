"""Conformance and validation suite for spinal motoneuron models in NEURON."""

from mnvalidate._version import __version__

__all__ = ["__version__"]
