"""What is asked of mechanisms that cannot be answered like others, and how far asking has come."""

import io
import re

import pytest
from odd_files import named
from variants import SOUND

from mnvalidate.checks.check import Planning
from mnvalidate.literature.criteria import Reference
from mnvalidate.mechanisms.asking import ask_mechanisms, n_questions
from mnvalidate.mechanisms.check import plan
from mnvalidate.mechanisms.survival import said
from mnvalidate.nmodl.cplusplus import refusals
from mnvalidate.nmodl.sources import NmodlSource
from mnvalidate.run.progress import Bar
from mnvalidate.verdicts import Conclusion

CELL = """
NEURON {{ ARTIFICIAL_CELL {name} RANGE level }}
ASSIGNED {{ level (1) }}
INITIAL {{ level = 0 net_send({first}, 1) }}
NET_RECEIVE(w (1)) {{ if (flag == 1) {{ net_send({next}, 1) }} else {{ level = level + w }} }}
"""

FILES = {
    "table": named("table", ("n = ninf\n", "n = extra(v)\n")) + "FUNCTION_TABLE extra(v (mV)) (1)\n",
    "ForEver": CELL.format(name="ForEver", first=0, next=0),
    "Past": CELL.format(name="Past", first=1, next=-1),
    "Regular": CELL.format(name="Regular", first=1, next=1),
    "nothing.tools": "NEURON { SUFFIX nothing }\nFUNCTION twice(x) { twice = 2*x }\n",
    "lost": SOUND.replace("SUFFIX sound", "SUFFIX lost") + 'INCLUDE "lost.inc"\n',
    "charged": named("charged", ("WRITE ik", "WRITE ik VALENCE 2")),
}


@pytest.fixture(scope="module")
def asked():
    """What was shown, and the verdicts by mechanism and question."""
    sources = [NmodlSource(f"{name.removeprefix('nothing.')}.mod", text) for name, text in FILES.items()]
    stream = io.StringIO()
    progress = Bar("checking", n_questions(FILES), stream, "checks")
    answers = ask_mechanisms(tuple(FILES), sources, own=(), jobs=2, timeout__s=3.0, progress=progress)
    checks = plan(Planning(Reference({}, ()), "cat", (), tuple(FILES)))
    verdicts = {
        (check.mechanism, check.question.name): check(answers.by_mechanism[check.mechanism])
        for check in checks
    }
    return stream.getvalue(), verdicts


def test_asking_shows_how_far_it_has_come(asked):
    shown, _ = asked
    first, *lines = shown.splitlines()
    assert first == f"checking: compiling {len(FILES) - 1} files"
    total = n_questions(FILES)
    assert f"{total}/{total} checks" in lines[-1]
    assert all(line.startswith("checking: ") and " checks/s, " in line for line in lines)


def test_a_function_without_its_table_is_not_judged_and_told_how_to_get_one(asked):
    _, verdicts = asked
    runs = verdicts["table", "runs"]
    assert runs.conclusion is Conclusion.NOT_JUDGED
    assert "FUNCTION_TABLE extra has no table" in runs.message
    assert "h.table_extra_table(values, arguments)" in runs.message
    assert verdicts["table", "compiles"].conclusion is Conclusion.CONFORMS
    assert verdicts["table", "finite"].conclusion is Conclusion.NOT_JUDGED
    assert "'runs' could not be answered" in verdicts["table", "finite"].message


@pytest.mark.parametrize(
    ("cell", "said_of_it", "advice"),
    [
        ("ForEver", "did not return within 3 s", "every net_send a delay above 0"),
        ("Past", "td-t = -1", "no event can be sent into the past"),
    ],
)
def test_advice_on_events_speaks_of_events(asked, cell, said_of_it, advice):
    _, verdicts = asked
    runs = verdicts[cell, "runs"]
    assert runs.failed
    assert said_of_it in runs.message
    assert advice in runs.advice
    assert "VERBATIM" not in runs.advice


def test_sound_neighbours_of_refused_files_are_judged(asked):
    _, verdicts = asked
    for name in ("Regular", "nothing.tools"):
        of_it = [verdict for (mechanism, _), verdict in verdicts.items() if mechanism == name]
        assert not any(verdict.conclusion is Conclusion.DEVIATES for verdict in of_it)
        assert verdicts[name, "compiles"].conclusion is Conclusion.CONFORMS
        assert verdicts[name, "runs"].conclusion is Conclusion.CONFORMS


