"""The search for a threshold."""

from hypothesis import example, given
from hypothesis import strategies as st

from mnvalidate.protocols.rheobase import bracket_threshold, smallest_on_grid


def search(threshold, guess, ceiling=200.0, resolution=0.01):
    tried = []

    def fires(current):
        tried.append(current)
        return current >= threshold

    bracket = bracket_threshold(fires, guess, ceiling, resolution)
    if bracket is None:
        return None, tried
    return smallest_on_grid(fires, bracket, resolution)[0], tried


@given(threshold=st.floats(0.05, 199.0), guess=st.floats(0.01, 300.0))
@example(threshold=0.75, guess=1.0)  # first bracketed by a current with a coarser grid
def test_finds_the_smallest_current_on_the_grid(threshold, guess):
    found, tried = search(threshold, guess)
    step = max(0.01 if found >= 1 else 0.001, 0.01 * min(found, 1.0))
    assert found >= threshold - 1e-9
    assert found - threshold <= step + 1e-9
    highest_silent = max((current for current in tried if current < threshold), default=0.0)
    assert found - highest_silent <= step + 1e-9
    assert len(tried) < 40


@given(threshold=st.floats(0.05, 199.0), guesses=st.tuples(st.floats(0.1, 200.0), st.floats(0.1, 200.0)))
@example(threshold=0.9985, guesses=(0.9, 1.2))
def test_does_not_depend_on_the_first_guess(threshold, guesses):
    assert search(threshold, guesses[0])[0] == search(threshold, guesses[1])[0]


def test_a_neuron_that_any_current_fires_ends_the_search():
    found, tried = search(threshold=0.0, guess=5.0)
    assert 0 < found < 1e-4
    assert len(tried) < 60


def test_a_silent_neuron_has_none():
    assert search(threshold=1e9, guess=5.0)[0] is None
