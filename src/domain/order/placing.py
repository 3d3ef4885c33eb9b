"""Placing: an order under a scheme, and its contract with price, plan and promised day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import assert_never
from uuid import UUID

from domain.declare import (
    Actor,
    AlreadyExists,
    Command,
    Context,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
    event,
)
from domain.fields import BusinessDate, Code, Instant, Name
from domain.identifiers import contract_number
from domain.money import Money
from domain.order.case import (
    Follow,
    Instalment,
    Order,
    live,
    past_day,
    past_instant,
    same_wish,
    scheme_of,
    take,
)
from domain.order.contract import Plan, agreed
from domain.order.scheme import SaleScheme
from domain.order.words import OrderStage, OrderStatus
from domain.procedure import NOTHING_TAKEN, Taker, may_take, taker
from domain.rulebook import DocumentName, Pin

# --- events ---------------------------------------------------------------------------------------


@event("order.placed")
class OrderPlaced:
    """A customer ordered a car under this version of a sale scheme.

    Price, contract day, promised day and instalments are None or none where the contract is signed
    later. `source_ref` is the row of another system that the order was carried over from; then
    `placed_at` is that system's.
    """

    customer_id: UUID
    scheme: Pin
    number: str | None
    model: str
    trim: str | None
    colour: str | None
    dealer_id: str | None
    region: str | None
    units: tuple[str, ...]
    price: Money | None
    contract_on: date | None
    promised_on: date | None
    instalments: tuple[Instalment, ...]
    draw_id: UUID | None
    lease_id: UUID | None
    placed_at: datetime
    source_ref: str | None
    by: Taker


@event("order.contracted")
class OrderContracted:
    """The contract was signed: from now on the price is owed and the car is promised."""

    number: str | None
    price: Money
    contract_on: date
    promised_on: date
    instalments: tuple[Instalment, ...]
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class PlaceOrder(Command):
    """Place an order; what is left out of price, promise and plan is the scheme's.

    With `source_ref`, and a time in the past, it is an order carried over from another system.
    """

    customer_id: UUID | None = None
    scheme: DocumentName
    model: Name
    number: Code | None = None
    trim: Name | None = None
    colour: Name | None = None
    dealer_id: Code | None = None
    region: Code | None = None
    price: Money | None = None
    contract_on: BusinessDate | None = None
    promised_on: BusinessDate | None = None
    instalments: Plan = ()
    draw_id: UUID | None = None
    lease_id: UUID | None = None
    placed_at: Instant | None = None
    source_ref: Code | None = None


@command
class SignOrderContract(Command):
    """Record the contract of an order that was placed without one."""

    number: Code | None = None
    price: Money | None = None
    contract_on: BusinessDate
    promised_on: BusinessDate | None = None
    instalments: Plan = ()


# --- refusals -------------------------------------------------------------------------------------


class SchemeNotOnSale(Unacceptable, code="order.scheme_not_on_sale"):
    """Nothing is sold under this scheme on that day."""


class TermsNotYours(NotPermitted, code="order.terms_not_yours"):
    """Price, number, plan and days of an order are the seller's to say; leave them out."""


class CustomerIsMissing(Unacceptable, code="order.customer_is_missing"):
    """Say whose order it is."""


class ContractComesLater(Unacceptable, code="order.contract_comes_later"):
    """Under this scheme the contract is signed after the order was placed; leave its terms out."""


class ContractBeforeOrder(Unacceptable, code="order.contract_before_order"):
    """A contract is not signed before the order was placed."""


class SchemeHasNoDraw(Unacceptable, code="order.scheme_has_no_draw"):
    """No draw is held under this scheme; leave it out."""


class SchemeHasNoLease(Unacceptable, code="order.scheme_has_no_lease"):
    """No lease pays under this scheme; leave it out."""


class AlreadyContracted(Refusal, code="order.already_contracted"):
    """The contract is signed already, with other terms."""


# --- rules ----------------------------------------------------------------------------------------

PlacingCommand = PlaceOrder | SignOrderContract
PlacingEvent = OrderPlaced | OrderContracted


def decide(order: Order, command: PlacingCommand, context: Context) -> Sequence[PlacingEvent]:
    """Decide on placing an order and on its contract."""
    match command:
        case PlaceOrder():
            return _place(order, command, context)
        case SignOrderContract():
            return _contract(order, command, context)
    assert_never(command)


def _place(order: Order, command: PlaceOrder, context: Context) -> Sequence[PlacingEvent]:
    if command.customer_id is None:
        raise CustomerIsMissing
    standing = order.placed
    if standing is not None:
        scheme = context.rules.pinned(SaleScheme, standing.scheme)
        if command.scheme != standing.scheme.name:
            raise AlreadyExists
        at = command.placed_at or standing.placed_at
        made = _placed(command, context, scheme, standing.scheme, at)
        if not same_wish(standing, made, _worked_out(command)):
            raise AlreadyExists
        return []
    placed_at = context.now if command.placed_at is None else command.placed_at
    past_instant(placed_at, context)
    published = context.rules.in_force(SaleScheme, command.scheme, context.now)
    scheme = published.content
    may_take(scheme.stages, NOTHING_TAKEN, OrderStage.PLACEMENT, context.actor)
    day = placed_at.date()
    if (scheme.from_on and day < scheme.from_on) or (scheme.until_on and day > scheme.until_on):
        raise SchemeNotOnSale(scheme=command.scheme, on=day.isoformat())
    if command.draw_id is not None and not scheme.has(OrderStage.DRAW):
        raise SchemeHasNoDraw(scheme=command.scheme)
    if command.lease_id is not None and not scheme.has(OrderStage.FINANCING):
        raise SchemeHasNoLease(scheme=command.scheme)
    _require_terms_open(command, scheme, context.actor)
    made = _placed(command, context, scheme, published.pin, placed_at)
    if made.contract_on is not None:
        past_day(made.contract_on, context)
    return [made]


