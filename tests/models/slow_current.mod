COMMENT
A conductance whose gate follows the voltage: an h-current, or with a negative slope a persistent inward current.
With `frozen` the gate stays at `n0`.
ENDCOMMENT

NEURON {
    SUFFIX slowcur
    NONSPECIFIC_CURRENT i
    RANGE gbar, e, half, slope, taun, frozen, n0, n
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0 (S/cm2)
    e = -41 (mV)
    half = -75 (mV)
    slope = 8 (mV)
    taun = 50 (ms)
    frozen = 0
    n0 = 0
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

STATE { n }

INITIAL {
    n = 1 / (1 + exp((v - half) / slope))
    if (frozen > 0) { n = n0 }
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = gbar * n * (v - e)
}

DERIVATIVE states {
    n' = (1 - frozen) * (1 / (1 + exp((v - half) / slope)) - n) / taun
}
