"""Cancelling and correcting: on which terms an order ends, and what of it was recorded wrongly."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import assert_never
from uuid import UUID

from domain.declare import Command, Context, Refusal, Role, Unacceptable, command, event
from domain.fields import BusinessDate, Code, Line, Name, Personal
from domain.identifiers import contract_number
from domain.money import Money
from domain.order import compensation, drawing
from domain.order.allocating import AllocationWithdrawn, require_car, withdrawn
from domain.order.case import (
    Follow,
    Order,
    OrderIsDelivered,
    past_day,
    placed,
    scheme_of,
    take,
)
from domain.order.scheme import WHOLE_BP, CancellationTerms, SaleScheme
from domain.order.words import (
    OrderAct,
    OrderAllocationEnd,
    OrderCancelReason,
    OrderStatus,
)
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("order.cancelled")
class OrderCancelled:
    """The order ended without a car, on the scheme's terms of this number (from 1).

    The fee, if any, is kept; what is left of the customer's money goes back by `refund_by_on`.
    """

    reason: OrderCancelReason
    cancelled_on: date
    terms: int
    fee: Money | None
    refund_by_on: date
    remark: Personal[str | None]
    by: Taker

    @property
    def fee_minor(self) -> int:
        """Return what is kept, in minor units."""
        return 0 if self.fee is None else self.fee.minor


@event("order.corrected")
class OrderCorrected:
    """Number, model, trim, colour, dealer and region are these, whatever was recorded before."""

    number: str | None
    model: str
    trim: str | None
    colour: str | None
    dealer_id: str | None
    region: str | None
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class CancelOrder(Command):
    """End the order without a car; `vehicle_id` is the car that is allocated, if one is."""

    because: OrderCancelReason
    cancelled_on: BusinessDate
    remark: Line | None = None
    vehicle_id: UUID | None = None


@command
class CorrectOrder(Command):
    """Record the right number, model, trim, colour, dealer and region; all of them."""

    number: Code | None = None
    model: Name
    trim: Name | None = None
    colour: Name | None = None
    dealer_id: Code | None = None
    region: Code | None = None


# --- refusals -------------------------------------------------------------------------------------


class CancellationNotOffered(Refusal, code="order.cancellation_not_offered"):
    """The scheme does not let the order be cancelled for this reason by now."""


class CancelledOtherwise(Refusal, code="order.cancelled_otherwise"):
    """The order is cancelled already, for another reason or of another day."""


class CancelledBeforeContract(Unacceptable, code="order.cancelled_before_contract"):
    """An order is not cancelled before its contract."""


class CancelledEarlier(Unacceptable, code="order.cancelled_earlier"):
    """You cancel from today on; what you wrote to us earlier is recorded by customer care."""


class ModelIsSettled(Refusal, code="order.model_is_settled"):
    """The order was entered in a draw, or has a car; its model cannot be corrected any more."""


# --- rules ----------------------------------------------------------------------------------------

CancellingCommand = CancelOrder | CorrectOrder
CancellingEvent = OrderCancelled | OrderCorrected | AllocationWithdrawn | drawing.DrawingEvent


def decide(order: Order, command: CancellingCommand, context: Context) -> Sequence[CancellingEvent]:
    """Decide on the end of an order without a car, and on corrections."""
    placed(order)
    match command:
        case CancelOrder():
            return _cancel(order, command, context)
        case CorrectOrder():
            return _correct(order, command, context)
    assert_never(command)


def _cancel(order: Order, command: CancelOrder, context: Context) -> Sequence[CancellingEvent]:
    standing = order.cancelled
    if standing is not None:
        if (standing.reason, standing.cancelled_on) != (command.because, command.cancelled_on):
            raise CancelledOtherwise(reason=standing.reason.value)
        return []
    if order.status is OrderStatus.DELIVERED:
        raise OrderIsDelivered
    scheme = scheme_of(order, context)
    take(order, context, OrderAct.CANCELLATION)
    past_day(command.cancelled_on, context)
    if order.contract_on is not None and command.cancelled_on < order.contract_on:
        raise CancelledBeforeContract(contract=order.contract_on.isoformat())
    by_customer = context.actor.roles == {Role.CUSTOMER}
    if by_customer and command.cancelled_on < context.now.date() - timedelta(days=1):
        raise CancelledEarlier
    number = _terms(order, scheme, command, by_customer=by_customer)
    terms = scheme.cancellation[number - 1]
    by = taker(context.actor)
    before: list[CancellingEvent] = []
    if order.allocated is not None:
        require_car(order, command.vehicle_id)
        before.extend(withdrawn(order, OrderAllocationEnd.ORDER_CANCELLED, by))
    before.extend(drawing.when_cancelled(order, by))
    cancelled = OrderCancelled(
        reason=command.because,
        cancelled_on=command.cancelled_on,
        terms=number,
        fee=_fee(order, terms),
        refund_by_on=command.cancelled_on + timedelta(days=terms.refund_within_days),
        remark=command.remark,
        by=by,
    )
    return [*before, cancelled]


def _terms(order: Order, scheme: SaleScheme, command: CancelOrder, *, by_customer: bool) -> int:
    """Return the number of the first terms that fit, or refuse and say until when some did."""
    last_on: date | None = None
    for number, terms in enumerate(scheme.cancellation, start=1):
        if command.because not in terms.reasons or (by_customer and not terms.by_customer):
            continue
        if terms.before is not None and terms.before in order.done:
            continue
        if terms.within_days is not None and order.contract_on is not None:
            until_on = order.contract_on + timedelta(days=terms.within_days)
            if command.cancelled_on > until_on:
                last_on = until_on if last_on is None else max(last_on, until_on)
                continue
        if terms.late_by_days is not None:
            promised_on = compensation.counts_from_on(order)
            late_on = promised_on and promised_on + timedelta(days=terms.late_by_days)
            if late_on is None or command.cancelled_on < late_on:
                continue
        return number
    raise CancellationNotOffered(
        reason=command.because.value, until=None if last_on is None else last_on.isoformat()
    )


def _fee(order: Order, terms: CancellationTerms) -> Money | None:
    """Return what the company keeps, never more than the customer's money that it has."""
    if order.price is None:
        return None
    price, paid_minor = order.price, max(0, order.sums.balance_minor)
    paid = Money(minor=paid_minor, currency=price.currency)
    by_price = price.allocate([terms.fee_of_price_bp, WHOLE_BP - terms.fee_of_price_bp])[0]
    by_paid = paid.allocate([terms.fee_of_paid_bp, WHOLE_BP - terms.fee_of_paid_bp])[0]
    fee_minor = min(paid_minor, max(by_price.minor, by_paid.minor))
    return Money(minor=fee_minor, currency=price.currency)


