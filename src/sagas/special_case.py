"""What a referral and its complaint are to be told of each other, and the commands that tell it.

Commands are built when they are executed, from the cases as they stand then: what the authority
wrote is personal data and stands in no saga's state.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain import complaint as c
from domain import referral as r
from domain.declare import Command
from domain.fields import Erased
from domain.procedure import Taker
from sagas.declare import Hands, made_by

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


# --- commands -------------------------------------------------------------------------------------


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
COMMANDS: Mapping[Wish, _Build] = {
    Wish.OPEN: _open,
    Wish.LINK: _link,
    Wish.ASSIGN: _assign,
    Wish.CONCLUDE: _conclude,
    Wish.RESUME: _resume,
    Wish.CONTROL: _control,
    Wish.REOPEN: _reopen,
}
