"""Escalation: a missed deadline is recorded, brought before somebody above, and climbs from there.

What was foreseen to be missed, a team that gave up and a plan that nobody made are brought up
likewise. An escalation climbs on its own timetable until somebody who was told acknowledges it.
"""

from collections.abc import Sequence
from datetime import datetime

from sagas.declare import Do, Saga, Wake
from sagas.watch import journey, topics
from sagas.watch.asking import due, next_wake
from sagas.watch.following import evolve
from sagas.watch.forecast import NOTHING_KNOWN
from sagas.watch.obligations import Breach, Climb, Escalate, Obligation, obligations
from sagas.watch.state import WatchedCase


def _owed(case: WatchedCase) -> list[Obligation]:
    return [each for each in obligations(case) if isinstance(each.wish, Breach | Escalate | Climb)]


def wake(case: WatchedCase) -> Wake | None:
    """Return when a deadline is missed, or somebody above is to be told, next."""
    return next_wake(_owed(case))


def todo(case: WatchedCase, now: datetime) -> Sequence[Do]:
    """Return what is due, the oldest first."""
    return due(case, _owed(case), now)


SAGA: Saga[WatchedCase] = Saga(
    name="sla_escalation",
    revision=1,
    topics=(*journey.TOPICS, *topics.CLOCKS, *topics.SAYINGS, *topics.ESCALATIONS),
    state_type=WatchedCase,
    key=lambda recorded: recorded.stream,
    evolve=lambda case, recorded, _: evolve(case, recorded, NOTHING_KNOWN),
    wake=wake,
    todo=todo,
)
