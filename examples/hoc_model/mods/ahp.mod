TITLE slow potassium current that a spike opens

NEURON {
    SUFFIX ahp
    USEION k READ ek WRITE ik
    RANGE gbar, tau
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.02 (S/cm2)
    tau = 40 (ms)
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
}

STATE { w }

BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = gbar*w*(v - ek)
}

INITIAL { w = 1/(1 + exp(-(v + 10)/4)) }

DERIVATIVE states { w' = (1/(1 + exp(-(v + 10)/4)) - w)/tau }
