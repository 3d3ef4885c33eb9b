"""Consequences: what a decision means for the clocks and escalations of the case."""

from collections.abc import Callable, Sequence
from typing import Any

from domain.clocks import moves
from domain.clocks.book import Clock
from domain.clocks.messages import (
    ClockCancelled,
    ClockDueSet,
    ClockExtended,
    ClockReset,
    ClocksPaused,
    ClocksRederived,
    ClocksStopped,
)
from domain.complaint.carried_over import StepCarriedOver
from domain.complaint.case import Complaint
from domain.complaint.clocks import ComplaintDeadlineBreached, PromiseMade
from domain.complaint.escalating import ends
from domain.complaint.sla import pack_of
from domain.complaint.timekeeping import follow
from domain.declare import Context

Evolve = Callable[[Complaint, Any], Complaint]


def with_consequences(
    case: Complaint, made: Sequence[Any], context: Context, evolve: Evolve
) -> Sequence[Any]:
    """Return the events that were decided, and after them what they mean for the clocks.

    A deadline that had passed when its clock was stopped or moved was missed, also where nobody
    has said so yet: that stands in the log before the move.
    """
    if not (case.clocks.clocks or case.escalations or pack_of(case, context)) and not isinstance(
        made[0], PromiseMade
    ):
        return made
    after = case
    for event in made:
        after = evolve(after, event)
    follows: list[Any] = list(follow(case, after, made, context))
    missed = [clock for clock in case.clocks.on() if moves.missed(clock, context.now)]
    if case.escalations or missed:
        for event in follows:
            after = evolve(after, event)
        follows.extend(ends(case, after))
    if not missed or isinstance(made[0], StepCarriedOver):
        return [*made, *follows]
    events = [*made, *follows]
    breaches = _breaches(missed, events)
    place = next((i for i, event in enumerate(events) if _moved(event)), 0)
    return [*events[:place], *breaches, *events[place:]]


def _breaches(missed: Sequence[Clock], events: Sequence[Any]) -> list[ComplaintDeadlineBreached]:
    moved = {n for event in events for n in _moved(event)}
    found = []
    for clock in missed:
        if clock.n in moved and clock.due_at is not None:
            found.append(ComplaintDeadlineBreached(n=clock.n, due_at=clock.due_at))
    return found


def _moved(event: Any) -> tuple[int, ...]:
    """Return the clocks whose due instant an event ends or moves."""
    match event:
        case ClocksStopped():
            return tuple(stop.n for stop in event.stops)
        case ClocksPaused():
            return event.clocks
        case ClocksRederived():
            return tuple(due.n for due in event.dues)
        case ClockReset() | ClockExtended() | ClockDueSet():
            return (event.due.n,)
        case ClockCancelled():
            return (event.n,)
    return ()
