"""A pool of motoneurons from a hoc template."""

from pathlib import Path

from neuron import h

HERE = Path(__file__).parent


def motoneuron(spec, neuron, largest=1.0):
    """Build neuron number `neuron`; ``--mn-set largest=0.8`` makes the pool narrower."""
    h.celsius = 37
    h.load_file(str(HERE / "motoneuron.hoc"))
    return h.Motoneuron(largest * neuron / max(1, spec.n_neurons - 1))


motoneuron.mechanisms = "mods"
