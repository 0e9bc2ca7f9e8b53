"""Plausible mistakes in MyoGen's pools, and edits that change nothing, as data.

An edit of a mechanism is a pattern and what replaces it: the text itself is read where MyoGen is installed.
"""

from __future__ import annotations

from dataclasses import dataclass

EVERYWHERE = "all"


@dataclass(frozen=True)
class Edit:
    """A regular expression in the text of a mechanism, replaced once or everywhere."""

    mechanism: str
    pattern: str
    replacement: str
    count: int = 1


@dataclass(frozen=True)
class Setting:
    """A parameter of ``soma``, ``dend`` or ``all`` sections: its value times a factor plus a term."""

    section: str
    parameter: str
    factor: float = 1.0
    plus: float = 0.0
    neuron: int | None = None


@dataclass(frozen=True)
class Insertion:
    """A mechanism inserted into sections, with one parameter."""

    section: str
    mechanism: str
    parameter: str
    value: float


@dataclass(frozen=True)
class Removal:
    """A mechanism taken out of sections."""

    section: str
    mechanism: str


@dataclass(frozen=True)
class Temperature:
    """Another temperature, in degrees Celsius."""

    celsius: float


@dataclass(frozen=True)
class Order:
    """Two neurons in each other's place."""

    one: int
    other: int


@dataclass(frozen=True)
class Thresholds:
    """Recruitment thresholds spread otherwise: a range ratio, or evenly."""

    range_ratio: float | None


@dataclass(frozen=True)
class Option:
    """An argument of MyoGen's pool."""

    name: str
    value: object


type Change = Edit | Setting | Insertion | Removal | Temperature | Order | Thresholds | Option


@dataclass(frozen=True)
class Mutation:
    """One mistake, or one edit that changes nothing."""

    name: str
    model: str
    change: Change
    is_neutral: bool = False


def _of(model: str, *named: tuple[str, Change], is_neutral: bool = False) -> tuple[Mutation, ...]:
    return tuple(Mutation(f"{model} {name}", model, change, is_neutral) for name, change in named)


_NERLAB = _of(
    "NERLab",
    ("potassium reversal +10 mV", Setting("soma", "ek", plus=10.0)),
    ("potassium reversal +1 mV", Setting("soma", "ek", plus=1.0)),
    ("sodium reversal -10 mV", Setting("soma", "ena", plus=-10.0)),
    ("soma twice as long", Setting("soma", "L", 2.0)),
    ("soma 10 % thinner", Setting("soma", "diam", 0.9)),
    ("dendrite half as long", Setting("dend", "L", 0.5)),
    ("dendrite 5 % thicker", Setting("dend", "diam", 1.05)),
    ("capacitance doubled", Setting("all", "cm", 2.0)),
    ("capacitance of the dendrite +5 %", Setting("dend", "cm", 1.05)),
    ("axial resistance x 1.5", Setting("all", "Ra", 1.5)),
    ("leak of the soma x 1.5 in one neuron", Setting("soma", "gl_napp", 1.5, neuron=4)),
    ("leak of the dendrite -10 %", Setting("dend", "gl_caL", 0.9)),
    ("leak reversal +2 mV", Setting("all", "el_napp", plus=2.0)),
    ("sodium conductance +10 %", Setting("soma", "gnabar_napp", 1.1)),
    ("sodium conductance +1 % in one neuron", Setting("soma", "gnabar_napp", 1.01, neuron=7)),
    ("persistent sodium x 2", Setting("soma", "gnapbar_napp", 2.0)),
    ("persistent sodium gone", Setting("soma", "gnapbar_napp", 0.0)),
    ("fast potassium x 0.5", Setting("soma", "gkfbar_napp", 0.5)),
    ("slow potassium (AHP) x 2", Setting("soma", "gksbar_napp", 2.0)),
    ("slow potassium closes 20 % slower", Setting("soma", "rinact_napp", 0.8)),
    ("calcium conductance x 3", Setting("dend", "gcaLbar_caL", 3.0)),
    ("calcium activation 5 mV lower", Setting("dend", "vtraub_caL", plus=-5.0)),
    ("calcium time constant in s for ms", Setting("dend", "Ltau_caL", 1e-3)),
    ("gamma 0.4", Option("gamma", 0.4)),
    ("two neurons swapped", Order(2, 8)),
    ("neighbours swapped", Order(4, 5)),
    ("thresholds spread evenly", Thresholds(None)),
    ("range ratio 50", Thresholds(50.0)),
    ("axon velocities 40 to 65 m/s", Option("axon_velocities", [40, 65])),
    ("passive leak inserted", Insertion("soma", "pas", "g", 1e-4)),
    ("h-current inserted", Insertion("dend", "gh", "ghbar", 2e-5)),
    ("m^3 h to m^2 h", Edit("napp", r"gnabar\*m\*m\*m\*h", "gnabar*m*m*h")),
    ("n^4 to n^3", Edit("napp", r"gkfbar\*n\*n\*n\*n", "gkfbar*n*n*n")),
    ("sign of the leak", Edit("napp", r"il = gl\*\(v - el\)", "il = -gl*(v - el)")),
    ("sodium inactivation +10 mV", Edit("napp", r"h_alpha_v_offset-v2", "h_alpha_v_offset+10-v2")),
    ("p^3 to p^2", Edit("napp", r"gnapbar\*p\*p\*p", "gnapbar*p*p")),
    ("one r too few", Edit("napp", r"gksbar\*r\*r", "gksbar*r")),
    ("slope of calcium activation -1 to -2 mV", Edit("caL", r"/\(-1\)", "/(-2)")),
    ("gama forgotten", Edit("caL", r"gcaL\*gama\*", "gcaL*")),
)

