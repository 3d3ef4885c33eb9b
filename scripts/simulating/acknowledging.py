"""Simulated people who answer for escalations: always so long after they were told.

She who was told acknowledges, promises to be done by an instant, and keeps her promise.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.clocks.messages import ClocksStarted
from domain.complaint import (
    AcknowledgeEscalation,
    Complaint,
    ComplaintEscalated,
    EscalationClimbed,
    StopClock,
)
from domain.complaint.timekeeping import BY_ACKNOWLEDGEMENT
from domain.declare import Actor, ActorId, Command, Role
from store.log import Recorded

KEEPER = Actor(id=ActorId("simulated-keeper"), roles=frozenset({Role.MANAGER}))
_JUST_IN_TIME = timedelta(minutes=1)


class Answer(NamedTuple):
    """What somebody does at an instant, if it is still to be done then."""

    at: datetime
    actor: Actor
    command: Command

    def is_due(self, case: Complaint) -> bool:
        """Tell whether the escalation still waits, or the promise is still to be kept."""
        match self.command:
            case AcknowledgeEscalation(n=n):
                return case.escalations[n - 1].is_open
            case StopClock(n=n):
                return case.clocks.clocks[n - 1].is_on
        return False


@dataclass(frozen=True, slots=True)
class Acknowledging:
    """How long it takes until somebody acknowledges, and until she has done what she promised."""

    after: timedelta
    done_within: timedelta

    def answers(self, recorded: Recorded) -> list[Answer]:
        """Return what people do because of an event."""
        event, at = recorded.event, recorded.recorded_at
        if isinstance(event, ComplaintEscalated | EscalationClimbed):
            answers_at = at + self.after
            actor = Actor(
                id=ActorId(f"simulated-{event.role}"),
                roles=frozenset({event.role}),
                unit=event.unit,
                region=event.region,
            )
            command = AcknowledgeEscalation(
                stream=recorded.stream,
                n=event.n,
                will_do="simulated",
                done_by_at=answers_at + self.done_within,
            )
            return [Answer(answers_at, actor, command)]
        if isinstance(event, ClocksStarted):
            return [
                Answer(
                    started.due.due_at - _JUST_IN_TIME,
                    KEEPER,
                    StopClock(stream=recorded.stream, n=started.n),
                )
                for started in event.clocks
                if started.due.derivation.rule.rule == BY_ACKNOWLEDGEMENT
                and started.due.due_at is not None
            ]
        return []
