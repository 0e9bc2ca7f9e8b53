"""Sound mechanisms over the features of NMODL, generated from a seed: each template with other numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

UNITS = """
UNITS {
    (mA) = (milliamp)
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (S) = (siemens)
    (uS) = (microsiemens)
    (molar) = (1/liter)
    (mM) = (millimolar)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}
"""


@dataclass(frozen=True, slots=True)
class Specimen:
    """A mechanism of the corpus.

    Parameters
    ----------
    kind : str
        Name of its template.
    name : str
        Its name in NEURON.
    text : str
        NMODL.
    """

    kind: str
    name: str
    text: str


class Numbers:
    """Random numbers with the digits that people write."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def between(self, low: float, high: float, digits: int = 3) -> str:
        return f"{self._random.uniform(low, high):.{digits}g}"

    def whole(self, low: int, high: int) -> int:
        return int(self._random.integers(low, high + 1))

    def one_of(self, *choices: str) -> str:
        return str(self._random.choice(choices))


def potassium_gate(name: str, n: Numbers) -> str:
    """A gate of random steepness with functions, temperature and any method that suits."""
    return f"""
NEURON {{ SUFFIX {name} USEION k READ ek WRITE ik RANGE gbar, vhalf, slope }}
{UNITS}
PARAMETER {{
    gbar = {n.between(1e-4, 1e-2)} (S/cm2)
    vhalf = {n.between(-50, 0)} (mV)
    slope = {n.between(0.4, 15)} (mV)
    q10 = {n.between(2, 4)} (1)
}}
ASSIGNED {{ v (mV) celsius (degC) ek (mV) ik (mA/cm2) }}
STATE {{ n }}
INITIAL {{ n = ninf(v) }}
BREAKPOINT {{
    SOLVE states METHOD {n.one_of("cnexp", "derivimplicit")}
    ik = gbar*n^{n.whole(1, 4)}*(v - ek)
}}
DERIVATIVE states {{ n' = (ninf(v) - n)/ntau(v) }}
FUNCTION ninf(v (mV)) (1) {{ ninf = 1/(1 + exp(-(v - vhalf)/slope)) }}
FUNCTION ntau(v (mV)) (ms) {{
    ntau = ({n.between(0.3, 2)}(ms) + {n.between(1, 80)}(ms)/(1 + exp((v + 40(mV))/{n.between(5, 30)}(mV))))
    ntau = ntau*q10^((20(degC) - celsius)/10(degC))
}}
"""


def sodium_rates(name: str, n: Numbers) -> str:
    """Two gates with guarded rates, computed by a PROCEDURE into RANGE variables."""
    return f"""
NEURON {{ SUFFIX {name} USEION na READ ena WRITE ina RANGE gbar, minf, mtau, hinf, htau }}
{UNITS}
PARAMETER {{
    gbar = {n.between(0.005, 0.2)} (S/cm2)
    vm = {n.between(-45, -25)} (mV)
    km = {n.between(3, 10)} (mV)
}}
ASSIGNED {{ v (mV) ena (mV) ina (mA/cm2) minf (1) mtau (ms) hinf (1) htau (ms) }}
STATE {{ m h }}
INITIAL {{
    rates(v)
    m = minf
    h = hinf
}}
BREAKPOINT {{
    SOLVE states METHOD cnexp
    ina = gbar*m^3*h*(v - ena)
}}
DERIVATIVE states {{
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
}}
PROCEDURE rates(v (mV)) {{
    LOCAL a, b
    a = {n.between(0.1, 0.5)}(/ms-mV)*trapped(vm - v, km)
    b = {n.between(0.1, 0.5)}(/ms-mV)*trapped(v - vm, km)
    mtau = 1/(a + b)
    minf = a/(a + b)
    hinf = 1/(1 + exp((v + {n.between(45, 65)}(mV))/{n.between(4, 9)}(mV)))
    htau = {n.between(0.3, 1)}(ms) + {n.between(2, 12)}(ms)/(1 + exp((v + 50(mV))/12(mV)))
}}
FUNCTION trapped(x (mV), y (mV)) (mV) {{
    if (fabs(x/y) < 1e-6) {{
        trapped = y*(1 - x/y/2)
    }} else {{
        trapped = x/(exp(x/y) - 1)
    }}
}}
"""


