"""Day counts agree with the examples that ISDA published."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.finance import DayCount, accrued, year_fraction
from domain.finance.daycounts import period_fraction

DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))

# https://www.isda.org/2008/12/22/30-360-day-count-conventions/: from, to, 30/360 and 30E/360. The
# US rules count the end of February as the 30th, and so differ where the first day is that.
THIRTY = [
    ("2006-08-20", "2007-02-20", 180, 180),
    ("2007-02-20", "2007-08-20", 180, 180),
    ("2006-08-31", "2007-02-28", 178, 178),
    ("2007-02-28", "2007-08-31", 183, 182),
    ("2007-08-31", "2008-02-29", 179, 179),
    ("2008-02-29", "2008-08-31", 182, 181),
    ("2008-08-31", "2009-02-28", 178, 178),
    ("2009-02-28", "2009-08-31", 183, 182),
    ("2006-01-31", "2006-02-28", 28, 28),
    ("2006-01-30", "2006-02-28", 28, 28),
    ("2006-02-28", "2006-03-03", 5, 5),
    ("2006-02-14", "2006-02-28", 14, 14),
    ("2006-09-30", "2006-10-31", 30, 30),
    ("2006-10-31", "2006-11-28", 28, 28),
    ("2008-02-28", "2008-08-28", 180, 180),
    ("2008-02-28", "2008-08-30", 182, 182),
    ("2008-02-28", "2008-08-31", 183, 182),
    ("2007-02-26", "2008-02-28", 362, 362),
    ("2007-02-26", "2008-02-29", 363, 363),
    ("2008-02-29", "2009-02-28", 359, 359),
    ("2008-02-28", "2008-03-30", 32, 32),
    ("2008-02-28", "2008-03-31", 33, 32),
]


@pytest.mark.parametrize(("first", "last", "bond", "euro"), THIRTY)
def test_thirty_360_counts_as_isda_published(first: str, last: str, bond: int, euro: int) -> None:
    span = date.fromisoformat(first), date.fromisoformat(last)
    assert year_fraction(DayCount.THIRTY_360, *span) * 360 == bond
    assert year_fraction(DayCount.THIRTY_360_EU, *span) * 360 == euro


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2006-02-28", "2006-08-31", 180),
        ("2007-02-28", "2008-02-29", 360),
        ("2008-02-29", "2009-02-28", 360),
        ("2008-02-29", "2008-03-31", 30),
        ("2008-02-28", "2008-03-31", 33),
        ("2006-08-31", "2007-02-28", 178),
    ],
)
def test_the_us_rules_take_the_end_of_february_for_the_30th(
    first: str, last: str, days: int
) -> None:
    span = date.fromisoformat(first), date.fromisoformat(last)
    assert year_fraction(DayCount.THIRTY_360_US, *span) * 360 == days


@pytest.mark.parametrize(
    ("first", "last", "part"),
    [  # ISDA, "The actual/actual day count fraction" (1998), the ISDA method
        ("2003-11-01", "2004-05-01", Fraction(61, 365) + Fraction(121, 366)),
        ("1999-02-01", "1999-07-01", Fraction(150, 365)),
        ("1999-07-01", "2000-07-01", Fraction(184, 365) + Fraction(182, 366)),
        ("2002-08-15", "2003-07-15", Fraction(334, 365)),
        ("2003-07-15", "2004-01-15", Fraction(170, 365) + Fraction(14, 366)),
        ("2000-01-30", "2000-06-30", Fraction(152, 366)),
    ],
)
def test_actual_actual_divides_by_the_year_each_day_lies_in(
    first: str, last: str, part: Fraction
) -> None:
    span = date.fromisoformat(first), date.fromisoformat(last)
    assert year_fraction(DayCount.ACTUAL_ACTUAL_ISDA, *span) == part


ACTUAL = [DayCount.ACTUAL_365, DayCount.ACTUAL_360, DayCount.ACTUAL_ACTUAL_ISDA]


@given(st.sampled_from(ACTUAL), st.tuples(DAYS, DAYS, DAYS), st.integers(0, 10**12))
def test_interest_of_actual_days_is_additive(
    convention: DayCount, days: tuple[date, date, date], balance: int
) -> None:
    first, middle, last = sorted(days)
    rate = Fraction(18, 100)
    whole = accrued(balance, rate, convention, first, last)
    until = accrued(balance, rate, convention, first, middle)
    assert whole == until + accrued(balance, rate, convention, middle, last)
    assert accrued(balance, rate, convention, last, first) == 0 or first == last


@given(st.sampled_from(ACTUAL), DAYS, DAYS)
def test_days_counted_backwards_are_negative(convention: DayCount, first: date, last: date) -> None:
    assert year_fraction(convention, first, last) == -year_fraction(convention, last, first)


def test_an_equal_period_is_its_months_whatever_days_it_has() -> None:
    equal = DayCount.EQUAL_PERIODS
    assert period_fraction(equal, 1, date(2026, 2, 1), date(2026, 3, 1)) == Fraction(1, 12)
    half = period_fraction(equal, 1, date(2026, 2, 1), date(2026, 3, 1), date(2026, 2, 15))
    assert half == Fraction(1, 24)
    with pytest.raises(ValueError, match="told by months"):
        year_fraction(equal, date(2026, 2, 1), date(2026, 3, 1))
