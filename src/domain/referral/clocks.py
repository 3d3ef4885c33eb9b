"""Clocks of a referral: what is recorded of them. The state of them all is a `ClockBook`.

Two of them matter most: the authority's (`authority_reply`: the day that its letter names, else the
pack's rule) and the company's own, earlier one (`reply`). `keeping_time` derives them.
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
from domain.declare import event
from domain.referral.case import Follow, Referral

AUTHORITY_REPLY = "authority_reply"
OWN_REPLY = "reply"

# --- events ---------------------------------------------------------------------------------------


@event("referral.clocks_started")
class ReferralClocksStarted(ClocksStarted):
    """These clocks run from now on."""


@event("referral.clocks_stopped")
class ReferralClocksStopped(ClocksStopped):
    """What these clocks were about was done, or the special case has ended."""


@event("referral.clocks_paused")
class ReferralClocksPaused(ClocksPaused):
    """A pause begins: these clocks stand still."""


@event("referral.clocks_resumed")
class ReferralClocksResumed(ClocksResumed):
    """A pause ended; clocks that stand still in no other one are due again."""


@event("referral.clock_reset")
class ReferralClockReset(ClockReset):
    """A clock counts anew, from an instant that somebody named."""


@event("referral.clock_cancelled")
class ReferralClockCancelled(ClockCancelled):
    """A clock no longer runs, though nothing was done."""


@event("referral.clock_extended")
class ReferralClockExtended(ClockExtended):
    """The authority gave more time, or a holding reply did by the pack's rule."""


@event("referral.clock_due_set")
class ReferralClockDueSet(ClockDueSet):
    """Somebody named the instant by which it is due."""


@event("referral.clocks_rederived")
class ReferralClocksRederived(ClocksRederived):
    """Other rules apply to these clocks from now on; the time already used is kept."""


@event("referral.deadline_warned")
class ReferralDeadlineWarned(DeadlineWarned):
    """A warning before a deadline was due."""


@event("referral.deadline_foreseen")
class ReferralDeadlineForeseen(DeadlineForeseen):
    """Going by how long such cases took, the deadline will be missed."""


@event("referral.deadline_breached")
class ReferralDeadlineBreached(DeadlineBreached):
    """A deadline was missed."""


ClocksEvent = (
    ReferralClocksStarted
    | ReferralClocksStopped
    | ReferralClocksPaused
    | ReferralClocksResumed
    | ReferralClockReset
    | ReferralClockCancelled
    | ReferralClockExtended
    | ReferralClockDueSet
    | ReferralClocksRederived
    | ReferralDeadlineWarned
    | ReferralDeadlineForeseen
    | ReferralDeadlineBreached
)

# --- what follows ---------------------------------------------------------------------------------


def _followed_by(base: type[Any]) -> Callable[[Referral, Any], Referral]:
    step = book.FOLLOW[base]
    return lambda case, event: case.after(clocks=step(case.clocks, event))


FOLLOW: Follow = {
    ReferralClocksStarted: _followed_by(ClocksStarted),
    ReferralClocksStopped: _followed_by(ClocksStopped),
    ReferralClocksPaused: _followed_by(ClocksPaused),
    ReferralClocksResumed: _followed_by(ClocksResumed),
    ReferralClockReset: _followed_by(ClockReset),
    ReferralClockCancelled: _followed_by(ClockCancelled),
    ReferralClockExtended: _followed_by(ClockExtended),
    ReferralClockDueSet: _followed_by(ClockDueSet),
    ReferralClocksRederived: _followed_by(ClocksRederived),
    ReferralDeadlineWarned: _followed_by(DeadlineWarned),
    ReferralDeadlineForeseen: _followed_by(DeadlineForeseen),
    ReferralDeadlineBreached: _followed_by(DeadlineBreached),
}
