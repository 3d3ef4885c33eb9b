"""Timekeeping: how the clocks of a complaint follow what happens in it.

They start, stop and move in the decision of the fact that causes it, so no reader ever sees the one
without the other. Which clocks there are, for which cases, from what and until what, the SLA pack
says that the case is pinned to. Where none is published there are none.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.clocks import book as books
from domain.clocks.book import Clock, ClockBook
from domain.clocks.days import CalendarDoesNotCover
from domain.clocks.deriving import again, end_of_day, named, stops
from domain.clocks.messages import (
    ClockDue,
    RuleKind,
    RuleRef,
    StartedClock,
    Urgency,
)
from domain.complaint.carried_over import StepCarriedOver
from domain.complaint.carried_time import follow_source
from domain.complaint.case import Complaint, procedure_of
from domain.complaint.clocks import (
    ClocksEvent,
    ComplaintClocksRederived,
    ComplaintClocksStarted,
    ComplaintClocksStopped,
    PromiseMade,
    RederivedFor,
)
from domain.complaint.closure import CalledBack, ComplaintClosed, ComplaintReopened
from domain.complaint.escalation import EscalationAcknowledged
from domain.complaint.intake import CARRIED_OVER, ComplaintRegistered
from domain.complaint.papers import CorrespondenceRecorded
from domain.complaint.plan import PlanApproved, PlanCarriedOut, PlanSubmitted
from domain.complaint.sla import (
    LADDER,
    PROMISE,
    Pack,
    Rule,
    calendar_of,
    fitting,
    own_rule_of,
    pack_of,
    started,
    starting_due,
)
from domain.complaint.vrt import VrtFailed, VrtFindingReported, VrtFormed, VrtProposalMade
from domain.complaint.words import ENDED, ClosingGround, Correspondent, Direction
from domain.declare import Context, stored_name
from domain.procedure import Procedure

_REPORTS = (VrtFindingReported, VrtProposalMade, VrtFailed)


def follow(
    before: Complaint, case: Complaint, made: Sequence[Any], context: Context
) -> list[ClocksEvent]:
    """Return what the events that were just decided mean for the clocks of the case.

    `before` is the case without them, `case` the case with them.
    """
    pack = pack_of(before, context)
    events: list[ClocksEvent] = []
    for step in made:
        if isinstance(step, StepCarriedOver) and pack is not None:
            events.extend(_moved(before, case, before.clocks, pack, context))
            events.extend(
                follow_source(books.after(before.clocks, events), case, step, pack, context)
            )
            return events
    book = case.clocks
    stopped = stops(_stopping(before, case, made, pack, context), context.now)
    if stopped:
        events.append(ComplaintClocksStopped(stops=stopped))
        book = books.after(book, events)
    if pack is not None:
        events.extend(_moved(before, case, book, pack, context))
    clocks = tuple(_starting(case, book, made, pack, context))
    if clocks:
        events.append(ComplaintClocksStarted(clocks=clocks))
    return events


# --- what stops -----------------------------------------------------------------------------------


def _stopping(
    before: Complaint, case: Complaint, made: Sequence[Any], pack: Pack | None, context: Context
) -> list[Clock]:
    if not before.clocks.clocks:
        return []
    if case.status in ENDED and before.status not in ENDED:
        return [clock for clock in before.clocks.on() if not _outlives(clock)]
    return [
        clock
        for clock in before.clocks.on()
        if any(_stops_it(clock, event, pack, context) for event in made)
    ]


def _outlives(clock: Clock) -> bool:
    """A promise that somebody made by name is kept or broken, whatever becomes of the case."""
    return clock.code == PROMISE and clock.due.derivation.rule.rule == BY_NAME


BY_NAME, BY_PLAN, BY_FOLLOW_UP, BY_ACKNOWLEDGEMENT = (
    "promise",
    "promise/plan",
    "promise/follow_up",
    "promise/acknowledgement",
)
"""What a promise is made by, as derivations name it."""


def _stops_it(clock: Clock, event: Any, pack: Pack | None, context: Context) -> bool:
    if clock.code == PROMISE:
        return _keeps(clock, event)
    rule = None if pack is None else own_rule_of(pack, clock, context)
    if rule is None or stored_name(type(event)) not in rule.stops:
        return False
    if isinstance(event, _REPORTS):
        return clock.about == event.vrt_id
    if isinstance(event, CorrespondenceRecorded):
        to_customer = event.correspondent is Correspondent.CUSTOMER
        return to_customer and event.direction is Direction.OUT
    return True


def _keeps(clock: Clock, event: Any) -> bool:
    """A plan is carried out; of a follow-up she is called back, or the case is taken up again."""
    if isinstance(event, PlanCarriedOut):
        return clock.about == event.plan_id
    if clock.due.derivation.rule.rule == BY_FOLLOW_UP:
        return isinstance(event, ComplaintReopened) or (
            isinstance(event, CalledBack) and event.reached
        )
    return False


# --- what moves -----------------------------------------------------------------------------------


def _moved(
    before: Complaint, case: Complaint, book: ClockBook, pack: Pack, context: Context
) -> Iterator[ComplaintClocksRederived]:
    """Other rules of the pack may fit a case that was graded or classified anew or corrected."""
    if not book.clocks:
        return
    if before.sorting.priority is not case.sorting.priority:
        cause = RederivedFor.PRIORITY
    elif before.facts.kind is not case.facts.kind:
        cause = RederivedFor.KIND
    elif before.facts.origin is not case.facts.origin:
        cause = RederivedFor.ORIGIN
    elif before.facts.received_at != case.facts.received_at:
        cause = RederivedFor.RECEIVED
    else:
        return
    rules = {rule.terms.clock: rule for rule in fitting(case, pack.rules.values())}
    moved: list[ClockDue] = []
    for clock in book.on():
        rule = rules.get(clock.code)
        if rule is None or clock.by_hand or clock.due.derivation.rule.kind is not RuleKind.SLA:
            continue
        due = _fitted(before, case, book, clock, rule, context)
        if due is not None and due.derivation != clock.due.derivation:
            moved.append(due)
    if moved:
        yield ComplaintClocksRederived(cause=cause, by_publication=None, dues=tuple(moved))


def _fitted(
    before: Complaint,
    case: Complaint,
    book: ClockBook,
    clock: Clock,
    rule: Rule,
    context: Context,
) -> ClockDue | None:
    """Return a clock by the rule that fits the case now; the time already used counts."""
    stood, terms = clock.due.derivation, rule.terms
    started_at = stood.started_at
    if terms.counts_from == "received" and started_at == before.facts.received_at:
        assert case.facts.received_at is not None
        started_at = case.facts.received_at
    if (rule.ref, started_at) == (stood.rule, stood.started_at):
        return None
    try:
        return again(
            clock,
            book.standstills(clock.n),
            context.rules,
            rule=rule.ref,
            span=terms.span,
            started_at=started_at,
            warnings=terms.warnings,
        )
    except CalendarDoesNotCover:
        return None


# --- what starts ----------------------------------------------------------------------------------


def _starting(
    case: Complaint, book: ClockBook, made: Sequence[Any], pack: Pack | None, context: Context
) -> Iterator[StartedClock]:
    n = len(book.clocks)
    for event in made:
        for clock in _promised(case, event, n + 1, pack, context):
            n += 1
            yield clock
        rules = None if pack is None else pack.starts.get(stored_name(type(event)))
        if pack is None or rules is None or case.status in ENDED or _waits_for_source(event):
            continue
        calendar = calendar_of(pack, context)
        procedure = procedure_of(case, context)
        for rule in fitting(case, rules):
            about = event.vrt_id if isinstance(event, VrtFormed) else None
            if _is_on(book, rule.terms.clock, about) or not _is_owed(case, rule, procedure):
                continue
            due = starting_due(n + 1, rule, calendar, _since(event, rule, context))
            if due is not None:
                n += 1
                yield started(rule, due, about)


def _waits_for_source(event: Any) -> bool:
    """The clocks of a carried-over case start with the first step that its source knows."""
    return isinstance(event, ComplaintRegistered) and event.procedure.name == CARRIED_OVER


def _since(event: Any, rule: Rule, context: Context) -> datetime:
    if rule.terms.counts_from == "received" and isinstance(event, ComplaintRegistered):
        return event.received_at
    return context.now


def _is_on(book: ClockBook, code: str, about: UUID | None) -> bool:
    return any(clock.code == code and clock.about == about for clock in book.on())


def _is_owed(case: Complaint, rule: Rule, procedure: Procedure) -> bool:
    """Tell whether the case takes a step that stops the clock, and has not taken it yet."""
    if not rule.awaits:
        return True
    if not case.taken.done.isdisjoint(rule.awaits):
        return False
    steps = (procedure.step(step) for step in rule.awaits)
    return any(step is not None and not step.optional for step in steps)


# --- promises -------------------------------------------------------------------------------------


def promise(
    n: int,
    made_by: str,
    about: UUID,
    due_at: datetime,
    pack: Pack | None,
    context: Context,
) -> StartedClock:
    """Return the clock of something promised by a named instant."""
    rule = None if pack is None else pack.promise
    calendar = None if pack is None else calendar_of(pack, context)
    ref = RuleRef(kind=RuleKind.SET, pack=None if pack is None else pack.pin, rule=made_by)
    due = named(n, ref, due_at, context.now, calendar, () if rule is None else rule.warnings)
    return StartedClock(
        clock=PROMISE,
        due=due,
        urgency=Urgency.ESCALATION if rule is None else rule.urgency,
        ladder=LADDER if rule is None else rule.ladder,
        about=about,
    )


def _promised(
    case: Complaint, event: Any, n: int, pack: Pack | None, context: Context
) -> Iterator[StartedClock]:
    """Yield the clock of a promise: one made by name, an acknowledgement, a plan, a follow-up.

    What is promised for a day is due when that day ends where the pack's calendar is.
    """
    match event:
        case PromiseMade(promise_id=about, due_at=due_at):
            yield promise(n, BY_NAME, about, due_at, pack, context)
            return
        case EscalationAcknowledged(done_by_at=due_at):
            about = case.escalations[event.n - 1].raised.escalation_id
            yield promise(n, BY_ACKNOWLEDGEMENT, about, due_at, pack, context)
            return
        case PlanApproved(plan_id=about):
            plan = case.items.get(about)
            assert isinstance(plan, PlanSubmitted)
            day, made_by = plan.carry_out_by_on, BY_PLAN
        case ComplaintClosed(ground=ClosingGround.FOLLOW_UP, closure_id=about):
            day, made_by = event.follow_up_on, BY_FOLLOW_UP
        case _:
            return
    if day is not None and pack is not None:
        due_at = end_of_day(day, calendar_of(pack, context).content.zone)
        yield promise(n, made_by, about, due_at, pack, context)
