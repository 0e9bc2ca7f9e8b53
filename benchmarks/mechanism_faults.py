"""Faults, each seeded into the sound mechanisms of some templates, and the check that must find it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.mechanism_sources import Specimen


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault.

    Parameters
    ----------
    kind : str
        What was done.
    check : str
        The question that must find it.
    templates : tuple of str
        Kinds of mechanisms that it is seeded into.
    edits : tuple of (str, str)
        Regular expressions and what takes their place; the first of each match only, and each must match.
    """

    kind: str
    check: str
    templates: tuple[str, ...]
    edits: tuple[tuple[str, str], ...]

    def seed(self, specimen: Specimen) -> Specimen:
        """Return the specimen with the fault.

        Raises
        ------
        ValueError
            If an edit does not apply.
        """
        text = specimen.text
        for pattern, replacement in self.edits:
            text, count = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
            if not count:
                raise ValueError(f"{self.kind} does not apply to {specimen.name}: {pattern}")
        name = f"{specimen.name}_{self.kind}"
        return Specimen(specimen.kind, name, re.sub(rf"\b{specimen.name}\b", name, text))


_GATES = ("potassium_gate", "tabled", "calcium_activated")
FAULTS = (
    Fault(
        "sign_of_ion",
        "reversal",
        (*_GATES, "sodium_rates", "markov", "persistent"),
        ((r"\(v - e(\w+)\)", r"(e\1 - v)"),),
    ),
    Fault("own_reversal", "reversal", (*_GATES, "sodium_rates"), ((r"\(v - e\w+\)", "(v + 12.5(mV))"),)),
    Fault(
        "both_sides", "reversal", ("potassium_gate", "persistent"), ((r"\(v - (e\w+)\)", r"fabs(v - \1)"),)
    ),
    Fault("grows", "pool", ("calcium_pool",), ((r"\+ \(rest - cai\)", "- (rest - cai)"),)),
    Fault(
        "no_time_constant",
        "finite",
        ("explicit_euler", "calcium_activated"),
        ((r"^(.*\b(?:tau|tz) = )[\d.]+", r"\g<1>0"),),
    ),
    Fault("sign_nonspecific", "sign", ("mixed_cation",), ((r"\(v - erev\)", "(erev - v)"),)),
    Fault("sign_leak", "sign", ("leak", "blocked", "depressing", "synapse"), ((r"\(v - e\)", "(e - v)"),)),
    Fault("sign_gap", "sign", ("gap",), ((r"\(v - vother\)", "(vother - v)"),)),
    Fault("sign_goldman", "sign", ("goldman",), ((r"flux = ", "flux = -1*"),)),
    Fault(
        "sign_electrode",
        "sign",
        ("electrode",),
        ((r"0\.5\*g\*\(hold - v\)", "0.5*g*(v - hold)"), (r"g\*\(hold - v\) }$", "g*(v - hold) }")),
    ),
    Fault("no_limit", "finite", ("sodium_rates",), ((r"fabs\(x/y\) < 1e-6", "fabs(x/y) < -1"),)),
    Fault("no_goldman_limit", "finite", ("goldman",), ((r"fabs\(z\) < 1e-4", "fabs(z) < -1"),)),
    Fault("wrong_limit", "jumps", ("sodium_rates",), ((r"trapped = y\*", "trapped = 2*y*"),)),
    Fault("wrong_goldman_limit", "jumps", ("goldman",), ((r"trapped = 1 - z/2", "trapped = 1.5 - z/2"),)),
    Fault(
        "used_before_set",
        "finite",
        ("sodium_rates",),
        ((r"^    rates\(v\)\n    m = minf", "    m = 1/(mtau*1(/ms))*minf - 1/(htau*1(/ms))*minf"),),
    ),
    Fault(
        "equal_time_constants",
        "finite",
        ("synapse",),
        (
            (r"    if \(rise/fall > 0.9999\).*\n", ""),
            (r"rise = [\d.]+", "rise = 4"),
            (r"fall = [\d.]+", "fall = 4"),
        ),
    ),
    Fault(
        "unguarded_time_constants",
        "equal-parameters",
        ("synapse",),
        ((r"    if \(rise/fall > 0.9999\).*\n", ""),),
    ),
    Fault(
        "no_solve",
        "movement",
        ("potassium_gate", "sodium_rates", "mixed_cation", "markov"),
        ((r"SOLVE \w+ METHOD \w+", ""),),
    ),
    Fault(
        "rates_are_zero",
        "movement",
        ("shells",),
        (
            (r"pump = [\d.e-]+", "pump = 0"),
            (r"hop = [\d.e-]+", "hop = 0"),
            (r"    ~ shell\[0\] << .*\n", ""),
            (r"PARAMETER", "CONSTANT"),
            (r"RANGE pump, hop", "RANGE outside"),
        ),
    ),
    Fault(
        "gate_above_one",
        "gates",
        ("potassium_gate", "sodium_rates", "tabled", "mixed_cation", "calcium_activated"),
        ((r"^(.*\b(?:ninf|hinf|qinf|zinf) = )", r"\g<1>1.3*"),),
    ),
    Fault(
        "negative_time_constant",
        "gates",
        ("potassium_gate", "tabled", "mixed_cation"),
        ((r"ntau = \(?|tau_q = ", r"\g<0>-1*"),),
    ),
    Fault(
        "no_initial",
        "initial",
        ("potassium_gate", "sodium_rates", "calcium_activated"),
        ((r"^(    |INITIAL \{ )[mnz] = .*?(?= \}|$)", r"\g<1>"),),
    ),
    Fault("no_depend", "table", ("tabled",), ((r"DEPEND celsius ", ""),)),
    Fault("short_table", "table", ("tabled",), ((r"FROM -150 TO 150", "FROM -100 TO -20"),)),
    Fault(
        "shared_table",
        "cross-talk",
        ("tabled",),
        (
            (r"RANGE gbar", "RANGE gbar, half"),
            (r"GLOBAL ninf, ntau", "THREADSAFE"),
            (r"PARAMETER \{", "PARAMETER { half = -30 (mV)"),
            (r"DEPEND celsius", "DEPEND celsius, half"),
            (r"\(v \+ [\d.]+\(mV\)\)", "(v - half)"),
        ),
    ),
    Fault(
        "kept_global",
        "cross-talk",
        ("potassium_gate",),
        (
            (r"slope \}", "slope GLOBAL kept }"),
            (r"ASSIGNED \{", "ASSIGNED { kept (mV)"),
            (r"INITIAL \{", "INITIAL { kept = vhalf "),
            (r"\(v - vhalf\)", "(v - kept)"),
        ),
    ),
    Fault(
        "forgotten_parameter",
        "dead-parameters",
        (*_GATES, "leak", "calcium_pool", "synapse", "markov"),
        ((r"PARAMETER \{", "PARAMETER { forgotten = 3 (mV)"),),
    ),
    Fault(
        "overwritten_parameter",
        "dead-parameters",
        ("potassium_gate",),
        ((r"ninf = 1/", "slope = 7\n    ninf = 1/"),),
    ),
    Fault(
        "empty_scheme",
        "occupancy",
        ("markov",),
        ((r"SOLVE hop STEADYSTATE sparse", "o = 0"), (r"    CONSERVE .*\n", "")),
    ),
    Fault(
        "leaking_scheme",
        "occupancy",
        ("markov",),
        ((r"    CONSERVE .*\n", "    ~ o -> (0.2(/ms))\n"), (r"SOLVE hop STEADYSTATE sparse", "o = 1")),
    ),
    Fault("pool_sign", "pool", ("calcium_pool",), ((r"' = -\(10000\)", "' = (10000)"),)),
    Fault("pool_sign_outside", "pool", ("accumulation",), ((r"' = \(10000\)", "' = -(10000)"),)),
    Fault(
        "pool_without_removal",
        "pool",
        ("calcium_pool", "accumulation"),
        (
            (r" \+ \(\w+ - (\w+)\)/tau", r" + 0*(1e-4 - \1)/tau"),
            (r"METHOD \w+", "METHOD derivimplicit"),
        ),
    ),
    Fault("pool_factor_1000", "pool", ("calcium_pool",), ((r"\(10000\)", "(1e7)"),)),
    Fault("coupled_cnexp", "equations", ("oscillator",), ((r"derivimplicit", "cnexp"),)),
    Fault(
        "stepped_outside_solve",
        "equations",
        ("potassium_gate",),
        ((r"(SOLVE states METHOD \w+)\n", r"\1\n    n = 0.9995*n\n"),),
    ),
    Fault(
        "weight_ignored",
        "weight",
        ("depressing", "blocked"),
        ((r"g = g \+ (w\*use\*r|w)\b", "g = g + 0.001"),),
    ),
    Fault("beyond_the_array", "arrays", ("shells",), ((r"TO NSHELL-1 ", "TO NSHELL "),)),
    Fault(
        "undeclared",
        "compiles",
        ("potassium_gate", "leak", "synapse"),
        ((r"\(v - (\w+)\)", r"(v - \1 - nowhere)"),),
    ),
    Fault(
        "crash",
        "runs",
        ("potassium_gate", "leak"),
        ((r"BREAKPOINT \{", "BREAKPOINT {\nVERBATIM\n    *(volatile int*)0 = 1;\nENDVERBATIM\n"),),
    ),
    Fault("pointer_not_guarded", "pointers", ("gap",), ((r"if \(nrn_pointing.*", "i = g*(v - vother) }"),)),
)


def seeded(sound: Iterable[Specimen]) -> Iterator[tuple[Fault, Specimen]]:
    """Every fault in every specimen of its templates."""
    sound = list(sound)
    for fault in FAULTS:
        for specimen in sound:
            if specimen.kind in fault.templates:
                yield fault, fault.seed(specimen)
