"""Current clamp of one motoneuron: the only module that drives NEURON.

It owns NEURON's global state: time step, CVODE and temperature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from neuron import h

from mnvalidate.models.motoneuron import Motoneuron
from mnvalidate.records import IntegrationFailed, NotMeasurable
from mnvalidate.resting import DRIFT_WINDOW__MS, REST_WINDOW__MS, DRIFT_LIMIT__mV, is_at_rest, unrest
from mnvalidate.solver import HIGHEST_ORDER, QUIET_ORDER, Solver
from mnvalidate.traces import Array, Pulse, Trace

# MyoGen's slowest state, the inactivation of Powers2017's L-type current, has a time constant of 2500 ms.
_SHORTEST_SETTLING__MS = 3000.0
_LONGEST_SETTLING__MS = 10_000.0
# A drift that adds less than this to a sweep is left in it.
_NEGLIGIBLE_DRIFT__mV = 0.001
# A steady state does not depend on the step of implicit Euler: coarse steps settle as exactly as fine ones.
_SETTLING_STEP__MS = 0.1
_LAST_FINE_SETTLING__MS = 20.0
# Gates and other states, which span 1 and less, must be this much closer than a voltage, which spans 100 mV:
# with one tolerance for all, as many steps leave three times the jitter in the times of spikes.
_SCALE_OF_OTHER_STATES = 0.1
# Factors on the tolerance that are tried in turn: the solver for extracellular layers (DASPK) cannot always
# take the finest.
_LOOSER = (1.0, 10.0, 100.0, 1000.0)
# NEURON's choices of the Jacobian that CVODE solves with: its own, which leaves out the coupling of voltages
# and gates, and the full one by difference quotients. With NERLab's 12 states the full one saves a fifth of
# the time; with Powers2017's 43 it costs half as much again.
_HINES, _DENSE = 0, 1
_FEW_STATES = 16
# The style of a state's name by which its tolerance is set: "m_napp".
_BY_BASE_NAME = 2


_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class SettledState:
    """The state from which every sweep starts.

    Parameters
    ----------
    rest__mV : float
        Somatic voltage without current.
    site_rest__mV : float
        Voltage where spikes start, without current.
    settling__ms : float
        Time it took to settle from the initial voltage.
    drift__mV : float
        Change of the voltage over the last 100 ms of settling.
    """

    rest__mV: float
    site_rest__mV: float
    settling__ms: float
    drift__mV: float


class CurrentClamp:
    """Injects current into the soma of one motoneuron and records its voltage there.

    Nothing else may be alive in the process: NEURON integrates every section at every step.

    Parameters
    ----------
    motoneuron : Motoneuron
        The neuron.
    solver : Solver
        Method of integration.
    celsius : float, optional
        Temperature in degrees Celsius; the motoneuron's own by default.

    Attributes
    ----------
    loosened_by : float
        Largest factor on the solver's tolerance that a sweep has needed since it was last set to 1.
    """

    def __init__(self, motoneuron: Motoneuron, solver: Solver, celsius: float | None = None) -> None:
        self.motoneuron = motoneuron
        self.solver = solver
        self._centre = motoneuron.soma(0.5)
        self._site = motoneuron.spike_segment
        self._electrodes: list[h.IClamp] = []
        self._settled: SettledState | None = None
        self.loosened_by = 1.0
        temperature = motoneuron.celsius if celsius is None else celsius
        if temperature is not None:
            h.celsius = temperature
        self._cvode = h.CVode()
        self._context = h.ParallelContext()
        self._models_order = int(self._cvode.maxorder())
        if solver.fixed_step__ms is None:
            self._cvode.active(1)
            self._cvode.rtol(0)
            self._cvode.condition_order(2)
        else:
            self._cvode.active(0)
            self._context.set_maxstep(10)

    @property
    def rest__mV(self) -> float:
        """Resting potential; see `settle` for what it raises."""
        return self.settle().rest__mV

    def settle(self) -> SettledState:
        """Let the neuron come to rest without current; done once, then remembered.

        Raises
        ------
        NotMeasurable
            If the voltage still drifts by more than 0.001 mV in 100 ms after 10 s, varies by more than
            0.01 mV within a second, or the neuron fires.
        """
        if self._settled is None:
            self._settled = self._at_a_tolerance_it_takes(self._find_rest)
        return self._settled

    def sweep(
        self,
        pulses: Sequence[Pulse],
        duration__ms: float,
        *,
        look: Callable[[Callable[[float], Trace]], float | None] | None = None,
        first_look__ms: float = 0.0,
        tolerance_factor: float = 1.0,
        highest_order: int = HIGHEST_ORDER,
    ) -> Trace:
        """Settle again, starting from the resting voltage, then inject `pulses` and record.

        Parameters
        ----------
        pulses : sequence of Pulse
            Currents, in the time of the trace: 0 is the end of settling.
        duration__ms : float
            Length of the trace.
        look : callable, optional
            Called on the way with a function that returns the trace so far, from a time in ms on. It returns
            the time of the next look, or None to end the sweep.
        first_look__ms : float
            Time of the first look.
        tolerance_factor : float
            Factor on CVODE's tolerance for this sweep.
        highest_order : int
            Highest order of CVODE's formulas for this sweep; a model that sets a lower one keeps it.

        Returns
        -------
        Trace
            Somatic voltage from time 0.

        Raises
        ------
        NotMeasurable
            If the neuron does not settle, does not start from rest, or the integration fails.
        """
        settled = self.settle()
        start = settled.settling__ms
        time: float | None = first_look__ms

        def run(looseness: float) -> Trace:
            # A second attempt goes on from where the first was last looked at.
            nonlocal time
            self._place(pulses, start)
            with_slopes = self.solver.fixed_step__ms is None
            recording = _Recording(self._centre, with_slopes=with_slopes)
            site = None if self._site is None else _Recording(self._site, with_slopes=with_slopes)
            self._set_tolerance(tolerance_factor * looseness)
            self._set_order(QUIET_ORDER)
            self._start(settled.rest__mV, start)
            self._change_order(highest_order)
            baseline = self._centre.v
            if not abs(baseline - settled.rest__mV) <= 10 * DRIFT_LIMIT__mV:
                raise NotMeasurable(
                    f"sweep started at {baseline:.4g} mV in place of the resting {settled.rest__mV:.4g} mV: "
                    "the model does not settle to the same state twice"
                )
            drift = recording.drift__mV_per_ms(start)
            if abs(drift) * duration__ms < _NEGLIGIBLE_DRIFT__mV:
                drift = 0.0

            def trace(since__ms: float) -> Trace:
                soma = recording.trace(start, tuple(pulses), since__ms, drift)
                if site is None:
                    return soma
                shift = settled.rest__mV - settled.site_rest__mV
                return replace(soma, site=site.trace(start, tuple(pulses), since__ms, drift).shifted(shift))

            while look is not None and time is not None and time < duration__ms:
                self._advance(start + time)
                time = look(trace)
            if time is not None:
                self._advance(start + duration__ms)
            return trace(0.0)

        return self._at_a_tolerance_it_takes(run)

    def _at_a_tolerance_it_takes(self, run: Callable[[float], _Result]) -> _Result:
        """Integrate at the solver's tolerance, or where that fails at a looser one, and record that."""
        looser = _LOOSER if self.solver.fixed_step__ms is None else _LOOSER[:1]
        for factor in looser:
            try:
                result = run(factor)
            except IntegrationFailed:
                if factor == looser[-1]:
                    raise
            else:
                self.loosened_by = max(self.loosened_by, factor)
                return result
        raise AssertionError("at least one tolerance is tried")

    def _set_tolerance(self, factor: float) -> None:
        if self.solver.fixed_step__ms is None:
            self._cvode.atol(factor * self.solver.absolute_tolerance)

    def _set_order(self, highest: int) -> None:
        self._cvode.maxorder(min(highest, self._models_order))

    def _change_order(self, highest: int) -> None:
        if self.solver.fixed_step__ms is None and highest != QUIET_ORDER:
            self._set_order(highest)
            # On the way, CVODE heeds it only when it begins anew.
            self._cvode.re_init()

    def _find_rest(self, looseness: float) -> SettledState:
        self._place((), 0.0)
        if self.solver.fixed_step__ms is None:
            self._adapt_to_states()
        self._set_tolerance(looseness)
        recording = _Recording(self._centre, with_slopes=False)
        self._start(self.motoneuron.initial_voltage__mV, _SHORTEST_SETTLING__MS - DRIFT_WINDOW__MS)
        time, previous = _SHORTEST_SETTLING__MS - DRIFT_WINDOW__MS, self._centre.v
        drift = np.inf
        while time < _LONGEST_SETTLING__MS:
            time += DRIFT_WINDOW__MS
            self._advance(time)
            drift, previous = self._centre.v - previous, self._centre.v
            last_second = recording.trace(0.0, (), since__ms=time - REST_WINDOW__MS)
            if is_at_rest(last_second, drift):
                site_rest = previous if self._site is None else self._site.v
                return SettledState(previous, site_rest, time, drift)
        raise NotMeasurable(unrest(recording.trace(0.0, (), since__ms=_SHORTEST_SETTLING__MS)))

    def _adapt_to_states(self) -> None:
        h.finitialize(self.motoneuron.initial_voltage__mV)
        statistics, name = h.Vector(), h.ref("")
        self._cvode.spike_stat(statistics)
        states = int(statistics[0])
        self._cvode.jacobian(_DENSE if states <= _FEW_STATES else _HINES)
        for state in range(states):
            self._cvode.statename(state, name, _BY_BASE_NAME)
            if name[0] != "v":
                self._cvode.atolscale(name[0], _SCALE_OF_OTHER_STATES)

    def _place(self, pulses: Sequence[Pulse], start__ms: float) -> None:
        while len(self._electrodes) < len(pulses):
            self._electrodes.append(h.IClamp(self._centre))
        for electrode in self._electrodes:
            electrode.amp = 0.0
        for electrode, pulse in zip(self._electrodes, pulses, strict=False):
            electrode.delay = start__ms + pulse.onset__ms
            electrode.dur = pulse.duration__ms
            electrode.amp = pulse.amplitude__nA

    def _start(self, voltage__mV: float, settling__ms: float) -> None:
        step = self.solver.fixed_step__ms
        if step is not None:
            h.dt = _SETTLING_STEP__MS
        h.finitialize(voltage__mV)
        if step is not None:
            self._advance(settling__ms - _LAST_FINE_SETTLING__MS)
            h.dt = step
        self._advance(settling__ms)

    def _advance(self, until__ms: float) -> None:
        try:
            if self.solver.fixed_step__ms is None:
                self._cvode.solve(until__ms)
            else:
                self._context.psolve(until__ms)
        except RuntimeError as error:
            # What was wrong, NEURON has printed; the exception does not carry it.
            raise IntegrationFailed(
                f"NEURON could not integrate the model beyond {h.t:.4g} ms, "
                f"where the voltage was {self._centre.v:.4g} mV"
            ) from error
        if not np.isfinite(self._centre.v):
            raise IntegrationFailed(f"voltage became {self._centre.v} during the simulation")


