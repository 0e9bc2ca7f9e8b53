"""What is asked of a mechanism: how severe a defect is, what to do about it, and where the callable is."""

from __future__ import annotations

from dataclasses import dataclass

from mnvalidate.nmodl.sources import MechanismKind
from mnvalidate.verdicts import Severity

_ALL = tuple(MechanismKind)
_LOCATED = (MechanismKind.DENSITY, MechanismKind.POINT_PROCESS)
_DENSITY = (MechanismKind.DENSITY,)


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a mechanism.

    Parameters
    ----------
    name : str
        Name in test ids: ``test_mechanism[napp-finite]``.
    text : str
        What it asks.
    severity : Severity
        What a defect means for the run.
    advice : str
        What to do about a defect.
    function : str
        ``module:function`` within `mnvalidate.mechanisms`; called with a `LoadedMechanism`, it returns an
        `Answer`.
    kinds : tuple of MechanismKind
        Where the question makes sense.
    needs : tuple of str
        Questions without whose success this one is not judged: one cause gives one finding.
    of_survival : bool
        Whether it asks just whether the process survives, so that its end is an answer and no accident.
    of_source : bool
        Whether the sources alone answer it, so that it needs no process and its callable loads no NEURON.
    """

    name: str
    text: str
    severity: Severity
    advice: str
    function: str
    kinds: tuple[MechanismKind, ...] = _DENSITY
    needs: tuple[str, ...] = ("compiles", "runs")
    of_survival: bool = False
    of_source: bool = False


QUESTIONS = (
    Question(
        "compiles",
        "Do nocmodl and the C compiler accept it, and is it what NEURON loads?",
        Severity.ERROR,
        "Mend the line that is named.",
        "static:compiles",
        _ALL,
        needs=(),
    ),
    Question(
        "valence",
        "Is the charge of each of its ions known?",
        Severity.ERROR,
        "Declare the charge: USEION <ion> ... VALENCE <charge>.",
        "declarations:valence",
        needs=(),
        kinds=_LOCATED,
        of_source=True,
    ),
    Question(
        "neuron-9",
        "Does NEURON 9, which compiles C++, accept it?",
        Severity.WARNING,
        "Change what is named: it then compiles with NEURON 8 and 9.",
        "declarations:neuron_9",
        _ALL,
        needs=(),
        of_source=True,
    ),
    Question(
        "units",
        "Are its units consistent (modlunit)?",
        Severity.WARNING,
        "Declare the unit or convert explicitly; a factor with a unit, as in (1e3)*x, is how NMODL converts.",
        "static:units",
        _ALL,
        needs=("compiles",),
    ),
    Question(
        "cvode",
        "Can it be integrated with a variable step?",
        Severity.WARNING,
        "Write the kinetics as DERIVATIVE or KINETIC with SOLVE ... METHOD cnexp, derivimplicit or sparse, "
        "and use events in place of dt; until then use a fixed step (--mn-dt).",
        "static:cvode",
        _ALL,
        needs=("compiles",),
    ),
    Question(
        "threads",
        "Is it thread-safe?",
        Severity.INFO,
        "Run it with one thread, or make assigned GLOBALs RANGE and declare THREADSAFE.",
        "static:threads",
        _ALL,
        needs=("compiles",),
    ),
    Question(
        "runs",
        "Does NEURON survive it?",
        Severity.ERROR,
        "Look at VERBATIM blocks and loops first: memory, exit() and conditions that never become false.",
        "static:runs",
        _ALL,
        needs=("compiles",),
        of_survival=True,
    ),
    Question(
        "pointers",
        "Does it survive a POINTER that is not set?",
        Severity.WARNING,
        "Set it with h.setpointer before finitialize, and guard its use with nrn_pointing().",
        "static:pointers",
        _ALL,
        needs=("compiles",),
        of_survival=True,
    ),
    Question(
        "finite",
        "Are states and currents finite at every voltage?",
        Severity.ERROR,
        "Replace x/(exp(x/k) - 1) near x = 0 by its limit, k*(1 - x/k/2), as vtrap() does.",
        "finiteness:finite",
        _LOCATED,
    ),
    Question(
        "gates",
        "Do gates stay in [0, 1], with positive time constants?",
        Severity.ERROR,
        "Check signs and slopes of the rates, and that their steady state is a fraction.",
        "finiteness:gates",
    ),
    Question(
        "jumps",
        "Is it continuous where a singularity was removed?",
        Severity.WARNING,
        "The value given at the singularity is not the limit of the expression beside it: correct it.",
        "finiteness:jumps",
        _LOCATED,
        needs=("compiles", "runs", "finite"),
    ),
    Question(
        "table",
        "Does its TABLE agree with the formula?",
        Severity.WARNING,
        "Widen FROM ... TO, raise WITH, and name in DEPEND every parameter that the formula uses; or "
        "remove TABLE.",
        "tabulation:table",
    ),
    Question(
        "cross-talk",
        "Is each instance independent of the others?",
        Severity.ERROR,
        "Do not keep in a TABLE, a GLOBAL or a static C variable what depends on RANGE parameters; in a "
        "script, h.usetable_<suffix> = 0 turns the TABLE off.",
        "instances:cross_talk",
        _LOCATED,
    ),
    Question(
        "dead-parameters",
        "Does every parameter do something?",
        Severity.WARNING,
        "Use the parameter or remove it: whoever varies it believes that it matters.",
        "parameters:dead_parameters",
        _LOCATED,
    ),
    Question(
        "reversal",
        "Does each ionic current reverse at its ion's potential, outward above it?",
        Severity.ERROR,
        "Write the current as g*(v - e<ion>) with the ion's own reversal potential.",
        "currents:reversal",
        needs=("compiles", "runs", "finite"),
    ),
    Question(
        "sign",
        "Does each current pull the voltage towards its reversal?",
        Severity.ERROR,
        "Write the current as g*(v - e): outward, thus positive, above the reversal potential. An "
        "electrode's "
        "current is g*(e - v).",
        "signs:sign",
        _LOCATED,
        needs=("compiles", "runs", "finite"),
    ),
    Question(
        "initial",
        "Does INITIAL set the steady state?",
        Severity.WARNING,
        "Call the rates in INITIAL and set every state to its steady state; until then settle first.",
        "steadiness:initial",
    ),
    Question(
        "repeats",
        "Does INITIAL forget the run before?",
        Severity.WARNING,
        "Set every STATE and every ASSIGNED output in INITIAL.",
        "steadiness:repeats",
        _LOCATED,
    ),
    Question(
        "temperature",
        "Does it heed celsius?",
        Severity.INFO,
        "Scale the rates with a Q10 and celsius, or state the temperature for which they hold.",
        "parameters:temperature",
        _LOCATED,
    ),
    Question(
        "equations",
        "Do fixed steps approach the solution of its equations?",
        Severity.ERROR,
        "cnexp is for equations that are linear in their own state and do not need each other's new values: "
        "use "
        "METHOD derivimplicit (sparse for KINETIC) for others, and let nothing but SOLVE advance a state.",
        "equations:equations",
        _LOCATED,
        needs=("compiles", "runs", "finite"),
    ),
    Question(
        "arrays",
        "Do its indices stay within its arrays?",
        Severity.ERROR,
        "Indices run from 0 to the size less 1: correct the bounds of the loop, or the size.",
        "arithmetic:arrays",
        _ALL,
        needs=("compiles",),
    ),
    Question(
        "movement",
        "Does every state move?",
        Severity.ERROR,
        "Solve the block that holds the equation in BREAKPOINT, with rates that are computed before.",
        "movement:movement",
        _LOCATED,
        needs=("compiles", "runs", "finite", "occupancy"),
    ),
    Question(
        "occupancy",
        "Do the occupancies of a KINETIC scheme add up to 1, and stay so?",
        Severity.ERROR,
        "Let INITIAL fill the scheme (SOLVE <block> STEADYSTATE sparse), write every transition with <->, "
        "and add "
        "CONSERVE <sum of the states> = 1.",
        "movement:occupancy",
        needs=("compiles", "runs", "finite"),
    ),
    Question(
        "pool",
        "Does a current of the ion raise and lower its concentration as it must?",
        Severity.ERROR,
        "Write -i<ion>*10000/(valence*FARADAY*depth) for what a current brings in, and a term that takes it "
        "away.",
        "pools:pool",
        needs=("compiles", "runs", "finite"),
    ),
    Question(
        "solvers",
        "Do fixed step and CVODE agree?",
        Severity.WARNING,
        "CVODE evaluates BREAKPOINT at times of its own choice, and only for mechanisms with a current: "
        "compute outputs from states there and change nothing else.",
        "solvers:agreement",
        _LOCATED,
    ),
    Question(
        "charge",
        "Is the current that it reports the current that flows?",
        Severity.WARNING,
        "Assign each declared current once, in BREAKPOINT, and change it nowhere else.",
        "currents:charge",
        needs=("compiles", "runs", "finite"),
    ),
    Question(
        "weight",
        "Does an event act according to its weight?",
        Severity.WARNING,
        "Use the first argument of NET_RECEIVE: the weight of a NetCon arrives there.",
        "events:weight",
        (MechanismKind.POINT_PROCESS,),
        needs=("compiles", "runs", "finite"),
    ),
    Question(
        "equal-parameters",
        "Is it finite where two parameters of one unit are equal?",
        Severity.WARNING,
        "Treat the case by itself, or let INITIAL move one of them a little aside, as Exp2Syn does with its "
        "time "
        "constants.",
        "events:equal_parameters",
        _LOCATED,
        needs=("compiles", "runs", "finite"),
    ),
    Question(
        "combinations",
        "Is it finite and are its gates in [0, 1] for parameters within their limits?",
        Severity.ERROR,
        "Guard the formula, or narrow the limits <low, high> that the PARAMETER block declares.",
        "combinations:combinations",
        needs=("compiles", "runs", "finite", "gates"),
    ),
)

QUESTIONS_BY_NAME = {question.name: question for question in QUESTIONS}
