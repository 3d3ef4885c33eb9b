"""Schedules that replace others: reckoned from what is left, and taken back."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from domain.clocks.calendar import Calendar
from domain.declare import Context
from domain.finance import Instalment, due_dates, schedule
from domain.finance.daycounts import period_fraction
from domain.finance.duedates import DueDate, months_of, one_before
from domain.finance.months import day_in
from domain.finance.rates import percent
from domain.lease.account import Account, LeaseInstalment, Line
from domain.lease.contract import issued
from domain.lease.product import LeaseProduct
from domain.money import Currency, Money


class Ahead(NamedTuple):
    """What of a schedule lies ahead of a day, and the period in which the day is."""

    lines: tuple[Line, ...]
    period_from_on: date
    """The agreed day of the last instalment before, or the day from which interest runs."""
    next_n: int

    @property
    def interest_paid(self) -> int:
        """Return interest that was paid before its time, in minor units."""
        return sum(line.interest_paid for line in self.lines)

    @property
    def dates(self) -> tuple[DueDate, ...]:
        """Return the due dates that are left, with their numbers."""
        return tuple(
            DueDate(n=each.n, nominal_on=each.nominal_on, due_on=each.due_on) for each in self.lines
        )


def plain(lines: Iterable[Line]) -> tuple[Instalment, ...]:
    """Return instalments as finance knows them."""
    return tuple(
        Instalment(
            n=each.n,
            due_on=each.due_on,
            principal_minor=each.principal_minor,
            interest_minor=each.interest_minor,
        )
        for each in lines
    )


def ahead_of(account: Account, on: date) -> Ahead:
    """Return what of the schedule falls due after a day."""
    passed = [line for line in account.lines if line.due_on <= on]
    from_on = passed[-1].nominal_on if passed else account.starts_on
    return Ahead(
        lines=account.lines[len(passed) :],
        period_from_on=from_on,
        next_n=passed[-1].n + 1 if passed else (account.lines[0].n if account.lines else 1),
    )


def part_of_period(product: LeaseProduct, ahead: Ahead, on: date) -> Fraction:
    """Return the part of a year that the running period has lasted on a day."""
    if not ahead.lines or on <= ahead.period_from_on:
        return Fraction(0)
    terms = product.schedule
    to_on = ahead.lines[0].nominal_on
    months = terms.due_dates.every_months
    if on >= to_on:
        return period_fraction(terms.day_count, months, ahead.period_from_on, to_on)
    return period_fraction(terms.day_count, months, ahead.period_from_on, to_on, on)


def anew(
    product: LeaseProduct,
    principal_minor: int,
    annual_percent: str,
    from_on: date,
    dates: Sequence[DueDate],
) -> tuple[LeaseInstalment, ...]:
    """Return the schedule of a principal over due dates, by the product's terms."""
    rate = percent(annual_percent)
    found = schedule(principal_minor, rate, product.schedule, from_on, dates)
    return issued(found, dates)


def dates_from(
    product: LeaseProduct, calendar: Calendar, first_on: date, count: int, first_n: int
) -> tuple[DueDate, ...]:
    """Return due dates with numbers that go on from another schedule's."""
    rule = product.schedule.due_dates
    return tuple(
        DueDate(n=each.n + first_n - 1, nominal_on=each.nominal_on, due_on=each.due_on)
        for each in due_dates(rule, first_on, count, calendar)
    )


def later_by(product: LeaseProduct, calendar: Calendar, on: date, months: int) -> date:
    """Return the day some months later, by the product's months."""
    found = months_of(product.schedule.due_dates, calendar)
    month, day = found.place(on)
    return day_in(found, month + months, day)


def period_before(product: LeaseProduct, calendar: Calendar, first_on: date) -> date:
    """Return the day one period before a due date."""
    return one_before(product.schedule.due_dates, first_on, calendar)


def spread(
    instalments: Sequence[LeaseInstalment], interest_minor: int
) -> tuple[LeaseInstalment, ...]:
    """Return instalments over which a sum of interest is divided equally."""
    money = Money(minor=interest_minor, currency=Currency.IRR)  # only its minor units are divided
    parts = money.allocate([1] * len(instalments))
    return tuple(
        LeaseInstalment(
            n=each.n,
            nominal_on=each.nominal_on,
            due_on=each.due_on,
            principal_minor=each.principal_minor,
            interest_minor=each.interest_minor + part.minor,
        )
        for each, part in zip(instalments, parts, strict=True)
    )


def calendar_of(product: LeaseProduct, context: Context) -> Calendar:
    """Return the calendar of the product that is in force."""
    return context.rules.in_force(Calendar, product.calendar, context.now).content
