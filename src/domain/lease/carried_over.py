"""Carried over: a lease that ran in another system, as its source reports it on a day."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from domain.clocks.calendar import Calendar
from domain.declare import AlreadyExists, Command, Context, Unacceptable, command, event, value
from domain.fields import Between, BusinessDate, Code, Items, Line
from domain.finance import schedule
from domain.finance.duedates import DueDate, due_dates
from domain.finance.rates import PercentText, percent
from domain.items import same_wish
from domain.lease.account import Account, LeaseInstalment, Paid, lines_of
from domain.lease.application import BankUnclear
from domain.lease.case import Follow, Lease, LeaseAmountNotPositive, in_currency, past_day
from domain.lease.contract import arrears_of, issued, penalty_of
from domain.lease.ledger import AgreedArrears, AgreedPenalty
from domain.lease.product import LeaseProduct
from domain.lease.schedules import later_by, period_before
from domain.lease.words import LeaseProvider, LeaseStatus, LeaseStep, ScheduleCause
from domain.money import Money
from domain.procedure import Procedure, Taker, may_take, taker
from domain.rulebook import DocumentName, Pin

# --- events ---------------------------------------------------------------------------------------


@value
class LeaseSourceColumn:
    """What else the source's row said: a column's name and its value, in the source's words."""

    name: str
    value: str


@event("lease.carried_over")
class LeaseCarriedOver:
    """A lease runs on here as its source reported it at the end of `as_of_on`.

    `source_row` names the row; `original` and the days of the contract are the source's. What was
    paid of the principal until then is what is not outstanding. The instalments begin with the
    oldest unpaid one.
    """

    source: str
    source_row: str
    contract_number: str
    customer_id: UUID | None
    product: Pin
    procedure: Pin
    bank: str | None
    original: Money
    annual_percent: str
    term_months: int
    originated_on: date
    first_due_on: date | None
    as_of_on: date
    outstanding: Money
    paid_so_far: Money | None
    instalment: Money | None
    next_due_on: date
    days_past_due: int
    calendar: Pin
    schedule_n: int
    starts_on: date
    instalments: tuple[LeaseInstalment, ...]
    penalty: AgreedPenalty
    arrears: AgreedArrears
    order_id: UUID | None
    dealer_id: str | None
    region: str | None
    columns: tuple[LeaseSourceColumn, ...]
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@value
class GivenLeaseColumn:
    """A further column of the source's row; none may name a person."""

    name: Line
    value: Line


@command
class CarryOverLease(Command):
    """Open a lease that ran elsewhere, as its source reports it at the end of a day.

    `next_due_on` is the first due date after `as_of_on`; `remaining` counts the instalments from
    it on. With `days_past_due` as many instalments before it are unpaid too as lie in those days,
    the oldest due exactly so many days before `as_of_on`. `instalment` is the agreed equal one.
    """

    source: Code
    source_row: Line
    contract_number: Code
    product: DocumentName
    customer_id: UUID | None = None
    bank: Code | None = None
    original: Money
    annual_percent: PercentText
    term_months: Annotated[int, Between(1, 600)]
    originated_on: BusinessDate
    first_due_on: BusinessDate | None = None
    as_of_on: BusinessDate
    outstanding: Money
    paid_so_far: Money | None = None
    instalment: Money | None = None
    next_due_on: BusinessDate
    remaining: Annotated[int, Between(1, 600)]
    days_past_due: Annotated[int, Between(0, 10_000)] = 0
    order_id: UUID | None = None
    dealer_id: Code | None = None
    region: Code | None = None
    columns: Annotated[tuple[GivenLeaseColumn, ...], Items(max=100)] = ()


# --- refusals -------------------------------------------------------------------------------------


class CarriedOverUnclear(Unacceptable, code="lease.carried_over_unclear"):
    """What the source reports contradicts itself: days out of order, or more owed than was lent."""


# --- rules ----------------------------------------------------------------------------------------


def decide(case: Lease, command: CarryOverLease, context: Context) -> Sequence[LeaseCarriedOver]:
    """Carry a lease over as it is."""
    standing = case.carried
    product = context.rules.in_force(LeaseProduct, command.product, context.now).pin
    if standing is not None and standing.product.name == product.name:
        product = standing.product  # published anew meanwhile, it is the same wish
    made = _carried(command, product, context)
    if case.status is not LeaseStatus.NOT_APPLIED:
        decided = ("by", "procedure", "calendar", "instalments", "starts_on", "penalty", "arrears")
        if standing is not None and same_wish(standing, made, decided):
            return []
        raise AlreadyExists
    content = context.rules.pinned(LeaseProduct, product)
    if (content.provider is LeaseProvider.BANK) != (command.bank is not None):
        raise BankUnclear(provider=content.provider.value)
    procedure = context.rules.pinned(Procedure, made.procedure)
    may_take(procedure, case.taken, LeaseStep.CARRY_OVER, context.actor)
    return [made]


