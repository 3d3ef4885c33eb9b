"""Schedules of instalments: what is owed when, divided into principal and interest.

Whatever the method, the principals sum to the principal exactly and the last instalment takes what
rounding left over. Interest is rounded once per instalment, on the balance as it was rounded.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction

from domain.declare import Unacceptable, value
from domain.finance.daycounts import DayCount, period_fraction
from domain.finance.duedates import DueDate, DueDates
from domain.money import Rounding


class ScheduleDoesNotRepay(Unacceptable, code="finance.schedule_does_not_repay"):
    """By these terms an instalment would not even pay its interest; ask for other terms."""


class Method(StrEnum):
    """How principal and interest are spread over the instalments.

    `annuity`: equal instalments, interest on the balance. `equal_principal`: equal principals,
    interest on the balance. `flat`: equal instalments, interest on the original principal
    throughout. `sum_of_digits`: the whole interest of equal principals, principal x rate x (n + 1)
    / 24 for n months, in equal instalments, each instalment's interest by its digit (the formula
    of Iranian banks for facilities in instalments: rate in percent, and 2,400 below).
    """

    ANNUITY = "annuity"
    EQUAL_PRINCIPAL = "equal_principal"
    FLAT = "flat"
    SUM_OF_DIGITS = "sum_of_digits"


@value
class Terms:
    """How a product reckons interest and rounds, as data.

    `rounding` is of interest, in minor units; `instalment_rounding` of the equal instalment or
    the equal principal, which many round to what is handy to pay. In the first `principal_free`
    instalments only interest is paid. With `accrue_to_due` interest runs to the day to which a due
    date moved, else to the day that was agreed.
    """

    method: Method = Method.ANNUITY
    day_count: DayCount = DayCount.EQUAL_PERIODS
    due_dates: DueDates = DueDates()
    rounding: Rounding = Rounding()
    instalment_rounding: Rounding = Rounding()
    principal_free: int = 0
    accrue_to_due: bool = False


@value
class Instalment:
    """What falls due on one day; `n` counts from 1."""

    n: int
    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int = 0

    @property
    def total_minor(self) -> int:
        """Return what is to be paid altogether."""
        return self.principal_minor + self.interest_minor + self.fee_minor


def schedule(
    principal_minor: int,
    annual_rate: Fraction,
    terms: Terms,
    starts_on: date,
    dates: Sequence[DueDate],
    *,
    balloon_minor: int = 0,
    instalment_minor: int | None = None,
) -> tuple[Instalment, ...]:
    """Return the instalments of a principal that bears interest from a day on.

    A `balloon_minor` is part of the principal and is paid with the last instalment. An equal
    instalment that was agreed is given as `instalment_minor`; else it is reckoned. Numbers are
    those of the dates. Raises `ScheduleDoesNotRepay`.
    """
    if principal_minor < 0 or not 0 <= balloon_minor <= principal_minor:
        raise ValueError("a principal is not negative, and a balloon is a part of it")
    if not dates or not 0 <= terms.principal_free < len(dates):
        raise ValueError("a schedule has at least one instalment that repays")
    rates = _period_rates(annual_rate, terms, starts_on, dates)
    match terms.method:
        case Method.ANNUITY:
            equal = instalment_minor
            if equal is None:
                repaying = rates[terms.principal_free :]
                exact = annuity_minor(principal_minor, repaying, balloon_minor)
                equal = terms.instalment_rounding.of(exact)
            parts = _annuity(principal_minor, balloon_minor, rates, terms, equal)
        case Method.EQUAL_PRINCIPAL:
            parts = _equal_principal(principal_minor, balloon_minor, rates, terms, instalment_minor)
        case Method.FLAT:
            whole = [principal_minor * rate for rate in rates]
            parts = _spread(principal_minor, balloon_minor, whole, terms, instalment_minor)
        case _:
            count = len(rates)
            whole = [
                principal_minor * rate * (count - place) / count for place, rate in enumerate(rates)
            ]
            parts = _spread(principal_minor, balloon_minor, whole, terms, instalment_minor)
    return tuple(
        Instalment(n=date.n, due_on=date.due_on, principal_minor=principal, interest_minor=interest)
        for date, (principal, interest) in zip(dates, parts, strict=True)
    )


def annuity_minor(
    principal_minor: int, period_rates: Sequence[Fraction], balloon_minor: int = 0
) -> Fraction:
    """Return the equal instalment that repays a principal but for a balloon, not rounded.

    The balloon is paid beside the last instalment. Periods may differ in length. What is owed in
    the end grows by every period's rate; the instalment is what makes it the balloon.
    """
    grown, paid, scale = principal_minor, 0, 1
    for rate in period_rates:  # fractions over one denominator, without reducing each
        above, below = rate.numerator + rate.denominator, rate.denominator
        grown, paid, scale = grown * above, paid * above + scale * below, scale * below
    return Fraction(grown - balloon_minor * scale, paid)


def _period_rates(
    annual_rate: Fraction, terms: Terms, starts_on: date, dates: Sequence[DueDate]
) -> list[Fraction]:
    """Return the rate of each period, from the start or the due date before to the due date."""
    months = terms.due_dates.every_months
    if terms.day_count is DayCount.EQUAL_PERIODS:
        return [annual_rate * Fraction(months, 12)] * len(dates)
    rates = []
    from_on = starts_on
    for each in dates:
        to_on = each.due_on if terms.accrue_to_due else each.nominal_on
        rates.append(annual_rate * period_fraction(terms.day_count, months, from_on, to_on))
        from_on = to_on
    return rates


def _annuity(
    principal_minor: int,
    balloon_minor: int,
    rates: Sequence[Fraction],
    terms: Terms,
    equal_minor: int,
) -> list[tuple[int, int]]:
    balance = principal_minor
    parts = []
    for place, rate in enumerate(rates):
        interest = terms.rounding.of_quotient(balance * rate.numerator, rate.denominator)
        if place == len(rates) - 1:
            principal = balance
        elif place < terms.principal_free:
            principal = 0
        else:
            principal = min(equal_minor - interest, balance - balloon_minor)
        if principal < 0:
            raise ScheduleDoesNotRepay(n=place + 1)
        balance -= principal
        parts.append((principal, interest))
    return parts


def _equal_principal(
    principal_minor: int,
    balloon_minor: int,
    rates: Sequence[Fraction],
    terms: Terms,
    equal_minor: int | None,
) -> list[tuple[int, int]]:
    repaying = len(rates) - terms.principal_free
    if equal_minor is None:
        exact = Fraction(principal_minor - balloon_minor, repaying)
        equal_minor = terms.instalment_rounding.of(exact)
    balance = principal_minor
    parts = []
    for place, rate in enumerate(rates):
        interest = terms.rounding.of_quotient(balance * rate.numerator, rate.denominator)
        if place == len(rates) - 1:
            principal = balance
        else:
            free = place < terms.principal_free
            principal = 0 if free else min(equal_minor, balance - balloon_minor)
        balance -= principal
        parts.append((principal, interest))
    return parts


def _spread(
    principal_minor: int,
    balloon_minor: int,
    interests: Sequence[Fraction],
    terms: Terms,
    equal_minor: int | None,
) -> list[tuple[int, int]]:
    """Spread an interest that is known as a whole over equal instalments."""
    whole = terms.rounding.of(sum(interests, Fraction(0)))
    repaying = len(interests) - terms.principal_free
    free = [terms.rounding.of(interest) for interest in interests[: terms.principal_free]]
    repaid = principal_minor - balloon_minor + whole - sum(free)
    if equal_minor is None:
        equal_minor = terms.instalment_rounding.of(Fraction(repaid, repaying))
    balance, left = principal_minor, whole
    parts = []
    for place, exact in enumerate(interests):
        interest = min(terms.rounding.of(exact), left)
        if place == len(interests) - 1:
            principal, interest = balance, left
        elif place < terms.principal_free:
            principal = 0
        else:
            principal = min(equal_minor - interest, balance - balloon_minor)
        if principal < 0:
            raise ScheduleDoesNotRepay(n=place + 1)
        balance -= principal
        left -= interest
        parts.append((principal, interest))
    return parts
