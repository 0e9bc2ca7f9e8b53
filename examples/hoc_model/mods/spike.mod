TITLE fast sodium and delayed-rectifier potassium currents of a soma

NEURON {
    SUFFIX spike
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    RANGE gnabar, gkbar
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gnabar = 0.12 (S/cm2)
    gkbar = 0.1 (S/cm2)
}

ASSIGNED {
    v (mV)
    ena (mV)
    ek (mV)
    ina (mA/cm2)
    ik (mA/cm2)
}

STATE { m h n }

BREAKPOINT {
    SOLVE states METHOD cnexp
    ina = gnabar*m*m*m*h*(v - ena)
    ik = gkbar*n*n*n*n*(v - ek)
}

INITIAL {
    m = boltzmann(v, -38, 6)
    h = boltzmann(v, -46, -6)
    n = boltzmann(v, -32, 9)
}

DERIVATIVE states {
    m' = (boltzmann(v, -38, 6) - m)/0.06
    h' = (boltzmann(v, -46, -6) - h)/0.7
    n' = (boltzmann(v, -32, 9) - n)/1.5
}

FUNCTION boltzmann(x (mV), half (mV), slope (mV)) {
    boltzmann = 1/(1 + exp(-(x - half)/slope))
}
