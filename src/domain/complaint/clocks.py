"""Clocks of a complaint: what is recorded of them, and what people and sagas may do with them.

`keeping_time` derives them from the rules; the state of them all is a `ClockBook`.
"""

from collections.abc import Callable
from typing import Any

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
)
from domain.complaint.case import Complaint, Follow
from domain.declare import event
from domain.fields import Personal

# --- events ---------------------------------------------------------------------------------------


@event("complaint.clocks_started")
class ComplaintClocksStarted(ClocksStarted):
    """These clocks run from now on; `promised` is what somebody said would be done by then."""

    promised: Personal[str] | None = None


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


ClocksEvent = (
    ComplaintClocksStarted
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


FOLLOW: Follow = {
    ComplaintClocksStarted: _followed_by(ClocksStarted),
    ComplaintClocksStopped: _followed_by(ClocksStopped),
    ComplaintClocksPaused: _followed_by(ClocksPaused),
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
