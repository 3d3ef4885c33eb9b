"""Drives a special complaint and its referral: what happens in the one follows into the other.

A distributed referral becomes a complaint that is registered, assigned and linked in one piece. The
complaint's result makes the referral ready for its final control, each of its clocks that stops is
an action controlled against its time, and a referral that is sent back reopens a closed complaint.

What the authority wrote (the matter, names) is personal data, and a saga's state has none of it. So
this saga acts through `perform`: it remembers only what is to be done because of which event, and
builds the command when it is executed, from the cases as they stand then. Read twice they say the
same, and every id is made from the cause, so doing it again changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain import complaint as c
from domain import referral as r
from domain.clocks.messages import Urgency
from domain.declare import Command, Refusal
from domain.fields import Erased
from domain.procedure import Taker
from sagas.declare import Do, Hands, Saga, Wake, made_by
from store.log import Recorded

PROCEDURE = "special"
"""The procedure of complaints that authorities passed on."""

REASSIGNED = "referral.distributed"

# --- state ----------------------------------------------------------------------------------------


class Wish(StrEnum):
    """What the one case is to be told of the other."""

    OPEN = "open"
    LINK = "link"
    ASSIGN = "assign"
    CONCLUDE = "conclude"
    RESUME = "resume"
    CONTROL = "control"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Owed:
    """Something to be done since `at`, because of the event `cause` at `version` of its case."""

    wish: Wish
    cause: UUID
    at: datetime
    version: int
    clock: int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A referral and the complaint that it is handled as."""

    referral: UUID
    complaint: UUID
    owed: tuple[Owed, ...]
    ended: bool = False
    """Whether the complaint is closed, or was answered as an invalid one."""
    controlled: bool = False
    replied: bool = False


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
            commands = _COMMANDS[owed.wish](pair, owed, referral, hands)
            if commands:
                hands.act(Do(tuple(commands), owed.cause))
        except Refusal as refusal:
            refused = refusal
    if refused is not None:
        raise refused


def control_id(owed: Owed) -> UUID:
    """Return the id of the control of a complaint's clock that stopped."""
    return made_by(owed.cause, f"control/{owed.clock}")


def _complaint(pair: Pair, hands: Hands) -> c.Complaint:
    found: c.Complaint = hands.casebook.state(pair.complaint).state
    return found


_CHANNELS = {
    r.ReferralRoute.SYSTEM: c.Channel.OTHER_SYSTEM,
    r.ReferralRoute.COURIER: c.Channel.LETTER,
    r.ReferralRoute.POST: c.Channel.LETTER,
    r.ReferralRoute.EMAIL: c.Channel.EMAIL,
    r.ReferralRoute.FAX: c.Channel.FAX,
    r.ReferralRoute.IN_PERSON: c.Channel.IN_PERSON,
}


def _open(pair: Pair, _: Owed, referral: r.Referral, __: Hands) -> Sequence[Command]:
    """Register what the authority wrote as a complaint, give it to its handler, and link the two.

    Where the person was erased meanwhile, the letter's number stands for what it said.
    """
    letter, given = referral.received, referral.distributed
    assert letter is not None and given is not None and referral.registered is not None
    registering = c.RegisterComplaint(
        stream=pair.complaint,
        kind=c.Kind(letter.kind.value),
        channel=_CHANNELS[letter.route],
        origin=c.Origin.AUTHORITY,
        received_at=letter.received_at,
        procedure=PROCEDURE,
        narrative=_readable(letter.matter) or letter.letter_number,
        customer_id=referral.customer_id,
        complainant_name=_readable(letter.complainant_name),
        complainant_contact=_readable(letter.complainant_contact),
        vehicle_id=letter.vehicle_id,
        vin_partial=_readable(letter.vin_partial),
        number=referral.registered.number,
        source_ref=f"referral/{pair.referral}",
    )
    linking = r.LinkComplaint(stream=pair.referral, complaint_id=pair.complaint)
    return [registering, _assigning(pair, referral), linking]


def _assigning(pair: Pair, referral: r.Referral, reason: str | None = None) -> c.AssignComplaint:
    given = referral.distributed
    assert given is not None
    return c.AssignComplaint(
        stream=pair.complaint,
        region=given.region,
        dealer_id=given.dealer_id,
        unit=given.unit,
        handler=given.handler,
        reason=reason,
    )


