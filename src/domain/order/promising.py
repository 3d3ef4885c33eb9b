"""Promising: the promised day moves with a reason, and what the delay has cost is settled."""

from collections.abc import Sequence
from datetime import date
from typing import assert_never
from uuid import UUID

from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate
from domain.money import Money
from domain.order import compensation
from domain.order.case import (
    Follow,
    Order,
    contract_price,
    has_item,
    live,
    past_day,
    placed,
    scheme_of,
    take,
)
from domain.order.words import OrderAct, OrderCreditForm, OrderCreditKind, OrderPromiseReason
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("order.promise_moved")
class PromiseMoved:
    """Another day is promised. `counts_from_on` is the one that compensation is reckoned by.

    It stays the contract's, unless the scheme excuses moving it for this reason.
    """

    promised_on: date
    was_on: date
    reason: OrderPromiseReason
    counts_from_on: date
    by: Taker


@event("order.compensation_settled")
class CompensationSettled:
    """What the company owed by then was given: paid out, or taken off the price.

    `amount` is what had accrued through `through_on` less what was settled before.
    """

    settlement_id: UUID
    kind: OrderCreditKind
    form: OrderCreditForm
    amount: Money
    through_on: date
    settled_on: date
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class MovePromise(Command):
    """Promise another day, and say why; the day that was promised first stays known."""

    promised_on: BusinessDate
    because: OrderPromiseReason


@command
class SettleCompensation(Command):
    """Give the customer what has accrued of one kind and was not given yet."""

    settlement_id: UUID
    kind: OrderCreditKind = OrderCreditKind.DELAY_COMPENSATION
    form: OrderCreditForm
    settled_on: BusinessDate


# --- refusals -------------------------------------------------------------------------------------


class PromiseInPast(Unacceptable, code="order.promise_in_past"):
    """A day that has passed cannot be promised."""


class NothingToSettle(Refusal, code="order.nothing_to_settle"):
    """Nothing of this kind has accrued that was not settled."""


class NoPriceToCredit(Refusal, code="order.no_price_to_credit"):
    """More than is left of the price cannot be set against it; pay it out."""


# --- rules ----------------------------------------------------------------------------------------

PromisingCommand = MovePromise | SettleCompensation
PromisingEvent = PromiseMoved | CompensationSettled


def decide(order: Order, command: PromisingCommand, context: Context) -> Sequence[PromisingEvent]:
    """Decide on promises, and on what breaking them costs."""
    match command:
        case MovePromise():
            return _move(order, command, context)
        case SettleCompensation():
            return _settle(order, command, context)
    assert_never(command)


def _move(order: Order, command: MovePromise, context: Context) -> list[PromiseMoved]:
    live(order)
    contract_price(order)
    assert order.promised_on is not None
    if command.promised_on == order.promised_on:
        return []
    scheme = scheme_of(order, context)
    take(order, context, OrderAct.PROMISE)
    if command.promised_on < context.now.date():
        raise PromiseInPast(on=command.promised_on.isoformat())
    counts = compensation.counts_from_on(order)
    assert counts is not None
    if scheme.delay is not None and command.because in scheme.delay.excused:
        counts = max(counts, command.promised_on)
    return [
        PromiseMoved(
            promised_on=command.promised_on,
            was_on=order.promised_on,
            reason=command.because,
            counts_from_on=counts,
            by=taker(context.actor),
        )
    ]


def _settle(
    order: Order, command: SettleCompensation, context: Context
) -> list[CompensationSettled]:
    placed(order)
    standing = order.items.get(command.settlement_id)
    price = contract_price(order)
    made = CompensationSettled(
        settlement_id=command.settlement_id,
        kind=command.kind,
        form=command.form,
        amount=price,
        through_on=command.settled_on,
        settled_on=command.settled_on,
        by=taker(context.actor),
    )
    if has_item(order, command.settlement_id, made, {"amount"}) and standing is not None:
        return []
    take(order, context, OrderAct.COMPENSATION)
    past_day(command.settled_on, context)
    span = compensation.span_of(order, scheme_of(order, context), command.kind)
    owed_minor = 0
    if span is not None:
        account = compensation.account_of(order)
        accrued_minor = compensation.accrued_minor(span, account, command.settled_on)
        owed_minor = accrued_minor - compensation.settled_minor(order, command.kind)
    if owed_minor <= 0:
        raise NothingToSettle(kind=command.kind.value)
    if command.form is OrderCreditForm.CREDITED and owed_minor > _creditable_minor(order):
        raise NoPriceToCredit(at_most_minor=_creditable_minor(order))
    return [
        CompensationSettled(
            settlement_id=command.settlement_id,
            kind=command.kind,
            form=command.form,
            amount=Money(minor=owed_minor, currency=price.currency),
            through_on=command.settled_on,
            settled_on=command.settled_on,
            by=made.by,
        )
    ]


def _creditable_minor(order: Order) -> int:
    """Return against how much of the price something can be set: none, of a cancelled order."""
    return 0 if order.cancelled is not None else order.sums.owed_minor


# --- what follows ---------------------------------------------------------------------------------


def _moved(order: Order, event: PromiseMoved) -> Order:
    return order.after(
        promised_on=event.promised_on,
        excused_until_on=event.counts_from_on,
        taken=order.taken.take(OrderAct.PROMISE, event.by),
    )


def _settled(order: Order, event: CompensationSettled) -> Order:
    return order.with_item(
        event.settlement_id,
        event,
        settlements=(*order.settlements, event),
        taken=order.taken.take(OrderAct.COMPENSATION, event.by),
    )


FOLLOW: Follow = {PromiseMoved: _moved, CompensationSettled: _settled}