def _correct(order: Order, command: CorrectOrder, context: Context) -> Sequence[CancellingEvent]:
    made = OrderCorrected(
        number=None if command.number is None else contract_number(command.number),
        model=command.model,
        trim=command.trim,
        colour=command.colour,
        dealer_id=command.dealer_id,
        region=command.region,
        by=taker(context.actor),
    )
    standing = (
        order.number, order.model, order.trim, order.colour, order.dealer_id, order.region
    )  # fmt: skip
    wished = (made.number, made.model, made.trim, made.colour, made.dealer_id, made.region)
    if standing == wished:
        return []
    take(order, context, OrderAct.CORRECTION)
    if made.model != order.model and (order.entry is not None or order.allocated is not None):
        raise ModelIsSettled
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _cancelled(order: Order, event: OrderCancelled) -> Order:
    return order.after(
        status=OrderStatus.CANCELLED,
        cancelled=event,
        taken=order.taken.take(OrderAct.CANCELLATION, event.by),
    )


def _corrected(order: Order, event: OrderCorrected) -> Order:
    return order.after(
        number=event.number,
        model=event.model,
        trim=event.trim,
        colour=event.colour,
        dealer_id=event.dealer_id,
        region=event.region,
        taken=order.taken.take(OrderAct.CORRECTION, event.by),
    )


FOLLOW: Follow = {OrderCancelled: _cancelled, OrderCorrected: _corrected}