def _assign(pair: Pair, _: Owed, referral: r.Referral, __: Hands) -> Sequence[Command]:
    given = referral.distributed
    reason = None if given is None else _readable(given.reason)
    return [_assigning(pair, referral, reason or REASSIGNED)]


def _readable(value: str | Erased | None) -> str | None:
    return None if isinstance(value, Erased) else value


def _link(pair: Pair, owed: Owed, _: r.Referral, hands: Hands) -> Sequence[Command]:
    """Link a complaint that stood already; it may have its result already too."""
    linking = r.LinkComplaint(stream=pair.referral, complaint_id=pair.complaint)
    found = _conclusion(_complaint(pair, hands))
    if found is None:
        return [linking]
    version = _complaint(pair, hands).version
    return [linking, _concluding(pair, version, found, hands)]


def _conclusion(case: c.Complaint) -> r.HandlingConclusion | None:
    if case.status is c.Status.CLOSED:
        return r.HandlingConclusion.CLOSED
    if case.status is c.Status.ANSWERED:
        return r.HandlingConclusion.INVALID_ANSWERED
    return r.HandlingConclusion.RESULT_ANNOUNCED if case.stands(c.Step.RESULT) else None


def _conclude(pair: Pair, owed: Owed, _: r.Referral, hands: Hands) -> Sequence[Command]:
    found = _conclusion(_complaint(pair, hands))
    if found is None:  # it was taken back since; that is an event of its own
        return []
    return [_concluding(pair, owed.version, found, hands)]


def _concluding(
    pair: Pair, version: int, conclusion: r.HandlingConclusion, hands: Hands
) -> r.ConcludeHandling:
    return r.ConcludeHandling(
        stream=pair.referral,
        complaint_version=version,
        conclusion=conclusion,
        handled_by=_handled_by(_complaint(pair, hands)),
    )


_WORK = (
    c.Step.INQUIRY_ANSWER,
    c.Step.VRT_REPORT,
    c.Step.PLAN,
    c.Step.PLAN_EXECUTION,
    c.Step.COMPLETION,
    c.Step.RESULT,
)
"""Whoever took one of these steps handled the matter, and does not control it."""


def _handled_by(case: c.Complaint) -> tuple[Taker, ...]:
    takers = {taker for step in _WORK for taker in case.taken.takers.get(step, ())}
    return tuple(sorted(takers, key=lambda taker: (taker.id, taker.unit or "")))


def _resume(pair: Pair, owed: Owed, _: r.Referral, __: Hands) -> Sequence[Command]:
    return [r.ResumeHandling(stream=pair.referral, complaint_version=owed.version)]


def _control(pair: Pair, owed: Owed, _: r.Referral, hands: Hands) -> Sequence[Command]:
    clock = _complaint(pair, hands).clocks.clock(owed.clock or 0)
    if clock is None or clock.stopped_at is None:
        return []
    return [
        r.ControlAction(
            stream=pair.referral,
            control_id=control_id(owed),
            action=clock.code,
            due_at=clock.due.due_at,
            done_at=clock.stopped_at,
        )
    ]


def _reopen(pair: Pair, owed: Owed, referral: r.Referral, hands: Hands) -> Sequence[Command]:
    """Take the closed complaint up again, for the reason that the final control gave."""
    if _complaint(pair, hands).status not in c.ENDED:
        return []
    back = [item for item in referral.items.values() if isinstance(item, r.ReferralSentBack)]
    reason = _readable(back[-1].reason) if back else None
    return [
        c.ReopenComplaint(
            stream=pair.complaint,
            reopening_id=made_by(owed.cause, "reopening"),
            reason=reason or "referral.sent_back",
        )
    ]


_Build = Callable[[Pair, Owed, r.Referral, Hands], Sequence[Command]]
_COMMANDS: Mapping[Wish, _Build] = {
    Wish.OPEN: _open,
    Wish.LINK: _link,
    Wish.ASSIGN: _assign,
    Wish.CONCLUDE: _conclude,
    Wish.RESUME: _resume,
    Wish.CONTROL: _control,
    Wish.REOPEN: _reopen,
}

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
