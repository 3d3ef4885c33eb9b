"""The end: the special case is closed after its last reply, or the authority withdraws it."""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from domain.declare import Command, Context, Refusal, command, event
from domain.fields import Line, Narrative, Personal
from domain.procedure import Taker, taker
from domain.referral.case import Follow, Referral, has_item, open_case, received, take
from domain.referral.words import ReferralStatus, ReferralStep

# --- events ---------------------------------------------------------------------------------------


@event("referral.closed")
class ReferralClosed:
    """The authority has its reply, and nothing more is to be done."""

    closure_id: UUID
    remark: Personal[str] | None
    by: Taker


@event("referral.withdrawn")
class ReferralWithdrawn:
    """The authority took its letter back, or it was not for this company."""

    withdrawal_id: UUID
    reason: Personal[str]
    letter_number: str | None
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class CloseReferral(Command):
    """Close the special case once its last reply was sent."""

    closure_id: UUID
    remark: Line | None = None


@command
class WithdrawReferral(Command):
    """Record that the authority took its letter back, or that it is not for this company."""

    withdrawal_id: UUID
    reason: Narrative
    letter_number: Line | None = None


# --- refusals -------------------------------------------------------------------------------------


class LastReplyNotSent(Refusal, code="referral.last_reply_not_sent"):
    """A special case is closed after its last reply was sent."""


# --- rules ----------------------------------------------------------------------------------------

EndingCommand = CloseReferral | WithdrawReferral
EndingEvent = ReferralClosed | ReferralWithdrawn


def decide(case: Referral, command: EndingCommand, context: Context) -> Sequence[EndingEvent]:
    """Decide on the end of the special case."""
    received(case)
    match command:
        case CloseReferral():
            closed = ReferralClosed(
                closure_id=command.closure_id, remark=command.remark, by=taker(context.actor)
            )
            if has_item(case, command.closure_id, closed):
                return []
            open_case(case)
            if not case.stands(ReferralStep.REPLY):
                raise LastReplyNotSent
            take(case, context, ReferralStep.CLOSURE)
            return [closed]
        case WithdrawReferral():
            withdrawn = ReferralWithdrawn(
                withdrawal_id=command.withdrawal_id,
                reason=command.reason,
                letter_number=command.letter_number,
                by=taker(context.actor),
            )
            if has_item(case, command.withdrawal_id, withdrawn):
                return []
            open_case(case)
            take(case, context, ReferralStep.WITHDRAWAL)
            return [withdrawn]
    assert_never(command)


# --- what follows ---------------------------------------------------------------------------------


def _closed(case: Referral, event: ReferralClosed) -> Referral:
    return case.after(
        status=ReferralStatus.CLOSED,
        items=case.items.with_item(event.closure_id, event),
        taken=case.taken.take(ReferralStep.CLOSURE, event.by),
    )


def _withdrawn(case: Referral, event: ReferralWithdrawn) -> Referral:
    return case.after(
        status=ReferralStatus.WITHDRAWN,
        items=case.items.with_item(event.withdrawal_id, event),
        taken=case.taken.take(ReferralStep.WITHDRAWAL, event.by),
    )


FOLLOW: Follow = {ReferralClosed: _closed, ReferralWithdrawn: _withdrawn}
