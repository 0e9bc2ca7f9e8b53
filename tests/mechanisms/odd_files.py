"""Mod files as authors keep them: odd ones that NEURON takes, and ones that it refuses."""

from variants import SOUND

SUFFIX = "SUFFIX sound"


def named(name, *edits):
    """The sound mechanism under another name, with edits that must each apply."""
    text = SOUND
    for old, new in ((SUFFIX, f"SUFFIX {name}"), *edits):
        assert old in text, old
        text = text.replace(old, new)
    return text


def _with(name, addition):
    return named(name) + addition


def _with_c(name, code):
    return _with(name, f"VERBATIM\n{code}\nENDVERBATIM\n")


def _with_ion(name, use):
    """With a second ion, which it reads and does not use."""
    ion = use.split()[0]
    return named(
        name,
        ("    THREADSAFE", f"    USEION {use}\n    THREADSAFE"),
        ("    ek (mV)", f"    ek (mV)\n    i{ion} (mA/cm2)"),
    )


_TRAPPED = SOUND[SOUND.index("FUNCTION trapped") :]
_COMMENT = "COMMENT\nRecorded at 36 °C, τ in ms\nENDCOMMENT and a few words: {\n"
_C_CODE = 'VERBATIM\n#include "factor.h"\nENDVERBATIM'

# File names and bytes; what is no mod file lies beside them.
ODD = {
    "includes.mod": named("includes", (_TRAPPED, 'INCLUDE "trapped.inc"\n')),
    "trapped.inc": _TRAPPED,
    "nests.mod": named("nests", (_TRAPPED, 'INCLUDE "parts/outer.inc"\n')),
    "parts/outer.inc": ': more\nINCLUDE "inner.inc"\n',
    "parts/inner.inc": _TRAPPED,
    "declares.mod": named(
        "declares", ("STATE { n }", 'INCLUDE "state.inc"'), ("BREAKPOINT", 'INCLUDE "empty.inc"\nBREAKPOINT')
    ),
    "state.inc": "STATE { n }\n",
    "empty.inc": "",
    "header.mod": named("header", ("UNITS {", f"{_C_CODE}\nUNITS {{")),
    "factor.h": "#define FACTOR 2\n",
    "tools.mod": "NEURON { SUFFIX nothing }\nFUNCTION twice(x) { twice = 2*x }\n",
    "both.mod": named(
        "both", ("    THREADSAFE", "    POINT_PROCESS both_point\n    THREADSAFE"), ("mA/cm2", "nA")
    ),
    "comments.mod": _COMMENT + named("comments") + ": the end",
    "inside.mod": named(
        "inside", ("STATE { n }", "STATE { n } COMMENT no\n : {{{ SUFFIX no\n\t ENDCOMMENT too")
    ),
    "text.mod": named("text", ("    n = ninf", '    n = ninf\n    if (n < 0) { printf("a : b ? c {") }')),
    "two.mod": named("two", ("ASSIGNED {", "PARAMETER { second = 3 (1) }\nASSIGNED {")),
    "return.mod": named("return_").replace("\n", "\r"),
    "windows.mod": named("windows").replace("\n", "\r\n"),
    "a channel, v1.2.mod": named("channel"),
    "1st-über.mod": named("first"),
    "tabs.mod": named("tabs").replace("    ", "\t"),
    "keyword.mod": named("struct"),
    "off.mod": named(
        "off", ("LOCAL a, b, q", "LOCAL a, b, q\nUNITSOFF"), ("ninf = a/(a + b)", "ninf = a/(a + b)\nUNITSON")
    ),
    "table.mod": named("table", ("n = ninf\n", "n = ninf + 0*extra(v)\n"))
    + "FUNCTION_TABLE extra(v (mV)) (1)\n",
}
ODD_NAMES = {
    "includes", "nests", "declares", "header", "nothing.tools", "both_point", "comments", "inside", "text",
    "two", "return_", "windows", "channel", "first", "tabs", "struct", "off", "table",
}  # fmt: skip

_SOLVE = "    SOLVE states METHOD cnexp"
_DERIVATIVE = "    n' = (ninf - n)/ntau"
_CURRENT = "    ik = gbar*n*(v - ek)"
_POWER = "    n' = (ninf - n)/ntau*3^((celsius - 36(degC))/10(degC))"
_CALLS_NOBODY = "double of_nobody(double);\nstatic double f() { return of_nobody(1.); }"

