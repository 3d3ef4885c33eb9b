"""Financing: the lease that pays a part of the price is confirmed, or is none after all."""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from domain.declare import (
    Command,
    Context,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
    event,
)
from domain.money import Money
from domain.order.case import Follow, Order, own_amount, placed, scheme_of
from domain.order.words import OrderFinancingFailure, OrderStage, OrderStatus
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("order.financing_confirmed")
class FinancingConfirmed:
    """A lease pays this much of the price."""

    lease_id: UUID
    amount: Money
    by: Taker


@event("order.financing_failed")
class FinancingFailed:
    """The lease pays nothing; the customer pays by herself, finds another lease, or cancels."""

    lease_id: UUID
    reason: OrderFinancingFailure
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class ConfirmFinancing(Command):
    """Record that a lease pays this much of the price; the financing saga says it."""

    lease_id: UUID
    amount: Money


@command
class FailFinancing(Command):
    """Record that the lease does not pay; the financing saga says it."""

    lease_id: UUID
    because: OrderFinancingFailure


# --- refusals -------------------------------------------------------------------------------------


class FinancingSagaOnly(NotPermitted, code="order.financing_saga_only"):
    """What a lease decided is recorded by the lease itself, and by nobody's hand."""


class NotLeased(Unacceptable, code="order.not_leased"):
    """No lease pays under the scheme of this order."""


class OtherLease(Refusal, code="order.other_lease"):
    """Another lease pays for this order already."""


class FinancingExceedsPrice(Unacceptable, code="order.financing_exceeds_price"):
    """A lease does not pay more than the price."""


# --- rules ----------------------------------------------------------------------------------------

FinancingCommand = ConfirmFinancing | FailFinancing
FinancingEvent = FinancingConfirmed | FinancingFailed


def decide(order: Order, command: FinancingCommand, context: Context) -> Sequence[FinancingEvent]:
    """Decide on what a lease says.

    Of a cancelled order nothing more is recorded; of a delivered one that its lease pays nothing
    after all, for then its part is owed.
    """
    placed(order)
    if not context.actor.has(Role.SYSTEM, Role.LEASING_OFFICER):
        raise FinancingSagaOnly
    match command:
        case ConfirmFinancing():
            return _confirm(order, command, context)
        case FailFinancing():
            if order.financing_failed == command.lease_id:
                return []
            if order.status is OrderStatus.CANCELLED:
                return []
            if not scheme_of(order, context).has(OrderStage.FINANCING):
                raise NotLeased
            if order.lease_id not in (None, command.lease_id):
                raise OtherLease
            return [
                FinancingFailed(
                    lease_id=command.lease_id, reason=command.because, by=taker(context.actor)
                )
            ]
    assert_never(command)


def _confirm(order: Order, command: ConfirmFinancing, context: Context) -> Sequence[FinancingEvent]:
    amount = own_amount(order, command.amount)
    if order.financed_minor:
        if (order.lease_id, order.financed_minor) == (command.lease_id, amount.minor):
            return []
        raise OtherLease
    if order.status is not OrderStatus.LIVE:
        return []
    if not scheme_of(order, context).has(OrderStage.FINANCING):
        raise NotLeased
    if order.lease_id not in (None, command.lease_id) and order.financing_failed is None:
        raise OtherLease
    assert order.price is not None
    if amount.minor > order.price.minor:
        raise FinancingExceedsPrice(price_minor=order.price.minor)
    return [FinancingConfirmed(lease_id=command.lease_id, amount=amount, by=taker(context.actor))]


# --- what follows ---------------------------------------------------------------------------------


def _confirmed(order: Order, event: FinancingConfirmed) -> Order:
    return order.after(
        lease_id=event.lease_id,
        financed_minor=event.amount.minor,
        financing_failed=None,
        taken=order.taken.take(OrderStage.FINANCING, event.by),
    )


def _failed(order: Order, event: FinancingFailed) -> Order:
    taken = order.taken
    return order.after(
        lease_id=event.lease_id,
        financed_minor=0,
        financing_failed=event.lease_id,
        taken=type(taken)(taken.done - {OrderStage.FINANCING}, taken.takers),
    )


FOLLOW: Follow = {FinancingConfirmed: _confirmed, FinancingFailed: _failed}
