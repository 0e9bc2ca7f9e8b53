"""Sound mechanisms of several kinds, and the same with one fault each."""

from dataclasses import dataclass

from benchmarks.mechanism_sources import UNITS
from mnvalidate.nmodl.sources import NmodlSource

BASES = {
    "cation": """
NEURON { SUFFIX NAME NONSPECIFIC_CURRENT i RANGE gmax, erev, qtau }
PARAMETER { gmax = 2e-4 (S/cm2) erev = -32 (mV) }
ASSIGNED { v (mV) i (mA/cm2) qtau (ms) }
STATE { q }
INITIAL { q = qinf(v) }
BREAKPOINT {
    SOLVE states METHOD cnexp
    i = gmax*q*(v - erev)
}
DERIVATIVE states {
    qtau = 25(ms) + 150(ms)/(1 + exp((v + 60(mV))/9(mV)))
    q' = (qinf(v) - q)/qtau
}
FUNCTION qinf(v (mV)) (1) { qinf = 1/(1 + exp((v + 79(mV))/7(mV))) }
""",
    "persistent": """
NEURON { SUFFIX NAME NONSPECIFIC_CURRENT i RANGE gmax, e }
PARAMETER { gmax = 1e-4 (S/cm2) e = 48 (mV) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = gmax*(v - e)/(1 + exp(-(v + 46(mV))/5(mV))) }
""",
    "own_reversal": """
NEURON { SUFFIX NAME USEION k WRITE ik RANGE gmax, eown }
PARAMETER { gmax = 1e-4 (S/cm2) eown = -81 (mV) }
ASSIGNED { v (mV) ik (mA/cm2) }
BREAKPOINT { ik = gmax*(v - eown) }
""",
    "goldman": """
NEURON { SUFFIX NAME USEION ca READ cai, cao WRITE ica RANGE pbar }
PARAMETER { pbar = 2e-5 (cm/s) }
ASSIGNED { v (mV) cai (mM) cao (mM) ica (mA/cm2) }
STATE { m }
INITIAL { m = minf(v) }
BREAKPOINT {
    SOLVE states METHOD cnexp
    ica = pbar*m*m*flux(v, cai, cao)
}
DERIVATIVE states { m' = (minf(v) - m)/(1.5(ms)) }
FUNCTION minf(v (mV)) (1) { minf = 1/(1 + exp(-(v + 22(mV))/6(mV))) }
FUNCTION flux(v (mV), ci (mM), co (mM)) (.001 coul/cm3) {
    LOCAL z
    z = v/13(mV)
    flux = (.001)*2*FARADAY*(ci*limited(-z) - co*limited(z))
}
FUNCTION limited(z) {
    if (fabs(z) < 1e-4) { limited = 1 - z/2 } else { limited = z/(exp(z) - 1) }
}
""",
    "hidden": """
NEURON { SUFFIX NAME USEION na READ ena WRITE ina RANGE gbar, shift }
PARAMETER { gbar = 0.01 (S/cm2) shift = -51.25 (mV) }
ASSIGNED { v (mV) ena (mV) ina (mA/cm2) }
STATE { m }
INITIAL { m = opening(v)/(opening(v) + closing(v)) }
BREAKPOINT {
    SOLVE states METHOD cnexp
    ina = gbar*m^3*(v - ena)
}
DERIVATIVE states { m' = opening(v)*(1 - m) - closing(v)*m }
FUNCTION opening(v (mV)) (/ms) {
    LOCAL x
    x = v - shift - 11.0625(mV)
    if (fabs(x) < 1e-6(mV)) { opening = 1.2(/ms) } else { opening = 0.3(/ms-mV)*x/(1 - exp(-x/4(mV))) }
}
FUNCTION closing(v (mV)) (/ms) { closing = 0.2(/ms)*exp(-(v + 40(mV))/18(mV))*(1 + (CONSTANTS)) }
""",
    "pool": """
NEURON { SUFFIX NAME USEION ca READ ica, cai WRITE cai RANGE depth, taur, rest }
PARAMETER { depth = 0.2 (um) taur = 70 (ms) rest = 1e-4 (mM) }
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
INITIAL { cai = rest }
BREAKPOINT { SOLVE pool METHOD derivimplicit }
DERIVATIVE pool {
    cai' = -(10000)*ica/(2*FARADAY*depth) + (rest - cai)/taur
}
""",
    "outside": """
NEURON { SUFFIX NAME USEION k READ ik, ko WRITE ko RANGE space, tau, bath }
PARAMETER { space = 0.02 (um) tau = 90 (ms) bath = 3 (mM) }
ASSIGNED { ik (mA/cm2) }
STATE { ko (mM) }
INITIAL { ko = bath }
BREAKPOINT { SOLVE outside METHOD cnexp }
DERIVATIVE outside { ko' = (10000)*ik/(FARADAY*space) + (bath - ko)/tau }
""",
    "chloride": """
NEURON { SUFFIX NAME USEION cl READ icl, cli WRITE cli VALENCE -1 RANGE depth, tau, rest }
PARAMETER { depth = 1 (um) tau = 400 (ms) rest = 8 (mM) }
ASSIGNED { icl (mA/cm2) }
STATE { cli (mM) }
INITIAL { cli = rest }
BREAKPOINT { SOLVE inside METHOD cnexp }
DERIVATIVE inside { cli' = (10000)*icl/(FARADAY*depth) + (rest - cli)/tau }
""",
    "exchanger": """
NEURON { SUFFIX NAME USEION ca READ cai, cao WRITE ica USEION na READ nai, nao WRITE ina RANGE kx }
PARAMETER { kx = 1e-9 (mA/cm2) }
ASSIGNED { v (mV) cai (mM) cao (mM) nai (mM) nao (mM) ica (mA/cm2) ina (mA/cm2) }
BREAKPOINT {
    LOCAL i
    i = kx*1(/mM4)*(nai^3*cao*exp(0.35*v/26(mV)) - nao^3*cai*exp(-0.65*v/26(mV)))
    ina = 3*i
    ica = -2*i
}
""",
    "shells": """
DEFINE NSHELL 4
NEURON { SUFFIX NAME USEION ca READ ica WRITE cai RANGE hop, pump }
PARAMETER { hop = 0.3 (/ms) pump = 0.06 (/ms) }
ASSIGNED { ica (mA/cm2) cai (mM) kept[NSHELL] (mM) rest (mM) }
STATE { shell[NSHELL] (mM) }
INITIAL {
    LOCAL k
    rest = 1e-4
    FROM j = 0 TO NSHELL-1 { shell[j] = rest }
    k = 0
    while (k < NSHELL) {
        kept[k] = shell[k]
        k = k + 1
    }
    cai = shell[0]
}
BREAKPOINT { SOLVE move METHOD sparse }
KINETIC move {
    FROM j = 0 TO NSHELL-2 { ~ shell[j] <-> shell[j+1] (hop, hop) }
    ~ shell[NSHELL-1] <-> rest (pump, pump)
    ~ shell[0] << (-(0.05)*ica*1(mM-cm2/mA/ms))
    cai = shell[0]
}
""",
    "scheme": """
NEURON { SUFFIX NAME USEION na READ ena WRITE ina RANGE gbar }
PARAMETER { gbar = 0.02 (S/cm2) }
ASSIGNED { v (mV) ena (mV) ina (mA/cm2) }
STATE { c o b }
INITIAL { SOLVE hop STEADYSTATE sparse }
BREAKPOINT {
    SOLVE hop METHOD sparse
    ina = gbar*o*(v - ena)
}
KINETIC hop {
    ~ c <-> o (up(v), down(v))
    ~ o <-> b (1.5(/ms), 0.04(/ms))
    ~ b <-> c (0.08(/ms)*exp(-(v + 66(mV))/24(mV)), 0.001(/ms))
    CONSERVE c + o + b = 1
}
FUNCTION up(v (mV)) (/ms) { up = 5(/ms)/(1 + exp(-(v + 29(mV))/7(mV))) }
FUNCTION down(v (mV)) (/ms) { down = 3(/ms)/(1 + exp((v + 37(mV))/8(mV))) }
""",
    "count": """
NEURON { SUFFIX NAME USEION k READ ek WRITE ik RANGE gunit, total }
PARAMETER { gunit = 2e-5 (S/cm2) total = 60 (1) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) }
STATE { n (1) }
INITIAL { n = total*ninf(v) }
BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = gunit*n*(v - ek)
}
DERIVATIVE states { n' = (total*ninf(v) - n)/(4(ms)) }
FUNCTION ninf(v (mV)) (1) { ninf = 1/(1 + exp(-(v + 28(mV))/8(mV))) }
""",
    "coupled": """
NEURON { SUFFIX NAME NONSPECIFIC_CURRENT i RANGE gain, strength }
PARAMETER { gain = 0.5 (/ms) strength = 2e-4 (mA/cm2) }
ASSIGNED { i (mA/cm2) }
STATE { p (1) q (1) }
INITIAL {
    p = 0.3
    q = 0.2
}
BREAKPOINT {
    SOLVE pair METHOD derivimplicit
    i = -strength*(p + q)
}
DERIVATIVE pair {
    p' = gain*(p*p*q - p + 0.4)
    q' = gain*(1.1 - p*p*q)
}
""",
    "calcium_gate": """
NEURON { SUFFIX NAME USEION k READ ek WRITE ik USEION ca READ cai RANGE gbar, tz, kd }
PARAMETER { gbar = 1e-3 (S/cm2) tz = 4 (ms) kd = 3e-4 (mM) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) cai (mM) }
STATE { z }
INITIAL { z = cai/(cai + kd) }
BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = gbar*z*(v - ek)
}
DERIVATIVE states { z' = (cai/(cai + kd) - z)/tz }
""",
    "Depressing": """
NEURON { POINT_PROCESS NAME NONSPECIFIC_CURRENT i RANGE tau, trec, use, e }
PARAMETER { tau = 5 (ms) trec = 250 (ms) use = 0.5 (1) e = 0 (mV) }
ASSIGNED { v (mV) i (nA) }
STATE { g (uS) }
INITIAL { g = 0 }
BREAKPOINT {
    SOLVE decay METHOD cnexp
    i = g*(v - e)
}
DERIVATIVE decay { g' = -g/tau }
NET_RECEIVE(w (uS), r (1), last (ms)) {
    INITIAL {
        r = 1
        last = t
    }
    r = 1 - (1 - r)*exp(-(t - last)/trec)
    g = g + w*use*r
    r = r - use*r
    last = t
}
""",
    "Biexponential": """
NEURON { POINT_PROCESS NAME NONSPECIFIC_CURRENT i RANGE rise, fall, e }
PARAMETER { rise = 1 (ms) <1e-9, 1e9> fall = 6 (ms) <1e-9, 1e9> e = -70 (mV) }
ASSIGNED { v (mV) i (nA) factor (1) }
STATE { p (uS) r (uS) }
INITIAL {
    LOCAL peak
    if (rise/fall > 0.9999) { rise = 0.9999*fall }
    p = 0
    r = 0
    peak = rise*fall/(fall - rise)*log(fall/rise)
    factor = 1/(exp(-peak/fall) - exp(-peak/rise))
}
BREAKPOINT {
    SOLVE decay METHOD cnexp
    i = (r - p)*(v - e)
}
DERIVATIVE decay {
    p' = -p/rise
    r' = -r/fall
}
NET_RECEIVE(w (uS)) {
    p = p + w*factor
    r = r + w*factor
}
""",
    "Blocked": """
NEURON { POINT_PROCESS NAME NONSPECIFIC_CURRENT i RANGE tau, e }
PARAMETER { tau = 80 (ms) e = 0 (mV) }
ASSIGNED { v (mV) i (nA) }
STATE { g (uS) }
INITIAL { g = 0 }
BREAKPOINT {
    SOLVE decay METHOD cnexp
    i = g*(v - e)/(1 + exp(-0.062(/mV)*v)/3.57)
}
DERIVATIVE decay { g' = -g/tau }
NET_RECEIVE(w (uS)) { g = g + w }
""",
    "Junction": """
NEURON { POINT_PROCESS NAME NONSPECIFIC_CURRENT i POINTER vother RANGE g }
PARAMETER { g = 0.003 (uS) }
ASSIGNED { v (mV) vother (mV) i (nA) }
BREAKPOINT { if (nrn_pointing(vother)) { i = g*(v - vother) } else { i = 0 } }
""",
    "Electrode": """
NEURON { POINT_PROCESS NAME ELECTRODE_CURRENT i RANGE g, hold }
PARAMETER { g = 0.1 (uS) hold = -40 (mV) }
ASSIGNED { v (mV) i (nA) }
BREAKPOINT { i = g*(hold - v) }
""",
    "Writer": """
NEURON { POINT_PROCESS NAME POINTER target RANGE size }
PARAMETER { size = 2 (1) tau = 5 (ms) }
ASSIGNED { target (1) }
STATE { x (1) }
INITIAL { x = size }
BREAKPOINT {
    SOLVE decay METHOD cnexp
    target = x
}
DERIVATIVE decay { x' = -x/tau }
""",
    "Silent": """
NEURON { ARTIFICIAL_CELL NAME RANGE size }
PARAMETER { size = 3 (1) }
ASSIGNED { seen (1) }
INITIAL { seen = size }
""",
}
_MANY_CONSTANTS = "\n + ".join(f"0*{0.0123 * n * n + 0.021 * n:.6g}" for n in range(1, 90))


