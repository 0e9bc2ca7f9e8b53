"""Every check of a mechanism: its question, how severe a defect is, what to do, and where the callable is."""

from __future__ import annotations

from dataclasses import dataclass

from mnvalidate.nmodl.sources import MechanismKind
from mnvalidate.verdicts import Severity

_ALL = tuple(MechanismKind)
_LOCATED = (MechanismKind.DENSITY, MechanismKind.POINT_PROCESS)
_DENSITY = (MechanismKind.DENSITY,)


@dataclass(frozen=True, slots=True)
class MechanismCheck:
    """One question about a mechanism.

    Parameters
    ----------
    name : str
        Name in test ids: ``test_mechanism[napp-finite]``.
    question : str
        What it asks.
    severity : Severity
        What a defect means for the run.
    advice : str
        What to do about a defect.
    function : str
        ``module:function`` within `mnvalidate.mechanisms`; called with a `Subject`, it returns an `Answer`.
    kinds : tuple of MechanismKind
        Where the question makes sense.
    needs : tuple of str
        Checks without whose success this one is not judged: one cause gives one finding.
    """

    name: str
    question: str
    severity: Severity
    advice: str
    function: str
    kinds: tuple[MechanismKind, ...] = _DENSITY
    needs: tuple[str, ...] = ("compiles", "runs")


CHECKS = (
    MechanismCheck(
        "compiles",
        "Do nocmodl and the C compiler accept it, and is it what NEURON loads?",
        Severity.ERROR,
        "Mend the line that is named.",
        "static:compiles",
        _ALL,
        needs=(),
    ),
    MechanismCheck(
        "units",
        "Are its units consistent (modlunit)?",
        Severity.WARNING,
        "Declare the unit or convert explicitly; a factor with a unit, as in (1e3)*x, is how NMODL converts.",
        "static:units",
        _ALL,
        needs=("compiles",),
    ),
    MechanismCheck(
        "cvode",
        "Can it be integrated with a variable step?",
        Severity.WARNING,
        "Write the kinetics as DERIVATIVE or KINETIC with SOLVE ... METHOD cnexp, derivimplicit or sparse, "
        "and use events in place of dt; until then use a fixed step (--mn-dt).",
        "static:cvode",
        _ALL,
        needs=("compiles",),
    ),
    MechanismCheck(
        "threads",
        "Is it thread-safe?",
        Severity.INFO,
        "Run it with one thread, or make assigned GLOBALs RANGE and declare THREADSAFE.",
        "static:threads",
        _ALL,
        needs=("compiles",),
    ),
    MechanismCheck(
        "runs",
        "Does NEURON survive it?",
        Severity.ERROR,
        "Look at VERBATIM blocks and loops first: memory, exit() and conditions that never become false.",
        "static:runs",
        _ALL,
        needs=("compiles",),
    ),
    MechanismCheck(
        "pointers",
        "Does it survive a POINTER that is not set?",
        Severity.WARNING,
        "Set it with h.setpointer before finitialize, and guard its use with nrn_pointing().",
        "static:pointers",
        _ALL,
        needs=("compiles",),
    ),
    MechanismCheck(
        "finite",
        "Are states and currents finite at every voltage?",
        Severity.ERROR,
        "Replace x/(exp(x/k) - 1) near x = 0 by its limit, k*(1 - x/k/2), as vtrap() does.",
        "finiteness:finite",
        _LOCATED,
    ),
    MechanismCheck(
        "gates",
        "Do gates stay in [0, 1], with positive time constants?",
        Severity.ERROR,
        "Check signs and slopes of the rates; a state that is no gate needs a unit in its STATE declaration.",
        "finiteness:gates",
    ),
    MechanismCheck(
        "jumps",
        "Is it continuous where a singularity was removed?",
        Severity.WARNING,
        "The value given at the singularity is not the limit of the expression beside it: correct it.",
        "finiteness:jumps",
        _LOCATED,
        needs=("compiles", "runs", "finite"),
    ),
    MechanismCheck(
        "table",
        "Does its TABLE agree with the formula?",
        Severity.WARNING,
        "Widen FROM ... TO, raise WITH, and name in DEPEND every parameter that the formula uses; or "
        "remove TABLE.",
        "table:table",
    ),
    MechanismCheck(
        "cross-talk",
        "Is each instance independent of the others?",
        Severity.ERROR,
        "Do not keep in a TABLE, a GLOBAL or a static C variable what depends on RANGE parameters; in a "
        "script, h.usetable_<suffix> = 0 turns the TABLE off.",
        "instances:cross_talk",
        _LOCATED,
    ),
    MechanismCheck(
        "dead-parameters",
        "Does every parameter do something?",
        Severity.WARNING,
        "Use the parameter or remove it: whoever varies it believes that it matters.",
        "parameters:dead_parameters",
        _LOCATED,
    ),
    MechanismCheck(
        "reversal",
        "Does each ionic current reverse at its ion's potential, outward above it?",
        Severity.ERROR,
        "Write the current as g*(v - e<ion>) with the ion's own reversal potential.",
        "currents:reversal",
    ),
    MechanismCheck(
        "initial",
        "Does INITIAL set the steady state?",
        Severity.WARNING,
        "Call the rates in INITIAL and set every state to its steady state; until then settle first.",
        "steadiness:initial",
    ),
    MechanismCheck(
        "repeats",
        "Does INITIAL forget the run before?",
        Severity.WARNING,
        "Set every STATE and every ASSIGNED output in INITIAL.",
        "steadiness:repeats",
        _LOCATED,
    ),
    MechanismCheck(
        "temperature",
        "Does it heed celsius?",
        Severity.INFO,
        "Scale the rates with a Q10 and celsius, or state the temperature for which they hold.",
        "parameters:temperature",
        _LOCATED,
    ),
    MechanismCheck(
        "order",
        "Does the error of a fixed step fall with the step?",
        Severity.WARNING,
        "Let nothing but SOLVE advance states, and only through their derivatives.",
        "solvers:order",
    ),
    MechanismCheck(
        "solvers",
        "Do fixed step and CVODE agree?",
        Severity.WARNING,
        "CVODE evaluates BREAKPOINT at times of its own choice, and only for mechanisms with a current: "
        "compute outputs from states there and change nothing else.",
        "solvers:agreement",
        _LOCATED,
    ),
    MechanismCheck(
        "charge",
        "Is the current that it reports the current that flows?",
        Severity.WARNING,
        "Assign each declared current once, in BREAKPOINT, and change it nowhere else.",
        "currents:charge",
    ),
    MechanismCheck(
        "combinations",
        "Is it finite and are its gates in [0, 1] for parameters within their limits?",
        Severity.ERROR,
        "Guard the formula, or narrow the limits <low, high> that the PARAMETER block declares.",
        "combinations:combinations",
        needs=("compiles", "runs", "finite", "gates"),
    ),
)

CHECKS_BY_NAME = {check.name: check for check in CHECKS}