def _carried(command: CarryOverLease, pin: Pin, context: Context) -> LeaseCarriedOver:
    product = context.rules.pinned(LeaseProduct, pin)
    calendar = context.rules.in_force(Calendar, product.calendar, context.now)
    _clear(command, product, context)
    dates = _dates(command, product, calendar.content)
    starts_on = period_before(product, calendar.content, dates[0].nominal_on)
    rate = percent(command.annual_percent)
    agreed = None if command.instalment is None else command.instalment.minor
    found = schedule(
        command.outstanding.minor, rate, product.schedule, starts_on, dates, instalment_minor=agreed
    )
    procedure = context.rules.in_force(Procedure, product.procedure, context.now)
    return LeaseCarriedOver(
        source=command.source,
        source_row=command.source_row,
        contract_number=command.contract_number,
        customer_id=command.customer_id,
        product=pin,
        procedure=procedure.pin,
        bank=command.bank,
        original=command.original,
        annual_percent=command.annual_percent,
        term_months=command.term_months,
        originated_on=command.originated_on,
        first_due_on=command.first_due_on,
        as_of_on=command.as_of_on,
        outstanding=command.outstanding,
        paid_so_far=command.paid_so_far,
        instalment=command.instalment,
        next_due_on=command.next_due_on,
        days_past_due=command.days_past_due,
        calendar=calendar.pin,
        schedule_n=1,
        starts_on=starts_on,
        instalments=issued(found, dates),
        penalty=penalty_of(product, command.annual_percent),
        arrears=arrears_of(product),
        order_id=command.order_id,
        dealer_id=command.dealer_id,
        region=command.region,
        columns=tuple(LeaseSourceColumn(name=c.name, value=c.value) for c in command.columns),
        by=taker(context.actor),
    )


def _clear(command: CarryOverLease, product: LeaseProduct, context: Context) -> None:
    """Raise unless what the source reports fits together."""
    in_currency(command.original, product.currency)
    for amount in (command.outstanding, command.paid_so_far, command.instalment):
        if amount is not None:
            in_currency(amount, product.currency)
            if amount.minor < 0:
                raise LeaseAmountNotPositive
    if command.original.minor <= 0 or command.outstanding.minor <= 0:
        raise LeaseAmountNotPositive
    past_day(command.as_of_on, context)
    in_time = command.originated_on <= command.as_of_on < command.next_due_on
    if not in_time or command.outstanding > command.original:
        raise CarriedOverUnclear


def _dates(
    command: CarryOverLease, product: LeaseProduct, calendar: Calendar
) -> tuple[DueDate, ...]:
    """Return the due dates of what is unpaid: the overdue ones, then those that are left."""
    rule = product.schedule.due_dates
    nominal_on = command.next_due_on
    overdue: list[date] = []
    oldest_on = date.fromordinal(command.as_of_on.toordinal() - command.days_past_due)
    step = 0
    while command.days_past_due:
        step += 1
        nominal_on = later_by(product, calendar, command.next_due_on, -step * rule.every_months)
        if nominal_on <= oldest_on:
            break
        overdue.append(nominal_on)
    if command.days_past_due:
        if not overdue or (overdue[-1] - oldest_on).days > 15:  # else it is that instalment, late
            overdue.append(oldest_on)
        else:
            overdue[-1] = oldest_on
    late = [DueDate(n=0, nominal_on=on, due_on=on) for on in reversed(overdue)]
    ahead = due_dates(rule, command.next_due_on, command.remaining, calendar)
    return tuple(
        DueDate(n=n, nominal_on=each.nominal_on, due_on=each.due_on)
        for n, each in enumerate([*late, *ahead], start=1)
    )


# --- what follows ---------------------------------------------------------------------------------


def _followed(case: Lease, event: LeaseCarriedOver) -> Lease:
    lines = lines_of(event.instalments)
    account = Account(
        n=event.schedule_n,
        cause=ScheduleCause.CARRIED_OVER,
        began_on=event.as_of_on,
        starts_on=event.starts_on,
        annual_percent=event.annual_percent,
        penalty=event.penalty,
        arrears=event.arrears,
        opening=lines,
        lines=lines,
        before=Paid(principal=event.original.minor - event.outstanding.minor),
    )
    return case.after(
        status=LeaseStatus.ACTIVE,
        carried=event,
        product=event.product,
        procedure=event.procedure,
        customer_id=event.customer_id,
        order_id=event.order_id,
        account=account,
        schedules=event.schedule_n,
        taken=case.taken.take(LeaseStep.CARRY_OVER, event.by).take(LeaseStep.CONTRACT, event.by),
    )


FOLLOW: Follow = {LeaseCarriedOver: _followed}
