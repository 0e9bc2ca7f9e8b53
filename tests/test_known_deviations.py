"""Known deviations belong to what a model is built of: not to its name, and not to the bytes of a file."""

import io
import re
from dataclasses import replace

import pytest
from synthetic_pools import myogen_pools

import mnvalidate.models.layering
from mnvalidate.checks.deviations import Deviation, FindingKind, apply_deviations, shipped_deviations
from mnvalidate.checks.known import Known, known_of_myogen, shipped_contents
from mnvalidate.inquiry import ask_originals
from mnvalidate.mechanisms.asking import Answers, ask_mechanisms
from mnvalidate.models.spec import ModelSpec
from mnvalidate.nmodl.content import compiled_content, content_digest
from mnvalidate.nmodl.layers import Layer
from mnvalidate.nmodl.sources import myogen_sources
from mnvalidate.options import Options
from mnvalidate.records import Cell, MechanismInForce
from mnvalidate.report.mechanisms import mechanism_lines, mechanism_parts
from mnvalidate.solver import Solver
from mnvalidate.validation import Outcome, judge, plan, results_of
from mnvalidate.verdicts import Conclusion, Severity, Subject, SubjectKind, Verdict

SOURCES = {source.name: source for source in myogen_sources()}
CONTENTS = shipped_contents("0.12.0")
CHECKS = [
    "relation[NERLab-tau__ms~AHPdur_5pct__ms]",
    "mechanism[gh-cross-talk]",
    "mechanism[gh-table]",
    "mechanism[L_Ca_inact-reversal]",
]


def edited(name, pattern, replacement):
    source = SOURCES[name]
    text, n = re.subn(pattern, replacement, source.text, count=1)
    assert n
    return replace(source, text=text)


def known(*changed, installed="0.12.0"):
    return known_of_myogen(installed, CHECKS, tuple(SOURCES.values()), changed)


def checks_of(entries):
    return {entry.checks for entry in entries}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a = b*c : product\n", True),
        ("a=b * c\n? more\n", True),
        ("COMMENT\na = 1\nENDCOMMENT\na = b*c\n", True),
        ("TITLE of it\n\n\na = b*c", True),
        ("a = b*d\n", False),
        ("ab = c\n", False),
        ("a = b*c\nVERBATIM\nint i; /* : */\nENDVERBATIM\n", False),
    ],
)
def test_comments_titles_and_white_space_reach_no_compiler(text, same):
    assert (compiled_content(text) == compiled_content("a = b*c\n")) is same


def test_words_do_not_run_together_and_c_keeps_its_lines():
    assert compiled_content("LOCAL a b") != compiled_content("LOCAL ab")
    c = "VERBATIM\n#ifdef A\nx();\n#endif\nENDVERBATIM\n"
    assert compiled_content(c) != compiled_content(c.replace("A\n", "A "))


def test_what_ships_describes_the_installed_myogen():
    assert CONTENTS.digests == {name: content_digest(s.text)[:12] for name, s in SOURCES.items()}


@pytest.mark.parametrize(
    ("installed", "version"), [("0.12.0", "0.12.0"), ("0.12.7", None), ("0.11.9", None), ("", None)]
)
def test_only_the_version_that_ships_is_known(installed, version):
    found = shipped_contents(installed)
    assert (found.version if found else None) == version


@pytest.mark.parametrize(
    ("name", "pattern", "replacement"),
    [
        ("gh", "TITLE", ": of motoneurons\nTITLE"),
        ("gh", "BREAKPOINT {", "BREAKPOINT\n\n{  "),
        ("L_Ca_inact", ":I have tried", ": nobody tried"),
    ],
)
def test_a_comment_in_a_mechanism_leaves_it_excused(name, pattern, replacement):
    assert known(edited(name, pattern, replacement)) == known()
    assert checks_of(known().certain) == set(CHECKS)


def test_an_edit_that_compiles_to_something_else_makes_its_own_entries_depend_on_the_finding():
    found = known(edited("gh", r"eh = \t-41", "eh = -42"))
    assert checks_of(found.of_changed_mechanisms) == {"mechanism[gh-cross-talk]", "mechanism[gh-table]"}
    assert checks_of(found.certain) == set(CHECKS) - checks_of(found.of_changed_mechanisms)
    assert found.changed_mechanisms(["gh", "caL"]) == ["gh"]


