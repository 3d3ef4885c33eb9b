"""Payments: received on their day of value, taken back, and what else moves the account."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never
from uuid import UUID, uuid5

from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate, Line, Personal
from domain.finance import Share
from domain.lease import account as accounts
from domain.lease.account import Account, Charge, Entry, Reallocated
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
    under_contract,
)
from domain.lease.words import (
    RUNNING,
    LeaseFee,
    LeasePaymentKind,
    LeasePaymentMethod,
    LeaseStatus,
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


@event("lease.account_replayed")
class LeaseAccountReplayed:
    """The account was told anew from a day on, since something before its end became known.

    `changes` are the payments that go elsewhere now.
    """

    cause_id: UUID
    from_on: date
    changes: tuple[Reallocated, ...]


@event("lease.fee_charged")
class LeaseFeeCharged:
    """A fee is owed from `charged_on`."""

    charge_id: UUID
    fee: LeaseFee
    amount: Money
    charged_on: date
    by: Taker


@event("lease.surplus_refunded")
class LeaseSurplusRefunded:
    """What was paid beyond all that is owed went back to the payer."""

    refund_id: UUID
    amount: Money
    refunded_on: date
    reference: Personal[str | None]
    by: Taker


@event("lease.refund_reclaimed")
class LeaseRefundReclaimed:
    """A refund turned out to have been of money that was owed; it is owed as a fee."""

    charge_id: UUID
    amount: Money
    charged_on: date


@event("lease.completed")
class LeaseCompleted:
    """Everything that was owed is paid."""

    completed_on: date
    payment_id: UUID | None


@event("lease.reopened")
class LeaseReopened:
    """Something is owed again, since a payment does not count."""

    cause_id: UUID


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


@command
class ChargeLeaseFee(Command):
    """Charge a fee."""

    charge_id: UUID
    fee: LeaseFee
    amount: Money
    charged_on: BusinessDate | None = None


@command
class RefundLeaseSurplus(Command):
    """Record that a surplus was paid back."""

    refund_id: UUID
    amount: Money
    refunded_on: BusinessDate | None = None
    reference: Line | None = None


# --- refusals -------------------------------------------------------------------------------------


class PaymentBeforeContract(Unacceptable, code="lease.payment_before_contract"):
    """Nothing was owed yet on that day, since the contract was signed later."""


class PaymentBeforeSchedule(Refusal, code="lease.payment_before_schedule"):
    """A newer schedule began after that day; take the schedule back first, or name a later day."""


class PaymentKindHasItsOwnWay(Unacceptable, code="lease.payment_kind_has_its_own_way"):
    """Prepayments and settlements are recorded as such, with what follows from them."""


class PaymentIsReversed(Refusal, code="lease.payment_is_reversed"):
    """The payment was reversed already, for another reason."""


class GoodwillTooLarge(Unacceptable, code="lease.goodwill_too_large"):
    """No more can be let go than is owed for what goodwill goes to."""


class RefundTooLarge(Unacceptable, code="lease.refund_too_large"):
    """No more can be refunded than was paid beyond all that is owed."""


# --- rules ----------------------------------------------------------------------------------------

PaymentsCommand = ReceiveLeasePayment | ReverseLeasePayment | ChargeLeaseFee | RefundLeaseSurplus
PaymentsEvent = (
    LeasePaymentReceived
    | LeasePaymentReversed
    | LeaseAccountReplayed
    | LeaseFeeCharged
    | LeaseSurplusRefunded
    | LeaseRefundReclaimed
    | LeaseCompleted
    | LeaseReopened
)

TAKING = RUNNING | {LeaseStatus.COMPLETED, LeaseStatus.SETTLED}
"""The statuses in which money is taken; after the end it is a surplus, and goes back."""


def decide(case: Lease, command: PaymentsCommand, context: Context) -> Sequence[PaymentsEvent]:
    """Decide on what moves the account."""
    exists(case)
    match command:
        case ReceiveLeasePayment():
            return _receive(case, command, context)
        case ReverseLeasePayment():
            return _reverse(case, command, context)
        case ChargeLeaseFee():
            return _charge(case, command, context)
        case RefundLeaseSurplus():
            return _refund(case, command, context)
    assert_never(command)


def require_taking(case: Lease, value_on: date) -> None:
    """Raise unless money that counts from this day can be taken."""
    if case.status not in TAKING:
        raise LeaseNotContracted
    if value_on < case.account.began_on:
        if case.account.former is None:
            raise PaymentBeforeContract(signed_on=case.account.began_on.isoformat())
        raise PaymentBeforeSchedule(began_on=case.account.began_on.isoformat())


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


def ending(case: Lease, account: Account, cause_id: UUID) -> Sequence[PaymentsEvent]:
    """Return that the lease is completed, or reopened, where the account makes it so."""
    paid = not accounts.owed_on(account, account.last_on)
    if case.status in RUNNING and paid:
        return [LeaseCompleted(completed_on=account.last_on, payment_id=cause_id)]
    if case.status is LeaseStatus.COMPLETED and not paid:
        return [LeaseReopened(cause_id=cause_id)]
    return []


def replay(
    case: Lease, moved: Account, cause_id: UUID, from_on: date, context: Context
) -> tuple[Account, Sequence[PaymentsEvent]]:
    """Return the account after a replay from a day on, and what has to be said of it."""
    after = accounts.replayed(moved, product_of(case, context).waterfall, from_on)
    changes = accounts.changes(moved, after)
    events: list[PaymentsEvent] = []
    if changes:
        events.append(LeaseAccountReplayed(cause_id=cause_id, from_on=from_on, changes=changes))
    if after.surplus < 0:
        events.append(
            LeaseRefundReclaimed(
                charge_id=uuid5(cause_id, "refund_reclaimed"),
                amount=Money(minor=-after.surplus, currency=case.currency),
                charged_on=max(from_on, after.last_on),
            )
        )
        after = _with_reclaimed(after, events[-1])
    return after, [*events, *ending(case, after, cause_id)]


def _with_reclaimed(account: Account, event: PaymentsEvent) -> Account:
    assert isinstance(event, LeaseRefundReclaimed)
    charge = Charge(event.charge_id, event.charged_on, event.amount.minor)
    charged = with_charge(account, charge)
    return charged._replace(refunded=account.refunded - event.amount.minor)


def with_charge(account: Account, charge: Charge) -> Account:
    """Return the account with a fee in its place."""
    charges = sorted([*account.charges, charge], key=lambda each: (each.on, each.charge_id.int))
    return account._replace(charges=tuple(charges))


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
    _, events = replay(case, without, command.payment_id, paid.value_on, context)
    return [made, *events]


def _charge(case: Lease, command: ChargeLeaseFee, context: Context) -> Sequence[PaymentsEvent]:
    standing = case.items.get(command.charge_id)
    charged_on = command.charged_on
    if charged_on is None and isinstance(standing, LeaseFeeCharged):
        charged_on = standing.charged_on
    made = LeaseFeeCharged(
        charge_id=command.charge_id,
        fee=command.fee,
        amount=command.amount,
        charged_on=past_day(charged_on, context),
        by=taker(context.actor),
    )
    if has_item(case, command.charge_id, made):
        return []
    under_contract(case)
    take(case, context, LeaseStep.FEE)
    positive(case, command.amount)
    require_taking(case, made.charged_on)
    charge = Charge(made.charge_id, made.charged_on, made.amount.minor)
    moved = with_charge(case.account, charge)
    if made.charged_on > case.account.last_on:
        return [made]
    _, events = replay(case, moved, made.charge_id, made.charged_on, context)
    return [made, *events]


def _refund(case: Lease, command: RefundLeaseSurplus, context: Context) -> Sequence[PaymentsEvent]:
    standing = case.items.get(command.refund_id)
    refunded_on = command.refunded_on
    if refunded_on is None and isinstance(standing, LeaseSurplusRefunded):
        refunded_on = standing.refunded_on
    made = LeaseSurplusRefunded(
        refund_id=command.refund_id,
        amount=command.amount,
        refunded_on=past_day(refunded_on, context),
        reference=command.reference,
        by=taker(context.actor),
    )
    if has_item(case, command.refund_id, made):
        return []
    if case.status not in TAKING:
        raise LeaseNotContracted
    take(case, context, LeaseStep.REFUND)
    positive(case, command.amount)
    if command.amount.minor > case.account.surplus:
        raise RefundTooLarge(at_most_minor=case.account.surplus)
    return [made]


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


def _replayed(case: Lease, event: LeaseAccountReplayed) -> Lease:
    return case.after(account=accounts.reallocated(case.account, event.changes))


def _charged(case: Lease, event: LeaseFeeCharged) -> Lease:
    charge = Charge(event.charge_id, event.charged_on, event.amount.minor)
    return case.after(
        account=with_charge(case.account, charge),
        moved=case.moved + 1,
        items=case.items.with_item(event.charge_id, event),
        taken=case.taken.take(LeaseStep.FEE, event.by),
    )


def _refunded(case: Lease, event: LeaseSurplusRefunded) -> Lease:
    account = case.account._replace(refunded=case.account.refunded + event.amount.minor)
    return case.after(account=account, items=case.items.with_item(event.refund_id, event))


def _reclaimed(case: Lease, event: LeaseRefundReclaimed) -> Lease:
    return case.after(account=_with_reclaimed(case.account, event), moved=case.moved + 1)


def _completed(case: Lease, _: LeaseCompleted) -> Lease:
    return case.after(status=LeaseStatus.COMPLETED)


def _reopened(case: Lease, _: LeaseReopened) -> Lease:
    running = LeaseStatus.CONTRACTED if case.contract and not case.activated else LeaseStatus.ACTIVE
    return case.after(status=running)


FOLLOW: Follow = {
    LeasePaymentReceived: _took,
    LeasePaymentReversed: _reversed,
    LeaseAccountReplayed: _replayed,
    LeaseFeeCharged: _charged,
    LeaseSurplusRefunded: _refunded,
    LeaseRefundReclaimed: _reclaimed,
    LeaseCompleted: _completed,
    LeaseReopened: _reopened,
}
