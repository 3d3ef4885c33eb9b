"""Consequences: what a decision means for the clocks and escalations of the case."""

from collections.abc import Callable, Sequence
from typing import Any

from domain.clocks.unsaid import unsaid
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
    if case.escalations:
        for event in follows:
            after = evolve(after, event)
        follows.extend(ends(case, after))
    events = [*made, *follows]
    if isinstance(made[0], StepCarriedOver):
        return events
    place, late = unsaid(case.clocks, events, context.now)
    breaches = [
        ComplaintDeadlineBreached(n=clock.n, due_at=clock.due_at)
        for clock in late
        if clock.due_at is not None
    ]
    return [*events[:place], *breaches, *events[place:]]