def test_of_a_changed_mechanism_the_same_finding_is_excused_and_another_is_not():
    found = known(edited("gh", r"eh = \t-41", "eh = -42"))
    was = mechanism_finding("mechanism[gh-table]", "n = 0.95 for 1 at -120 mV")
    other = replace(was, message="n = 0.5 for 1 at -120 mV")
    sound = replace(was, conclusion=Conclusion.CONFORMS)
    assert checks_of(found.still_found([was], {was.check: was})) == {"mechanism[gh-table]"}
    assert not found.still_found([other], {was.check: was})
    assert not found.still_found([sound], {was.check: sound})
    assert not found.still_found([was], {})


def mechanism_finding(check, message):
    subject = Subject(SubjectKind.MECHANISM, "gh", "gh")
    return Verdict(check, "mechanism", subject, "table", Conclusion.DEVIATES, Severity.WARNING, message)


# An accident of what is asked for comparison


@pytest.fixture(scope="module")
def edited_gh():
    """Plan and answers of a run that changes nothing of what is known of gh."""
    gh = edited("gh", r"\s<0,1e9>", "\t<0,1e8>")
    spec = ModelSpec("NERLab", 1, nmodl=(gh,))
    options = Options((spec,), Solver(), None, 30.0, None, "cat", mechanisms=("gh",))
    return plan(options), ask_mechanisms(["gh"], (gh,), jobs=2)


def judged(edited_gh, originals):
    """Verdicts on gh's table and cross-talk, and what terminal and page show of them."""
    outcome = Outcome(edited_gh[0], answers=edited_gh[1], originals=originals)
    found = judge(outcome)
    verdicts = {v.quantity: v for v in found.verdicts if v.quantity in ("table", "cross-talk")}
    results = results_of(outcome, found, [verdict.check for verdict in verdicts.values()], "")
    (part,) = mechanism_parts(results)
    page = [f"{row.text} {row.known}" for row in part.rows]
    return verdicts, " ".join(" ".join(mechanism_lines(results, width=100)).split()), page


@pytest.mark.parametrize(
    ("pattern", "replacement", "reason"),
    [
        ("INITIAL {", "INITIAL {\nVERBATIM\n*(volatile int *)0 = 1;\nENDVERBATIM\n", "SIGSEGV"),
        ("INITIAL {", "INITIAL { while (1) { n = n }\n", "it did not return within 3 s"),
        ("INITIAL {", "INITIAL { nowhere = 1\n", "nowhere"),
    ],
    ids=["crashes", "hangs", "is refused"],
)
def test_a_finding_is_not_excused_in_silence_where_the_mechanism_as_it_was(
    edited_gh, pattern, replacement, reason
):
    as_it_was = Layer("as it was", (edited("gh", pattern, replacement),))
    originals = ask_mechanisms(["gh"], own=(as_it_was,), jobs=2, timeout__s=3.0)
    verdicts, terminal, page = judged(edited_gh, originals)
    assert len(verdicts) == len(page) == 2
    for verdict in verdicts.values():
        assert (verdict.conclusion, verdict.excused) == (Conclusion.DEVIATES, "")
    for told in (terminal, *page, *(verdict.message for verdict in verdicts.values())):
        assert "Not excused, although such a finding is known of MyoGen's own gh" in told
        assert reason in told


def test_what_keeps_all_originals_from_being_asked_loses_nothing_else(edited_gh, monkeypatch, tmp_path):
    monkeypatch.setattr(mnvalidate.models.layering, "library_in", lambda folder: None)  # not compiled yet
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    run = edited_gh[0]
    originals = ask_originals(run.known.changed_mechanisms(["gh"]), run.options, io.StringIO())
    verdicts, terminal, _ = judged(edited_gh, originals)
    assert len(verdicts) == 2
    assert "nrnivmodl" in terminal
    assert "could not be looked at for comparison" in terminal


