"""Models by name: those that come along, and those that other packages bring."""

import subprocess
import sys

import pytest

from mnvalidate.models.named import NamedModel
from mnvalidate.models.registry import OWN_NAMES, model_names, named_model
from mnvalidate.models.spec import ModelSpec

CELLS = """
from neuron import h
from mnvalidate.models.motoneuron import Motoneuron

def sacral(spec, neuron):
    soma = h.Section(name="soma")
    soma.L = soma.diam = 30
    soma.insert("leaky")
    return soma
"""
LEAKY = """
NEURON { SUFFIX leaky NONSPECIFIC_CURRENT i RANGE g, e }
PARAMETER { g = 1e-3 e = -65 }
ASSIGNED { v i }
BREAKPOINT { i = g*(v - e) }
"""
ENTRY = """
from mnvalidate.models.named import NamedModel
SACRAL = NamedModel(
    "Sacral", "sacral_package.cells:sacral", celsius=37.0, package="sacral_package", mechanisms="mods"
)
WRONG = "a text"
OTHER = NamedModel("AnotherName", "sacral_package.cells:sacral")
"""
POINTS = """
[mnvalidate.models]
Sacral = sacral_package.entry:SACRAL
Wrong = sacral_package.entry:WRONG
Misnamed = sacral_package.entry:OTHER
Absent = sacral_package.nowhere:SACRAL
Heavy = sacral_package.heavy:SACRAL
Leaving = sacral_package.leaving:SACRAL
"""


@pytest.fixture
def package(tmp_path):
    """A package with models, installed on the import path."""
    folder = tmp_path / "sacral_package"
    (folder / "mods").mkdir(parents=True)
    (folder / "mods" / "leaky.mod").write_text(LEAKY)
    (folder / "__init__.py").write_text("")
    (folder / "cells.py").write_text(CELLS)
    (folder / "entry.py").write_text(ENTRY)
    (folder / "heavy.py").write_text(ENTRY.replace('"Sacral"', '"Heavy"') + "import neuron\n")
    (folder / "leaving.py").write_text("import sys\nsys.exit('a licence is\\nmissing \\x1b[31m')\n")
    info = tmp_path / "sacral_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sacral_package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    return tmp_path


def in_process(folder, program):
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{program}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_models_that_come_along_are_entries_like_any_other():
    for name in OWN_NAMES:
        model = named_model(name)
        assert isinstance(model, NamedModel)
        assert ModelSpec(name).temperature == f"{model.celsius:g} degC"
        assert model.folder.is_dir()
        assert model.settings_file.is_file()
    assert named_model("package.module:factory") is None
    assert set(OWN_NAMES) <= set(model_names())


def test_a_package_brings_a_model_with_its_temperature_mechanisms_and_keys(package, tmp_path):
    program = (
        "from mnvalidate.models.spec import ModelSpec; from mnvalidate.run.pool import measure\n"
        "from mnvalidate.run.store import Store; from pathlib import Path\n"
        "spec = ModelSpec('Sacral', 1)\n"
        f"store = Store(Path({str(tmp_path / 'store')!r}))\n"
        "pools = [measure(spec, store=store, jobs=1) for _ in range(2)]\n"
        "(record,) = pools[0].records\n"
        "print(spec.temperature, record.cell.celsius, [p.cached for p in pools])\n"
        "print(record.value('Rin__MOhm'), [m.name for m in record.cell.mechanisms], record.cell.not_kept)\n"
        f"Path({str(package / 'sacral_package' / 'cells.py')!r}).write_text({CELLS.replace('30', '60')!r})\n"
        "from mnvalidate.run.keys import package_digest; package_digest.cache_clear()\n"
        "print(measure(spec, store=store, jobs=1).records[0].value('Rin__MOhm'))\n"
    )
    first, second, third = in_process(package, program).splitlines()[-3:]
    assert first == "37 degC 37.0 [0, 1]"
    resistance__MOhm, kept = second.split(maxsplit=1)
    assert float(resistance__MOhm) == pytest.approx(1e-6 / (1e-3 * 3.141593 * 30e-4**2), rel=1e-3)
    assert "'leaky'" in kept
    assert float(third) == pytest.approx(float(resistance__MOhm) / 4, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "Wrong",
            "model 'Wrong': sacral_package.entry:WRONG must be a NamedModel of this name, got 'a text'",
        ),
        ("Misnamed", "model 'Misnamed': sacral_package.entry:OTHER must be a NamedModel of this name"),
        ("Absent", "model 'Absent': sacral_package.nowhere:SACRAL cannot be loaded: ModuleNotFoundError"),
        ("Heavy", "imports NEURON where the run is steered"),
        ("Leaving", r"SACRAL cannot be loaded: SystemExit: a licence is missing \x1b[31m"),
        (
            "Nobody",
            "unknown model 'Nobody': allowed are NERLab, Powers2017, "
            "Absent, Heavy, Leaving, Misnamed, Sacral, Wrong",
        ),
    ],
)
def test_an_entry_that_cannot_be_used_is_told_in_one_line(package, name, message):
    program = (
        "from mnvalidate.models.spec import ModelSpec\n"
        f"try: ModelSpec({name!r})\n"
        "except ValueError as error: print(error)\n"
    )
    said = in_process(package, program)
    assert message in said
    assert said.count("\n") == 1


def test_a_model_whose_package_is_not_installed_is_refused_before_anything_is_measured():
    absent = NamedModel("Gone", "no_such_package:f", package="no_such_package", title="The package")
    with pytest.raises(ValueError, match="Gone is a model of The package, which is not installed"):
        absent.require()


def test_a_mechanism_of_a_named_model_can_be_inserted_and_checked(package):
    program = (
        "from mnvalidate.models.modifications import read_modifications\n"
        "changed = read_modifications([], ['all:leaky,g=2e-3'], ['leaky'], [], ['Sacral'])\n"
        "print(changed.insertions[0].parameters, changed.mechanisms)\n"
        "try:\n    read_modifications([], ['soma:leaky,gg=1'], [], [], ['Sacral'])\n"
        "except ValueError as error:\n    print(error)\n"
        "from mnvalidate.models.spec import ModelSpec; from mnvalidate.run.pool import measure\n"
        "spec = ModelSpec('Sacral', 1, insertions=changed.insertions)\n"
        "print(measure(spec, jobs=1).records[0].value('Rin__MOhm'))\n"
    )
    inserted, refused, resistance__MOhm = in_process(package, program).splitlines()[-3:]
    assert inserted == "{'g': 0.002} ('leaky',)"
    assert refused == "--mn-insert: leaky has no parameter 'gg'; the nearest are g"
    assert float(resistance__MOhm) == pytest.approx(1e-6 / (2e-3 * 3.141593 * 30e-4**2), rel=1e-3)