# File, content, the line (or what stands there) that is to blame, and words of the reason.
REFUSED = {
    "bom.mod": ("\ufeff" + named("bom"), 1, "byte order mark"),
    "degree.mod": (
        named("degree", ("STATE { n }", "STATE { n } : at 36 °C")),
        "36 °C",
        "'STATE { n } : at 36 °C'",
    ),
    "latin.mod": ("TITLE µ\n".encode("latin-1") + named("latin").encode(), 1, "Non-Ascii character"),
    "c_comment.mod": (_with_c("c_comment", "/* µ */"), "/* µ */", "write it with ASCII characters"),
    "feed.mod": (named("feed", ("STATE {", "\fSTATE {")), "\f", "syntax error"),
    "solves.mod": (
        named("solves", (_SOLVE, f"{_SOLVE}\n    SOLVE others METHOD cnexp")),
        "SOLVE others",
        "Illegal SOLVE statement",
    ),
    "nowhere.mod": (
        named("nowhere", (_SOLVE, "    SOLVE away METHOD cnexp")),
        "SOLVE away",
        "can't be used with Block away",
    ),
    "lost.mod": (_with("lost", 'INCLUDE "lost.inc"\n'), "INCLUDE", "Couldn't open lost.inc"),
    "broken_part.mod": (
        _with("broken_part", 'INCLUDE "broken.inc"\n'),
        None,
        "in broken.inc:2, which it includes: syntax error",
    ),
    "power.mod": (
        named("power", (_DERIVATIVE, _POWER)),
        "3^((celsius - 36(degC))/10(degC))",
        "compute the power in a LOCAL before",
    ),
    "open.mod": (
        _with("open", "COMMENT for ever ENDCOMMENT\n"),
        "COMMENT for ever",
        "COMMENT block goes to end of file",
    ),
    "long.mod": (named("long", (_CURRENT, _CURRENT + " + 0*ek" * 100)), "0*ek", "Line too long"),
    "unknown.mod": (
        named("unknown", (_CURRENT, "    ik = gbar*missing*(v - ek)")),
        "gbar*missing",
        "'missing'",
    ),
    "c_error.mod": (_with_c("c_error", "static int f() { return absent; }"), "absent", "'absent'"),
    "prime.mod": (
        named("prime", (_DERIVATIVE, "    k' = (ninf - n)/ntau")),
        "k' =",
        "k must be declared as a state variable",
    ),
    "unlinked.mod": (
        _with_c("unlinked", _CALLS_NOBODY) + "FUNCTION g() {\nVERBATIM\n_lg = f();\nENDVERBATIM\n}\n",
        "double of_nobody",
        "of_nobody: no file and not NEURON defines it",
    ),
    # What it needs is in a file that does not compile.
    "needy.mod": (
        _with_c("needy", "double given(double);\nstatic double f() { return given(1.); }")
        + "FUNCTION g() {\nVERBATIM\n_lg = f();\nENDVERBATIM\n}\n",
        "double given",
        "undefined reference to given: ",
    ),
    "giver.mod": (
        _with_c("giver", "double given(double x) { return absent; }"),
        "return absent",
        "'absent'",
    ),
    "zz_second.mod": (_with_c("zz_second", "int shared() { return 2; }"), "int shared", "and so does"),
    "sine.mod": (named("sin"), "SUFFIX sin", "The user defined name already exists: sin"),
    "charge.mod": (
        named("charge", ("WRITE ik", "WRITE ik VALENCE 2")),
        "VALENCE 2",
        "2 here and 1 in NEURON itself",
    ),
    "paired.mod": (
        _with_ion("paired", "lithium READ ilithium VALENCE -1"),
        "USEION lithium",
        "VALENCE -1 here and 1 in",
    ),
}
# What some of them need beside them, sound in itself.
BESIDE_REFUSED = {
    "broken.inc": "FUNCTION fine(x) { fine = x }\nFUNCTION wrong(x) { wrong = x**2 }\n",
    "aa_first.mod": _with_c("aa_first", "int shared() { return 1; }"),
    "first_lithium.mod": _with_ion("first_lithium", "lithium READ ilithium VALENCE 1"),
}


def write_files(folder, files):
    """Write texts and bytes under their names."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
