"""Judging: records in, verdicts out, without a simulation."""
