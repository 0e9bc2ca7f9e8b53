"""A sound mechanism, and the same with one thing wrong."""

from mnvalidate.nmodl.sources import NmodlSource

SOUND = """
TITLE Delayed rectifier written for the tests: one gate, temperature-dependent
NEURON {
    SUFFIX sound
    USEION k READ ek WRITE ik
    RANGE gbar
    GLOBAL vhalf, slope, opening, closing, q10
    THREADSAFE
}
UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}
PARAMETER {
    gbar = 1e-3 (S/cm2) <0, 1>
    vhalf = -40 (mV)
    slope = 9 (mV) <1, 50>
    opening = 0.02 (/ms/mV) <0.001, 1>
    closing = 0.1 (/ms) <0.001, 10>
    q10 = 3 (1) <1, 5>
}
ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    ninf (1)
    ntau (ms)
}
STATE { n }
INITIAL {
    rates(v)
    n = ninf
}
BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = gbar*n*(v - ek)
}
DERIVATIVE states {
    rates(v)
    n' = (ninf - n)/ntau
}
PROCEDURE rates(v (mV)) {
    LOCAL a, b, q
    q = q10^((celsius - 36(degC))/10(degC))
    a = opening*trapped(vhalf - v, slope)
    b = closing*exp((-65(mV) - v)/80(mV))
    ntau = 1/(q*(a + b))
    ninf = a/(a + b)
}
FUNCTION trapped(x (mV), y (mV)) (mV) {
    if (fabs(x/y) < 1e-6) {
        trapped = y*(1 - x/y/2)
    } else {
        trapped = x/(exp(x/y) - 1)
    }
}
"""

_WHOLE_TABLE = "TABLE ninf, ntau DEPEND vhalf, slope, opening, closing, q10, celsius FROM {} TO {} WITH 3000"

BROKEN = {
    "compiles": [("(v - ek)", "(v - reversal)")],
    # A second ion, which it reads and does not use.
    "valence": [
        ("    THREADSAFE", "    USEION other READ eother\n    THREADSAFE"),
        ("    ek (mV)\n", "    ek (mV)\n    eother (mV)\n"),
    ],
    "neuron-9": [("RANGE gbar", "RANGE gbar, rates")],
    "units": [("vhalf = -40 (mV)", "vhalf = -40 (ms)")],
    "cvode": [
        ("SOLVE states METHOD cnexp", "SOLVE states"),
        ("DERIVATIVE states {", "PROCEDURE states() {"),
        ("n' = (ninf - n)/ntau", "n = n + (1 - exp(-dt/ntau))*(ninf - n)"),
        ("celsius (degC)", "celsius (degC)\n    dt (ms)"),
    ],
    "threads": [("THREADSAFE", "GLOBAL ninf")],
    "runs": [("    n = ninf", "    n = ninf\nVERBATIM\n    *(volatile int*)0 = 1;\nENDVERBATIM")],
    "pointers": [
        ("THREADSAFE", "POINTER factor\n    THREADSAFE"),
        ("ek (mV)\n", "ek (mV)\n    factor (1)\n"),
        ("(v - ek)", "(v - ek)*(1 + 0*factor)"),
    ],
    "finite": [("if (fabs(x/y) < 1e-6)", "if (fabs(x/y) < -1)")],
    "gates": [("ninf = a/(a + b)", "ninf = 1.5*a/(a + b)")],
    "jumps": [("trapped = y*(1 - x/y/2)", "trapped = 2*y*(1 - x/y/2)")],
    "table": [("LOCAL a, b, q", "LOCAL a, b, q\n    " + _WHOLE_TABLE.format(-100, -20))],
    "cross-talk": [
        ("RANGE gbar", "RANGE gbar, vhalf"),
        ("GLOBAL vhalf, slope", "GLOBAL slope"),
        ("LOCAL a, b, q", "LOCAL a, b, q\n    " + _WHOLE_TABLE.format(-150, 150)),
    ],
    "dead-parameters": [("q10 = 3", "forgotten = 3 (mV)\n    q10 = 3")],
    "reversal": [("(v - ek)", "(v + 77(mV))")],
    "initial": [("    n = ninf", "    n = 0")],
    "temperature": [
        ("    q = q10^((celsius - 36(degC))/10(degC))\n", "    q = q10\n"),
    ],
    "charge": [("DERIVATIVE states", "AFTER SOLVE { ik = 0.9*ik }\nDERIVATIVE states")],
    # What a large depolarisation sets stays set, in later runs, too.
    "repeats": [
        ("    ntau (ms)\n}", "    ntau (ms)\n    seen (1)\n}"),
        (
            "    ik = gbar*n*(v - ek)",
            "    if (v > 60(mV)) { seen = 1 }\n    ik = gbar*n*(1 + 0.1*seen)*(v - ek)",
        ),
    ],
    # A decay for each step, however long it is.
    "equations": [("METHOD cnexp\n", "METHOD cnexp\n    n = 0.9999*n\n")],
    # Without a current BREAKPOINT is not run under CVODE.
    "solvers": [
        ("    USEION k READ ek WRITE ik\n", ""),
        ("RANGE gbar", "RANGE open"),
        ("    gbar = 1e-3 (S/cm2) <0, 1>\n", ""),
        ("    ek (mV)\n    ik (mA/cm2)\n", "    open (1)\n"),
        ("    n = ninf\n", "    n = ninf\n    open = n\n"),
        ("    ik = gbar*n*(v - ek)", "    open = n"),
    ],
    "combinations": [
        ("q10 = 3 (1) <1, 5>", "q10 = 3 (1) <1, 5>\n    top = 1 (1) <0, 1.5>"),
        ("ninf = a/(a + b)", "ninf = top*a/(a + b)"),
    ],
}

# INITIAL does without the TABLE that the kinetics use.
TABLED_KINETICS = [
    ("LOCAL a, b, q", "LOCAL a, b, q\n    " + _WHOLE_TABLE.format(-100, 10)),
    (
        "    rates(v)\n    n = ninf",
        "    n = 1/(1 + closing*exp((-65(mV) - v)/80(mV))/(opening*trapped(vhalf - v, slope)))",
    ),
]

FATAL = {
    "segfaults": "*(volatile int*)0 = 1;",
    "hangs": "for (;;) {}",
    "exits": "exit(0);",
}


def variant(name, edits):
    """The sound mechanism under another name, with edits that must each apply."""
    text = SOUND.replace("SUFFIX sound", f"SUFFIX {name}")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return NmodlSource(f"{name}.mod", text)


def sound():
    return NmodlSource("sound.mod", SOUND)


def broken():
    """One source for each check, by the name of the check that must find it."""
    return {check: variant(f"no_{check.replace('-', '_')}", edits) for check, edits in BROKEN.items()}


def tabled_kinetics():
    """The sound mechanism with a TABLE that is too short, and that only its kinetics use."""
    return variant("tabled_kinetics", TABLED_KINETICS)


def fatal(fault):
    return variant(fault, [("    n = ninf", f"    n = ninf\nVERBATIM\n    {FATAL[fault]}\nENDVERBATIM")])
