"""What an NMODL source declares, read without NEURON."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from mnvalidate.nmodl.sources import MechanismKind, NmodlSource
from mnvalidate.nmodl.text import blocks, verbatim

LOWEST_VOLTAGE__mV = -120.0
# Models that count voltage from rest, as NERLab does, have their gates between 0 and 120 mV.
HIGHEST_VOLTAGE__mV = 120.0

_MOST_CANDIDATES = 2000
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LITERAL = re.compile(r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_PARAMETER = re.compile(
    rf"(?P<name>[A-Za-z]\w*)\s*(?:=\s*(?P<value>{_NUMBER}))?\s*(?:\((?P<unit>[^)]*)\))?\s*"
    rf"(?:<\s*(?P<lower>{_NUMBER})\s*,\s*(?P<upper>{_NUMBER})\s*>)?"
)
_STATE = re.compile(r"(?P<name>[A-Za-z]\w*)\s*(?:\[\s*\w+\s*\])?\s*(?:\((?P<unit>[^)]*)\))?")
_STATEMENTS = re.compile(
    r"\b(SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL|USEION|RANGE|GLOBAL|POINTER|BBCOREPOINTER|NONSPECIFIC_CURRENT|"
    r"ELECTRODE_CURRENT|THREADSAFE|EXTERNAL|RANDOM)\b"
)
_RANDOM = re.compile(r"\b(?:\w*rand\w*|set_seed|poisrand|exprand|Rand)\b", re.IGNORECASE)
_SURROUNDINGS = frozenset({"v", "t", "dt", "celsius", "area", "diam"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A PARAMETER with its unit and declared limits."""

    name: str
    value: float
    unit: str
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class State:
    """A STATE variable with its unit."""

    name: str
    unit: str

    @property
    def dimensionless(self) -> bool:
        """Whether it has no unit."""
        return self.unit in ("", "1")


@dataclass(frozen=True, slots=True)
class Ion:
    """A USEION statement."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]

    @property
    def current(self) -> str:
        """Name of the ion's current."""
        return f"i{self.name}"

    @property
    def reversal(self) -> str:
        """Name of the ion's reversal potential."""
        return f"e{self.name}"

    @property
    def concentrations(self) -> tuple[str, ...]:
        """Concentrations that are read or written."""
        names = dict.fromkeys((*self.reads, *self.writes))
        return tuple(name for name in names if name in (f"{self.name}i", f"{self.name}o"))


@dataclass(frozen=True, slots=True)
class Interface:
    """What a mechanism declares.

    Parameters
    ----------
    name : str
        Its name in NEURON.
    kind : MechanismKind
        Density mechanism, point process or artificial cell.
    parameters : tuple of Parameter
        Those it owns: not ``v``, ``celsius`` and the like, and no ion's variable.
    states : tuple of State
        STATE variables.
    ions : tuple of Ion
        USEION statements.
    currents : tuple of str
        Nonspecific and electrode currents.
    electrode_currents : tuple of str
        Those of them that are positive inward.
    ranges, globals : tuple of str
        RANGE and GLOBAL names.
    pointers : tuple of str
        POINTER names.
    pointers_in_c : bool
        Whether a VERBATIM block uses a pointer, so that what it must point to cannot be known.
    receives_events : bool
        Whether there is a NET_RECEIVE block.
    sends_events : bool
        Whether it sends events to itself, at a time that it computes.
    is_explicit : bool
        Whether a SOLVE has an explicit method, which long steps make unstable.
    declares_celsius, uses_celsius, uses_dt : bool
        Whether ``celsius`` is declared; whether ``celsius`` and ``dt`` stand outside declarations.
    draws_random_numbers : bool
        Whether the source names a random generator.
    tables : bool
        Whether there is a TABLE.
    candidates__mV : tuple of float
        Voltages at which something may happen: sums and differences of the source's own constants.
    """

    name: str
    kind: MechanismKind
    parameters: tuple[Parameter, ...]
    states: tuple[State, ...]
    ions: tuple[Ion, ...]
    currents: tuple[str, ...]
    electrode_currents: tuple[str, ...]
    ranges: tuple[str, ...]
    globals: tuple[str, ...]
    pointers: tuple[str, ...]
    pointers_in_c: bool
    receives_events: bool
    sends_events: bool
    is_explicit: bool
    declares_celsius: bool
    uses_celsius: bool
    uses_dt: bool
    draws_random_numbers: bool
    tables: bool
    candidates__mV: tuple[float, ...]

    @property
    def has_current(self) -> bool:
        """Whether it lets a current flow."""
        return bool(self.currents) or any(ion.current in ion.writes for ion in self.ions)


