"""Day-count conventions: which part of a year lies between two days.

Sources: ISDA 2006 Definitions, section 4.16 (b) actual/actual, (d) actual/365 fixed, (e)
actual/360, (f) 30/360 and (g) 30E/360. 30/360 "US" is the one of the SIFMA standard securities
formulas, whose rules for the end of February come before those of the 31st.
"""

from calendar import isleap
from datetime import date
from enum import StrEnum
from fractions import Fraction


class DayCount(StrEnum):
    """How days become a part of a year.

    `equal_periods` counts no days: each period between two due dates is as many twelfths of a year
    as it has months, and a part of a period is the part of its days.
    """

    EQUAL_PERIODS = "equal_periods"
    ACTUAL_365 = "actual_365"
    ACTUAL_360 = "actual_360"
    ACTUAL_ACTUAL_ISDA = "actual_actual_isda"
    THIRTY_360 = "thirty_360"
    THIRTY_360_US = "thirty_360_us"
    THIRTY_360_EU = "thirty_360_eu"


def year_fraction(convention: DayCount, from_on: date, to_on: date) -> Fraction:
    """Return the part of a year from one day to another, the first counted and the last not.

    Raises `ValueError` for `equal_periods`, which days alone do not tell.
    """
    match convention:
        case DayCount.ACTUAL_365:
            return Fraction((to_on - from_on).days, 365)
        case DayCount.ACTUAL_360:
            return Fraction((to_on - from_on).days, 360)
        case DayCount.ACTUAL_ACTUAL_ISDA:
            return _actual_actual(from_on, to_on)
        case DayCount.EQUAL_PERIODS:
            raise ValueError("equal periods are told by months, not by days")
        case _:
            return Fraction(_thirty_360_days(convention, from_on, to_on), 360)


def period_fraction(
    convention: DayCount,
    months: int,
    from_on: date,
    to_on: date,
    at_on: date | None = None,
) -> Fraction:
    """Return the part of a year of a period of some months, or of what of it lies before a day."""
    if convention is not DayCount.EQUAL_PERIODS:
        return year_fraction(convention, from_on, to_on if at_on is None else at_on)
    whole = Fraction(months, 12)
    if at_on is None or to_on <= from_on:
        return whole
    return whole * Fraction((at_on - from_on).days, (to_on - from_on).days)


def accrued(
    balance_minor: int, annual_rate: Fraction, convention: DayCount, from_on: date, to_on: date
) -> Fraction:
    """Return simple interest on a balance from one day to another, in minor units, not rounded.

    It is additive for the conventions of actual days: what accrues until a day and from it on is
    what accrues altogether. Zero where the end is not after the start.
    """
    if to_on <= from_on:
        return Fraction(0)
    return balance_minor * annual_rate * year_fraction(convention, from_on, to_on)


def _actual_actual(from_on: date, to_on: date) -> Fraction:
    """Return the days in leap years over 366 and the others over 365."""
    if to_on < from_on:
        return -_actual_actual(to_on, from_on)
    part = Fraction(0)
    at = from_on
    while at < to_on:
        year_ends_on = date(at.year + 1, 1, 1)
        until = min(to_on, year_ends_on)
        part += Fraction((until - at).days, 366 if isleap(at.year) else 365)
        at = until
    return part


def _thirty_360_days(convention: DayCount, from_on: date, to_on: date) -> int:
    first, last = from_on.day, to_on.day
    match convention:
        case DayCount.THIRTY_360_EU:
            first, last = min(first, 30), min(last, 30)
        case _:
            if convention is DayCount.THIRTY_360_US and _ends_february(from_on):
                if _ends_february(to_on):
                    last = 30
                first = 30
            if last == 31 and first >= 30:
                last = 30
            first = min(first, 30)
    months = (to_on.year - from_on.year) * 12 + to_on.month - from_on.month
    return months * 30 + last - first


def _ends_february(on: date) -> bool:
    return on.month == 2 and on.day == (29 if isleap(on.year) else 28)