class _Recording:
    """Samples of one segment at the solver's own steps."""

    def __init__(self, segment: object, *, with_slopes: bool) -> None:
        self._t = h.Vector().record(h._ref_t)
        self._v = h.Vector().record(segment._ref_v)  # type: ignore[attr-defined]
        # The capacitive current is dV/dt at the sample under CVODE; a fixed step staggers it.
        self._i_cap = h.Vector().record(segment._ref_i_cap) if with_slopes else None  # type: ignore[attr-defined]
        self._cm__uF_per_cm2 = float(segment.cm)  # type: ignore[attr-defined]

    def drift__mV_per_ms(self, start__ms: float) -> float:
        """Slope of the voltage over the second before `start__ms`."""
        # At rest the solver's steps may be longer than that, and it takes tiny ones where a current begins.
        t = np.array([start__ms - REST_WINDOW__MS, start__ms - 1e-3])
        before, after = np.interp(t, self._t.as_numpy(), self._v.as_numpy())
        return float(after - before) / REST_WINDOW__MS

    def trace(
        self,
        start__ms: float,
        pulses: tuple[Pulse, ...],
        since__ms: float = 0.0,
        drift__mV_per_ms: float = 0.0,
    ) -> Trace:
        recorded = self._t.as_numpy()
        first = int(np.searchsorted(recorded, start__ms + since__ms - 1e-9))
        t: Array = recorded[first:] - start__ms
        v: Array = np.array(self._v.as_numpy()[first:])
        if self._i_cap is None:
            trace = Trace.from_samples(t, v, pulses)
        else:
            slope = self._i_cap.as_numpy()[first:] * (1e3 / self._cm__uF_per_cm2)
            trace = Trace.from_samples_and_slopes(t, v, slope, pulses)
        return replace(trace, drift__mV_per_ms=drift__mV_per_ms) if drift__mV_per_ms else trace
