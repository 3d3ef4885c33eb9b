"""Points become cash: asked for, approved by another person, paid; until then they are reserved."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from domain.declare import (
    ActorId,
    Command,
    Context,
    NotFound,
    Refusal,
    Unacceptable,
    command,
    event,
)
from domain.fields import BusinessDate
from domain.loyalty.earning import Points, Reference, is_taken
from domain.loyalty.ledger import (
    CashOut,
    Follow,
    Ledger,
    Outcome,
    opened,
    programme_of,
    require_another,
    require_officer,
    require_spender,
)
from domain.loyalty.lots import LotsEvent, back, settle, settled, take_all, without
from domain.loyalty.opening import OpenedInFuture
from domain.loyalty.words import CashOutRejection, CashOutStatus, Part, points_of
from domain.money import Money
from domain.rulebook import Pin

# --- events ---------------------------------------------------------------------------------------


@event("loyalty.cash_out_requested")
class CashOutRequested:
    """Points are to become so much money; they are reserved until it is paid or rejected."""

    cash_out_id: UUID
    points: int
    amount: Money
    parts: tuple[Part, ...]
    requested_at: datetime
    programme: Pin
    by: ActorId


@event("loyalty.cash_out_approved")
class CashOutApproved:
    """Another person agreed to the payment."""

    cash_out_id: UUID
    by: ActorId


@event("loyalty.cash_out_rejected")
class CashOutRejected:
    """The points are not paid out; they went back into their lots."""

    cash_out_id: UUID
    why: CashOutRejection
    parts: tuple[Part, ...]
    rejected_at: datetime
    by: ActorId


@event("loyalty.cash_out_paid")
class CashOutPaid:
    """The money was paid; the points are spent."""

    cash_out_id: UUID
    paid_on: date
    points: int
    payment_reference: str | None
    by: ActorId


# --- commands -------------------------------------------------------------------------------------


@command
class RequestCashOut(Command):
    """Ask for points to be paid as money, at the programme's rate."""

    cash_out_id: UUID
    points: Points


@command
class ApproveCashOut(Command):
    """Agree to a cash-out that somebody else asked for."""

    cash_out_id: UUID


@command
class RejectCashOut(Command):
    """Do not pay a cash-out; its points go back."""

    cash_out_id: UUID
    why: CashOutRejection


@command
class PayCashOut(Command):
    """Record that an approved cash-out was paid."""

    cash_out_id: UUID
    paid_on: BusinessDate
    payment_reference: Reference | None = None


# --- refusals -------------------------------------------------------------------------------------


class CashOutNotOffered(Unacceptable, code="loyalty.cash_out_not_offered"):
    """The programme pays no cash."""


class CashOutOutOfLimits(Unacceptable, code="loyalty.cash_out_out_of_limits"):
    """So many points cannot be paid out at a time."""


class CashOutNotFound(NotFound, code="loyalty.cash_out_not_found"):
    """There is no such cash-out."""


class CashOutIsOver(Refusal, code="loyalty.cash_out_is_over"):
    """The cash-out was paid or rejected."""


class CashOutNotApproved(Refusal, code="loyalty.cash_out_not_approved"):
    """A cash-out is paid after another person has approved it."""


# --- rules ----------------------------------------------------------------------------------------

CashOutCommand = RequestCashOut | ApproveCashOut | RejectCashOut | PayCashOut
CashOutEvent = LotsEvent | CashOutRequested | CashOutApproved | CashOutRejected | CashOutPaid


def decide(ledger: Ledger, command: CashOutCommand, context: Context) -> Sequence[CashOutEvent]:
    """Decide on cash."""
    opened(ledger)
    match command:
        case RequestCashOut():
            require_spender(ledger, context)
            return _request(ledger, command, context)
        case ApproveCashOut() | RejectCashOut() | PayCashOut():
            require_officer(context)
            return _conclude(ledger, command, context)
    assert_never(command)


