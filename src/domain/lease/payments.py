"""Payments: received on their day of value, taken back, and what else moves the account."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate, Line, Personal
from domain.finance import Share
from domain.lease import reckoning as accounts
from domain.lease.account import Entry
from domain.lease.case import (
    Follow,
    Lease,
    LeaseItemNotFound,
    LeaseLiesAhead,
    LeaseNotContracted,
    exists,
    has_item,
    past,
    past_day,
    positive,
    product_of,
    take,
)
from domain.lease.replaying import (
    TAKING,
    LeaseAccountReplayed,
    PaymentBeforeSchedule,
    ReplayingEvent,
    ending,
    replay,
    require_taking,
)
from domain.lease.words import (
    LeasePaymentKind,
    LeasePaymentMethod,
    LeaseStep,
    ReversalReason,
)
from domain.money import Money
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("lease.payment_received")
class LeasePaymentReceived:
    """Money came in and counts from `value_on`; its shares and what is left over sum to it.

    The shares are what was decided then. A later replay may send them elsewhere; it never changes
    what stands here.
    """

    payment_id: UUID
    kind: LeasePaymentKind
    amount: Money
    value_on: date
    received_at: datetime
    method: LeasePaymentMethod
    reference: Personal[str | None]
    shares: tuple[Share, ...]
    left_minor: int
    by: Taker


@event("lease.payment_reversed")
class LeasePaymentReversed:
    """The payment does not count, and never did."""

    reversal_id: UUID
    payment_id: UUID
    ground: ReversalReason
    reversed_on: date
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class ReceiveLeasePayment(Command):
    """Record money that came in; it counts from `value_on`, which may lie long ago."""

    payment_id: UUID
    amount: Money
    value_on: BusinessDate
    kind: LeasePaymentKind = LeasePaymentKind.REPAYMENT
    method: LeasePaymentMethod = LeasePaymentMethod.BANK_TRANSFER
    reference: Line | None = None
    received_at: datetime | None = None


@command
class ReverseLeasePayment(Command):
    """Record that a payment does not count."""

    reversal_id: UUID
    payment_id: UUID
    ground: ReversalReason
    reversed_on: BusinessDate | None = None


# --- refusals -------------------------------------------------------------------------------------


class PaymentKindHasItsOwnWay(Unacceptable, code="lease.payment_kind_has_its_own_way"):
    """Prepayments and settlements are recorded as such, with what follows from them."""


class PaymentIsReversed(Refusal, code="lease.payment_is_reversed"):
    """The payment was reversed already, for another reason."""


class GoodwillTooLarge(Unacceptable, code="lease.goodwill_too_large"):
    """No more can be let go than is owed for what goodwill goes to."""


# --- rules ----------------------------------------------------------------------------------------

PaymentsCommand = ReceiveLeasePayment | ReverseLeasePayment
PaymentsEvent = LeasePaymentReceived | LeasePaymentReversed | ReplayingEvent


def decide(case: Lease, command: PaymentsCommand, context: Context) -> Sequence[PaymentsEvent]:
    """Decide on what moves the account."""
    exists(case)
    match command:
        case ReceiveLeasePayment():
            return _receive(case, command, context)
        case ReverseLeasePayment():
            return _reverse(case, command, context)
    assert_never(command)


def _receive(
    case: Lease, command: ReceiveLeasePayment, context: Context
) -> Sequence[PaymentsEvent]:
    standing = case.items.get(command.payment_id)
    received_at = command.received_at
    if received_at is None and isinstance(standing, LeasePaymentReceived):
        received_at = standing.received_at
    made = LeasePaymentReceived(
        payment_id=command.payment_id,
        kind=command.kind,
        amount=command.amount,
        value_on=command.value_on,
        received_at=past(received_at, context),
        method=command.method,
        reference=command.reference,
        shares=(),
        left_minor=0,
        by=taker(context.actor),
    )
    if has_item(case, command.payment_id, made):
        return []
    if case.status not in TAKING:
        raise LeaseNotContracted
    take(case, context, LeaseStep.PAYMENT)
    positive(case, command.amount)
    past_day(command.value_on, context)
    require_taking(case, command.value_on)
    if command.kind in (LeasePaymentKind.PREPAYMENT, LeasePaymentKind.SETTLEMENT):
        raise PaymentKindHasItsOwnWay
    return _received(case, made, context)


def _received(case: Lease, made: LeasePaymentReceived, context: Context) -> Sequence[PaymentsEvent]:
    waterfalls = product_of(case, context).waterfall
    entry = Entry(made.value_on, made.payment_id, made.amount.minor, made.kind, (), 0)
    before = case.account
    if accounts.in_order(before, entry):
        entry = accounts.allocated(before, entry, waterfalls[made.kind])
        after = accounts.with_entry(before, entry)
    else:
        unplaced = before._replace(entries=(*before.entries, entry))
        after = accounts.replayed(unplaced, waterfalls, made.value_on)
        entry = next(each for each in after.entries if each.payment_id == made.payment_id)
    if made.kind is LeasePaymentKind.GOODWILL and entry.left_minor:
        raise GoodwillTooLarge(at_most_minor=made.amount.minor - entry.left_minor)
    events: list[PaymentsEvent] = [
        LeasePaymentReceived(
            payment_id=made.payment_id,
            kind=made.kind,
            amount=made.amount,
            value_on=made.value_on,
            received_at=made.received_at,
            method=made.method,
            reference=made.reference,
            shares=entry.shares,
            left_minor=entry.left_minor,
            by=made.by,
        )
    ]
    changes = accounts.changes(before, after)
    if changes:
        events.append(
            LeaseAccountReplayed(cause_id=made.payment_id, from_on=made.value_on, changes=changes)
        )
    return [*events, *ending(case, after, made.payment_id)]


def _reverse(
    case: Lease, command: ReverseLeasePayment, context: Context
) -> Sequence[PaymentsEvent]:
    paid = case.items.get(command.payment_id)
    if not isinstance(paid, LeasePaymentReceived):
        raise LeaseItemNotFound(item=str(command.payment_id))
    standing = case.items.get(command.reversal_id)
    reversed_on = command.reversed_on
    if reversed_on is None and isinstance(standing, LeasePaymentReversed):
        reversed_on = standing.reversed_on
    made = LeasePaymentReversed(
        reversal_id=command.reversal_id,
        payment_id=command.payment_id,
        ground=command.ground,
        reversed_on=past_day(reversed_on, context),
        by=taker(context.actor),
    )
    if has_item(case, command.reversal_id, made):
        return []
    if case.outcomes.has(command.payment_id):
        raise PaymentIsReversed(payment=str(command.payment_id))
    take(case, context, LeaseStep.REVERSAL)
    if made.reversed_on < paid.value_on:
        raise LeaseLiesAhead(on=paid.value_on.isoformat())
    if all(entry.payment_id != command.payment_id for entry in case.account.entries):
        raise PaymentBeforeSchedule(began_on=case.account.began_on.isoformat())
    without = accounts.without_entry(case.account, command.payment_id)
    events = replay(case, without, command.payment_id, paid.value_on, context)
    return [made, *events]


# --- what follows ---------------------------------------------------------------------------------


def _took(case: Lease, event: LeasePaymentReceived) -> Lease:
    amount = event.amount.minor
    entry = Entry(
        event.value_on, event.payment_id, amount, event.kind, event.shares, event.left_minor
    )
    return case.after(
        account=accounts.with_entry(case.account, entry),
        moved=case.moved + 1,
        items=case.items.with_item(event.payment_id, event),
        taken=case.taken.take(LeaseStep.PAYMENT, event.by),
    )


def _reversed(case: Lease, event: LeasePaymentReversed) -> Lease:
    return case.after(
        account=accounts.without_entry(case.account, event.payment_id),
        moved=case.moved + 1,
        items=case.items.with_item(event.reversal_id, event),
        outcomes=case.outcomes.with_item(event.payment_id, event),
        taken=case.taken.take(LeaseStep.REVERSAL, event.by),
    )


FOLLOW: Follow = {
    LeasePaymentReceived: _took,
    LeasePaymentReversed: _reversed,
}
