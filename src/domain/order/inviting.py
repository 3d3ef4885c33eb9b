"""Inviting: the car is about to be made, and the customer is asked to pay the rest of its price."""

from collections.abc import Sequence
from datetime import date, timedelta

from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate
from domain.money import Money
from domain.order.case import (
    Follow,
    Instalment,
    Order,
    contract_price,
    live,
    own_amount,
    past_day,
    scheme_of,
    take,
)
from domain.order.contract import worked
from domain.order.words import OrderStage
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("order.invited")
class OrderInvited:
    """The customer was asked to pay the rest; from now on this is the price, and this the plan."""

    invited_on: date
    price: Money
    instalments: tuple[Instalment, ...]
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class InviteToPay(Command):
    """Ask the customer to pay the rest; without a price, the contract's is the final one."""

    invited_on: BusinessDate
    price: Money | None = None


# --- refusals -------------------------------------------------------------------------------------


class PriceIsFinal(Unacceptable, code="order.price_is_final"):
    """Under this scheme the contract's price is the final one."""


class AlreadyInvited(Refusal, code="order.already_invited"):
    """The customer is invited already, of another day or at another price."""


class InvitedBeforeContract(Unacceptable, code="order.invited_before_contract"):
    """Nobody is invited to pay the rest before the contract."""


# --- rules ----------------------------------------------------------------------------------------

InvitingCommand = InviteToPay
InvitingEvent = OrderInvited


def decide(order: Order, command: InviteToPay, context: Context) -> Sequence[OrderInvited]:
    """Decide on the invitation to pay the rest."""
    live(order)
    price = contract_price(order) if command.price is None else own_amount(order, command.price)
    standing = order.invited
    if standing is not None:
        if (standing.invited_on, standing.price) != (command.invited_on, price):
            raise AlreadyInvited
        return []
    take(order, context, OrderStage.INVITATION)
    scheme = scheme_of(order, context)
    past_day(command.invited_on, context)
    if order.contract_on is not None and command.invited_on < order.contract_on:
        raise InvitedBeforeContract(contract=order.contract_on.isoformat())
    if price != order.price and not scheme.price_on_invitation:
        raise PriceIsFinal
    due_on = worked(scheme, command.invited_on + timedelta(days=scheme.invitation_days), context)
    return [
        OrderInvited(
            invited_on=command.invited_on,
            price=price,
            instalments=_with_rest(order.instalments, price.minor, due_on),
            by=taker(context.actor),
        )
    ]


def _with_rest(
    instalments: Sequence[Instalment], price_minor: int, due_on: date
) -> tuple[Instalment, ...]:
    """Let the last part be what the others leave of the price, due by the invitation's day.

    Where the price has fallen below what the others were, they end with it.
    """
    kept: list[Instalment] = []
    left_minor = price_minor
    for part in instalments[:-1]:
        minor = min(part.minor, left_minor)
        kept.append(_of(part, minor, part.due_on))
        left_minor -= minor
    return (*kept, _of(instalments[-1], left_minor, due_on))


def _of(part: Instalment, minor: int, due_on: date) -> Instalment:
    return Instalment(code=part.code, due_on=due_on, minor=minor, by_lease=part.by_lease)


# --- what follows ---------------------------------------------------------------------------------


def _invited(order: Order, event: OrderInvited) -> Order:
    return order.after(
        invited=event,
        price=event.price,
        instalments=event.instalments,
        taken=order.taken.take(OrderStage.INVITATION, event.by),
    )


FOLLOW: Follow = {OrderInvited: _invited}