def _request(ledger: Ledger, command: RequestCashOut, context: Context) -> Sequence[CashOutEvent]:
    if is_taken(ledger, command.cash_out_id, hash(("cash_out", command.points))):
        return []
    published = programme_of(ledger, context)
    rules = published.content.cash_out
    if rules is None:
        raise CashOutNotOffered
    if not rules.points_min <= command.points <= rules.points_max:
        raise CashOutOutOfLimits(at_least=rules.points_min, at_most=rules.points_max)
    due = settle(ledger, context.now)
    return [
        *due,
        CashOutRequested(
            cash_out_id=command.cash_out_id,
            points=command.points,
            amount=Money(
                minor=command.points * rules.minor_per_point, currency=published.content.currency
            ),
            parts=take_all(settled(ledger, due), command.points, context.now),
            requested_at=context.now,
            programme=published.pin,
            by=context.actor.id,
        ),
    ]


def _conclude(
    ledger: Ledger, command: ApproveCashOut | RejectCashOut | PayCashOut, context: Context
) -> Sequence[CashOutEvent]:
    item, by = command.cash_out_id, context.actor.id
    standing = ledger.cash_outs.get(item)
    ended = ledger.outcomes.get(item)
    if standing is None and ended is None:
        raise CashOutNotFound
    match command:
        case ApproveCashOut():
            if standing is None:
                if ended is not None and ended.what == CashOutStatus.PAID:
                    return []
                raise CashOutIsOver
            if standing.status is CashOutStatus.APPROVED:
                return []
            require_another(ledger, context.actor, standing.requested_by)
            return [CashOutApproved(cash_out_id=item, by=by)]
        case RejectCashOut():
            if standing is None:
                if ended == _rejection(command.why):
                    return []
                raise CashOutIsOver
            made = CashOutRejected(
                cash_out_id=item,
                why=command.why,
                parts=standing.parts,
                rejected_at=context.now,
                by=by,
            )
            return [made, *settle(_rejected(ledger, made), context.now)]
        case PayCashOut():
            if standing is None:
                if ended == _payment(command.paid_on, command.payment_reference):
                    return []
                raise CashOutIsOver
            if standing.status is not CashOutStatus.APPROVED:
                raise CashOutNotApproved
            if command.paid_on > programme_of(ledger, context).content.day_of(context.now):
                raise OpenedInFuture(at=command.paid_on.isoformat())
            return [
                CashOutPaid(
                    cash_out_id=item,
                    paid_on=command.paid_on,
                    points=points_of(standing.parts),
                    payment_reference=command.payment_reference,
                    by=by,
                )
            ]
    assert_never(command)


def _rejection(why: CashOutRejection) -> Outcome:
    return Outcome(CashOutStatus.REJECTED, hash(why))


def _payment(paid_on: date, reference: str | None) -> Outcome:
    return Outcome(CashOutStatus.PAID, hash((paid_on, reference)))


# --- what follows ---------------------------------------------------------------------------------


def _requested(ledger: Ledger, event: CashOutRequested) -> Ledger:
    cash_out = CashOut(event.parts, CashOutStatus.REQUESTED, event.by)
    return ledger.after(
        lots=without(ledger.lots, event.parts),
        cash_outs={**ledger.cash_outs, event.cash_out_id: cash_out},
        known=ledger.knowing(event.cash_out_id, hash(("cash_out", event.points))),
    )


def _approved(ledger: Ledger, event: CashOutApproved) -> Ledger:
    cash_out = ledger.cash_outs[event.cash_out_id]._replace(status=CashOutStatus.APPROVED)
    return ledger.after(cash_outs={**ledger.cash_outs, event.cash_out_id: cash_out})


def _rejected(ledger: Ledger, event: CashOutRejected) -> Ledger:
    return ledger.after(
        lots=back(ledger.lots, event.parts, event.rejected_at),
        cash_outs=_others(ledger, event.cash_out_id),
        outcomes=ledger.outcomes.knowing(event.cash_out_id, _rejection(event.why)),
    )


def _paid(ledger: Ledger, event: CashOutPaid) -> Ledger:
    outcome = _payment(event.paid_on, event.payment_reference)
    return ledger.after(
        cash_outs=_others(ledger, event.cash_out_id),
        spent=ledger.spent + event.points,
        outcomes=ledger.outcomes.knowing(event.cash_out_id, outcome),
    )


def _others(ledger: Ledger, gone: UUID) -> dict[UUID, CashOut]:
    return {key: each for key, each in ledger.cash_outs.items() if key != gone}


FOLLOW: Follow = {
    CashOutRequested: _requested,
    CashOutApproved: _approved,
    CashOutRejected: _rejected,
    CashOutPaid: _paid,
}