def tabled(name: str, n: Numbers) -> str:
    """A TABLE that depends on the temperature."""
    return f"""
NEURON {{ SUFFIX {name} USEION k READ ek WRITE ik RANGE gbar GLOBAL ninf, ntau }}
{UNITS}
PARAMETER {{ gbar = {n.between(1e-4, 1e-2)} (S/cm2) }}
ASSIGNED {{ v (mV) celsius (degC) ek (mV) ik (mA/cm2) ninf (1) ntau (ms) }}
STATE {{ n }}
INITIAL {{
    rates(v)
    n = ninf
}}
BREAKPOINT {{
    SOLVE states METHOD cnexp
    ik = gbar*n*n*(v - ek)
}}
DERIVATIVE states {{
    rates(v)
    n' = (ninf - n)/ntau
}}
PROCEDURE rates(v (mV)) {{
    TABLE ninf, ntau DEPEND celsius FROM -150 TO 150 WITH 3000
    ninf = 1/(1 + exp(-(v + {n.between(10, 50)}(mV))/{n.between(5, 12)}(mV)))
    ntau = {n.between(2, 20)}(ms)*3^((36(degC) - celsius)/10(degC))
}}
"""


def goldman(name: str, n: Numbers) -> str:
    """A Goldman-Hodgkin-Katz current with its limit at 0 mV."""
    return f"""
NEURON {{ SUFFIX {name} USEION ca READ cai, cao WRITE ica RANGE pbar }}
{UNITS}
PARAMETER {{ pbar = {n.between(1e-6, 1e-3)} (cm/s) }}
ASSIGNED {{ v (mV) cai (mM) cao (mM) ica (mA/cm2) }}
STATE {{ m }}
INITIAL {{ m = minf(v) }}
BREAKPOINT {{
    SOLVE states METHOD cnexp
    ica = pbar*m^{n.whole(1, 3)}*flux(v, cai, cao)
}}
DERIVATIVE states {{ m' = (minf(v) - m)/({n.between(0.5, 5)}(ms)) }}
FUNCTION minf(v (mV)) (1) {{ minf = 1/(1 + exp(-(v + {n.between(5, 45)}(mV))/{n.between(4, 9)}(mV))) }}
FUNCTION flux(v (mV), ci (mM), co (mM)) (.001 coul/cm3) {{
    LOCAL z
    z = v/{n.between(12.5, 13.5)}(mV)
    flux = (.001)*2*FARADAY*(ci*trapped(-z) - co*trapped(z))
}}
FUNCTION trapped(z) {{
    if (fabs(z) < 1e-4) {{
        trapped = 1 - z/2
    }} else {{
        trapped = z/(exp(z) - 1)
    }}
}}
"""


def mixed_cation(name: str, n: Numbers) -> str:
    """A nonspecific current with a reversal potential of its own; INITIAL needs no time constant."""
    return f"""
NEURON {{ SUFFIX {name} NONSPECIFIC_CURRENT i RANGE gmax, erev, tau_q }}
{UNITS}
PARAMETER {{ gmax = {n.between(1e-5, 1e-3)} (S/cm2) erev = {n.between(-50, -20)} (mV) }}
ASSIGNED {{ v (mV) i (mA/cm2) tau_q (ms) }}
STATE {{ q }}
INITIAL {{ q = qinf(v) }}
BREAKPOINT {{
    SOLVE states METHOD cnexp
    i = gmax*q*(v - erev)
}}
DERIVATIVE states {{
    tau_q = {n.between(10, 60)}(ms) + {n.between(50, 400)}(ms)/(1 + exp((v + 60(mV))/10(mV)))
    q' = (qinf(v) - q)/tau_q
}}
FUNCTION qinf(v (mV)) (1) {{ qinf = 1/(1 + exp((v + {n.between(70, 95)}(mV))/{n.between(6, 12)}(mV))) }}
"""


