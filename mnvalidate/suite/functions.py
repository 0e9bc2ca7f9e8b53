"""The test functions of the suite, made from the registry of families."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnvalidate.checks.check import Chapter, Check, Family
from mnvalidate.families import FAMILIES
from mnvalidate.pytest_plugin.run import MARKER
from mnvalidate.validation import Judgement
from mnvalidate.verdicts import Conclusion

type TestFunction = Callable[[Check, Judgement], None]


def functions_of(chapter: Chapter) -> dict[str, TestFunction]:
    """Test functions of the families of a chapter, by their names."""
    functions = [_function_of(family) for family in FAMILIES if family.chapter is chapter]
    return {function.__name__: function for function in functions}


def _function_of(family: Family) -> TestFunction:
    def test(mnvalidate_check: Check, mnvalidate_judgement: Judgement) -> None:
        conclude(mnvalidate_check, mnvalidate_judgement)

    test.__name__ = test.__qualname__ = f"test_{family.name}"
    test.__doc__ = family.statement
    marked: TestFunction = getattr(pytest.mark, MARKER)(family=family.name)(test)
    return marked


def conclude(check: Check, judgement: Judgement) -> None:
    """Turn the verdict of a check into the outcome of the test."""
    verdict = judgement.verdict(check.full_id)
    if verdict.failed:
        advice = f" What to do: {verdict.advice}" if verdict.advice else ""
        script = f"\n{verdict.script}\n" if verdict.script else ""  # flush left, to be pasted
        pytest.fail(f"{verdict.message}{advice}{script}", pytrace=False)
    if verdict.conclusion in (Conclusion.NOT_JUDGED, Conclusion.NOT_APPLICABLE):
        pytest.skip(verdict.message)
