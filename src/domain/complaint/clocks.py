"""Clocks of a complaint: what is recorded of them, and what people and sagas may do with them.

`keeping_time` derives them from the rules; the state of them all is a `ClockBook`.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from domain.clocks import book
from domain.clocks.messages import (
    ClockCancelled,
    ClockDueSet,
    ClockExtended,
    ClockReset,
    ClocksPaused,
    ClocksRederived,
    ClocksResumed,
    ClocksStarted,
    ClocksStopped,
    DeadlineBreached,
    DeadlineForeseen,
    DeadlineWarned,
    PauseReason,
)
from domain.complaint.case import Complaint, Follow
from domain.declare import Command, NotPermitted, command, event
from domain.fields import Between, Code, Instant, Items, Narrative, Personal
from domain.rulebook import Pin


class RederivedFor(StrEnum):
    """What changed, so that clocks are derived anew."""

    PRIORITY = "priority"
    KIND = "kind"
    ORIGIN = "origin"
    RECEIVED = "received"
    """The instant at which the case came in was corrected."""
    CALENDAR = "calendar"
    PACK = "pack"


# --- events ---------------------------------------------------------------------------------------


@event("complaint.clocks_started")
class ComplaintClocksStarted(ClocksStarted):
    """These clocks run from now on."""


@event("complaint.promise_made")
class PromiseMade:
    """Somebody gave her word in the name of the company; a clock watches over it."""

    promise_id: UUID
    promise: Personal[str]
    due_at: datetime


@event("complaint.clocks_stopped")
class ComplaintClocksStopped(ClocksStopped):
    """What these clocks were about was done, or the case has ended."""


@event("complaint.clocks_paused")
class ComplaintClocksPaused(ClocksPaused):
    """A pause begins: these clocks stand still."""


@event("complaint.clocks_resumed")
class ComplaintClocksResumed(ClocksResumed):
    """A pause ended; clocks that stand still in no other one are due again."""


@event("complaint.clock_reset")
class ComplaintClockReset(ClockReset):
    """A clock counts anew, from an instant that somebody named."""


@event("complaint.clock_cancelled")
class ComplaintClockCancelled(ClockCancelled):
    """A clock no longer runs, though nothing was done."""


@event("complaint.clock_extended")
class ComplaintClockExtended(ClockExtended):
    """A clock was given a longer span."""


@event("complaint.clock_due_set")
class ComplaintClockDueSet(ClockDueSet):
    """Somebody named the instant by which it is due."""


@event("complaint.clocks_rederived")
class ComplaintClocksRederived(ClocksRederived):
    """Other rules apply to these clocks from now on; the time already used is kept."""


@event("complaint.deadline_warned")
class ComplaintDeadlineWarned(DeadlineWarned):
    """A warning before a deadline was due."""


@event("complaint.deadline_foreseen")
class ComplaintDeadlineForeseen(DeadlineForeseen):
    """Going by how long such cases took, the deadline will be missed."""


@event("complaint.deadline_breached")
class ComplaintDeadlineBreached(DeadlineBreached):
    """A deadline was missed."""


# --- commands -------------------------------------------------------------------------------------

Number = Annotated[int, Between(1, 100_000)]
PaperIds = Annotated[tuple[UUID, ...], Items(max=50)]


@command
class PauseClocks(Command):
    """Let clocks stand still for a named reason; without `clocks` all that it may stop.

    `ordered_by` is the publication of a class pause; only the system names one.
    """

    pause_id: UUID
    reason: PauseReason
    note: Narrative | None = None
    paper_ids: PaperIds = ()
    clocks: Annotated[tuple[Number, ...], Items(max=100)] = ()
    paused_at: Instant | None = None
    ordered_by: UUID | None = None


@command
class EndPause(Command):
    """Say that pause `n` ended; without `ended_at`, now."""

    n: Number
    ended_at: Instant | None = None


@command
class SetDeadline(Command):
    """Name the instant by which clock `n` is due, and why."""

    n: Number
    due_at: Instant
    reason: Narrative


@command
class MakePromise(Command):
    """Promise something by an instant to come."""

    promise_id: UUID
    promise: Narrative
    due_at: Instant


@command
class ExtendClock(Command):
    """Give clock `n` a span of this amount, in its own unit, instead of a shorter one."""

    n: Number
    amount: Annotated[int, Between(1, 10_000)]
    reason: Narrative
    paper_ids: PaperIds = ()


@command
class ResetClock(Command):
    """Let clock `n` count anew from an instant since its start."""

    n: Number
    from_at: Instant
    reason: Narrative


@command
class CancelClock(Command):
    """Let clock `n` run no longer, though nothing was done."""

    n: Number
    reason: Narrative


@command
class StopClock(Command):
    """Say that the promise of clock `n` was kept; without `stopped_at`, now."""

    n: Number
    stopped_at: Instant | None = None


@command
class RederiveClocks(Command):
    """Derive the clocks by the newest calendar, or by the newest pack too; time used is kept."""

    cause: Literal[RederivedFor.CALENDAR, RederivedFor.PACK]
    by_publication: UUID | None = None


@command
class WarnOfDeadline(Command):
    """Record that warning `code` of clock `n` is due."""

    n: Number
    code: Code


@command
class ForeseeBreach(Command):
    """Record that clock `n` will be missed, going by how long `step` took in other cases."""

    n: Number
    expected_at: Instant
    step: Code
    estimates: Pin


@command
class RecordBreach(Command):
    """Record that clock `n` was missed."""

    n: Number


# --- refusals -------------------------------------------------------------------------------------


class DeadlinesNotYours(NotPermitted, code="complaint.deadlines_not_yours"):
    """Deadlines are kept by those who own the case, and given up by their superiors."""


class DeadlinesAreWatched(NotPermitted, code="complaint.deadlines_are_watched"):
    """Only the system watches deadlines and derives them anew; nobody does so by hand."""


ClocksCommand = (
    PauseClocks
    | EndPause
    | SetDeadline
    | MakePromise
    | ExtendClock
    | ResetClock
    | CancelClock
    | StopClock
    | RederiveClocks
    | WarnOfDeadline
    | ForeseeBreach
    | RecordBreach
)
ClocksEvent = (
    PromiseMade
    | ComplaintClocksStarted
    | ComplaintClocksStopped
    | ComplaintClocksPaused
    | ComplaintClocksResumed
    | ComplaintClockReset
    | ComplaintClockCancelled
    | ComplaintClockExtended
    | ComplaintClockDueSet
    | ComplaintClocksRederived
    | ComplaintDeadlineWarned
    | ComplaintDeadlineForeseen
    | ComplaintDeadlineBreached
)

# --- what follows ---------------------------------------------------------------------------------


def _followed_by(base: type[Any]) -> Callable[[Complaint, Any], Complaint]:
    step = book.FOLLOW[base]
    return lambda case, event: case.after(clocks=step(case.clocks, event))


def _promised(case: Complaint, event: PromiseMade) -> Complaint:
    return case.after(items=case.items.with_item(event.promise_id, event))


def _paused(case: Complaint, event: ComplaintClocksPaused) -> Complaint:
    return case.after(
        clocks=book.FOLLOW[ClocksPaused](case.clocks, event),
        items=case.items.with_item(event.pause_id, event),
    )


FOLLOW: Follow = {
    PromiseMade: _promised,
    ComplaintClocksStarted: _followed_by(ClocksStarted),
    ComplaintClocksStopped: _followed_by(ClocksStopped),
    ComplaintClocksPaused: _paused,
    ComplaintClocksResumed: _followed_by(ClocksResumed),
    ComplaintClockReset: _followed_by(ClockReset),
    ComplaintClockCancelled: _followed_by(ClockCancelled),
    ComplaintClockExtended: _followed_by(ClockExtended),
    ComplaintClockDueSet: _followed_by(ClockDueSet),
    ComplaintClocksRederived: _followed_by(ClocksRederived),
    ComplaintDeadlineWarned: _followed_by(DeadlineWarned),
    ComplaintDeadlineForeseen: _followed_by(DeadlineForeseen),
    ComplaintDeadlineBreached: _followed_by(DeadlineBreached),
}
