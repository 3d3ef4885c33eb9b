"""The state of a purchase order: what its rules need to know, and the questions they all ask."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from uuid import UUID

from domain.declare import CaseNotFound, Context, Parties, Refusal, Unacceptable, value
from domain.keyed import Keyed
from domain.money import Currency, Money
from domain.order.scheme import SaleScheme
from domain.order.sums import Sums
from domain.order.words import (
    ENDED,
    OrderAct,
    OrderCreditForm,
    OrderDrawOutcome,
    OrderStage,
    OrderStatus,
)
from domain.procedure import NOTHING_TAKEN, ProcedureStep, Taken, may_take
from domain.rulebook import Pin

if TYPE_CHECKING:  # the phases build on this file; only types come back from them
    from domain.order.allocating import (
        DocumentsPrepared,
        OrderPlated,
        OrderReleased,
        VehicleAllocated,
    )
    from domain.order.cancelling import OrderCancelled
    from domain.order.delivering import DeliveryScheduled, OrderDelivered
    from domain.order.inviting import OrderInvited
    from domain.order.paying import OrderPaymentReceived, OrderRefunded
    from domain.order.promising import CompensationSettled

T = TypeVar("T")

Follow = Mapping[type[Any], Callable[["Order", Any], "Order"]]
"""How the state follows each event of a phase."""

ITEMS_MAX = 1_000
"""How many payments, refunds and other items an order holds."""

# --- refusals that any phase may give -------------------------------------------------------------


class OrderIsCancelled(Refusal, code="order.is_cancelled"):
    """The order is cancelled; only money still moves in it."""


class OrderIsDelivered(Refusal, code="order.is_delivered"):
    """The car was delivered; nothing but money moves in the order any more."""


class OrderItemExists(Refusal, code="order.item_exists"):
    """The order has an item of this id with other content; choose another id."""


class OrderHasTooManyItems(Refusal, code="order.has_too_many_items"):
    """The order has as many payments and other items as an order can hold."""


class OrderDateLiesAhead(Unacceptable, code="order.date_lies_ahead"):
    """What has happened cannot bear a date that is still to come."""


class OrderHasNoContract(Refusal, code="order.has_no_contract"):
    """There is no contract yet, so nothing is owed, paid or promised."""


class OrderAmountNotPositive(Unacceptable, code="order.amount_not_positive"):
    """An amount is a positive whole number of minor units."""


class OrderCurrencyDiffers(Unacceptable, code="order.currency_differs"):
    """The order is in another currency; an order has one currency only."""


# --- state ----------------------------------------------------------------------------------------


@value
class Instalment:
    """A part of the price and the day by which it is due; `by_lease` is a lease's to pay."""

    code: str
    due_on: date
    minor: int
    by_lease: bool = False


class DrawEntry(NamedTuple):
    """How the order stands in its draw; `holds` while it may be given a car by it."""

    draw_id: UUID
    person: UUID
    model_group: str
    outcome: OrderDrawOutcome | None = None
    moved_up: bool = False
    released: bool = False
    withdrawn: bool = False

    @property
    def won(self) -> bool:
        """Tell whether a car may be allocated by this draw."""
        return (
            not self.released
            and not self.withdrawn
            and (self.moved_up or self.outcome is OrderDrawOutcome.WINNER)
        )


class Order(NamedTuple):
    """A purchase order; `version` counts its events.

    `items` holds the event that made each item by the item's id. Amounts are minor units of the
    contract's currency.
    """

    version: int = 0
    status: OrderStatus = OrderStatus.NOT_PLACED
    placed: Any = None
    scheme: Pin | None = None
    customer_id: UUID | None = None
    dealer_id: str | None = None
    region: str | None = None
    units: frozenset[str] = frozenset()
    number: str | None = None
    model: str = ""
    trim: str | None = None
    colour: str | None = None
    draw_id: UUID | None = None
    lease_id: UUID | None = None
    price: Money | None = None
    contract_on: date | None = None
    promised_on: date | None = None
    """The promise as it stands now."""
    first_promised_on: date | None = None
    """The contract's promise, by which compensation is reckoned."""
    excused_until_on: date | None = None
    """The newest day that a promise was moved to for a reason that the scheme excuses."""
    instalments: tuple[Instalment, ...] = ()
    contracted_price: Money | None = None
    contracted_plan: tuple[Instalment, ...] = ()
    """Price and plan as the contract had them; an invitation may say others."""
    invited: "OrderInvited | None" = None
    payments: "tuple[OrderPaymentReceived, ...]" = ()
    reversed: frozenset[UUID] = frozenset()
    refunds: "tuple[OrderRefunded, ...]" = ()
    settlements: "tuple[CompensationSettled, ...]" = ()
    financed_minor: int = 0
    financing_failed: UUID | None = None
    """The lease that pays nothing after all."""
    entry: DrawEntry | None = None
    allocated: "VehicleAllocated | None" = None
    release: "OrderReleased | None" = None
    papers: "DocumentsPrepared | None" = None
    plating: "OrderPlated | None" = None
    appointment: "DeliveryScheduled | None" = None
    delivered: "OrderDelivered | None" = None
    cancelled: "OrderCancelled | None" = None
    taken: Taken = NOTHING_TAKEN
    """The stages and acts that somebody took; stages of payment follow from the money."""
    items: Keyed[Any] = Keyed()
    items_number: int = 0

    def after(self, **parts: Any) -> "Order":
        """Return the order one version later, with these parts new."""
        return self._replace(version=self.version + 1, **parts)

    def with_item(self, item_id: UUID, event: Any, **parts: Any) -> "Order":
        """Return the order one version later, with an item more."""
        return self.after(
            items=self.items.with_item(item_id, event),
            items_number=self.items_number + 1,
            **parts,
        )

    @property
    def currency(self) -> Currency | None:
        """Return the contract's currency."""
        return None if self.price is None else self.price.currency

    @property
    def sums(self) -> Sums:
        """Return the order's money; payments that were reversed are none."""
        return Sums(
            price_minor=None if self.price is None else self.price.minor,
            paid_minor=sum(
                p.amount.minor for p in self.payments if p.payment_id not in self.reversed
            ),
            refunded_minor=sum(refund.amount.minor for refund in self.refunds),
            financed_minor=self.financed_minor,
            credited_minor=sum(
                s.amount.minor for s in self.settlements if s.form is OrderCreditForm.CREDITED
            ),
            fee_minor=None if self.cancelled is None else self.cancelled.fee_minor,
        )

    @property
    def done(self) -> frozenset[str]:
        """Return the stages that stand as reached, those of payment and of the draw included."""
        first_minor = self.instalments[0].minor if self.instalments else 0
        won = self.entry is not None and self.entry.won
        return reached(self.taken.done, self.sums, first_minor, won=won)