def leak(name: str, n: Numbers) -> str:
    """A current without states."""
    return f"""
NEURON {{ SUFFIX {name} NONSPECIFIC_CURRENT i RANGE g, e THREADSAFE }}
{UNITS}
PARAMETER {{ g = {n.between(1e-5, 1e-3)} (S/cm2) <0, 1e9> e = {n.between(-80, -50)} (mV) }}
ASSIGNED {{ v (mV) i (mA/cm2) }}
BREAKPOINT {{ i = g*(v - e) }}
"""


def persistent(name: str, n: Numbers) -> str:
    """An activation that follows the voltage at once: its slope is negative below the threshold."""
    return f"""
NEURON {{ SUFFIX {name} USEION na READ ena WRITE ina RANGE gbar }}
{UNITS}
PARAMETER {{ gbar = {n.between(1e-5, 1e-3)} (S/cm2) }}
ASSIGNED {{ v (mV) ena (mV) ina (mA/cm2) }}
BREAKPOINT {{ ina = gbar*(v - ena)/(1 + exp(-(v + {n.between(40, 55)}(mV))/{n.between(3, 8)}(mV))) }}
"""


def calcium_pool(name: str, n: Numbers) -> str:
    """A concentration that is a state."""
    return f"""
NEURON {{ SUFFIX {name} USEION ca READ ica, cai WRITE cai RANGE depth, taur, rest }}
{UNITS}
PARAMETER {{
    depth = {n.between(0.05, 1)} (um)
    taur = {n.between(5, 300)} (ms)
    rest = {n.one_of("5e-5", "1e-4", "2.4e-4")} (mM)
}}
ASSIGNED {{ ica (mA/cm2) }}
STATE {{ cai (mM) }}
INITIAL {{ cai = rest }}
BREAKPOINT {{ SOLVE pool METHOD {n.one_of("derivimplicit", "cnexp")} }}
DERIVATIVE pool {{ cai' = -(10000)*ica/(2*FARADAY*depth) + (rest - cai)/taur }}
"""


def shells(name: str, n: Numbers) -> str:
    """Diffusion between the elements of an array."""
    size = n.whole(3, 8)
    return f"""
DEFINE NSHELL {size}
NEURON {{ SUFFIX {name} USEION ca READ ica WRITE cai RANGE pump, hop }}
{UNITS}
PARAMETER {{ pump = {n.between(0.01, 0.2)} (/ms) hop = {n.between(0.1, 2)} (/ms) rest = 1e-4 (mM) }}
ASSIGNED {{ ica (mA/cm2) cai (mM) outside (mM) }}
STATE {{ shell[NSHELL] (mM) }}
INITIAL {{
    FROM j = 0 TO NSHELL-1 {{ shell[j] = rest }}
    outside = rest
    cai = shell[0]
}}
BREAKPOINT {{ SOLVE move METHOD sparse }}
KINETIC move {{
    outside = rest
    FROM j = 0 TO NSHELL-2 {{ ~ shell[j] <-> shell[j+1] (hop, hop) }}
    ~ shell[NSHELL-1] <-> outside (pump, pump)
    ~ shell[0] << (-{n.between(0.01, 0.1)}*ica*1(mM-cm2/mA/ms))
    cai = shell[0]
}}
"""


def markov(name: str, n: Numbers) -> str:
    """A KINETIC scheme of closed states, an open one and a blocked one."""
    closed = n.whole(1, 4)
    names = [f"c{i}" for i in range(closed)] + ["o", "b"]
    steps = "\n".join(
        f"    ~ {a} <-> {b} ({closed - i}*up(v), {i + 1}*down(v))"
        for i, (a, b) in enumerate(pairwise(names[: closed + 1]))
    )
    return f"""
NEURON {{ SUFFIX {name} USEION na READ ena WRITE ina RANGE gbar }}
{UNITS}
PARAMETER {{ gbar = {n.between(0.001, 0.1)} (S/cm2) }}
ASSIGNED {{ v (mV) ena (mV) ina (mA/cm2) }}
STATE {{ {" ".join(names)} }}
INITIAL {{ SOLVE hop STEADYSTATE sparse }}
BREAKPOINT {{
    SOLVE hop METHOD sparse
    ina = gbar*o*(v - ena)
}}
KINETIC hop {{
{steps}
    ~ o <-> b ({n.between(0.2, 2)}(/ms), {n.between(0.01, 0.2)}(/ms)*exp(-(v + 60(mV))/30(mV)))
    CONSERVE {" + ".join(names)} = 1
}}
FUNCTION up(v (mV)) (/ms) {{ up = {n.between(1, 6)}(/ms)/(1 + exp(-(v + 30(mV))/{n.between(5, 10)}(mV))) }}
FUNCTION down(v (mV)) (/ms) {{ down = {n.between(1, 4)}(/ms)/(1 + exp((v + 40(mV))/{n.between(6, 12)}(mV))) }}
"""


