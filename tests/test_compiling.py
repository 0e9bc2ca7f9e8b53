"""Compiling: what NEURON takes is taken, and a file that it refuses accuses itself alone."""

import os
import re
import subprocess
import sys

import pytest
from odd_files import BESIDE_REFUSED, ODD, ODD_NAMES, REFUSED, named, write_files
from variants import SOUND

from mnvalidate.nmodl.interface import read_interface
from mnvalidate.nmodl.ions import without_valence
from mnvalidate.nmodl.library import build_library, build_what_compiles
from mnvalidate.nmodl.sources import MechanismKind, NmodlError, NmodlSource, read_sources, replaced_names
from mnvalidate.nmodl.text import same_code, without_comments
from mnvalidate.nmodl.translating import CompileError

LOAD = """
import sys
from pathlib import Path
from mnvalidate.nmodl.library import build_library
from mnvalidate.nmodl.loading import load_library
from mnvalidate.nmodl.sources import read_sources
load_library(build_library(read_sources([Path(sys.argv[1])])))
from neuron import h
section = h.Section()
print(*sorted(name for name in sys.argv[2:] if hasattr(h, name) or section.insert(name)))
"""


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A folder of odd files that NEURON takes."""
    return write_files(tmp_path_factory.mktemp("odd files"), ODD)


def test_what_neuron_takes_is_compiled_and_proved_to_be_in_force(odd):
    sources = read_sources([odd])
    assert {source.name for source in sources} == ODD_NAMES
    library, errors = build_what_compiles(sources)
    assert errors == ()
    assert library.sources == sources
    names = ODD_NAMES - {"nothing.tools"}
    done = subprocess.run(
        [sys.executable, "-c", LOAD, odd, *names, "twice"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.split() == sorted({*names, "twice"}), done.stderr


def test_what_is_included_counts_as_if_it_stood_there(odd):
    by_name = {source.name: source for source in read_sources([odd])}
    sound = read_interface(NmodlSource("sound.mod", SOUND))
    for name in ("includes", "nests", "declares"):
        interface = read_interface(by_name[name])
        assert interface.states == sound.states
        assert interface.candidates__mV == sound.candidates__mV
    assert [path for path, _ in by_name["nests"].beside] == ["parts/inner.inc", "parts/outer.inc"]
    assert [path for path, _ in by_name["header"].beside] == ["factor.h"]
    assert [p.name for p in read_interface(by_name["two"]).parameters][-1] == "second"


def test_a_change_in_what_is_included_is_a_change_of_the_mechanism(odd, tmp_path):
    before = read_sources([odd / "includes.mod"])
    changed = ODD["trapped.inc"].replace("1e-6", "1e-5")
    write_files(tmp_path, {"includes.mod": ODD["includes.mod"], "trapped.inc": changed})
    after = read_sources([tmp_path])
    assert replaced_names(before, after) == ("includes",)
    assert build_library(before).folder != build_library(after).folder


def test_what_is_included_may_lie_outside_the_folder(tmp_path, monkeypatch):
    text = named("outside", (ODD["trapped.inc"], 'INCLUDE "../common/trapped.inc"\n'))
    by_path = named("by_path", (ODD["trapped.inc"], 'INCLUDE "elsewhere.inc"\n'))
    write_files(tmp_path / "lab" / "mods", {"outside.mod": text, "by_path.mod": by_path})
    write_files(tmp_path / "lab" / "common", {"trapped.inc": ODD["trapped.inc"]})
    write_files(tmp_path / "includes", {"elsewhere.inc": ODD["trapped.inc"]})
    monkeypatch.setenv("MODL_INCLUDE", str(tmp_path / "includes"))
    sources = read_sources([tmp_path / "lab" / "mods"])
    assert build_what_compiles(sources)[1] == ()
    assert all(read_interface(source).candidates__mV for source in sources)


def test_a_source_survives_json(odd):
    (source,) = read_sources([odd / "nests.mod"])
    data = {"file": source.file, "text": source.text, "beside": [list(pair) for pair in source.beside]}
    assert NmodlSource.from_json(data) == source
    assert NmodlSource.from_json({"file": "a.mod", "text": SOUND}) == NmodlSource("a.mod", SOUND)


@pytest.mark.parametrize(
    ("interface", "name", "kind"),
    [
        ("SUFFIX a POINT_PROCESS b", "b", MechanismKind.POINT_PROCESS),
        ("POINT_PROCESS b SUFFIX a", "a", MechanismKind.POINT_PROCESS),
        ("ARTIFICIAL_CELL c SUFFIX a", "a", MechanismKind.ARTIFICIAL_CELL),
        ("SUFFIX a SUFFIX b", "b", MechanismKind.DENSITY),
        ("SUFFIX nothing", "nothing.file", MechanismKind.FUNCTIONS),
        ("THREADSAFE } NEURON { SUFFIX a", "a", MechanismKind.DENSITY),
    ],
)
def test_the_name_and_the_kind_are_those_that_neuron_takes(interface, name, kind):
    source = NmodlSource("some/file.mod", f"NEURON {{ {interface} }}")
    assert (source.name, source.kind) == (name, kind)


@pytest.fixture(scope="module")
def half_broken(tmp_path_factory):
    """A folder of files that NEURON refuses, with sound ones among them, and what became of each."""
    folder = tmp_path_factory.mktemp("half") / "broken"
    files = {name: content for name, (content, _, _) in REFUSED.items()}
    write_files(folder, files | BESIDE_REFUSED | {"fine.mod": named("fine"), "zzz.mod": named("zzz")})
    library, errors = build_what_compiles(read_sources([folder]))
    return folder, library, {error.source.file: error for error in errors}


def test_only_the_refused_are_left_out(half_broken):
    folder, library, errors = half_broken
    assert set(errors) == {str(folder / name) for name in REFUSED}
    assert {source.name for source in library.sources} == {"aa_first", "fine", "first_lithium", "zzz"}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_file_is_accused_at_its_line_with_the_reason(half_broken, name):
    folder, _, errors = half_broken
    content, place, words = REFUSED[name]
    error = errors[str(folder / name)]
    lines = content.split("\n") if isinstance(content, str) else []
    expected = (
        1 + next(i for i, line in enumerate(lines) if place in line) if isinstance(place, str) else place
    )
    assert error.line == expected, error
    assert words in str(error)
    assert str(error).startswith(f"{folder / name}:")
    for foreign in ("\x1b", "x86_64", "building-", "->", "\n", "src/nmodl", "Translating"):
        assert foreign not in str(error)
    accused = {file for file in REFUSED if re.search(rf"(?<![\w.]){re.escape(file)}", str(error))}
    assert accused == ({name, "giver.mod"} if name == "needy.mod" else {name})


def test_two_files_that_cannot_be_together_are_both_named(half_broken):
    folder, _, errors = half_broken
    assert str(folder / "aa_first.mod") in str(errors[str(folder / "zz_second.mod")])
    assert str(folder / "first_lithium.mod") in str(errors[str(folder / "paired.mod")])
    assert f"{folder / 'giver.mod'} seems to define it" in str(errors[str(folder / "needy.mod")])


def test_a_cache_and_a_folder_may_have_any_letters(tmp_path):
    (tmp_path / "möds é").mkdir()
    (tmp_path / "möds é" / "fine.mod").write_text(named("fine"))
    run = subprocess.run(
        [sys.executable, "-c", LOAD, str(tmp_path / "möds é"), "fine"],
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "caché"), "NEURON_MODULE_OPTIONS": "-nogui"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["fine"]


def test_a_refusal_is_remembered_with_the_library(half_broken, monkeypatch):
    folder, library, errors = half_broken
    monkeypatch.setenv("PATH", "")
    again, refused = build_what_compiles(read_sources([folder]))
    assert again == library
    assert [str(error) for error in refused] == [str(errors[error.source.file]) for error in refused]


def _truncate(file):
    file.write_bytes(file.read_bytes()[:1000])


@pytest.mark.parametrize(
    "damage", [_truncate, lambda file: file.write_bytes(b""), lambda file: file.unlink()]
)
def test_a_library_that_is_not_as_it_was_built_is_built_again(odd, tmp_path, monkeypatch, damage):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (source,) = (source for source in read_sources([odd]) if source.name == sorted(ODD_NAMES)[0])
    folder = build_library([source]).folder
    files = [file for file in folder.rglob("libnrnmech.*") if not file.is_symlink()]
    before = [file.stat().st_size for file in files]
    damage(files[0])
    assert build_library([source]).folder == folder
    assert [file.stat().st_size for file in files] == before


def test_nothing_is_left_where_nothing_compiles():
    library, errors = build_what_compiles([NmodlSource("a.mod", named("a", ("STATE {", "STATE {{")))])
    assert library.sources == ()
    assert len(errors) == 1
    with pytest.raises(CompileError, match=r"a\.mod:31: "):
        build_library([errors[0].source])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("COMMENT a\nb\nENDCOMMENT c\nd", "\n\n\nd"),
        ("a COMMENT b\n\tENDCOMMENT\nc", "a \n\nc"),
        ("COMMENT a ENDCOMMENT\nb", "\n"),
        ("TITLE a : b\nc ? d\n: COMMENT\ne", "\nc \n\ne"),
        ('a "b : c" : d', 'a "b : c" '),
        ("VERBATIM\na ? b : c\nENDVERBATIM d\ne", "VERBATIM\na ? b : c\nENDVERBATIM\ne"),
        ("COMMENTED : a", "COMMENTED "),
    ],
)
def test_comments_end_where_neurons_do(text, code):
    assert without_comments(text) == code


def test_code_is_compared_by_what_the_compiler_sees():
    source = 'COMMENT\n36 °C\nENDCOMMENT\nINCLUDE "a.inc"\nSTATE { n }\n'
    kept = (
        'COMMENT\n36 \n\nC\nENDCOMMENT\n:::INCLUDE "a.inc"\n:::realpath /a.inc\nPARAMETER { a }\n'
        ":::end INCLUDE a.inc\nSTATE { n }\n"
    )
    whole = NmodlSource("b.mod", source, (("a.inc", "PARAMETER { a }\n"),)).whole_text
    assert same_code(whole, kept)
    assert not same_code(whole.replace("{ n }", "{ m }"), kept)


def test_an_ion_has_a_charge_if_one_file_tells_it():
    def uses(name, statement):
        return NmodlSource(f"{name}.mod", f"NEURON {{ SUFFIX {name}\nUSEION {statement} RANGE g }}")

    silent = uses("a", "zz READ ezz WRITE izz")
    assert [(use.ion, use.line) for use in without_valence(silent, [silent])] == [("zz", 2)]
    for telling in ("zz READ ezz VALENCE 2", "zz VALENCE -1", "zz READ ezz, zzi WRITE izz CHARGE 1"):
        assert without_valence(silent, [silent, uses("b", telling)]) == ()
    assert without_valence(uses("c", "ca READ eca WRITE ica"), []) == ()


def test_a_folder_of_folders_says_where_the_files_are(tmp_path):
    write_files(tmp_path, {"channels/a.mod": named("a"), "synapses/b.mod": named("b")})
    with pytest.raises(NmodlError, match="only in folders within it: give channels, synapses"):
        read_sources([tmp_path])