@pytest.mark.parametrize(
    ("name", "place", "words"),
    [("lost", "lost.mod:", "Couldn't open lost.inc"), ("charged", "charged.mod:", "VALENCE 2 here")],
)
def test_a_refused_file_has_one_finding(asked, name, place, words):
    _, verdicts = asked
    found = [v for (mechanism, _), v in verdicts.items() if mechanism == name]
    (finding,) = [verdict for verdict in found if verdict.conclusion is Conclusion.DEVIATES]
    assert finding.quantity == "compiles"
    assert place in finding.message
    assert words in finding.message


def test_what_neuron_says_is_told_without_its_surroundings():
    printed = (
        "Warning: odd\nNEURON: table not specified\n near line 0\n objref hoc_obj_[2]\n"
        "                   ^\n        finitialize(-65)\n\nTraceback (most recent call last):\n  File x\n"
    )
    assert said(printed) == "table not specified"
    assert said("net_send td-t = -1\n near line 3\n") == "net_send td-t = -1"
    assert said("") == ""


IN_A_FUNCTION = "NEURON {{ SUFFIX a }}\nFUNCTION f(x) {{\nVERBATIM\n{}\nENDVERBATIM\nf = x\n}}\n"
OUTSIDE = "NEURON {{ SUFFIX a }}\nVERBATIM\n{}\nENDVERBATIM\n"


# Each was compiled with NEURON 9.0.2.
@pytest.mark.parametrize(
    ("form", "code", "reason"),
    [
        (IN_A_FUNCTION, "int new = 3; _lf = new;", "'new' is a keyword of C++"),
        (IN_A_FUNCTION, "double class = 1.; _lf = class;", "'class' is a keyword"),
        (IN_A_FUNCTION, "int and = 1; _lf = and;", "'and' is a keyword"),
        (IN_A_FUNCTION, "void* m = 0; int* c; c = m;", r"write \(int\*\) before m"),
        (IN_A_FUNCTION, "Object* o; void* m = 0; o = m;", r"write \(Object\*\) before m"),
        (IN_A_FUNCTION, "double* c = malloc(8);", r"write \(double\*\) before malloc"),
        (IN_A_FUNCTION, "extern int ifarg(); _lf = ifarg(1);", "ifarg is declared without arguments"),
        (IN_A_FUNCTION, "extern void* vector_arg(); void* v; v = vector_arg(1);", "returns IvocVect"),
        (OUTSIDE, "void* nrn_random_arg(int argpos);", r"returns Rand\*"),
        (OUTSIDE, "static double g(a, b) double a; double b; { return a + b; }", "style of old C"),
        (OUTSIDE, "static double g(a, b)\n double a, b;\n{ return a + b; }", "style of old C"),
        (IN_A_FUNCTION, "_lf = _p[0];", "there is no _p"),
    ],
)
def test_what_neuron_9_refuses_is_told_with_its_line(form, code, reason):
    (first, *_) = refusals(NmodlSource("a.mod", form.format(code)))
    assert re.search(reason, first.reason)
    assert first.line == 1 + form[: form.index("{}")].count("\n")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (IN_A_FUNCTION, 'printf("a new class\\n"); /* delete this */ // new'),
        (IN_A_FUNCTION, "void* m = 0; int* c; c = (int*) m;"),
        (IN_A_FUNCTION, "double* c = (double*) malloc(8);"),
        (IN_A_FUNCTION, "void* vv = vector_arg(1); double* px = vector_vec(vv);"),
        (IN_A_FUNCTION, "extern int ifarg(int); _lf = ifarg(1);"),
        (IN_A_FUNCTION, "int* c = 0; void* m = 0; if (c == m) { _lf = 1; }"),
        (IN_A_FUNCTION, "struct { int new_one; } s; s.new_one = 1;"),
        (IN_A_FUNCTION, "double try1 = 1; _lf = try1;"),
        (OUTSIDE, "double nrn_random_pick(void* r);"),
        (OUTSIDE, "#ifndef NRN_VERSION_GTEQ_8_2_0\nextern void* vector_arg();\nint new;\n#endif"),
        (OUTSIDE, "static double h();\nstatic double h() { return 1; }"),
        (OUTSIDE, "static double g(double a, double b) { double c; c = a; return c + b; }"),
    ],
)
def test_what_neuron_9_takes_is_not_accused(form, code):
    assert refusals(NmodlSource("a.mod", form.format(code))) == ()
