"""Early settlement: interest to the day, the rebate that the product gives, and its fee."""

from datetime import date
from fractions import Fraction

import pytest

from domain.finance import (
    DayCount,
    DueDates,
    Instalment,
    Owed,
    Part,
    Rebate,
    Settlement,
    SettlementTerms,
    Share,
    Terms,
    due_dates,
    schedule,
    settlement,
)
from domain.finance.allocation import remaining

STARTS_ON = date(2026, 1, 1)


def instalments(terms: Terms) -> tuple[Instalment, ...]:
    dates = due_dates(DueDates(), date(2026, 2, 1), 12)
    return schedule(1_200_000, Fraction(12, 100), terms, STARTS_ON, dates)


def debts(found: tuple[Instalment, ...]) -> tuple[Owed, ...]:
    return tuple(
        Owed(n=each.n, due_on=each.due_on, part=part, minor=minor)
        for each in found
        for part, minor in (
            (Part.INTEREST, each.interest_minor),
            (Part.PRINCIPAL, each.principal_minor),
        )
    )


def settled(
    on: date, how: SettlementTerms, paid: int = 0, day_count: DayCount = DayCount.EQUAL_PERIODS
) -> tuple[Settlement, tuple[Instalment, ...]]:
    """Settle on a day on which the first instalments are paid."""
    terms = Terms(day_count=day_count)
    found = instalments(terms)
    shares = [
        Share(n=debt.n, part=debt.part, minor=debt.minor) for debt in debts(found) if debt.n <= paid
    ]
    left = remaining(debts(found), shares)
    return settlement(found, left, on, STARTS_ON, terms, how), found


def test_on_a_due_date_only_principal_is_left_of_the_later_instalments() -> None:
    quote, found = settled(date(2026, 4, 1), SettlementTerms(), paid=2)
    third = found[2]
    left = sum(each.principal_minor for each in found[2:])
    assert (quote.principal_minor, quote.interest_minor) == (left, third.interest_minor)
    assert quote.rebate_minor == sum(each.interest_minor for each in found[3:])
    assert quote.total_minor == left + third.interest_minor


@pytest.mark.parametrize(
    ("day_count", "part"),
    [
        (DayCount.EQUAL_PERIODS, Fraction(14, 30)),
        (DayCount.ACTUAL_365, Fraction(14, 30)),
        (DayCount.THIRTY_360, Fraction(14, 30)),
    ],
)
def test_between_due_dates_interest_is_earned_by_the_days(
    day_count: DayCount, part: Fraction
) -> None:
    quote, found = settled(date(2026, 4, 15), SettlementTerms(), paid=3, day_count=day_count)
    running = found[3]
    assert abs(quote.interest_minor - running.interest_minor * part) <= Fraction(1, 2)


def test_the_rule_of_78_gives_back_the_digits_of_what_is_left() -> None:
    how = SettlementTerms(rebate=Rebate.RULE_OF_78)
    quote, found = settled(date(2026, 10, 1), how, paid=9)
    whole = sum(each.interest_minor for each in found)
    later = sum(each.interest_minor for each in found[9:])
    assert quote.rebate_minor == min(round(Fraction(whole * 6, 78)), later)
    actuarial, _ = settled(date(2026, 10, 1), SettlementTerms(), paid=9)
    assert quote.total_minor >= actuarial.total_minor


def test_without_a_rebate_all_interest_is_owed() -> None:
    quote, found = settled(date(2026, 4, 15), SettlementTerms(rebate=Rebate.NONE), paid=3)
    assert quote.interest_minor == sum(each.interest_minor for each in found[3:])
    assert quote.rebate_minor == 0


def test_a_part_of_the_rebate_and_a_fee_are_terms_of_the_product() -> None:
    how = SettlementTerms(rebate_percent="90", fee_percent="1")
    quote, found = settled(date(2026, 4, 1), how, paid=3)
    later = sum(each.interest_minor for each in found[3:])
    assert quote.rebate_minor == round(Fraction(later * 9, 10))
    assert quote.settlement_fee_minor == round(Fraction(quote.principal_minor, 100))


def test_before_the_first_due_date_interest_runs_from_the_start() -> None:
    quote, found = settled(date(2026, 1, 16), SettlementTerms())
    exact = found[0].interest_minor * Fraction(15, 31)
    assert abs(quote.interest_minor - exact) <= Fraction(1, 2)
    at_once, _ = settled(STARTS_ON, SettlementTerms())
    assert (at_once.interest_minor, at_once.principal_minor) == (0, 1_200_000)


def test_interest_that_was_paid_in_advance_is_not_asked_again() -> None:
    terms = Terms()
    found = instalments(terms)
    left = remaining(debts(found), [Share(n=1, part=Part.INTEREST, minor=12_000)])
    quote = settlement(found, left, date(2026, 1, 16), STARTS_ON, terms, SettlementTerms())
    assert quote.interest_minor == 0
    assert quote.rebate_minor == sum(each.interest_minor for each in found[1:])


def test_after_the_last_due_date_everything_is_owed() -> None:
    quote, found = settled(date(2027, 6, 1), SettlementTerms())
    assert quote.total_minor == sum(each.total_minor for each in found)
