"""What the documents promise, as data."""

import itertools


def table_with(text, heading):
    """Rows of the table whose first column has a heading, a list of cells each."""
    lines = text.partition(f"\n| {heading} |")[2].splitlines()[2:]
    table = itertools.takewhile(lambda line: line.startswith("|"), lines)
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]
