TITLE Calcium-activated potassium current with a calcium pool of its own

COMMENT
An SK-like current for cells whose spikes are not modelled with calcium. Depolarisation beyond vhalf lets
calcium into a pool next to the membrane, from which it is removed with the time constant removal. The
conductance opens with the fourth power of calcium.

Voltages are counted as the cell counts them: the default of vhalf is for MyoGen's NERLab, whose rest is 0 mV.
Written for mnvalidate; BSD-3-Clause.
ENDCOMMENT

NEURON {
    SUFFIX sk
    USEION k READ ek WRITE ik
    RANGE gbar, vhalf, slope, influx, removal, half, tau, ik
    GLOBAL q10, reference
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
    (molar) = (1/liter)
    (uM) = (micromolar)
}

PARAMETER {
    gbar = 2e-3 (S/cm2) <0, 1>          : largest conductance
    vhalf = 40 (mV)                     : half activation of the calcium influx
    slope = 5 (mV) <1, 50>
    influx = 0.5 (uM/ms) <0, 10>        : at full activation
    removal = 20 (ms) <1, 1000>
    half = 0.5 (uM) <0.01, 10>          : calcium at which half the channels are open
    tau = 4 (ms) <0.1, 100>             : of the conductance
    q10 = 3 (1) <1, 5>
    reference = 36 (degC)               : temperature at which the time constants hold
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    rate (1)
}

STATE {
    z
    c (uM)
}

INITIAL {
    rate = q10^((celsius - reference)/10(degC))
    c = removal*influx*open(v)
    z = bound(c)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = gbar*z*(v - ek)
}

DERIVATIVE states {
    c' = rate*(influx*open(v) - c/removal)
    z' = rate*(bound(c) - z)/tau
}

FUNCTION open(v (mV)) (1) {
    open = 1/(1 + exp((vhalf - v)/slope))
}

FUNCTION bound(c (uM)) (1) {
    LOCAL power
    power = (c/half)^4
    bound = power/(1 + power)
}
