"""Modules that are imported only when they are used."""

import sys

import pytest

from mnvalidate.run.deferred import module_deferred


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """A module that counts its imports, and one that imports it."""
    (tmp_path / "heavy_one.py").write_text("import sys\nsys.heavy_imports += 1\nvalue = 7\n")
    (tmp_path / "its_user.py").write_text("import heavy_one\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "heavy_imports", 0, raising=False)
    yield
    for name in ("heavy_one", "its_user"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("modules")
def test_a_deferred_module_is_imported_when_it_is_used():
    with module_deferred("heavy_one"):
        import its_user
    assert sys.heavy_imports == 0
    assert its_user.heavy_one.value == its_user.heavy_one.value == 7
    assert sys.heavy_imports == 1


@pytest.mark.usefixtures("modules")
def test_others_get_the_module_itself():
    with module_deferred("heavy_one"):
        import its_user
    import heavy_one

    assert (heavy_one.value, sys.heavy_imports) == (7, 1)
    assert its_user.heavy_one.value == 7
    assert sys.heavy_imports == 1


@pytest.mark.usefixtures("modules")
def test_who_needs_it_at_once_gets_it_at_once():
    with module_deferred("heavy_one"):
        from heavy_one import value

        assert (value, sys.heavy_imports) == (7, 1)
    assert sys.modules["heavy_one"].value == 7


@pytest.mark.usefixtures("modules")
def test_what_is_imported_already_stays():
    import heavy_one

    with module_deferred("heavy_one"):
        import its_user
    assert its_user.heavy_one is heavy_one
