"""The terms of a contract: price, promised day and instalments, the scheme's or its own."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from domain.clocks.calendar import Calendar
from domain.declare import Context, Unacceptable, value
from domain.fields import Between, BusinessDate, Items
from domain.finance.duedates import Shift, shifted
from domain.money import Money
from domain.order.case import Instalment, OrderAmountNotPositive, OrderCurrencyDiffers
from domain.order.scheme import SaleScheme, Word


@value
class PlannedInstalment:
    """A part of the price that the contract itself names."""

    code: Word
    due_on: BusinessDate
    minor: Annotated[int, Between(1, 10**15)]


Plan = Annotated[tuple[PlannedInstalment, ...], Items(max=60)]


class Wished(Protocol):
    """What a command says of the terms; what it leaves out is the scheme's."""

    @property
    def price(self) -> Money | None:
        """The price."""
        ...

    @property
    def promised_on(self) -> date | None:
        """The promised day."""
        ...

    @property
    def instalments(self) -> Plan:
        """The payment plan, empty for the scheme's."""
        ...


class PriceIsMissing(Unacceptable, code="order.price_is_missing"):
    """The scheme has no price for this model; say what it costs."""


class PromiseBeforeContract(Unacceptable, code="order.promise_before_contract"):
    """A car is not promised for a day before the contract."""


class PlanNotOpen(Unacceptable, code="order.plan_not_open"):
    """Under this scheme the instalments are the scheme's; leave them out."""


class PlanDiffersFromPrice(Unacceptable, code="order.plan_differs_from_price"):
    """The instalments together have to be exactly the price."""


class InstalmentBeforeContract(Unacceptable, code="order.instalment_before_contract"):
    """An instalment is not due before the contract."""


class InstalmentTwice(Unacceptable, code="order.instalment_twice"):
    """Two instalments bear the same code."""


class DueDayNotWorked(Unacceptable, code="order.due_day_not_worked"):
    """That day is a holiday or a day of rest; choose one that is worked."""


def agreed(
    scheme: SaleScheme,
    wished: Wished,
    model: str,
    trim: str | None,
    contract_on: date,
    context: Context,
) -> tuple[Money, date, tuple[Instalment, ...]]:
    """Return price, promised day and instalments of a contract of that day."""
    price = scheme.price_of(model, trim) if wished.price is None else wished.price
    if price is None:
        raise PriceIsMissing
    if price.minor <= 0:
        raise OrderAmountNotPositive(minor=price.minor)
    if scheme.currency is not None and price.currency is not scheme.currency:
        raise OrderCurrencyDiffers(
            currency=scheme.currency.value, other_currency=price.currency.value
        )
    promised_on = wished.promised_on
    if promised_on is None:
        promised_on = contract_on + timedelta(days=scheme.delivery_within_days)
    if promised_on < contract_on:
        raise PromiseBeforeContract(contract=contract_on.isoformat())
    if wished.instalments:
        planned = _own_plan(scheme, wished.instalments, price, contract_on, context)
    else:
        planned = _plan(scheme, price, contract_on, context)
    return price, promised_on, planned


def _plan(
    scheme: SaleScheme, price: Money, contract_on: date, context: Context
) -> tuple[Instalment, ...]:
    """Divide the price by the scheme's shares; due days move on to the next that is worked."""
    parts = price.allocate([part.share_bp for part in scheme.plan])
    return tuple(
        Instalment(
            code=part.code,
            due_on=worked(scheme, contract_on + timedelta(days=part.due_after_days), context),
            minor=amount.minor,
            by_lease=part.by_lease,
        )
        for part, amount in zip(scheme.plan, parts, strict=True)
    )


def _own_plan(
    scheme: SaleScheme,
    instalments: Sequence[PlannedInstalment],
    price: Money,
    contract_on: date,
    context: Context,
) -> tuple[Instalment, ...]:
    if not scheme.open_plan:
        raise PlanNotOpen
    planned_minor = sum(part.minor for part in instalments)
    if planned_minor != price.minor:
        raise PlanDiffersFromPrice(price_minor=price.minor, planned_minor=planned_minor)
    if len({part.code for part in instalments}) != len(instalments):
        raise InstalmentTwice
    for part in instalments:
        if part.due_on < contract_on:
            raise InstalmentBeforeContract(instalment=part.code, due=part.due_on.isoformat())
        require_worked(scheme, part.due_on, context)
    in_order = sorted(instalments, key=lambda part: part.due_on)
    return tuple(
        Instalment(code=part.code, due_on=part.due_on, minor=part.minor) for part in in_order
    )


def worked(scheme: SaleScheme, day: date, context: Context) -> date:
    """Return the day, or the next that is worked; of days not covered, the weekday alone says."""
    if scheme.calendar is None:
        return day
    calendar = context.rules.in_force(Calendar, scheme.calendar, context.now).content
    return shifted(day, Shift.FOLLOWING, calendar)


def local_day(scheme: SaleScheme, at: datetime, context: Context) -> date:
    """Return the day that it is then where the scheme's calendar is kept; in UTC without one."""
    if scheme.calendar is None:
        return at.date()
    calendar = context.rules.in_force(Calendar, scheme.calendar, context.now).content
    return at.astimezone(ZoneInfo(calendar.zone)).date()


def require_worked(scheme: SaleScheme, day: date, context: Context) -> None:
    """Refuse a day of rest, and name the next that is worked."""
    following = worked(scheme, day, context)
    if following != day:
        raise DueDayNotWorked(on=day.isoformat(), next=following.isoformat())
