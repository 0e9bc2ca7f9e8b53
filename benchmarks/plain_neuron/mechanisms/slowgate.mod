COMMENT
A current whose one gate follows the voltage slowly: an h-current, or with a positive slope a persistent inward one.
With `frozen` at 1 the gate stays at `n0`.
ENDCOMMENT

NEURON {
    SUFFIX slowgate
    NONSPECIFIC_CURRENT i
    RANGE gbar, e, half, slope, taun, shift, frozen, n0, n
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0 (S/cm2)
    e = -41 (mV)
    half = -80 (mV)
    slope = -8 (mV)
    taun = 50 (ms)
    shift = 0 (mV)
    frozen = 0
    n0 = 0
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

STATE { n }

INITIAL {
    n = steady(v - shift)
    if (frozen > 0) { n = n0 }
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = gbar * n * (v - e)
}

DERIVATIVE states {
    n' = (steady(v - shift) - n) / (taun + frozen * 1e12)
}

FUNCTION steady(v (mV)) {
    steady = 1 / (1 + exp((half - v) / slope))
}
