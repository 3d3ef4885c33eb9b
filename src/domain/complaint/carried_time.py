"""Clocks of a carried-over case: they run by the instants of the source's rows.

The source's first step starts them at the case's receipt, a row that waits lets them stand still,
the next one that works on lets them run again, and the one that ends the case stops them.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid5

from domain.clocks import book as books
from domain.clocks.book import Clock, ClockBook, Pause
from domain.clocks.deriving import resumed, stops
from domain.clocks.messages import PauseReason, StartedClock
from domain.complaint.carried_over import StepCarriedOver
from domain.complaint.case import Complaint
from domain.complaint.clocks import (
    ClocksEvent,
    ComplaintClocksPaused,
    ComplaintClocksResumed,
    ComplaintClocksStarted,
    ComplaintClocksStopped,
)
from domain.complaint.sla import (
    PROMISE,
    Pack,
    calendar_of,
    fitting,
    started,
    starting_due,
    warnings_by,
)
from domain.complaint.words import CarriedMeaning, Step, WaitingFor
from domain.declare import Context

REGISTERED = "complaint.registered"
CLOSED = "complaint.closed"

_ENDS = frozenset({CarriedMeaning.COMPLETED, CarriedMeaning.CLOSED, CarriedMeaning.CANCELLED})
_REASONS = {
    WaitingFor.CUSTOMER: PauseReason.CUSTOMER,
    WaitingFor.USER: PauseReason.CUSTOMER,
    WaitingFor.VENDOR: PauseReason.SUPPLIER,
    WaitingFor.IMPLEMENTATION: PauseReason.OTHER_SYSTEM,
    WaitingFor.OTHER: PauseReason.OTHER_SYSTEM,
}


def follow_source(
    before: ClockBook, case: Complaint, step: StepCarriedOver, pack: Pack, context: Context
) -> list[ClocksEvent]:
    """Return what a row of the source means for the clocks of the case."""
    if step.meaning is CarriedMeaning.NOTED or case.stands(Step.CLOSURE):
        return []
    book, events = before, list[ClocksEvent]()
    on = [clock for clock in book.on() if clock.code != PROMISE]
    if step.meaning in _ENDS:
        if on:
            events.append(ComplaintClocksStopped(stops=stops(on, step.happened_at)))
        return events
    if not on:
        clocks = _starting(book, case, step, pack, context)
        if not clocks:
            return events
        events.append(ComplaintClocksStarted(clocks=clocks))
        book = books.after(before, events)
    reason = None if step.waiting_for is None else _REASONS[step.waiting_for]
    pause = next((each for each in reversed(book.pauses) if each.is_open), None)
    if pause is not None and pause.reason is not reason:
        events.append(_resumed(book, pause, step.happened_at, pack, context))
        book = books.after(before, events)
        pause = None
    if reason is not None and pause is None:
        events.extend(_paused(book, step, reason))
    return events


def _starting(
    book: ClockBook, case: Complaint, step: StepCarriedOver, pack: Pack, context: Context
) -> tuple[StartedClock, ...]:
    """Start what closing stops; the source's own end is the same thing here."""
    started_at = step.happened_at if book.clocks else case.facts.received_at
    assert started_at is not None
    n = len(book.clocks)
    calendar = calendar_of(pack, context)
    found = []
    for rule in fitting(case, pack.starts.get(REGISTERED, ())):
        if CLOSED not in rule.stops:
            continue
        due = starting_due(n + 1, rule, calendar, started_at)
        if due is not None:
            n += 1
            found.append(started(rule, due))
    return tuple(found)


def _resumed(
    book: ClockBook, pause: Pause, at: datetime, pack: Pack, context: Context
) -> ComplaintClocksResumed:
    at = max(at, pause.paused_at)  # a source's rows may be a second out of order
    dues = resumed(book, pause, at, context.rules, warnings_by(pack))
    return ComplaintClocksResumed(n=pause.n, resumed_at=at, dues=dues)


def _paused(
    book: ClockBook, step: StepCarriedOver, reason: PauseReason
) -> Iterator[ComplaintClocksPaused]:
    may = tuple(clock.n for clock in book.on() if _may(clock, reason, step.happened_at))
    if may:
        yield ComplaintClocksPaused(
            pause_id=uuid5(step.step_id, "pause"),
            n=len(book.pauses) + 1,
            reason=reason,
            paused_at=step.happened_at,
            clocks=may,
            note=None,
            paper_ids=(),
            ordered_by=None,
        )


def _may(clock: Clock, reason: PauseReason, at: datetime) -> bool:
    derivation = clock.due.derivation
    counted_ = derivation.span is not None and derivation.started_at <= at
    return counted_ and reason in clock.started.pausable_for