def calcium_activated(name: str, n: Numbers) -> str:
    """A gate that calcium opens; its time constant matters when calcium moves, and only then."""
    return (
        f"""
NEURON {{ SUFFIX {name} USEION k READ ek WRITE ik USEION ca READ cai RANGE gbar, tz, kd }}
{UNITS}
PARAMETER {{
    gbar = {n.between(1e-4, 1e-2)} (S/cm2)
    tz = {n.between(1, 20)} (ms)
    kd = {n.between(1e-4, 1e-3)} (mM)
}}
ASSIGNED {{ v (mV) ek (mV) ik (mA/cm2) cai (mM) }}
STATE {{ z }}
INITIAL {{ z = zinf(cai) }}
BREAKPOINT {{
    SOLVE states METHOD cnexp
    ik = gbar*z*(v - ek)
}}
DERIVATIVE states {{ z' = (zinf(cai) - z)/tz }}
FUNCTION zinf(c (mM)) (1) {{ zinf = c^{n.whole(1, 4)}/(c^2 + kd^2) }}
""".replace("c^1/(c^2 + kd^2)", "c/(c + kd)")
        .replace("c^3/(c^2 + kd^2)", "c^3/(c^3 + kd^3)")
        .replace("c^4/(c^2 + kd^2)", "c^4/(c^4 + kd^4)")
    )


def synapse(name: str, n: Numbers) -> str:
    """Two exponentials, kept apart where their time constants are equal."""
    return f"""
NEURON {{ POINT_PROCESS {name} NONSPECIFIC_CURRENT i RANGE rise, fall, e }}
{UNITS}
PARAMETER {{
    rise = {n.between(0.1, 2)} (ms) <1e-9, 1e9>
    fall = {n.between(3, 30)} (ms) <1e-9, 1e9>
    e = {n.one_of("0", "-70", "-85")} (mV)
}}
ASSIGNED {{ v (mV) i (nA) factor (1) }}
STATE {{ p (uS) r (uS) }}
INITIAL {{
    LOCAL peak
    if (rise/fall > 0.9999) {{ rise = 0.9999*fall }}
    p = 0
    r = 0
    peak = rise*fall/(fall - rise)*log(fall/rise)
    factor = 1/(exp(-peak/fall) - exp(-peak/rise))
}}
BREAKPOINT {{
    SOLVE decay METHOD cnexp
    i = (r - p)*(v - e)
}}
DERIVATIVE decay {{
    p' = -p/rise
    r' = -r/fall
}}
NET_RECEIVE(w (uS)) {{
    p = p + w*factor
    r = r + w*factor
}}
"""


def depressing(name: str, n: Numbers) -> str:
    """A synapse whose recovery matters at a second event."""
    return f"""
NEURON {{ POINT_PROCESS {name} NONSPECIFIC_CURRENT i RANGE tau, trec, use, e }}
{UNITS}
PARAMETER {{
    tau = {n.between(1, 9)} (ms)
    trec = {n.between(50, 800)} (ms)
    use = {n.between(0.1, 0.8)} (1)
    e = 0 (mV)
}}
ASSIGNED {{ v (mV) i (nA) }}
STATE {{ g (uS) }}
INITIAL {{ g = 0 }}
BREAKPOINT {{
    SOLVE decay METHOD cnexp
    i = g*(v - e)
}}
DERIVATIVE decay {{ g' = -g/tau }}
NET_RECEIVE(w (uS), r (1), last (ms)) {{
    INITIAL {{
        r = 1
        last = t
    }}
    r = 1 - (1 - r)*exp(-(t - last)/trec)
    g = g + w*use*r
    r = r - use*r
    last = t
}}
"""


