"""Early settlement: what ends a contract on a day, and what of its interest is given back."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction

from domain.declare import value
from domain.finance.allocation import Owed, Part
from domain.finance.daycounts import period_fraction
from domain.finance.rates import PercentText, percent
from domain.finance.schedules import Instalment, Terms


class Rebate(StrEnum):
    """What is given back of interest not yet due.

    `actuarial`: all but what the days since the last due date have earned. `rule_of_78`: of the
    whole interest the digits of the instalments not yet due, k (k + 1) of n (n + 1) (in the United
    States forbidden for terms over 61 months, 15 U.S.C. 1615). `none`: nothing.
    """

    ACTUARIAL = "actuarial"
    RULE_OF_78 = "rule_of_78"
    NONE = "none"


@value
class SettlementTerms:
    """How a product lets a contract end early, as data.

    `rebate_percent` is the share of the rebate that is given; `fee_percent` is charged on the
    principal that was not yet due.
    """

    rebate: Rebate = Rebate.ACTUARIAL
    rebate_percent: PercentText = "100"
    fee_percent: PercentText = "0"


@value
class Settlement:
    """What settles a contract on a day, by part; `rebate_minor` is what is given back of interest.

    The parts without `fee_minor`'s new charge and the rebate together are all that was owed.
    """

    on: date
    penalty_minor: int
    fee_minor: int
    interest_minor: int
    principal_minor: int
    rebate_minor: int
    settlement_fee_minor: int

    @property
    def total_minor(self) -> int:
        """Return what is to be paid altogether."""
        owed = self.penalty_minor + self.fee_minor + self.interest_minor + self.principal_minor
        return owed + self.settlement_fee_minor


def settlement(
    instalments: Sequence[Instalment],
    owed: Sequence[Owed],
    on: date,
    starts_on: date,
    terms: Terms,
    how: SettlementTerms,
) -> Settlement:
    """Return what settles a contract on a day.

    `instalments` is the schedule in force, which runs from `starts_on`; `owed` is what is left
    unpaid of it and of charges. What is due by the day is owed in full.
    """
    unpaid = {part: sum(debt.minor for debt in owed if debt.part is part) for part in Part}
    later = [debt for debt in owed if debt.due_on > on]
    interest_later = sum(debt.minor for debt in later if debt.part is Part.INTEREST)
    principal_later = sum(debt.minor for debt in later if debt.part is Part.PRINCIPAL)
    unearned = _unearned(instalments, owed, on, starts_on, terms, how.rebate)
    exact = min(max(unearned, Fraction(0)), Fraction(interest_later)) * percent(how.rebate_percent)
    rebate = min(terms.rounding.of(exact), interest_later)
    return Settlement(
        on=on,
        penalty_minor=unpaid[Part.PENALTY],
        fee_minor=unpaid[Part.FEE],
        interest_minor=unpaid[Part.INTEREST] - rebate,
        principal_minor=unpaid[Part.PRINCIPAL],
        rebate_minor=rebate,
        settlement_fee_minor=terms.rounding.of(principal_later * percent(how.fee_percent)),
    )


def _unearned(
    instalments: Sequence[Instalment],
    owed: Sequence[Owed],
    on: date,
    starts_on: date,
    terms: Terms,
    rebate: Rebate,
) -> Fraction:
    """Return the interest not yet earned on a day, in minor units."""
    later = [each for each in instalments if each.due_on > on]
    if rebate is Rebate.NONE or not later:
        return Fraction(0)
    if rebate is Rebate.RULE_OF_78:
        whole = sum(each.interest_minor for each in instalments)
        left, count = len(later), len(instalments)
        return Fraction(whole * left * (left + 1), count * (count + 1))
    passed = [each.due_on for each in instalments if each.due_on <= on]
    from_on = passed[-1] if passed else starts_on
    running = later[0]
    earned = running.interest_minor * _part(terms, from_on, running.due_on, on)
    future = sum(debt.minor for debt in owed if debt.due_on > on and debt.part is Part.INTEREST)
    paid = sum(each.interest_minor for each in later) - future
    return future - max(earned - paid, Fraction(0))


def _part(terms: Terms, from_on: date, to_on: date, at_on: date) -> Fraction:
    """Return which part of a period has gone by on a day."""
    if at_on <= from_on:
        return Fraction(0)
    months = terms.due_dates.every_months
    whole = period_fraction(terms.day_count, months, from_on, to_on)
    gone = period_fraction(terms.day_count, months, from_on, to_on, at_on)
    return min(gone / whole, Fraction(1)) if whole else Fraction(0)
