COMMENT
Sodium and delayed-rectifier currents of a spike, and a slow potassium current that each spike opens a little.
All voltages are shifted by `shift`, for models that count from another zero.
ENDCOMMENT

NEURON {
    SUFFIX fastspike
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    RANGE gna, gk, gslow, slow, shift
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gna = 0.1 (S/cm2)
    gk = 0.05 (S/cm2)
    gslow = 0.001 (S/cm2)
    slow = 50 (ms)
    shift = 0 (mV)
}

ASSIGNED {
    v (mV)
    ena (mV)
    ek (mV)
    ina (mA/cm2)
    ik (mA/cm2)
}

STATE { m h n q }

INITIAL {
    m = boltzmann(v - shift, -40, 5)
    h = boltzmann(v - shift, -50, -6)
    n = boltzmann(v - shift, -40, 8)
    q = opening(v - shift) / (opening(v - shift) + 1 / slow)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    ina = gna * m * m * m * h * (v - ena)
    ik = (gk * n * n * n * n + gslow * q) * (v - ek)
}

DERIVATIVE states {
    m' = (boltzmann(v - shift, -40, 5) - m) / 0.05
    h' = (boltzmann(v - shift, -50, -6) - h) / (0.3 + 2 * boltzmann(v - shift, -40, -8))
    n' = (boltzmann(v - shift, -40, 8) - n) / (0.4 + 1.5 * boltzmann(v - shift, -30, -10))
    q' = opening(v - shift) * (1 - q) - q / slow
}

FUNCTION boltzmann(v (mV), half (mV), slope (mV)) {
    boltzmann = 1 / (1 + exp((half - v) / slope))
}

FUNCTION opening(v (mV)) (/ms) {
    opening = 0.2 * boltzmann(v, -5, 5)
}