def _worked_out(command: PlaceOrder) -> tuple[str, ...]:
    """Return what the calendar of that day decided on, and another one's would decide anew."""
    return () if command.instalments else ("instalments",)


def _require_terms_open(command: PlaceOrder, scheme: SaleScheme, actor: Actor) -> None:
    """Refuse terms that the customer names herself, and a dealer's price beside the scheme's."""
    if actor.roles == {Role.CUSTOMER}:
        named = (
            command.price, command.number, command.contract_on, command.promised_on,
            command.lease_id, command.placed_at, command.source_ref, command.instalments or None,
        )  # fmt: skip
        if any(part is not None for part in named):
            raise TermsNotYours
    if actor.roles == {Role.DEALER} and command.price is not None:
        listed = scheme.price_of(command.model, command.trim)
        if listed is not None and listed != command.price:
            raise TermsNotYours


def _placed(
    command: PlaceOrder, context: Context, scheme: SaleScheme, pin: Pin, placed_at: datetime
) -> OrderPlaced:
    price, contract_on, promised_on = command.price, command.contract_on, command.promised_on
    instalments: tuple[Instalment, ...] = ()
    if scheme.has(OrderStage.CONTRACT):
        if price or promised_on or command.instalments or command.contract_on:
            raise ContractComesLater(scheme=command.scheme)
    else:
        contract_on = command.contract_on or placed_at.date()
        price, promised_on, instalments = agreed(
            scheme, command, command.model, command.trim, contract_on, context
        )
    assert command.customer_id is not None
    return OrderPlaced(
        customer_id=command.customer_id,
        scheme=pin,
        number=None if command.number is None else contract_number(command.number),
        model=command.model,
        trim=command.trim,
        colour=command.colour,
        dealer_id=command.dealer_id,
        region=command.region,
        units=scheme.units,
        price=price,
        contract_on=contract_on,
        promised_on=promised_on,
        instalments=instalments,
        draw_id=command.draw_id,
        lease_id=command.lease_id,
        placed_at=placed_at,
        source_ref=command.source_ref,
        by=taker(context.actor),
    )


def _contract(order: Order, command: SignOrderContract, context: Context) -> Sequence[PlacingEvent]:
    live(order)
    scheme = scheme_of(order, context)
    price, promised_on, instalments = agreed(
        scheme, command, order.model, order.trim, command.contract_on, context
    )
    number = order.placed.number
    made = OrderContracted(
        number=number if command.number is None else contract_number(command.number),
        price=price,
        contract_on=command.contract_on,
        promised_on=promised_on,
        instalments=instalments,
        by=taker(context.actor),
    )
    if order.price is not None:
        standing = (order.number, order.contracted_price, order.contract_on)
        same = standing == (made.number, made.price, made.contract_on)
        same = same and order.first_promised_on == made.promised_on
        if not same or (command.instalments and order.contracted_plan != made.instalments):
            raise AlreadyContracted
        return []
    take(order, context, OrderStage.CONTRACT)
    past_day(command.contract_on, context)
    if command.contract_on < order.placed.placed_at.date() - timedelta(days=1):
        raise ContractBeforeOrder(placed=order.placed.placed_at.date().isoformat())
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _placed_follows(order: Order, event: OrderPlaced) -> Order:
    return order.after(
        status=OrderStatus.LIVE,
        placed=event,
        scheme=event.scheme,
        customer_id=event.customer_id,
        dealer_id=event.dealer_id,
        region=event.region,
        units=frozenset(event.units),
        number=event.number,
        model=event.model,
        trim=event.trim,
        colour=event.colour,
        draw_id=event.draw_id,
        lease_id=event.lease_id,
        price=event.price,
        contract_on=event.contract_on,
        promised_on=event.promised_on,
        first_promised_on=event.promised_on,
        contracted_price=event.price,
        contracted_plan=event.instalments,
        instalments=event.instalments,
        taken=order.taken.take(OrderStage.PLACEMENT, event.by),
    )


def _contracted(order: Order, event: OrderContracted) -> Order:
    return order.after(
        number=event.number,
        price=event.price,
        contract_on=event.contract_on,
        promised_on=event.promised_on,
        first_promised_on=event.promised_on,
        contracted_price=event.price,
        contracted_plan=event.instalments,
        instalments=event.instalments,
        taken=order.taken.take(OrderStage.CONTRACT, event.by),
    )


FOLLOW: Follow = {OrderPlaced: _placed_follows, OrderContracted: _contracted}