_POWERS = _of(
    "Powers2017",
    ("potassium reversal +10 mV", Setting("soma", "ek", plus=10.0)),
    ("sodium reversal -5 mV", Setting("soma", "ena", plus=-5.0)),
    ("soma 10 % longer", Setting("soma", "L", 1.1)),
    ("dendrites half as long", Setting("dend", "L", 0.5)),
    ("dendrites 2 % thicker", Setting("dend", "diam", 1.02)),
    ("capacitance of the soma +10 %", Setting("soma", "cm", 1.1)),
    ("axial resistance of the dendrites x 2", Setting("dend", "Ra", 2.0)),
    ("leak x 1.5 in one neuron", Setting("all", "g_pas", 1.5, neuron=3)),
    ("leak reversal +1 mV", Setting("all", "e_pas", plus=1.0)),
    ("sodium conductance -10 %", Setting("soma", "gbar_na3rp", 0.9)),
    ("sodium threshold 1 mV higher", Setting("soma", "sh_na3rp", plus=1.0)),
    ("persistent sodium gone", Setting("soma", "gbar_naps", 0.0)),
    ("delayed rectifier x 0.7", Setting("soma", "gMax_kdrRL", 0.7)),
    ("AHP conductance x 2", Setting("soma", "gkcamax_mAHP", 2.0)),
    ("calcium removal 20 % slower", Setting("soma", "tau_mAHP", 1.2)),
    ("calcium removal in s for ms", Setting("soma", "tau_mAHP", 1e-3)),
    ("h-conductance x 2", Setting("all", "ghbar_gh", 2.0)),
    ("half activation of h +5 mV", Setting("all", "half_gh", plus=5.0)),
    ("dendritic calcium +20 %", Setting("dend", "gcabar_L_Ca_inact", 1.2)),
    ("dendritic calcium 3 mV lower", Setting("dend", "theta_m_L_Ca_inact", plus=-3.0)),
    ("37 degC", Temperature(37.0)),
    ("6.3 degC", Temperature(6.3)),
    ("two neurons swapped", Order(1, 7)),
    ("thresholds spread evenly", Thresholds(None)),
    ("range ratio 120", Thresholds(120.0)),
    ("lambda 2", Option("lambda_factor", 2.0)),
    ("h-current taken out of the soma", Removal("soma", "gh")),
    ("NERLab's calcium channel inserted", Insertion("soma", "caL", "gl", 3e-4)),
    ("slow inactivation of sodium left out", Edit("na3rp", r"gbar\*m\*m\*m\*h\*s", "gbar*m*m*m*h")),
    ("Q10 of sodium 3", Edit("na3rp", r"q10\s*=\s*2", "q10 = 3")),
    ("activation of sodium +2 mV", Edit("na3rp", r"tha =\s*-30", "tha = -28")),
    ("sodium inactivation 4 times as slow", Edit("na3rp", r"htau =  1/\(a\+b\)/qt", "htau = 4/(a+b)/qt")),
    ("kdr m^4 to m^3", Edit("kdrRL", r"gMax \* m\^4", "gMax * m^3")),
    ("kdr shift 5 mV", Edit("kdrRL", r"v-mVh", "v-mVh-5")),
    ("persistent sodium 3 mV lower", Edit("naps", r"52\.3", "55.3")),
    ("time constant of h x 2", Edit("gh", r"htau = \t50", "htau = 100")),
    ("table of h from -60 mV", Edit("gh", r"FROM -100 TO", "FROM -60 TO")),
    ("calcium reversal 60 for 80 mV", Edit("L_Ca_inact", r"vca = \t\t80", "vca = 60")),
    ("calcium inactivation left out", Edit("L_Ca_inact", r"gcabar \* m \*h", "gcabar * m")),
    ("calcium activation 2 ms for 20", Edit("L_Ca_inact", r"tau_m = \t20", "tau_m = 2")),
)

