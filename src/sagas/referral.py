"""Drives a special complaint and its referral: what happens in the one follows into the other.

A distributed referral becomes a complaint that is registered, assigned and linked in one piece. The
complaint's result makes the referral ready for its final control, each of its clocks that stops is
an action controlled against its time, and a referral that is sent back reopens a closed complaint.

What the authority wrote (the matter, names) is personal data, and a saga's state has none of it. So
this saga acts through `perform`: it remembers only what is to be done because of which event, and
builds the command when it is executed, from the cases as they stand then. Read twice they say the
same, and every id is made from the cause, so doing it again changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import complaint as c
from domain import referral as r
from domain.clocks.messages import Urgency
from domain.declare import Refusal
from sagas.declare import Do, Hands, Saga, Wake, made_by
from sagas.special_case import COMMANDS, Owed, Pair, Wish, control_id
from store.log import Recorded

# --- evolve ---------------------------------------------------------------------------------------


def evolve(pair: Pair | None, recorded: Recorded, _: Any) -> Pair | None:
    """Return the pair one event later; None before there is one and when it needs nothing more."""
    event = recorded.event
    if pair is None:
        if not isinstance(event, r.ReferralDistributed):
            return None
        if event.complaint_id is not None:
            return Pair(recorded.stream, event.complaint_id, (_owed(Wish.LINK, recorded),))
        complaint = made_by(recorded.event_id, "complaint")
        return Pair(recorded.stream, complaint, (_owed(Wish.OPEN, recorded),))
    if isinstance(event, r.ReferralClosed | r.ReferralWithdrawn):
        return None
    follow = _FOLLOW.get(type(event))
    return pair if follow is None else follow(pair, recorded)


def _owed(wish: Wish, recorded: Recorded, clock: int | None = None) -> Owed:
    return Owed(wish, recorded.event_id, recorded.recorded_at, recorded.version, clock)


def _with(pair: Pair, *owed: Owed) -> Pair:
    return pair if pair.replied else replace(pair, owed=(*pair.owed, *owed))


def _without(pair: Pair, *wishes: Wish) -> Pair:
    return replace(pair, owed=tuple(each for each in pair.owed if each.wish not in wishes))


def _distributed(pair: Pair, recorded: Recorded) -> Pair:
    """Another body gets the matter; a complaint that is not registered yet goes there at once."""
    waiting = any(each.wish in (Wish.OPEN, Wish.LINK) for each in pair.owed)
    if waiting or pair.ended:
        return pair
    return _with(_without(pair, Wish.ASSIGN), _owed(Wish.ASSIGN, recorded))


def _linked(pair: Pair, recorded: Recorded) -> Pair:
    linked = replace(pair, complaint=recorded.event.complaint_id)
    return _without(linked, Wish.OPEN, Wish.LINK)


def _result(pair: Pair, recorded: Recorded) -> Pair:
    ended = not isinstance(recorded.event, c.ResultAnnounced)
    settled = _without(pair, Wish.CONCLUDE, Wish.RESUME, Wish.ASSIGN, Wish.REOPEN)
    return _with(replace(settled, ended=ended), _owed(Wish.CONCLUDE, recorded))


def _undone(pair: Pair, recorded: Recorded) -> Pair:
    settled = _without(pair, Wish.CONCLUDE, Wish.RESUME, Wish.REOPEN)
    return _with(replace(settled, ended=False), _owed(Wish.RESUME, recorded))


def _clocks_stopped(pair: Pair, recorded: Recorded) -> Pair:
    if pair.controlled:
        return pair
    return _with(pair, *(_owed(Wish.CONTROL, recorded, stop.n) for stop in recorded.event.stops))


def _controlled(pair: Pair, recorded: Recorded) -> Pair:
    def answers(each: Owed) -> bool:
        return each.wish is Wish.CONTROL and control_id(each) == recorded.event.control_id

    return replace(pair, owed=tuple(each for each in pair.owed if not answers(each)))


def _passed(pair: Pair, _: Recorded) -> Pair:
    return replace(_without(pair, Wish.CONTROL, Wish.ASSIGN), controlled=True)


def _sent_back(pair: Pair, recorded: Recorded) -> Pair:
    pair = replace(pair, controlled=False)
    return _with(pair, _owed(Wish.REOPEN, recorded)) if pair.ended else pair


def _resumed(pair: Pair, _: Recorded) -> Pair:
    return replace(_without(pair, Wish.RESUME), controlled=False)


def _replied(pair: Pair, recorded: Recorded) -> Pair:
    if not recorded.event.reply.concludes:
        return pair
    return replace(pair, owed=(), replied=True)


def _done(*wishes: Wish) -> Callable[[Pair, Recorded], Pair]:
    return lambda pair, _: _without(pair, *wishes)


_FOLLOW: Mapping[type[Any], Callable[[Pair, Recorded], Pair]] = {
    r.ReferralDistributed: _distributed,
    r.ComplaintLinked: _linked,
    r.HandlingConcluded: _done(Wish.CONCLUDE),
    r.HandlingResumed: _resumed,
    r.ActionControlled: _controlled,
    r.FinalControlPassed: _passed,
    r.ReferralSentBack: _sent_back,
    r.ReplySent: _replied,
    c.ComplaintAssigned: _done(Wish.ASSIGN),
    c.ResultAnnounced: _result,
    c.ComplaintClosed: _result,
    c.InvalidComplaintAnswered: _result,
    c.ResultNotConfirmed: _undone,
    c.ComplaintReopened: _undone,
    c.ComplaintClocksStopped: _clocks_stopped,
}

# --- wake and perform -----------------------------------------------------------------------------


def wake(pair: Pair) -> Wake | None:
    """Return since when something is to be done."""
    return Wake(pair.owed[0].at, Urgency.ESCALATION) if pair.owed else None


def perform(pair: Pair, _: datetime, hands: Hands) -> None:
    """Do all that is owed, in order; one that is refused does not keep the others back."""
    refused: Refusal | None = None
    for owed in pair.owed:
        try:
            referral: r.Referral = hands.casebook.state(pair.referral).state
            commands = COMMANDS[owed.wish](pair, owed, referral, hands)
            if commands:
                hands.act(Do(tuple(commands), owed.cause))
        except Refusal as refusal:
            refused = refusal
    if refused is not None:
        raise refused


# --- saga -----------------------------------------------------------------------------------------

TOPICS = (
    "referral.distributed",
    "referral.complaint_linked",
    "referral.handling_concluded",
    "referral.handling_resumed",
    "referral.action_controlled",
    "referral.final_control_passed",
    "referral.sent_back",
    "referral.reply_sent",
    "referral.closed",
    "referral.withdrawn",
    "complaint.assigned",
    "complaint.result_announced",
    "complaint.result_not_confirmed",
    "complaint.closed",
    "complaint.invalid_answered",
    "complaint.reopened",
    "complaint.clocks_stopped",
)


def _key(recorded: Recorded) -> UUID | None:
    return recorded.stream if recorded.topic.startswith("referral.") else None


def _reaches(recorded: Recorded) -> tuple[str, ...]:
    """An event of a complaint goes to the pair that it belongs to, if it belongs to one."""
    return (str(recorded.stream),) if recorded.topic.startswith("complaint.") else ()


SAGA: Saga[Pair] = Saga(
    name="referral",
    revision=1,
    topics=TOPICS,
    state_type=Pair,
    key=_key,
    evolve=evolve,
    wake=wake,
    todo=lambda _, __: (),
    perform=perform,
    tags=lambda pair: (str(pair.complaint),),
    reaches=_reaches,
)
