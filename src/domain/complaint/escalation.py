"""Escalation: a case is brought before somebody above, and climbs until she says what will be done.

Whom it reaches first is decided by the ladder and by who may approve what the newest plan costs;
it ends when its cause is gone or somebody who was told acknowledges it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.clocks import escalations
from domain.complaint.case import Complaint, Follow
from domain.declare import (
    Command,
    NotFound,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
    event,
)
from domain.fields import Between, Instant, Narrative, Personal
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


# --- commands -------------------------------------------------------------------------------------

Number = Annotated[int, Between(1, 100_000)]


@command
class EscalateComplaint(Command):
    """Bring the case before somebody above; by hand it is `counter`, the rest is the system's."""

    escalation_id: UUID
    cause: EscalationCause = EscalationCause.COUNTER
    clock: Number | None = None
    reason: Narrative | None = None


@command
class ClimbEscalation(Command):
    """Let escalation `n` reach `rung`, since nobody acknowledged it in time."""

    n: Number
    rung: Annotated[int, Between(0, 100)]


@command
class AcknowledgeEscalation(Command):
    """Answer for escalation `n`: say what will be done, and by when."""

    n: Number
    will_do: Narrative
    done_by_at: Instant


# --- refusals -------------------------------------------------------------------------------------


class EscalationNotFound(NotFound, code="complaint.escalation_not_found"):
    """The case has no escalation of this number."""


class EscalationIsOpen(Refusal, code="complaint.escalation_is_open"):
    """This was escalated already, and waits for somebody to acknowledge it."""


class EscalationIsOver(Refusal, code="complaint.escalation_is_over"):
    """The escalation was acknowledged already, or its cause is gone."""


class EscalationUnclear(Unacceptable, code="complaint.escalation_unclear"):
    """A deadline missed or foreseen to be missed is escalated with the number of its clock."""


class EscalationNotYours(NotPermitted, code="complaint.escalation_not_yours"):
    """Staff bring a case before a superior at the counter; other causes the system sees to."""


class NotTold(NotPermitted, code="complaint.not_told"):
    """An escalation is acknowledged by somebody whom it reached."""


EscalationCommand = EscalateComplaint | ClimbEscalation | AcknowledgeEscalation
EscalationEvent = ComplaintEscalated | EscalationClimbed | EscalationAcknowledged | EscalationEnded

# --- what follows ---------------------------------------------------------------------------------

Escalation = escalations.Escalation[ComplaintEscalated, EscalationAcknowledged]


def _with(case: Complaint, standing: Escalation) -> Complaint:
    return case.after(escalations=escalations.with_standing(case.escalations, standing))


def _escalated(case: Complaint, event: ComplaintEscalated) -> Complaint:
    return case.after(escalations=escalations.with_raised(case.escalations, event))


def _climbed(case: Complaint, event: EscalationClimbed) -> Complaint:
    return _with(case, case.escalations[event.n - 1].after_climb(event))


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