def test_nothing_is_said_where_the_mechanism_as_it_was_has_been_looked_at(edited_gh):
    run = edited_gh[0]
    originals = ask_originals(run.known.changed_mechanisms(["gh"]), run.options, io.StringIO())
    verdicts, terminal, _ = judged(edited_gh, originals)
    assert all(verdict.excused for verdict in verdicts.values())
    assert "could not be looked at" not in terminal
    nothing_known, _, _ = judged(edited_gh, Answers())
    assert not any("Not excused" in verdict.message for verdict in nothing_known.values())


def nerlab_records(*names, digest=""):
    """MyoGen's pool as if its neurons were built of some mechanisms; of its own by default."""
    mechanisms = [
        MechanismInForce(name, "", digest or CONTENTS.digests.get(name, "of NEURON"))
        for name in names or CONTENTS.models["NERLab"]
    ]
    cell = Cell(36.0, "", 2, 2, 1e5, (*mechanisms, MechanismInForce("na_ion", "NEURON", "")))
    return [replace(record, cell=cell) for record in myogen_pools() if record.model == "NERLab"]


def test_a_pool_of_another_name_that_is_built_of_the_same_has_the_same_entries():
    entries = known().of_built("mine", nerlab_records())
    shipped = [d for d in shipped_deviations("0.12.0") if "[NERLab-" in d.checks]
    assert [e.checks.replace("mine", "NERLab") for e in entries] == [d.checks for d in shipped]
    assert {(e.value, e.margin) for e in entries} == {(d.value, d.margin) for d in shipped}


def test_an_edit_loses_no_entry_as_long_as_the_values_agree():
    """What compiles to something else may still compute the same, and a conductance of zero does nothing."""
    own = known().of_built("mine", nerlab_records())
    assert known().of_built("mine", nerlab_records(digest="0" * 12)) == own
    assert known().of_built("mine", nerlab_records(*CONTENTS.models["NERLab"], "pas")) == own


@pytest.mark.parametrize(
    "records", [nerlab_records("napp"), nerlab_records("hh", "pas"), nerlab_records()[:0], myogen_pools()[:3]]
)
def test_a_pool_that_is_built_of_something_else_has_none(records):
    assert known().of_built("NERLab_of_mine", records) == ()
    assert Known().of_built("mine", nerlab_records()) == ()


def test_a_neuron_of_other_mechanisms_makes_it_another_pool():
    odd = [*nerlab_records()[1:], *nerlab_records("caL")[:1]]
    assert known().of_built("mine", odd) == ()


# The change comes first, the entry second


def verdict(value, conclusion):
    return Verdict(
        "fold[M-Ir__nA]", "fold", Subject(SubjectKind.POOL, "M", "M"), "Ir__nA", conclusion, Severity.ERROR,
        "", value=value, unit="1", lower=4.5, upper=33.0,
    )  # fmt: skip


ENTRY = Deviation("fold[M-Ir__nA]", "it is so", "2026-11-23", "M 1.0", 3.2, 0.1)


def test_an_entry_that_a_change_makes_conform_asks_for_the_change_first():
    (finding,) = apply_deviations([verdict(6.0, Conclusion.CONFORMS)], [ENTRY]).findings
    assert finding.kind is FindingKind.STALE
    before, after = finding.message.split("the model has changed")
    assert "6 where 3.2 was written on 2026-11-23" in before
    assert after.index("find out") < after.index("remove this entry only if that is meant")


def test_an_entry_whose_limit_moved_is_to_be_removed():
    within = replace(verdict(3.25, Conclusion.CONFORMS), lower=2.0)
    (finding,) = apply_deviations([within], [ENTRY]).findings
    assert finding.message.endswith("3.25 where 3.2 was written: remove this entry")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pattern", "replacement"),
    [("gh", "TITLE", ": mine\nTITLE"), ("gh", r"\s<0,1e9>", "\t<0,1e8>")],
    ids=["comment", "limit"],
)
def test_an_edited_mechanism_with_the_same_finding_fails_nothing(pytester, name, pattern, replacement):
    (pytester.path / f"{name}.mod").write_text(edited(name, pattern, replacement).text)
    result = pytester.runpytest_subprocess(
        "--pyargs", "mnvalidate.suite", "-p", "no:cacheprovider", f"--mn-nmodl={name}.mod",
        "-k", "test_mechanism and (cross or table)", "--mn-report=none",
    )  # fmt: skip
    assert result.ret == 0
    assert result.parseoutcomes()["passed"] >= 2
