"""Checks of single NMODL mechanisms: is it sound, and where not, what to do about it.

`mnvalidate.mechanisms.judge.judge_mechanisms` runs every check, each in a process of its own. Only the
modules that its children import load NEURON.
"""
