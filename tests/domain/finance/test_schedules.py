"""Schedules agree with published ones, and with plain reckoning in fractions."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import pytest

from domain.finance import (
    DayCount,
    DueDates,
    Instalment,
    Method,
    Prepayment,
    ScheduleDoesNotRepay,
    Terms,
    after_prepayment,
    annuity_minor,
    basis_points,
    due_dates,
    percent,
    schedule,
)
from domain.money import Rounding, RoundingMode

STARTS_ON = date(2024, 1, 1)
EVERY_MONTH = DueDates()


def made(
    principal: int,
    rate: str,
    terms: Terms,
    count: int,
    **more: int,
) -> tuple[Instalment, ...]:
    dates = due_dates(terms.due_dates, date(2024, 2, 1), count)
    return schedule(principal, percent(rate), terms, STARTS_ON, dates, **more)


def parts(found: Sequence[Instalment]) -> list[tuple[int, int]]:
    return [(each.principal_minor, each.interest_minor) for each in found]


# Apache Fineract, features/EMICalculation.feature C3154, C3155 and ProgressiveEMICalculatorTest:
# principal, rate, day count, and each instalment's principal and interest.
FINERACT = [
    (
        "12",
        DayCount.EQUAL_PERIODS,
        [(1625, 100), (1641, 84), (1658, 67), (1674, 51), (1691, 34), (1711, 17)],
    ),
    (
        "9.4822",
        DayCount.THIRTY_360,
        [(1634, 79), (1647, 66), (1660, 53), (1673, 40), (1686, 27), (1700, 13)],
    ),
    (
        "15.678",
        DayCount.ACTUAL_365,
        [(1610, 133), (1638, 105), (1653, 90), (1677, 66), (1697, 46), (1725, 22)],
    ),
]


@pytest.mark.parametrize(("rate", "day_count", "expected"), FINERACT)
def test_an_annuity_is_that_of_fineract(
    rate: str, day_count: DayCount, expected: list[tuple[int, int]]
) -> None:
    assert parts(made(100_00, rate, Terms(day_count=day_count), 6)) == expected


def test_a_bullet_pays_interest_alone_until_its_end_as_in_fineract() -> None:
    # features/LoanBulletBalloon.feature BL01
    expected = [(0, 250)] * 7 + [(100_00, 250)]
    assert parts(made(100_00, "30", Terms(principal_free=7), 8)) == expected
    assert parts(made(100_00, "30", Terms(), 8, balloon_minor=100_00)) == expected


@pytest.mark.parametrize(
    ("principal", "rate", "count", "expected"),
    [
        (162_000_00, "3.875", 360, 761_78),  # CFPB, sample Loan Estimate, form H-24(B)
        (100_000_00, "6", 360, 599_55),
        (100_00, "7", 12, 8_65),  # Fineract, test_emi_calculator_performance
    ],
)
def test_an_equal_instalment_is_the_published_one(
    principal: int, rate: str, count: int, expected: int
) -> None:
    found = annuity_minor(principal, [percent(rate) / 12] * count)
    assert round(found) == expected


def test_the_rate_of_regulation_z_gives_its_payment() -> None:
    # 12 CFR 1026 Appendix J (c)(1): 5,000 advanced, 24 payments of 230, 9.69 %
    low = annuity_minor(5_000_00, [basis_points(968) / 12] * 24)
    high = annuity_minor(5_000_00, [basis_points(970) / 12] * 24)
    assert low < 230_00 < high


def test_the_formula_of_iranian_banks_gives_its_interest_and_instalment() -> None:
    # sanat.ir: 1,000,000 rials, 15 percent, 12 months: 1,000,000 x 15 x 13 / 2400
    found = made(1_000_000, "15", Terms(method=Method.SUM_OF_DIGITS), 12)
    assert sum(each.interest_minor for each in found) == 81_250
    assert {each.total_minor for each in found[:-1]} == {90_104}
    assert found[-1].total_minor == 1_081_250 - 11 * 90_104
    assert found[0].interest_minor == 12_500


def test_flat_interest_is_on_the_first_principal_throughout() -> None:
    found = made(1_200_00, "10", Terms(method=Method.FLAT), 12)
    assert {each.interest_minor for each in found} == {10_00}
    assert {each.principal_minor for each in found} == {100_00}


def test_equal_principals_bear_interest_on_what_is_left() -> None:
    found = made(1_000, "12", Terms(method=Method.EQUAL_PRINCIPAL), 3)
    assert parts(found) == [(333, 10), (333, 7), (334, 3)]


def test_an_instalment_may_be_rounded_to_what_is_handy_to_pay() -> None:
    to_ten_thousand = Rounding(mode=RoundingMode.UP, to_minor=10_000)
    terms = Terms(instalment_rounding=to_ten_thousand)
    found = made(300_000_000, "18", terms, 12)
    assert {each.total_minor for each in found[:-1]} == {27_510_000}
    assert found[-1].total_minor < 27_510_000
    assert sum(each.principal_minor for each in found) == 300_000_000


@pytest.mark.parametrize("method", [Method.ANNUITY, Method.EQUAL_PRINCIPAL])
def test_a_balloon_is_paid_with_the_last_instalment(method: Method) -> None:
    found = made(1_000_000, "12", Terms(method=method), 12, balloon_minor=400_000)
    plain = made(600_000, "12", Terms(method=method), 12)
    for each, without in zip(found[:-1], plain[:-1], strict=True):
        assert abs(each.total_minor - without.total_minor - 4_000) <= 1
    assert abs(found[-1].principal_minor - plain[-1].principal_minor - 400_000) <= 12


def test_interest_runs_to_the_day_a_due_date_moved_to_where_the_product_says_so() -> None:
    dates = due_dates(EVERY_MONTH, date(2024, 2, 1), 1)
    moved = [type(dates[0])(n=1, nominal_on=date(2024, 2, 1), due_on=date(2024, 2, 5))]
    terms = Terms(day_count=DayCount.ACTUAL_365)
    later = Terms(day_count=DayCount.ACTUAL_365, accrue_to_due=True)
    rate = Fraction(365, 1000)
    [agreed] = schedule(1_000_000, rate, terms, STARTS_ON, moved)
    [shifted] = schedule(1_000_000, rate, later, STARTS_ON, moved)
    assert (agreed.interest_minor, shifted.interest_minor) == (31_000, 35_000)


def test_terms_that_never_repay_are_refused() -> None:
    with pytest.raises(ScheduleDoesNotRepay):
        made(1_000_000, "60", Terms(), 12, instalment_minor=40_000)
    with pytest.raises(ScheduleDoesNotRepay):
        made(1_000_000, "99", Terms(method=Method.SUM_OF_DIGITS), 120)
    with pytest.raises(ValueError, match="at least one instalment"):
        schedule(1, Fraction(0), Terms(), STARTS_ON, ())
    with pytest.raises(ValueError, match="a part of it"):
        made(100, "1", Terms(), 12, balloon_minor=101)


# --- prepayment -----------------------------------------------------------------------------------


def prepaid(
    mode: Prepayment, method: Method, principal: int, instalment: int, **more: int
) -> tuple[Instalment, ...]:
    terms = Terms(method=method)
    dates = due_dates(EVERY_MONTH, date(2024, 2, 1), 12)
    rate = percent("12")
    return after_prepayment(mode, principal, rate, terms, STARTS_ON, dates, instalment, **more)


@pytest.mark.parametrize("method", Method)
def test_a_prepayment_makes_the_term_shorter_or_the_instalment_lower(method: Method) -> None:
    before = made(1_200_000, "12", Terms(method=method), 12)
    equal = before[0].total_minor
    if method is Method.EQUAL_PRINCIPAL:
        equal = before[0].principal_minor
    shorter = prepaid(Prepayment.SHORTER_TERM, method, 600_000, equal)
    lower = prepaid(Prepayment.LOWER_INSTALMENT, method, 600_000, equal)
    assert len(shorter) in (6, 7)
    assert len(lower) == 12
    assert lower[0].total_minor < before[0].total_minor
    for found in (shorter, lower):
        assert sum(each.principal_minor for each in found) == 600_000
        assert max(each.total_minor for each in found) <= before[0].total_minor


def test_a_shorter_term_still_ends_with_the_balloon() -> None:
    found = prepaid(Prepayment.SHORTER_TERM, Method.ANNUITY, 700_000, 60_000, balloon_minor=400_000)
    assert len(found) == 6
    assert found[-1].principal_minor > 400_000
    assert sum(each.principal_minor for each in found) == 700_000


def test_after_everything_was_prepaid_nothing_is_left_to_fall_due() -> None:
    assert prepaid(Prepayment.SHORTER_TERM, Method.ANNUITY, 0, 100) == ()
