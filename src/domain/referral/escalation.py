"""Escalation of a referral: a missed deadline is brought before somebody above, rung by rung."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, assert_never
from uuid import UUID

from domain.clocks import escalations
from domain.clocks.answering import may_answer
from domain.clocks.book import Clock
from domain.clocks.rules import Ladder
from domain.declare import (
    Command,
    Context,
    NotFound,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
    event,
)
from domain.fields import Between, Instant, Narrative, Personal, Text
from domain.procedure import Taker, taker
from domain.referral.case import Follow, Referral, ReferralItemExists, open_case, received
from domain.referral.ending import ReferralClosed, ReferralWithdrawn
from domain.rulebook import Pin

LADDER = "customer_care"
COUNTER = "counter"

# --- events ---------------------------------------------------------------------------------------


@event("referral.escalated")
class ReferralEscalated:
    """The case was brought before `role` of a unit or region; `n` counts escalations from 1."""

    escalation_id: UUID
    n: int
    cause: str
    clock: int | None
    ladder: Pin
    rung: int
    role: Role
    unit: str | None
    region: str | None
    dealer_id: str | None
    climbs_at: datetime | None
    reason: Personal[str] | None


@event("referral.escalation_climbed")
class ReferralEscalationClimbed:
    """Nobody acknowledged it in time, and it reached a higher rung."""

    n: int
    rung: int
    role: Role
    unit: str | None
    region: str | None
    climbs_at: datetime | None


@event("referral.escalation_acknowledged")
class ReferralEscalationAcknowledged:
    """Somebody who was told answers for it: what will be done, and by when."""

    n: int
    by: Taker
    will_do: Personal[str]
    done_by_at: datetime


@event("referral.escalation_ended")
class ReferralEscalationEnded:
    """It needs nobody any more: `clock_stopped`, `clock_cancelled` or `case_ended`."""

    n: int
    why: str


EscalationEvent = (
    ReferralEscalated
    | ReferralEscalationClimbed
    | ReferralEscalationAcknowledged
    | ReferralEscalationEnded
)

# --- commands -------------------------------------------------------------------------------------

Cause = Annotated[str, Text(max=20, pattern=r"^(breach|foreseen|counter)$")]


@command
class EscalateReferral(Command):
    """Bring the case before somebody above, because of a clock or by hand at the counter."""

    escalation_id: UUID
    cause: Cause = COUNTER
    clock: Annotated[int, Between(1, 100_000)] | None = None
    reason: Narrative | None = None


@command
class ClimbReferralEscalation(Command):
    """Let an escalation that nobody acknowledged reach the next rung."""

    n: Annotated[int, Between(1, 100_000)]
    rung: Annotated[int, Between(1, 100)]


@command
class AcknowledgeReferralEscalation(Command):
    """Answer for an escalation: what will be done, and by when."""

    n: Annotated[int, Between(1, 100_000)]
    will_do: Narrative
    done_by_at: Instant


# --- refusals -------------------------------------------------------------------------------------


class ReferralEscalationNotFound(NotFound, code="referral.escalation_not_found"):
    """The special case has no escalation of this number."""


class ReferralEscalationUnclear(Unacceptable, code="referral.escalation_unclear"):
    """An escalation because of a deadline names its clock; one by hand says why instead."""


class ReferralNotEscalatedYet(Refusal, code="referral.not_escalated_yet"):
    """This clock runs and was not missed, or it has ended; there is nothing to escalate."""


class ReferralEscalationIsOver(Refusal, code="referral.escalation_is_over"):
    """Somebody has acknowledged this escalation, or its cause is gone."""


class ReferralRungNotNext(Refusal, code="referral.rung_not_next"):
    """An escalation climbs one rung at a time, when its time on the rung is over."""


class ReferralNotTold(NotPermitted, code="referral.not_told"):
    """Only somebody who was told of this escalation can acknowledge it."""


class ReferralDoneByInPast(Unacceptable, code="referral.done_by_in_past"):
    """What will be done is done by an instant to come."""


Escalation = escalations.Escalation[ReferralEscalated, ReferralEscalationAcknowledged]

# --- rules ----------------------------------------------------------------------------------------

EscalationCommand = EscalateReferral | ClimbReferralEscalation | AcknowledgeReferralEscalation


def decide(
    case: Referral, command: EscalationCommand, context: Context
) -> Sequence[EscalationEvent]:
    """Decide on escalations."""
    received(case)
    match command:
        case EscalateReferral():
            return _escalate(case, command, context)
        case ClimbReferralEscalation():
            return _climb(case, command, context)
        case AcknowledgeReferralEscalation():
            return _acknowledge(case, command, context)
    assert_never(command)


def _escalate(
    case: Referral, command: EscalateReferral, context: Context
) -> Sequence[EscalationEvent]:
    for standing in case.escalations:
        if standing.raised.escalation_id == command.escalation_id:
            if (standing.raised.cause, standing.raised.clock) != (command.cause, command.clock):
                raise ReferralItemExists(item=str(command.escalation_id))
            return []
    open_case(case)
    by_hand = command.cause == COUNTER
    if by_hand == (command.clock is not None) or (by_hand and command.reason is None):
        raise ReferralEscalationUnclear
    obliged_at, name = context.now, LADDER
    if command.clock is not None:
        clock = _missed(case, command)
        obliged_at = clock.due.due_at or context.now
        if command.cause == "foreseen":
            obliged_at = context.now
        name = clock.started.ladder or LADDER
    ladder = context.rules.in_force(Ladder, name, context.now)
    rung = ladder.content.rungs[0]
    unit, region = _place(case, rung.role)
    return [
        ReferralEscalated(
            escalation_id=command.escalation_id,
            n=len(case.escalations) + 1,
            cause=command.cause,
            clock=command.clock,
            ladder=ladder.pin,
            rung=0,
            role=rung.role,
            unit=unit,
            region=region,
            dealer_id=None if case.distributed is None else case.distributed.dealer_id,
            climbs_at=escalations.rung_ends_at(ladder.content, 0, obliged_at, context),
            reason=command.reason,
        )
    ]


def _missed(case: Referral, command: EscalateReferral) -> Clock:
    clock = case.clocks.clock(command.clock or 0)
    missed = clock is not None and clock.is_on and clock.breached_at is not None
    foreseen = clock is not None and clock.is_on and clock.foreseen
    if clock is None or not (missed if command.cause == "breach" else foreseen):
        raise ReferralNotEscalatedYet
    return clock


def _place(case: Referral, role: Role) -> tuple[str | None, str | None]:
    """Return where the people of a rung are: where the matter was given; the manager is alone."""
    given = case.distributed
    if given is None or role is Role.MANAGER:
        return None, None
    return given.unit, given.region


def _open(case: Referral, n: int) -> Escalation:
    standing = escalations.numbered(case.escalations, n)
    if standing is None:
        raise ReferralEscalationNotFound
    return standing


def _climb(
    case: Referral, command: ClimbReferralEscalation, context: Context
) -> Sequence[EscalationEvent]:
    standing = _open(case, command.n)
    if command.rung <= standing.rung:
        return []
    if not standing.is_open:
        raise ReferralEscalationIsOver
    ladder, due_at = context.rules.pinned(Ladder, standing.raised.ladder), standing.climbs_at
    above = escalations.rung_above(standing, command.rung, ladder, context.now)
    if above is None or due_at is None:
        raise ReferralRungNotNext(rung=standing.rung)
    role = ladder.rungs[above].role
    unit, region = _place(case, role)
    return [
        ReferralEscalationClimbed(
            n=command.n,
            rung=above,
            role=role,
            unit=unit,
            region=region,
            climbs_at=escalations.rung_ends_at(ladder, above, due_at, context),
        )
    ]


def _acknowledge(
    case: Referral, command: AcknowledgeReferralEscalation, context: Context
) -> Sequence[EscalationEvent]:
    standing = _open(case, command.n)
    made = ReferralEscalationAcknowledged(
        n=command.n,
        by=taker(context.actor),
        will_do=command.will_do,
        done_by_at=command.done_by_at,
    )
    if standing.acknowledged == made:
        return []
    if not standing.is_open:
        raise ReferralEscalationIsOver
    given = case.distributed
    place = (None, None) if given is None else (given.unit, given.region)
    told = any(
        may_answer(context, role, (unit, region), place) for role, unit, region in standing.reached
    )
    if not told:
        raise ReferralNotTold
    if command.done_by_at <= context.now:
        raise ReferralDoneByInPast
    return [made]


def follow(case: Referral, event: Any) -> list[ReferralEscalationEnded]:
    """Return which escalations end because of an event: their clock ended, or the case did."""
    ended = isinstance(event, ReferralClosed | ReferralWithdrawn)
    found = []
    for escalation in case.escalations:
        if not escalation.is_open:
            continue
        clock = case.clocks.clock(escalation.raised.clock or 0)
        if ended:
            found.append(ReferralEscalationEnded(n=escalation.raised.n, why="case_ended"))
        elif clock is not None and not clock.is_on:
            why = f"clock_{clock.state.value}"
            found.append(ReferralEscalationEnded(n=escalation.raised.n, why=why))
    return found


# --- what follows ---------------------------------------------------------------------------------


def _with(case: Referral, standing: Escalation) -> Referral:
    return case.after(escalations=escalations.with_standing(case.escalations, standing))


def _escalated(case: Referral, event: ReferralEscalated) -> Referral:
    return case.after(escalations=escalations.with_raised(case.escalations, event))


def _climbed(case: Referral, event: ReferralEscalationClimbed) -> Referral:
    return _with(case, case.escalations[event.n - 1].after_climb(event))


def _acknowledged(case: Referral, event: ReferralEscalationAcknowledged) -> Referral:
    return _with(case, case.escalations[event.n - 1]._replace(acknowledged=event))


def _ended(case: Referral, event: ReferralEscalationEnded) -> Referral:
    return _with(case, case.escalations[event.n - 1]._replace(ended=event.why))


FOLLOW: Follow = {
    ReferralEscalated: _escalated,
    ReferralEscalationClimbed: _climbed,
    ReferralEscalationAcknowledged: _acknowledged,
    ReferralEscalationEnded: _ended,
}
