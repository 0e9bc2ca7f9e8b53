"""Measuring many neurons, each in a process of its own."""

MAIN_FILE_VARIABLE = "MNVALIDATE_MAIN_FILE"
"""Environment variable that tells the fork server which file started the program."""