def reached(taken: Collection[str], sums: Sums, first_minor: int, *, won: bool) -> frozenset[str]:
    """Return the stages that stand: those that somebody took, and those that follow from facts."""
    done = set(taken)
    if sums.price_minor is not None and sums.covers(min(first_minor, sums.price_minor)):
        done.add(OrderStage.FIRST_PAYMENT)
    if sums.is_paid:
        done.add(OrderStage.FULL_PAYMENT)
    if won:
        done.add(OrderStage.DRAW)
    return frozenset(done)


def parties(order: Order) -> Parties:
    """Return whose order it is."""
    return Parties(
        customer_id=order.customer_id,
        dealer_id=order.dealer_id,
        region=order.region,
        units=order.units,
    )


def subject(stream: UUID, order: Order, _event: Any) -> UUID:
    """Return whose key encrypts: the customer's."""
    return order.customer_id or stream


# --- questions that any phase may ask -------------------------------------------------------------


def same_wish(standing: Any, made: Any, besides: Collection[str] = ()) -> bool:
    """Tell whether the event that stands grants exactly the wish that would make the other."""
    if type(standing) is not type(made):
        return False
    return all(
        getattr(standing, name) == getattr(made, name)
        for name in made.__dataclass_fields__
        if name != "by" and name not in besides
    )


def has_item(order: Order, item_id: UUID, made: Any, besides: Collection[str] = ()) -> bool:
    """Tell whether exactly this item is there; raise where another one is, or none fits in."""
    standing = order.items.get(item_id)
    if standing is None:
        if order.items_number >= ITEMS_MAX:
            raise OrderHasTooManyItems(at_most=ITEMS_MAX)
        return False
    if not same_wish(standing, made, besides):
        raise OrderItemExists(item=str(item_id))
    return True


def placed(order: Order) -> None:
    """Raise `CaseNotFound` where nothing was placed."""
    if order.placed is None:
        raise CaseNotFound


def live(order: Order) -> None:
    """Raise unless the order was placed and has not ended."""
    placed(order)
    if order.status is OrderStatus.CANCELLED:
        raise OrderIsCancelled
    if order.status in ENDED:
        raise OrderIsDelivered


def scheme_of(order: Order, context: Context) -> SaleScheme:
    """Return the scheme that the order follows, in the version it is pinned to."""
    assert order.scheme is not None
    return context.rules.pinned(SaleScheme, order.scheme)


def take(
    order: Order,
    context: Context,
    step: OrderStage | OrderAct,
    *,
    evidence: Collection[str] = (),
) -> ProcedureStep:
    """Return the step of the scheme if the actor may take it in this order now, or refuse."""
    taken = Taken(order.done, order.taken.takers)
    return may_take(scheme_of(order, context).stages, taken, step, context.actor, evidence=evidence)


def contract_price(order: Order) -> Money:
    """Return the price, or refuse an order whose contract is still to be signed."""
    if order.price is None:
        raise OrderHasNoContract
    return order.price


def own_amount(order: Order, amount: Money) -> Money:
    """Return a positive amount in the order's currency, or refuse it."""
    currency = contract_price(order).currency
    if amount.minor <= 0:
        raise OrderAmountNotPositive(minor=amount.minor)
    if amount.currency is not currency:
        raise OrderCurrencyDiffers(currency=currency.value, other_currency=amount.currency.value)
    return amount


def past_day(day: date, context: Context) -> date:
    """Return the day, or refuse what is still to come; it may be tomorrow in UTC, in the east."""
    latest_on = (context.now + timedelta(hours=14)).date()
    if day > latest_on:
        raise OrderDateLiesAhead(on=day.isoformat(), latest=latest_on.isoformat())
    return day


def past_instant(at: datetime, context: Context) -> datetime:
    """Return the instant, or refuse what is still to come."""
    if at > context.now + timedelta(minutes=5):  # clocks of other machines run ahead a little
        raise OrderDateLiesAhead(on=at.isoformat(), latest=context.now.isoformat())
    return at
