"""The tool chain of NMODL mechanisms: sources, what they declare, compiled libraries, and loading."""
