"""Escalation: a case is brought before somebody above, and climbs until she says what will be done.

Whom it reaches first is decided by the ladder and by who may approve what the newest plan costs;
it ends when its cause is gone or somebody who was told acknowledges it.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from domain.complaint.case import Complaint, Follow
from domain.declare import Role, event
from domain.fields import Personal
from domain.procedure import Taker
from domain.rulebook import Pin


class EscalationCause(StrEnum):
    """Why a case is brought before somebody above."""

    BREACH = "breach"
    FORESEEN = "foreseen"
    VRT_FAILED = "vrt_failed"
    NO_PLAN = "no_plan"
    COUNTER = "counter"
    """By hand: at the counter the superior comes to the customer."""


class EscalationEnd(StrEnum):
    """Why an escalation ended that nobody acknowledged."""

    CLOCK_STOPPED = "clock_stopped"
    CLOCK_CANCELLED = "clock_cancelled"
    CASE_ENDED = "case_ended"
    CAUSE_GONE = "cause_gone"


# --- events ---------------------------------------------------------------------------------------


@event("complaint.escalated")
class ComplaintEscalated:
    """The case was brought before `role` of a unit or region; `n` counts the escalations from 1.

    `clock` is the number of the clock that was or will be missed, `rung` the place on the ladder
    from 0. It climbs at `climbs_at` unless somebody acknowledges it; None on the last rung.
    """

    escalation_id: UUID
    n: int
    cause: EscalationCause
    clock: int | None
    ladder: Pin
    rung: int
    role: Role
    unit: str | None
    region: str | None
    dealer_id: str | None
    climbs_at: datetime | None
    reason: Personal[str] | None


@event("complaint.escalation_climbed")
class EscalationClimbed:
    """Nobody acknowledged it in time, and it reached a higher rung."""

    n: int
    rung: int
    role: Role
    unit: str | None
    region: str | None
    climbs_at: datetime | None


@event("complaint.escalation_acknowledged")
class EscalationAcknowledged:
    """Somebody who was told answers for it: what will be done, and by when."""

    n: int
    by: Taker
    will_do: Personal[str]
    done_by_at: datetime


@event("complaint.escalation_ended")
class EscalationEnded:
    """It needs nobody any more: the clock stopped, or the case ended."""

    n: int
    why: EscalationEnd


EscalationEvent = ComplaintEscalated | EscalationClimbed | EscalationAcknowledged | EscalationEnded

# --- state ----------------------------------------------------------------------------------------


class Reached(NamedTuple):
    """A rung that an escalation reached: whoever has the role in that place was told."""

    role: Role
    unit: str | None
    region: str | None


class Escalation(NamedTuple):
    """An escalation as it stands; open until it is acknowledged or ends."""

    raised: ComplaintEscalated
    rung: int
    climbs_at: datetime | None
    reached: tuple[Reached, ...]
    acknowledged: EscalationAcknowledged | None = None
    ended: EscalationEnd | None = None

    @property
    def n(self) -> int:
        """Return the number of the escalation in the case."""
        return self.raised.n

    @property
    def is_open(self) -> bool:
        """Tell whether it waits for somebody."""
        return self.acknowledged is None and self.ended is None


# --- what follows ---------------------------------------------------------------------------------


def _with(case: Complaint, escalation: Escalation) -> Complaint:
    place = escalation.raised.n - 1
    others = case.escalations
    return case.after(escalations=(*others[:place], escalation, *others[place + 1 :]))


def _escalated(case: Complaint, event: ComplaintEscalated) -> Complaint:
    reached = Reached(event.role, event.unit, event.region)
    return _with(case, Escalation(event, event.rung, event.climbs_at, (reached,)))


def _climbed(case: Complaint, event: EscalationClimbed) -> Complaint:
    before = case.escalations[event.n - 1]
    reached = Reached(event.role, event.unit, event.region)
    return _with(
        case,
        before._replace(
            rung=event.rung, climbs_at=event.climbs_at, reached=(*before.reached, reached)
        ),
    )


def _acknowledged(case: Complaint, event: EscalationAcknowledged) -> Complaint:
    return _with(case, case.escalations[event.n - 1]._replace(acknowledged=event))


def _ended(case: Complaint, event: EscalationEnded) -> Complaint:
    return _with(case, case.escalations[event.n - 1]._replace(ended=event.why))


FOLLOW: Follow = {
    ComplaintEscalated: _escalated,
    EscalationClimbed: _climbed,
    EscalationAcknowledged: _acknowledged,
    EscalationEnded: _ended,
}
