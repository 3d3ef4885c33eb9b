"""What credit costs a year: published examples, and the rate that a schedule was made with."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.finance import (
    DueDates,
    Method,
    Terms,
    annual_percentage_rate_bp,
    basis_points,
    due_dates,
    schedule,
)

SIGNED_ON = date(2026, 1, 1)


def test_the_rate_is_that_of_regulation_z() -> None:
    # 12 CFR 1026 Appendix J (c)(1)(i): 5,000 advanced, 24 monthly payments of 230: 9.69 %
    assert annual_percentage_rate_bp(5_000_00, [230_00] * 24) == 969


def test_a_flat_rate_costs_far_more_than_it_says() -> None:
    # 12 % flat over 12 months: 1,200 lent, 112 a month
    assert annual_percentage_rate_bp(1_200_00, [112_00] * 12) == 2_146


@settings(max_examples=40)
@given(
    st.integers(0, 6_000),
    st.integers(1, 60),
    st.integers(1, 3),
    st.sampled_from([Method.ANNUITY, Method.EQUAL_PRINCIPAL]),
)
def test_it_is_the_rate_of_a_schedule_with_interest_on_the_balance(
    rate_bp: int, count: int, every: int, method: Method
) -> None:
    terms = Terms(method=method, due_dates=DueDates(every_months=every))
    dates = due_dates(terms.due_dates, date(2026, 2, 1), count)
    made = schedule(10**12, basis_points(rate_bp), terms, SIGNED_ON, dates)
    payments = [each.total_minor for each in made]
    assert annual_percentage_rate_bp(10**12, payments, every) == rate_bp


@pytest.mark.parametrize(
    ("principal", "payments"), [(0, [5]), (100, [50, 49]), (1, [10**12]), (100, [])]
)
def test_what_has_no_rate_has_none(principal: int, payments: list[int]) -> None:
    assert annual_percentage_rate_bp(principal, payments) is None


def test_lending_for_nothing_costs_nothing() -> None:
    assert annual_percentage_rate_bp(100, [50, 50]) == 0
