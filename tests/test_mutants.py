"""The standing benchmark of mistakes: its table fits the installed MyoGen; its whole run is for the night."""

import os
import re

import pytest

from benchmarks.mutations import MUTATIONS, Edit
from mnvalidate.nmodl.sources import myogen_sources

TEXTS = {source.name: source.text for source in myogen_sources()}


def test_there_are_enough_mistakes_and_neutral_edits_for_both_models():
    for model in ("NERLab", "Powers2017"):
        own = [m for m in MUTATIONS.values() if m.model == model]
        assert sum(not m.is_neutral for m in own) >= 30
        assert sum(m.is_neutral for m in own) >= 6


@pytest.mark.parametrize("name", [m.name for m in MUTATIONS.values() if isinstance(m.change, Edit)])
def test_an_edit_changes_the_text_of_its_mechanism(name):
    edit = MUTATIONS[name].change
    text, n = re.subn(edit.pattern, edit.replacement, TEXTS[edit.mechanism], count=edit.count)
    assert n
    assert text != TEXTS[edit.mechanism]


@pytest.mark.slow
@pytest.mark.skipif(
    "MNVALIDATE_NIGHTLY" not in os.environ, reason="takes an hour: MNVALIDATE_NIGHTLY=1 runs it"
)
@pytest.mark.parametrize("model", ["NERLab", "Powers2017"])
def test_every_mistake_is_red_and_no_neutral_edit_is(model):
    from benchmarks.mutants import rows_of, summary

    rows = list(rows_of(model))
    assert [row.mutation.name for row in rows if row.mutation.is_neutral and row.is_red] == []
    assert [line for line in summary(rows) if line.startswith("MISSED")] == []
    assert all(row.same_with_xdist for row in rows)
