"""Escalating: whom a case is brought before, when it climbs, and who may answer for it.

The first rung that it reaches is the first whose role may approve what the newest plan costs. When
it climbs follows from the obligation that was missed, not from when somebody looked: only after an
outage does the time to acknowledge begin when it could be told.
"""

from collections.abc import Iterator, Sequence
from typing import assert_never

from domain.clocks import moves
from domain.clocks.answering import may_answer
from domain.clocks.book import Clock, ClockState
from domain.clocks.escalations import Reached, numbered, rung_above, rung_ends_at
from domain.clocks.rules import AuthorisationLimits, Ladder
from domain.complaint.case import Complaint, ItemExists, open_case, parties, registered
from domain.complaint.escalation import (
    AcknowledgeEscalation,
    ClimbEscalation,
    ComplaintEscalated,
    EscalateComplaint,
    Escalation,
    EscalationAcknowledged,
    EscalationCause,
    EscalationClimbed,
    EscalationCommand,
    EscalationEnd,
    EscalationEnded,
    EscalationEvent,
    EscalationIsOpen,
    EscalationIsOver,
    EscalationNotFound,
    EscalationNotYours,
    EscalationUnclear,
    NotTold,
)
from domain.complaint.plan import PlanSubmitted
from domain.complaint.sla import LADDER
from domain.complaint.sorting import organisation
from domain.complaint.words import ENDED, Step
from domain.declare import Context, Role
from domain.money import Money
from domain.procedure import taker
from domain.rulebook import Published, RulesNotPublished

LIMITS = "default"
_MISSED = (EscalationCause.BREACH, EscalationCause.NO_PLAN)
_AT_THE_COUNTER = (
    Role.SPECIALIST,
    Role.EXPERT,
    Role.SPECIAL_EXPERT,
    Role.TECHNICAL,
    Role.SUPERVISOR,
    Role.UNIT_HEAD,
    Role.MANAGER,
)


def decide(
    case: Complaint, command: EscalationCommand, context: Context
) -> Sequence[EscalationEvent]:
    """Decide on escalations."""
    registered(case)
    match command:
        case EscalateComplaint():
            return _escalate(case, command, context)
        case ClimbEscalation():
            return _climb(case, command, context)
        case AcknowledgeEscalation():
            return _acknowledge(case, command, context)
    assert_never(command)


# --- raising --------------------------------------------------------------------------------------


def _escalate(
    case: Complaint, command: EscalateComplaint, context: Context
) -> Sequence[EscalationEvent]:
    wish = (command.cause, command.clock, command.reason)
    for standing in case.escalations:
        raised = standing.raised
        if raised.escalation_id == command.escalation_id:
            if (raised.cause, raised.clock, raised.reason) == wish:
                return []
            raise ItemExists(item=str(command.escalation_id))
    clock = _clock(case, command, context)
    for standing in case.escalations:
        raised = standing.raised
        same = raised.clock == command.clock and (clock is not None or raised.cause is wish[0])
        if standing.is_open and same:
            raise EscalationIsOpen(n=standing.n)
    ladder = _ladder(None if clock is None else clock.started.ladder, context)
    rung = _first_rung(case, ladder.content, context)
    reached = _place(case, ladder.content.rungs[rung].role, context)
    since = context.now
    if command.cause in _MISSED and clock is not None and clock.breached_at is not None:
        since = clock.breached_at
    return [
        ComplaintEscalated(
            escalation_id=command.escalation_id,
            n=len(case.escalations) + 1,
            cause=command.cause,
            clock=command.clock,
            ladder=ladder.pin,
            rung=rung,
            role=reached.role,
            unit=reached.unit,
            region=reached.region,
            dealer_id=parties(case).dealer_id,
            climbs_at=rung_ends_at(ladder.content, rung, since, context),
            reason=command.reason,
        )
    ]


def _clock(case: Complaint, command: EscalateComplaint, context: Context) -> Clock | None:
    """Return the clock that it is about, or refuse what this actor may not escalate so."""
    system = context.actor.has(Role.SYSTEM)
    if not system and (
        command.cause is not EscalationCause.COUNTER or not context.actor.has(*_AT_THE_COUNTER)
    ):
        raise EscalationNotYours
    missed = command.cause in (EscalationCause.BREACH, EscalationCause.FORESEEN)
    if command.clock is None:
        if missed:
            raise EscalationUnclear(cause=command.cause.value)
        open_case(case)
        return None
    clock = moves.clock_on(case.clocks, command.clock)
    if command.cause is EscalationCause.BREACH and clock.breached_at is None:
        raise moves.NotYetDue(n=command.clock)
    if command.cause is EscalationCause.FORESEEN and not clock.foreseen:
        raise moves.NotYetDue(n=command.clock)
    return clock


def _ladder(name: str | None, context: Context) -> Published[Ladder]:
    return context.rules.in_force(Ladder, name or LADDER, context.now)