def blocked(name: str, n: Numbers) -> str:
    """A synapse with a block by magnesium: its slope is negative in a region."""
    return f"""
NEURON {{ POINT_PROCESS {name} NONSPECIFIC_CURRENT i RANGE tau, e, mg }}
{UNITS}
PARAMETER {{ tau = {n.between(20, 150)} (ms) e = 0 (mV) mg = {n.between(0.5, 2)} (mM) }}
ASSIGNED {{ v (mV) i (nA) }}
STATE {{ g (uS) }}
INITIAL {{ g = 0 }}
BREAKPOINT {{
    SOLVE decay METHOD cnexp
    i = g*(v - e)/(1 + exp(-{n.between(0.05, 0.08)}(/mV)*v)*mg/3.57(mM))
}}
DERIVATIVE decay {{ g' = -g/tau }}
NET_RECEIVE(w (uS)) {{ g = g + w }}
"""


def gap(name: str, n: Numbers) -> str:
    """A gap junction that looks before it reads."""
    return f"""
NEURON {{ POINT_PROCESS {name} NONSPECIFIC_CURRENT i POINTER vother RANGE g }}
{UNITS}
PARAMETER {{ g = {n.between(1e-4, 1e-2)} (uS) }}
ASSIGNED {{ v (mV) vother (mV) i (nA) }}
BREAKPOINT {{ if (nrn_pointing(vother)) {{ i = g*(v - vother) }} else {{ i = 0 }} }}
"""


def electrode(name: str, n: Numbers) -> str:
    """A clamp that switches on later than any check waits."""
    return f"""
NEURON {{ POINT_PROCESS {name} ELECTRODE_CURRENT i RANGE g, hold, delay }}
{UNITS}
PARAMETER {{ g = {n.between(0.01, 1)} (uS) hold = {n.between(-80, 20)} (mV) delay = {n.between(0, 40)} (ms) }}
ASSIGNED {{ v (mV) i (nA) }}
INITIAL {{ i = 0 }}
BREAKPOINT {{
    if (t < delay) {{ i = 0.5*g*(hold - v) }} else {{ i = g*(hold - v) }}
}}
"""


def counted(name: str, n: Numbers) -> str:
    """An open count, which is no fraction."""
    return f"""
NEURON {{ SUFFIX {name} USEION k READ ek WRITE ik RANGE gunit, total }}
{UNITS}
PARAMETER {{ gunit = {n.between(1e-6, 1e-4)} (S/cm2) total = {n.whole(2, 400)} {n.one_of("", "(1)")} }}
ASSIGNED {{ v (mV) ek (mV) ik (mA/cm2) }}
STATE {{ nopen {n.one_of("", "(1)")} }}
INITIAL {{ nopen = total*pinf(v) }}
BREAKPOINT {{
    SOLVE count METHOD cnexp
    ik = gunit*nopen*(v - ek)
}}
DERIVATIVE count {{ nopen' = (total*pinf(v) - nopen)/({n.between(1, 9)}(ms)) }}
FUNCTION pinf(v (mV)) (1) {{ pinf = 1/(1 + exp(-(v + {n.between(10, 40)}(mV))/{n.between(5, 11)}(mV))) }}
"""


def oscillator(name: str, n: Numbers) -> str:
    """Two coupled nonlinear equations, solved implicitly; their states are no gates."""
    return f"""
NEURON {{ SUFFIX {name} NONSPECIFIC_CURRENT i RANGE gain, strength }}
{UNITS}
PARAMETER {{ gain = {n.between(0.2, 0.9)} (/ms) strength = {n.between(1e-4, 1e-3)} (mA/cm2) }}
ASSIGNED {{ i (mA/cm2) }}
STATE {{ p (1) q (1) }}
INITIAL {{
    p = {n.between(0.1, 0.5)}
    q = {n.between(0.1, 0.5)}
}}
BREAKPOINT {{
    SOLVE pair METHOD derivimplicit
    i = -strength*(p + q)
}}
DERIVATIVE pair {{
    p' = gain*(p*p*q - p + {n.between(0.3, 0.5)})
    q' = gain*(1.1 - p*p*q)
}}
"""


