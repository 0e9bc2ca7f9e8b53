"""Every quantity beside the same one read by a plain NEURON script that shares no code with mnvalidate."""