def read_interface(source: NmodlSource) -> Interface:
    """Read what a source declares.

    Raises
    ------
    NmodlError
        If it has no NEURON block.
    """
    code = source.code
    statements = _statements("\n".join(blocks(code, "NEURON")))
    ions = tuple(_ion(text) for keyword, text in statements if keyword == "USEION")
    declarations = "".join("".join(blocks(code, keyword)) for keyword in ("PARAMETER", "ASSIGNED", "STATE"))
    body = _without_blocks(code, ("NEURON", "UNITS", "PARAMETER", "ASSIGNED"))
    c_code = " ".join(inside for _, inside in verbatim(source.code_with_c))
    foreign = _SURROUNDINGS | {name for ion in ions for name in (*ion.reads, *ion.writes)}
    parameters = tuple(p for p in _parameters("\n".join(blocks(code, "PARAMETER"))) if p.name not in foreign)
    pointers = _names(statements, "POINTER") + _names(statements, "BBCOREPOINTER")
    return Interface(
        name=source.name,
        kind=source.kind,
        parameters=parameters,
        states=_states("\n".join(blocks(code, "STATE"))),
        ions=ions,
        currents=_names(statements, "NONSPECIFIC_CURRENT") + _names(statements, "ELECTRODE_CURRENT"),
        electrode_currents=_names(statements, "ELECTRODE_CURRENT"),
        ranges=_names(statements, "RANGE"),
        globals=_names(statements, "GLOBAL"),
        pointers=pointers,
        pointers_in_c=any(re.search(rf"\b(?:_p_)?{name}\b", c_code) for name in pointers),
        receives_events=bool(re.search(r"\bNET_RECEIVE\b", code)),
        sends_events=bool(re.search(r"\bnet_(?:send|move)\b", code)),
        is_explicit=bool(re.search(r"\bMETHOD\s+(?:euler|runge|adams)\b", code)),
        declares_celsius=_mentions("celsius", declarations),
        uses_celsius=_mentions("celsius", body + c_code),
        uses_dt=_mentions("dt", body + c_code),
        draws_random_numbers=_RANDOM.search(body + c_code) is not None,
        tables=_mentions("TABLE", body),
        candidates__mV=candidate_voltages(constants(code)),
    )


def constants(code: str) -> tuple[float, ...]:
    """Magnitudes of all numbers in code without comments, each once."""
    return tuple(sorted({abs(float(number)) for number in _LITERAL.findall(code)}))


def candidate_voltages(numbers: tuple[float, ...]) -> tuple[float, ...]:
    """Voltages at which an expression of the source may be singular or switch.

    Rates are written around ``v - a``, ``v - (a + b)`` and the like, so all ``a``, ``-a``, ``a +- b`` and
    ``a + b +- c`` of the source's constants are tried, the simpler first.

    Returns
    -------
    tuple of float
        Sorted, in mV, from -120 to 120 mV, at most 2000.
    """
    signed = [sign * number for number in numbers if 1e-3 <= number <= 300 for sign in (1.0, -1.0)]
    found: dict[float, None] = {0.0: None}
    for terms in (1, 2, 3):
        for combination in itertools.combinations(signed, terms):
            voltage = round(sum(combination), 9)
            if LOWEST_VOLTAGE__mV <= voltage <= HIGHEST_VOLTAGE__mV:
                found.setdefault(voltage)
            if len(found) >= _MOST_CANDIDATES:
                return tuple(sorted(found))
    return tuple(sorted(found))


def _statements(interface: str) -> list[tuple[str, str]]:
    pieces = _STATEMENTS.split(interface)
    return list(zip(pieces[1::2], pieces[2::2], strict=True))


def _names(statements: list[tuple[str, str]], keyword: str) -> tuple[str, ...]:
    texts = [text for word, text in statements if word == keyword]
    return tuple(name for text in texts for name in re.findall(r"[A-Za-z]\w*", text))


def _ion(text: str) -> Ion:
    name, *pieces = re.split(r"\b(READ|WRITE|VALENCE|CHARGE|REPRESENTS)\b", text)
    uses = {keyword: re.findall(r"[A-Za-z]\w*", names) for keyword, names in itertools.batched(pieces, 2)}
    return Ion(name.strip(), tuple(uses.get("READ", ())), tuple(uses.get("WRITE", ())))


def _parameters(text: str) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            name=found["name"],
            value=float(found["value"] or 0.0),
            unit=(found["unit"] or "").strip(),
            lower=None if found["lower"] is None else float(found["lower"]),
            upper=None if found["upper"] is None else float(found["upper"]),
        )
        for found in _PARAMETER.finditer(text)
    )


def _states(text: str) -> tuple[State, ...]:
    text = re.sub(rf"\b(?:FROM|TO|START)\s+{_NUMBER}", "", text)
    return tuple(State(found["name"], (found["unit"] or "").strip()) for found in _STATE.finditer(text))


def _without_blocks(code: str, keywords: tuple[str, ...]) -> str:
    for keyword in keywords:
        for content in filter(None, blocks(code, keyword)):
            code = code.replace(content, "", 1)
    return code


def _mentions(identifier: str, code: str) -> bool:
    return re.search(rf"\b{identifier}\b", code) is not None
