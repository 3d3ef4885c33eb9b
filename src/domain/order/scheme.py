"""The sale scheme: what is sold how, as a rule document that every order pins.

It says which stages an order has and who may take them (the procedure engine's own words), how the
price is paid, when the car is due, what a late delivery costs the company, what money earns while
it waits, and on which terms the order can be cancelled.
"""

from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from domain.declare import value
from domain.fields import Between, Items, Text
from domain.money import Currency, Money
from domain.order.words import (
    OrderAct,
    OrderCancelReason,
    OrderPaper,
    OrderPromiseReason,
    OrderSignatory,
    OrderStage,
)
from domain.procedure import Procedure
from domain.rulebook import Provenance

Rate = Annotated[str, Text(max=16, pattern=r"^[0-9]{1,3}(\.[0-9]{1,10})?$")]
"""A share as a decimal, `0.025` for 2.5 per cent; text, so that it is exact."""

Days = Annotated[int, Between(0, 3_660)]
BasisPoints = Annotated[int, Between(0, 10_000)]
Word = Annotated[str, Text(max=64, pattern=r"^[a-z][a-z0-9_]*$")]

WHOLE_BP = 10_000


class OrderBase(StrEnum):
    """On what a rate is reckoned: on what the customer has paid in by that day, or on the price."""

    PAID = "paid"
    PRICE = "price"


@value
class PlanPart:
    """One instalment of the price, as a share of it, due so many days after the contract.

    Of the last part the share is what the others left, so that the parts are exactly the price.
    What a lease pays (`by_lease`) is not asked of the customer.
    """

    code: Word
    share_bp: BasisPoints
    due_after_days: Days = 0
    by_lease: bool = False


@value
class Accruing:
    """A rate by the month and one by the year together, reckoned day by day, without compounding.

    A day costs `monthly / month_days + annual / year_days` of the base.
    """

    monthly: Rate = "0"
    annual: Rate = "0"
    month_days: Annotated[int, Between(28, 31)] = 30
    year_days: Annotated[int, Between(360, 366)] = 365
    base: OrderBase = OrderBase.PAID

    @property
    def a_day(self) -> Fraction:
        """Return what a day accrues, as a share of the base."""
        return Fraction(self.monthly) / self.month_days + Fraction(self.annual) / self.year_days


@value
class DelayTerms:
    """What a delivery after the promised day costs the company, and from which day on.

    It is the contract's promise that counts, however often the day is moved; `excused` are the
    reasons for which the moved day counts instead. `not_while_overdue` lets no day count on which
    the customer was behind with her own payments.
    """

    rate: Accruing
    after_days: Days = 0
    excused: tuple[OrderPromiseReason, ...] = ()
    not_while_overdue: bool = True


@value
class CancellationTerms:
    """On which terms an order is cancelled for these reasons; the first that fit apply.

    `before` is the stage at which it is too late, `within_days` counts from the contract and
    `late_by_days` from the promise. The fee is the larger of a share of the price and of a share
    of what was paid, never more than was paid; `interest` accrues on what was paid, from each
    payment to the cancellation.
    """

    reasons: Annotated[tuple[OrderCancelReason, ...], Items(max=20, min=1)]
    before: OrderStage | None = OrderStage.DELIVERY
    within_days: Days | None = None
    late_by_days: Days | None = None
    fee_of_price_bp: BasisPoints = 0
    fee_of_paid_bp: BasisPoints = 0
    interest: Accruing | None = None
    keeps_delay_compensation: bool = True
    refund_within_days: Days = 30
    by_customer: bool = False


@value
class ModelPrice:
    """What a model costs under this scheme, in one trim or in all of them."""

    model: Annotated[str, Text(max=120)]
    price: Money
    trim: Annotated[str, Text(max=120)] | None = None


@value
class HandOver:
    """What a hand-over record must at least hold."""

    papers: tuple[OrderPaper, ...] = ()
    signatories: tuple[OrderSignatory, ...] = (OrderSignatory.CUSTOMER,)
    keys_min: Annotated[int, Between(0, 10)] = 1
    mileage_km_max: Annotated[int, Between(0, 10_000)] | None = None


STEPS = frozenset({*(stage.value for stage in OrderStage), *(act.value for act in OrderAct)})


@value
class SaleScheme:
    """One way of selling a car.

    `delivery_within_days` counts from the contract. Where the scheme has a `contract` stage, the
    contract follows the placing (a winner of a draw signs it); else both are one. `open_plan` lets
    the contract bring instalments of its own. An invitation asks for the rest of the price within
    `invitation_days`, and may say another price where the scheme lets it. Due days move to the next
    day that `calendar` works. `units` have a part in every order of the scheme.
    """

    stages: Procedure
    plan: Annotated[tuple[PlanPart, ...], Items(max=60, min=1)]
    delivery_within_days: Annotated[int, Between(1, 3_660)]
    delay: DelayTerms | None
    cancellation: tuple[CancellationTerms, ...]
    profit: Accruing | None = None
    hand_over: HandOver = HandOver()
    currency: Currency | None = None
    prices: tuple[ModelPrice, ...] = ()
    units: Annotated[tuple[Word, ...], Items(max=10)] = ()
    open_plan: bool = False
    invitation_days: Days = 10
    price_on_invitation: bool = False
    vin_check_digit: bool = False
    overpayment_back_within_days: Days = 30
    calendar: Word | None = None
    from_on: date | None = None
    until_on: date | None = None
    rates_from: Provenance | None = None

    def __post_init__(self) -> None:
        """Refuse a scheme that no order could follow to its end, with `ValueError`."""
        names = {step.name for step in self.stages.steps}
        if unknown := sorted(names - STEPS):
            raise ValueError(f"an order has no stage or act called {', '.join(unknown)}")
        needed = (OrderStage.PLACEMENT, OrderStage.ALLOCATION, OrderStage.DELIVERY)
        if missing := [stage.value for stage in needed if stage not in names]:
            raise ValueError(f"a scheme has the stages {', '.join(missing)} too")
        if sum(part.share_bp for part in self.plan) != WHOLE_BP:
            raise ValueError(f"the parts of the payment plan have to be {WHOLE_BP} basis points")
        if len({part.code for part in self.plan}) != len(self.plan):
            raise ValueError("the payment plan has a code twice")
        if any(part.by_lease for part in self.plan) != (OrderStage.FINANCING in names):
            raise ValueError("a part is paid by a lease if and only if financing is a stage")
        if self.from_on and self.until_on and self.until_on < self.from_on:
            raise ValueError("the scheme ends before it begins")

    def has(self, stage: OrderStage) -> bool:
        """Tell whether orders of this scheme have the stage."""
        return self.stages.step(stage) is not None

    def price_of(self, model: str, trim: str | None) -> Money | None:
        """Return what a model costs in a trim; a price for all trims is second choice."""
        for wanted in (trim, None):
            for price in self.prices:
                if price.model == model and price.trim == wanted:
                    return price.price
        return None