@dataclass(frozen=True)
class Kind:
    """A fault in a base: what is replaced, the check that must find it, and words of its message."""

    base: str
    edits: tuple
    check: str
    words: str


KINDS = {
    "sign_cation": Kind("cation", (("(v - erev)", "(erev - v)"),), "sign", "drives the voltage away"),
    "sign_persistent": Kind("persistent", (("(v - e)", "(e - v)"),), "sign", "reverses at 48 mV"),
    "sign_own": Kind("own_reversal", (("(v - eown)", "(eown - v)"),), "sign", "ik reverses at"),
    "sign_goldman": Kind("goldman", (("= pbar", "= -pbar"),), "sign", "drives the voltage away"),
    "Sign_synapse": Kind("Depressing", (("(v - e)", "(e - v)"),), "sign", "i reverses at"),
    "Sign_blocked": Kind("Blocked", (("(v - e)", "(e - v)"),), "sign", "i reverses at"),
    "Sign_junction": Kind("Junction", (("(v - vother)", "(vother - v)"),), "sign", "reverses at"),
    "Sign_electrode": Kind("Electrode", (("(hold - v)", "(v - hold)"),), "sign", "an electrode's current"),
    "no_solve": Kind(
        "cation", (("SOLVE states METHOD cnexp", ""),), "movement", "q stays where INITIAL puts it"
    ),
    "no_rates": Kind(
        "shells",
        (
            ("hop = 0.3", "hop = 0"),
            ("pump = 0.06", "pump = 0"),
            ("-(0.05)*ica", "-(0)*ica"),
            ("PARAMETER {", "CONSTANT {"),
            ("RANGE hop, pump", ""),
        ),
        "movement",
        "shell[0], shell[1], shell[2], shell[3] stay",
    ),
    "empty": Kind(
        "scheme",
        (
            ("SOLVE hop STEADYSTATE sparse", "o = 0"),
            ("CONSERVE c + o + b = 1", ""),
        ),
        "occupancy",
        "the scheme is empty",
    ),
    "leaking": Kind(
        "scheme",
        (
            ("SOLVE hop STEADYSTATE sparse", "c = 1"),
            ("CONSERVE c + o + b = 1", "~ b -> (0.2(/ms))"),
        ),
        "occupancy",
        "c + o + b goes from 1 to",
    ),
    "half_full": Kind(
        "scheme",
        (
            ("SOLVE hop STEADYSTATE sparse", "c = 0.6"),
            ("CONSERVE c + o + b = 1", ""),
        ),
        "occupancy",
        "= 0.6 after INITIAL",
    ),
    "pool_sign": Kind("pool", (("= -(10000)", "= (10000)"),), "pool", "the sign is wrong"),
    "pool_drift": Kind("pool", (("(rest - cai)", "0*(rest - cai)"),), "pool", "nothing takes the ion away"),
    "pool_unit": Kind("pool", (("(10000)", "(1e7)"),), "pool", "a factor of 1000"),
    "pool_thin": Kind("pool", (("(10000)", "(10)"),), "pool", "a factor of 1000"),
    "outside_sign": Kind("outside", (("(10000)", "-(10000)"),), "pool", "changes ko by -"),
    "chloride_sign": Kind("chloride", (("= (10000)", "= -(10000)"),), "pool", "changes cli by -"),
    "coupled_cnexp": Kind("coupled", (("derivimplicit", "cnexp"),), "equations", "where its equations give"),
    "stepped": Kind(
        "cation", (("cnexp\n", "cnexp\n    q = 0.9995*q\n"),), "equations", "where its equations give"
    ),
    "Equal_taus": Kind(
        "Biexponential",
        (
            ("    if (rise/fall > 0.9999) { rise = 0.9999*fall }\n", ""),
            ("rise = 1 ", "rise = 6 "),
        ),
        "finite",
        "after an event",
    ),
    "Unguarded_taus": Kind(
        "Biexponential",
        (("    if (rise/fall > 0.9999) { rise = 0.9999*fall }\n", ""),),
        "equal-parameters",
        "rise = fall = 6 ms",
    ),
    "Weightless": Kind(
        "Depressing", (("g + w*use*r", "g + 0.001(uS)*use*r"),), "weight", "the weight is ignored"
    ),
    "one_beyond": Kind("shells", (("TO NSHELL-1 {", "TO NSHELL {"),), "arrays", "shell[4]"),
    "far_beyond": Kind("shells", (("TO NSHELL-1 {", "TO NSHELL+3000 {"),), "arrays", "shell[4]"),
    "counted_beyond": Kind("shells", (("k < NSHELL", "k <= NSHELL"),), "arrays", "kept[4]"),
    "before": Kind("shells", (("kept[k] = shell[k]", "kept[k-1] = shell[k]"),), "arrays", "kept[-1]"),
    "hidden_singular": Kind(
        "hidden",
        (
            ("if (fabs(x) < 1e-6(mV)) { opening = 1.2(/ms) } else { ", ""),
            ("-x/4(mV))) }", "-x/4(mV)))"),
            ("CONSTANTS", _MANY_CONSTANTS),
        ),
        "finite",
        "-40.1875 mV",
    ),
    "hidden_jump": Kind(
        "hidden",
        (
            ("opening = 1.2(/ms)", "opening = 2.4(/ms)"),
            ("CONSTANTS", _MANY_CONSTANTS),
        ),
        "jumps",
        "between",
    ),
    "almost_singular": Kind(
        "hidden",
        (
            ("if (fabs(x) < 1e-6(mV)) { opening = 1.2(/ms) } else { ", ""),
            ("-x/4(mV))) }", "-x/4(mV)))"),
            ("-51.25", "-51.31"),
            ("11.0625", "11.17"),
            ("CONSTANTS", "0"),
        ),
        "finite",
        "nothing but rounding",
    ),
    "used_early": Kind(
        "cation",
        (("INITIAL { q = qinf(v) }", "INITIAL { q = qinf(v)*1(ms)/qtau*qtau/1(ms) }"),),
        "finite",
        "every voltage",
    ),
    "percent": Kind(
        "count",
        (("total = 60", "total = 0.9"), ("n' = (total*", "n' = (1.5*total*")),
        "gates",
        "n goes to 1.1",
    ),
    "unused": Kind(
        "calcium_gate", (("kd = 3e-4 (mM)", "kd = 3e-4 (mM) spare = 5 (ms)"),), "dead-parameters", "spare"
    ),
    "overwritten": Kind(
        "calcium_gate", (("INITIAL { z", "INITIAL { tz = 9 z"),), "dead-parameters", "tz changes no state"
    ),
}


def base(name):
    """A sound mechanism by the name of its kind."""
    return _source(name, BASES[name].replace("CONSTANTS", _MANY_CONSTANTS))


def faulty(name):
    """The base of a kind with its fault."""
    kind = KINDS[name]
    text = BASES[kind.base]
    for old, new in kind.edits:
        assert old in text, old
        text = text.replace(old, new)
    return _source(name, text)


def _source(name, text):
    head, tail = text.split("PARAMETER", 1) if "PARAMETER" in text else text.split("CONSTANT", 1)
    keyword = "PARAMETER" if "PARAMETER" in text else "CONSTANT"
    return NmodlSource(f"{name}.mod", f"{head.replace('NAME', name)}{UNITS}{keyword}{tail}")