def _first_rung(case: Complaint, ladder: Ladder, context: Context) -> int:
    """Return the first rung whose role may approve what the plan that stands costs."""
    plan = None if case.work.plan_id is None else case.items.get(case.work.plan_id)
    if not isinstance(plan, PlanSubmitted) or plan.cost is None or not case.stands(Step.PLAN):
        return 0
    try:
        limits = context.rules.in_force(AuthorisationLimits, LIMITS, context.now).content
    except RulesNotPublished:
        return 0
    for place, rung in enumerate(ladder.rungs):
        if _may_approve(limits, rung.role, plan.cost):
            return place
    return len(ladder.rungs) - 1


def _may_approve(limits: AuthorisationLimits, role: Role, cost: Money) -> bool:
    """A limit in another currency says nothing of this cost."""
    return any(
        limit.up_to is None
        or (limit.up_to.currency == cost.currency and cost.minor <= limit.up_to.minor)
        for limit in limits.limits
        if limit.role is role
    )


def _place(case: Complaint, role: Role, context: Context) -> Reached:
    """Return where the rung's role is looked for: the case's region or unit, or the company.

    A supervisor is one of the region that has the case, or else of the unit; a unit's head is the
    unit's, or of the one that the region answers to; whoever else is above them all.
    """
    unit, region = case.sorting.unit, case.sorting.region or case.facts.region
    if role is Role.SUPERVISOR:
        return Reached(role, None if region else unit, region)
    if role is Role.UNIT_HEAD:
        if unit is None and region is not None:
            unit = next(iter(organisation(context).chain_above(region)), None)
        return Reached(role, unit, None)
    return Reached(role, None, None)


# --- climbing -------------------------------------------------------------------------------------


def _of(case: Complaint, n: int) -> Escalation:
    standing = numbered(case.escalations, n)
    if standing is None:
        raise EscalationNotFound(n=n)
    return standing


def _climb(
    case: Complaint, command: ClimbEscalation, context: Context
) -> Sequence[EscalationEvent]:
    if not context.actor.has(Role.SYSTEM):
        raise EscalationNotYours
    escalation = _of(case, command.n)
    if not escalation.is_open:
        raise EscalationIsOver(n=command.n)
    since = escalation.climbs_at
    if command.rung <= escalation.rung and (since is None or context.now < since):
        return []
    ladder = context.rules.pinned(Ladder, escalation.raised.ladder)
    above = rung_above(escalation, command.rung, ladder, context.now)
    if since is None or above is None:
        raise moves.NotYetDue(n=command.n)
    reached = _place(case, ladder.rungs[above].role, context)
    return [
        EscalationClimbed(
            n=command.n,
            rung=above,
            role=reached.role,
            unit=reached.unit,
            region=reached.region,
            climbs_at=rung_ends_at(ladder, above, since, context),
        )
    ]


# --- answering ------------------------------------------------------------------------------------


def _acknowledge(
    case: Complaint, command: AcknowledgeEscalation, context: Context
) -> Sequence[EscalationEvent]:
    escalation = _of(case, command.n)
    made = EscalationAcknowledged(
        n=command.n,
        by=taker(context.actor),
        will_do=command.will_do,
        done_by_at=command.done_by_at,
    )
    if escalation.acknowledged == made:
        return []
    place = (case.sorting.unit, case.sorting.region or case.facts.region)
    if not any(
        may_answer(context, role, (unit, region), place)
        for role, unit, region in escalation.reached
    ):
        raise NotTold(n=command.n)
    if not escalation.is_open:
        raise EscalationIsOver(n=command.n)
    if command.done_by_at <= context.now:
        raise moves.DueInPast
    return [made]


# --- what it follows ------------------------------------------------------------------------------


def ends(before: Complaint, case: Complaint) -> Iterator[EscalationEnded]:
    """Yield the escalations whose cause is gone after what was just decided."""
    ended = case.status in ENDED and before.status not in ENDED
    for escalation in case.escalations:
        if not escalation.is_open:
            continue
        raised = escalation.raised
        clock = None if raised.clock is None else case.clocks.clock(raised.clock)
        if clock is not None and clock.state is ClockState.STOPPED:
            yield EscalationEnded(n=escalation.n, why=EscalationEnd.CLOCK_STOPPED)
        elif clock is not None and clock.state is ClockState.CANCELLED:
            yield EscalationEnded(n=escalation.n, why=EscalationEnd.CLOCK_CANCELLED)
        elif ended and (clock is None or not clock.is_on):  # a promise by name outlives the case
            yield EscalationEnded(n=escalation.n, why=EscalationEnd.CASE_ENDED)
        elif raised.cause is EscalationCause.NO_PLAN and case.stands(Step.PLAN):
            yield EscalationEnded(n=escalation.n, why=EscalationEnd.CAUSE_GONE)
