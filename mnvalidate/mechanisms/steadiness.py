"""INITIAL against the steady state."""

from __future__ import annotations

from neuron import h

from mnvalidate.mechanisms.answers import Answer, NotApplicable, Subject, defect, listed, sound
from mnvalidate.mechanisms.rig import Instance, initialise, use_cvode, values

_VOLTAGES__mV = (-90.0, -70.0, -50.0, -30.0, 0.0)
_LONG_ENOUGH__ms = 60_000.0
_DIFFERENCE = 1e-3


def initial(subject: Subject) -> Answer:
    """States after INITIAL and after a minute at the same voltage."""
    instance = Instance(subject.interface)
    if not instance.states:
        raise NotApplicable("it has no state")
    h.celsius = 36.0
    worst: dict[str, tuple[float, str]] = {}
    for voltage in _VOLTAGES__mV:
        initialise([instance], [voltage])
        use_cvode(1e-9)
        before = values(instance.states)
        try:
            h.CVode().solve(_LONG_ENOUGH__ms)
        except RuntimeError as error:
            raise NotApplicable(f"CVODE cannot integrate it for a minute at {voltage:g} mV") from error
        after = values(instance.states)
        for state, start, end in zip(instance.states, before, after, strict=True):
            difference = abs(end - start) / max(abs(start), abs(end), 1e-3)
            if difference > worst.get(state.name, (_DIFFERENCE, ""))[0]:
                worst[state.name] = (
                    float(difference),
                    f"{state.name} at {voltage:g} mV starts at {start:.4g} and settles at {end:.4g}",
                )
    if worst:
        return defect(listed([text for _, text in worst.values()]))
    return sound("INITIAL sets the steady state at " + ", ".join(f"{v:g}" for v in _VOLTAGES__mV) + " mV")
