"""Stored names of what is recorded of clocks and escalations, by kind of case."""

from domain import complaint, referral
from domain.clocks import messages as m
from domain.declare import stored_name

_BASES = (
    m.ClocksStarted,
    m.ClocksStopped,
    m.ClocksPaused,
    m.ClocksResumed,
    m.ClockReset,
    m.ClockCancelled,
    m.ClockExtended,
    m.ClockDueSet,
    m.ClocksRederived,
)
_SAYINGS = (m.DeadlineWarned, m.DeadlineForeseen, m.DeadlineBreached)
_ESCALATIONS = (
    "vrt_failed",
    "escalated",
    "escalation_climbed",
    "escalation_acknowledged",
    "escalation_ended",
)

_DECIDERS = (complaint.DECIDER, referral.DECIDER)
"""Kinds of case that have clocks."""


def _names(*bases: type[object]) -> tuple[str, ...]:
    found = (cls for decider in _DECIDERS for cls in decider.events if issubclass(cls, bases))
    return tuple(stored_name(cls) for cls in found)


CLOCKS = _names(*_BASES)
"""How clocks run."""
SAYINGS = _names(*_SAYINGS)
"""What was said of their deadlines."""
ESCALATIONS = tuple(
    name
    for decider in _DECIDERS
    for cls in decider.events
    if (name := stored_name(cls)).partition(".")[2] in _ESCALATIONS
)
"""What is escalated, and what becomes of it."""