_NEUTRAL = (
    *_of(
        "NERLab",
        ("comment in napp", Edit("napp", r"\? currents", "? currents, of the soma")),
        ("comment in caL", Edit("caL", r"COMMENT\n", "COMMENT\n of the dendrite\n")),
        ("white space in napp", Edit("napp", r"    gnap = ", "\n\t  gnap   =  ")),
        ("factors in another order", Edit("napp", r"gnabar\*m\*m\*m\*h", "h*m*gnabar*m*m")),
        ("a sum in another order", Edit("napp", r"alpha \+ beta", "beta + alpha", 0)),
        ("a parameter that nothing uses", Edit("caL", r"gama = 1\n", "gama = 1\n\tunused = 3 (mV)\n")),
        ("a local variable renamed", Edit("caL", r"\bv2\b", "shifted", 0)),
        ("a conductance of zero inserted", Insertion("soma", "pas", "g", 0.0)),
        ("its own temperature stated", Temperature(36.0)),
        ("its own gamma stated", Option("gamma", 0.2)),
        ("line ends of Windows in caL", Edit("caL", r"\n", "\r\n", 0)),
        ("a gate as 1 - (1 - n)", Edit("napp", r"ninf = alpha/sum", "ninf = 1 - beta/sum")),
        ("1/exp(x) for exp(-x)", Edit("caL", r"exp\(\(v2\+30\)/\(-1\)\)", "(1/exp(v2+30))")),
        (
            "a function for a driving force",
            Edit(
                "caL",
                r"gama\*\(v-ecaL\)([\s\S]*)$",
                r"gama*drive(v)\1\nFUNCTION drive(x (mV)) (mV) {\n    drive = x - ecaL\n}\n",
            ),
        ),
        ("a current summed otherwise", Edit("napp", r"ik = ikf\+iks", "ik = iks + ikf")),
        (
            "bounds of a parameter",
            Edit("napp", r"rinact =            0.05 \(/ms\)", "rinact = 0.05 (/ms) <0, 10>"),
        ),
        ("every length times one", Setting("all", "L", 1.0)),
        is_neutral=True,
    ),
    *_of(
        "Powers2017",
        ("comment in gh", Edit("gh", r"TITLE", ": of motoneurons\nTITLE")),
        ("comment in L_Ca_inact", Edit("L_Ca_inact", r":I have tried", ":nobody has tried")),
        ("white space in na3rp", Edit("na3rp", r"ina = thegna", "\n  ina   =   thegna")),
        ("a product in another order", Edit("na3rp", r"gbar\*m\*m\*m\*h\*s", "s*h*gbar*m*m*m")),
        ("a power as a product", Edit("kdrRL", r"m\^4", "m*m*m*m")),
        ("an unused function removed", Edit("L_Ca_inact", r"FUNCTION vtrap[\s\S]*?\n}\n", "")),
        ("a default that every cell sets", Edit("naps", r"gbar = \.0052085", "gbar = .005")),
        ("a conductance of zero inserted", Insertion("dend", "kdrRL", "gMax", 0.0)),
        ("its own thresholds computed again", Thresholds(100.0)),
        ("line ends of Windows in gh", Edit("gh", r"\n", "\r\n", 0)),
        ("blanks for tabs in na3rp", Edit("na3rp", r"\t", "  ", 0)),
        (
            "lower and upper halves exchanged",
            Edit("kdrRL", r"1/\(1\+exp\(-\(v-mVh\)/mslp\)\)", "1 - 1/(1+exp((v-mVh)/mslp))"),
        ),
        ("statements in another order", Edit("mAHP", r"(\tica = .*\n)( \tik = .*\n)", r"\2\1")),
        ("a square as a product", Edit("kdrRL", r"\(1 \+ b\)\^2", "((1 + b)*(1 + b))")),
        (
            "an assigned variable more in RANGE",
            Edit("kdrRL", r"RANGE ik, g, gMax", "RANGE ik, g, gMax, minf, mtau"),
        ),
        ("a comment in the formula of h", Edit("gh", r"\(v - eh\)", "(v - eh) : inward below eh")),
        ("every capacitance times one", Setting("all", "cm", 1.0)),
        is_neutral=True,
    ),
)

MUTATIONS: dict[str, Mutation] = {mutation.name: mutation for mutation in (*_NERLAB, *_POWERS, *_NEUTRAL)}
"""Every mutation by its name, mistakes first."""