def accumulation(name: str, n: Numbers) -> str:
    """Potassium outside, which an outward current raises."""
    return f"""
NEURON {{ SUFFIX {name} USEION k READ ik, ko WRITE ko RANGE space, tau }}
{UNITS}
PARAMETER {{
    space = {n.between(0.01, 0.1)} (um)
    tau = {n.between(20, 200)} (ms)
    bath = {n.between(2.5, 5)} (mM)
}}
ASSIGNED {{ ik (mA/cm2) }}
STATE {{ ko (mM) }}
INITIAL {{ ko = bath }}
BREAKPOINT {{ SOLVE outside METHOD cnexp }}
DERIVATIVE outside {{ ko' = (10000)*ik/(FARADAY*space) + (bath - ko)/tau }}
"""


def integrator(name: str, n: Numbers) -> str:
    """An artificial cell that fires at a threshold."""
    return f"""
NEURON {{ ARTIFICIAL_CELL {name} RANGE tau, theta, level }}
PARAMETER {{ tau = {n.between(5, 40)} (ms) theta = {n.between(0.5, 2)} (1) }}
ASSIGNED {{ level (1) last (ms) }}
INITIAL {{
    level = 0
    last = 0
}}
NET_RECEIVE(w (1)) {{
    level = level*exp(-(t - last)/tau) + w
    last = t
    if (level > theta) {{
        net_event(t)
        level = 0
    }}
}}
"""


def silent_cell(name: str, n: Numbers) -> str:
    """An artificial cell without NET_RECEIVE."""
    return f"""
NEURON {{ ARTIFICIAL_CELL {name} RANGE size }}
PARAMETER {{ size = {n.between(1, 9)} (1) }}
ASSIGNED {{ seen (1) }}
INITIAL {{ seen = size }}
"""


def limit_cycle(name: str, n: Numbers) -> str:
    """Two coupled equations that never come to rest: there is no steady state to start from."""
    return f"""
NEURON {{ SUFFIX {name} NONSPECIFIC_CURRENT i RANGE excited, strength }}
{UNITS}
PARAMETER {{ excited = {n.between(2.5, 3.5)} (1) strength = {n.between(1e-5, 1e-4)} (mA/cm2) }}
ASSIGNED {{ i (mA/cm2) }}
STATE {{ p (1) q (1) }}
INITIAL {{
    p = {n.between(0.3, 0.9)}
    q = {n.between(1.5, 2.5)}
}}
BREAKPOINT {{
    SOLVE pair METHOD derivimplicit
    i = -strength*(p + q)
}}
DERIVATIVE pair {{
    p' = 0.5(/ms)*(1 + p*p*q - (excited + 1)*p)
    q' = 0.5(/ms)*(excited*p - p*p*q)
}}
"""


def exchanger(name: str, n: Numbers) -> str:
    """An exchanger of three sodium ions for one of calcium: two currents of opposite direction."""
    return f"""
NEURON {{ SUFFIX {name} USEION ca READ cai, cao WRITE ica USEION na READ nai, nao WRITE ina RANGE top }}
{UNITS}
PARAMETER {{ top = {n.between(1e-7, 1e-6)} (mA/cm2/mM4) part = {n.between(0.3, 0.6)} (1) }}
ASSIGNED {{
    v (mV)
    cai (mM)
    cao (mM)
    nai (mM)
    nao (mM)
    ica (mA/cm2)
    ina (mA/cm2)
}}
BREAKPOINT {{
    LOCAL u, i
    u = v/25.8(mV)
    i = top*(nai^3*cao*exp(part*u) - nao^3*cai*exp((part - 1)*u))
    ica = -2*i
    ina = 3*i
}}
"""


