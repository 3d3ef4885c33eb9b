"""Paying: money comes in, is taken back by the bank, is more than was owed, and goes back."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import Command, Context, NotFound, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate, Personal, Text
from domain.money import Money
from domain.order.case import (
    Follow,
    Order,
    has_item,
    own_amount,
    past_day,
    placed,
    scheme_of,
    take,
)
from domain.order.words import (
    OrderAct,
    OrderPaymentMethod,
    OrderRefundCause,
    OrderReversalReason,
)
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("order.payment_received")
class OrderPaymentReceived:
    """The customer paid; `received_on` is the day from which the money was the company's."""

    payment_id: UUID
    amount: Money
    received_on: date
    method: OrderPaymentMethod
    reference: Personal[str | None]
    by: Taker


@event("order.payment_reversed")
class OrderPaymentReversed:
    """The payment does not stand: the bank took it back, or it was recorded wrongly."""

    reversal_id: UUID
    payment_id: UUID
    reason: OrderReversalReason
    reversed_on: date
    by: Taker


@event("order.refund_due")
class OrderRefundDue:
    """The company holds this much of the customer's money beyond what it may keep.

    `amount` is all that is to go back now, what was due before included.
    """

    cause: OrderRefundCause
    amount: Money
    due_on: date


@event("order.refunded")
class OrderRefunded:
    """Money went back to the customer."""

    refund_id: UUID
    amount: Money
    paid_on: date
    method: OrderPaymentMethod
    reference: Personal[str | None]
    by: Taker


# --- commands -------------------------------------------------------------------------------------

Reference = Annotated[str, Text(max=64)]


@command
class ReceiveOrderPayment(Command):
    """Record a payment of the customer's, whatever the plan says was due."""

    payment_id: UUID
    amount: Money
    received_on: BusinessDate
    method: OrderPaymentMethod
    reference: Reference | None = None


@command
class ReverseOrderPayment(Command):
    """Record that a payment does not stand; what was right is recorded anew."""

    reversal_id: UUID
    payment_id: UUID
    reason: OrderReversalReason
    reversed_on: BusinessDate


@command
class RefundOrder(Command):
    """Record money that went back to the customer; never more than the company may not keep."""

    refund_id: UUID
    amount: Money
    paid_on: BusinessDate
    method: OrderPaymentMethod
    reference: Reference | None = None


# --- refusals -------------------------------------------------------------------------------------


class PaymentBeforeContract(Unacceptable, code="order.payment_before_contract"):
    """No payment is received before the contract."""


class OrderPaymentNotFound(NotFound, code="order.payment_not_found"):
    """The order has no payment of this id."""


class PaymentAlreadyReversed(Refusal, code="order.payment_already_reversed"):
    """This payment does not stand any more already."""


class ReversalBeforePayment(Unacceptable, code="order.reversal_before_payment"):
    """A payment is not taken back before it was received."""


class RefundExceedsCredit(Refusal, code="order.refund_exceeds_credit"):
    """No more goes back than the company holds beyond what it may keep."""


# --- rules ----------------------------------------------------------------------------------------

PayingCommand = ReceiveOrderPayment | ReverseOrderPayment | RefundOrder
PayingEvent = OrderPaymentReceived | OrderPaymentReversed | OrderRefundDue | OrderRefunded


def decide(order: Order, command: PayingCommand, context: Context) -> Sequence[PayingEvent]:
    """Decide on money that comes in and goes back."""
    placed(order)
    match command:
        case ReceiveOrderPayment():
            return _receive(order, command, context)
        case ReverseOrderPayment():
            return _reverse(order, command, context)
        case RefundOrder():
            return _refund(order, command, context)
    assert_never(command)


def _receive(order: Order, command: ReceiveOrderPayment, context: Context) -> Sequence[PayingEvent]:
    made = OrderPaymentReceived(
        payment_id=command.payment_id,
        amount=command.amount,
        received_on=command.received_on,
        method=command.method,
        reference=command.reference,
        by=taker(context.actor),
    )
    if has_item(order, command.payment_id, made):
        return []
    own_amount(order, command.amount)
    take(order, context, OrderAct.PAYMENT)
    past_day(command.received_on, context)
    assert order.contract_on is not None
    if command.received_on < order.contract_on:
        raise PaymentBeforeContract(contract=order.contract_on.isoformat())
    return [made]


def refund_due(before: Order, after: Order, context: Context) -> list[OrderRefundDue]:
    """Say that money has to go back, where that is more than before; whatever made it so."""
    if after.price is None or after.sums.refundable_minor <= before.sums.refundable_minor:
        return []
    amount = Money(minor=after.sums.refundable_minor, currency=after.price.currency)
    if after.cancelled is not None and before.cancelled is None:
        cause, due_on = OrderRefundCause.CANCELLATION, after.cancelled.refund_by_on
    else:
        within_days = scheme_of(after, context).overpayment_back_within_days
        cause = OrderRefundCause.OVERPAYMENT
        due_on = context.now.date() + timedelta(days=within_days)
    return [OrderRefundDue(cause=cause, amount=amount, due_on=due_on)]


def _reverse(order: Order, command: ReverseOrderPayment, context: Context) -> Sequence[PayingEvent]:
    made = OrderPaymentReversed(
        reversal_id=command.reversal_id,
        payment_id=command.payment_id,
        reason=command.reason,
        reversed_on=command.reversed_on,
        by=taker(context.actor),
    )
    if has_item(order, command.reversal_id, made):
        return []
    payment = order.items.get(command.payment_id)
    if not isinstance(payment, OrderPaymentReceived):
        raise OrderPaymentNotFound
    if command.payment_id in order.reversed:
        raise PaymentAlreadyReversed
    take(order, context, OrderAct.REVERSAL)
    past_day(command.reversed_on, context)
    if command.reversed_on < payment.received_on:
        raise ReversalBeforePayment(received=payment.received_on.isoformat())
    return [made]


def _refund(order: Order, command: RefundOrder, context: Context) -> Sequence[PayingEvent]:
    made = OrderRefunded(
        refund_id=command.refund_id,
        amount=command.amount,
        paid_on=command.paid_on,
        method=command.method,
        reference=command.reference,
        by=taker(context.actor),
    )
    if has_item(order, command.refund_id, made):
        return []
    amount = own_amount(order, command.amount)
    take(order, context, OrderAct.REFUND)
    past_day(command.paid_on, context)
    if amount.minor > order.sums.refundable_minor:
        raise RefundExceedsCredit(
            refundable_minor=order.sums.refundable_minor, currency=amount.currency.value
        )
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _received(order: Order, event: OrderPaymentReceived) -> Order:
    return order.with_item(
        event.payment_id,
        event,
        payments=(*order.payments, event),
        taken=order.taken.take(OrderAct.PAYMENT, event.by),
    )


def _reversed(order: Order, event: OrderPaymentReversed) -> Order:
    return order.with_item(
        event.reversal_id,
        event,
        reversed=order.reversed | {event.payment_id},
        taken=order.taken.take(OrderAct.REVERSAL, event.by),
    )


def _due(order: Order, _event: OrderRefundDue) -> Order:
    return order.after()


def _refunded(order: Order, event: OrderRefunded) -> Order:
    return order.with_item(
        event.refund_id,
        event,
        refunds=(*order.refunds, event),
        taken=order.taken.take(OrderAct.REFUND, event.by),
    )


FOLLOW: Follow = {
    OrderPaymentReceived: _received,
    OrderPaymentReversed: _reversed,
    OrderRefundDue: _due,
    OrderRefunded: _refunded,
}
