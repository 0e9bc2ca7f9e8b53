"""Pages of the documentation that are made from the program."""

from pathlib import Path

from mnvalidate.explain import explain_all
from mnvalidate.families import load_reference


def test_the_page_of_quantities_is_up_to_date():
    # To write it anew: python -c "import mnvalidate.explain as e, mnvalidate.families as r;
    # print(e.explain_all(r.load_reference()), end='')" > docs/quantities.md
    page = Path(__file__).parents[1] / "docs" / "quantities.md"
    assert page.read_text(encoding="utf-8") == explain_all(load_reference())