def explicit_euler(name: str, n: Numbers) -> str:
    """A gate that is solved explicitly: steps of a millisecond make it unstable."""
    return f"""
NEURON {{ SUFFIX {name} USEION k READ ek WRITE ik RANGE gbar, tau }}
{UNITS}
PARAMETER {{ gbar = {n.between(1e-4, 1e-2)} (S/cm2) tau = {n.between(0.1, 0.4)} (ms) }}
ASSIGNED {{ v (mV) ek (mV) ik (mA/cm2) }}
STATE {{ n }}
INITIAL {{ n = ninf(v) }}
BREAKPOINT {{
    SOLVE states METHOD euler
    ik = gbar*n*(v - ek)
}}
DERIVATIVE states {{ n' = (ninf(v) - n)/tau }}
FUNCTION ninf(v (mV)) (1) {{ ninf = 1/(1 + exp(-(v + {n.between(10, 50)}(mV))/{n.between(5, 12)}(mV))) }}
"""


def pulser(name: str, n: Numbers) -> str:
    """A conductance that events of its own drive, from INITIAL on."""
    return f"""
NEURON {{ POINT_PROCESS {name} NONSPECIFIC_CURRENT i RANGE interval, g, e, tail }}
{UNITS}
PARAMETER {{
    interval = 1 (ms)
    g = {n.between(1e-4, 1e-3)} (uS)
    e = {n.one_of("0", "-75")} (mV)
    tail = {n.between(2, 20)} (ms)
    most = {n.between(1, 100)} (uS)
}}
ASSIGNED {{ v (mV) i (nA) }}
STATE {{ s (uS) }}
INITIAL {{
    s = 0
    net_send(interval, 1)
}}
BREAKPOINT {{
    SOLVE decay METHOD cnexp
    i = s*(v - e)
}}
DERIVATIVE decay {{ s' = -s/tail }}
NET_RECEIVE(w (uS)) {{
    if (flag == 1) {{
        s = s + g
        net_send(interval, 1)
    }} else {{
        s = s + w
    }}
    if (s > most) {{ s = most }}
}}
"""


def transmitter(name: str, n: Numbers) -> str:
    """Receptors that a pulse of transmitter opens; an event of its own ends the pulse."""
    return f"""
NEURON {{ POINT_PROCESS {name} NONSPECIFIC_CURRENT i RANGE gmax, e, dose, lasting }}
{UNITS}
PARAMETER {{
    gmax = {n.between(1e-4, 1e-2)} (uS)
    e = 0 (mV)
    lasting = {n.between(0.5, 2)} (ms)
    bind = {n.between(2, 9)} (/mM/ms)
    loose = {n.between(0.005, 0.1)} (/ms)
    open = {n.between(0.05, 2)} (/ms)
    close = {n.between(0.05, 2)} (/ms)
}}
ASSIGNED {{ v (mV) i (nA) dose (mM) }}
STATE {{ free bound opened }}
INITIAL {{
    dose = 0
    free = 1
    bound = 0
    opened = 0
}}
BREAKPOINT {{
    SOLVE kin METHOD sparse
    i = gmax*opened*(v - e)
}}
KINETIC kin {{
    ~ free <-> bound (bind*dose, loose)
    ~ bound <-> opened (open, close)
    CONSERVE free + bound + opened = 1
}}
NET_RECEIVE(w (mM)) {{
    if (flag == 0) {{
        dose = dose + w
        net_send(lasting, 1)
    }} else {{
        dose = 0
    }}
}}
"""


TEMPLATES: tuple[Callable[[str, Numbers], str], ...] = (
    potassium_gate,
    sodium_rates,
    tabled,
    goldman,
    mixed_cation,
    leak,
    persistent,
    calcium_pool,
    shells,
    markov,
    calcium_activated,
    synapse,
    depressing,
    blocked,
    gap,
    electrode,
    counted,
    oscillator,
    accumulation,
    integrator,
    silent_cell,
    limit_cycle,
    exchanger,
    explicit_euler,
    pulser,
    transmitter,
)
_POINT_PROCESSES = (
    *(synapse, depressing, blocked, gap, electrode, integrator, silent_cell),
    *(pulser, transmitter),
)


def specimens(of_each: int, seed: int) -> Iterator[Specimen]:
    """Sound mechanisms, so many of each template."""
    for template in TEMPLATES:
        for number in range(of_each):
            word = template.__name__.replace("_", "")[:9]
            name = f"{word.title() if template in _POINT_PROCESSES else word}{number}"
            yield Specimen(template.__name__, name, template(name, Numbers(seed + 1000 * number + len(word))))
