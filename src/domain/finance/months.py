"""Months of a civil calendar: the Gregorian one, or one whose month starts a calendar publishes."""

from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

from domain.clocks.calendar import Calendar
from domain.declare import Unacceptable


class NoCivilMonths(Unacceptable, code="finance.no_civil_months"):
    """The calendar publishes no months of its own; give the months as Gregorian."""


class MonthsNotCovered(Unacceptable, code="finance.months_not_covered"):
    """The calendar publishes no months for a day that is needed; publish a longer one."""


class Months(Protocol):
    """The months of one calendar, numbered without gaps."""

    def place(self, on: date) -> tuple[int, int]:
        """Return the number of the month in which a day lies, and the day's number in it."""

    def first(self, month: int) -> date:
        """Return the first day of a month."""


@dataclass(frozen=True, slots=True)
class GregorianMonths:
    """Months numbered from the year 0: twelve times the year, and the month less one."""

    def place(self, on: date) -> tuple[int, int]:
        """Return the number of the month in which a day lies, and the day's number in it."""
        return on.year * 12 + on.month - 1, on.day

    def first(self, month: int) -> date:
        """Return the first day of a month."""
        if not 12 <= month < 12 * 9999:
            raise MonthsNotCovered
        return date(month // 12, month % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class CivilMonths:
    """Months by the days on which they start; the last start only ends the month before it."""

    starts_on: tuple[date, ...]

    def place(self, on: date) -> tuple[int, int]:
        """Return the number of the month in which a day lies, and the day's number in it."""
        month = bisect_right(self.starts_on, on) - 1
        if not 0 <= month < len(self.starts_on) - 1:
            raise self._not_covered(on.isoformat())
        return month, (on - self.starts_on[month]).days + 1

    def first(self, month: int) -> date:
        """Return the first day of a month."""
        if not 0 <= month < len(self.starts_on):
            raise self._not_covered(None)
        return self.starts_on[month]

    def _not_covered(self, on: str | None) -> MonthsNotCovered:
        return MonthsNotCovered(
            on=on,
            covers_from_on=self.starts_on[0].isoformat(),
            covers_until_on=(self.starts_on[-1] - timedelta(days=1)).isoformat(),
        )


GREGORIAN = GregorianMonths()


def civil_months(calendar: Calendar) -> CivilMonths:
    """Return the civil months that a calendar publishes. Raises `NoCivilMonths`."""
    if not calendar.civil_years:
        raise NoCivilMonths
    return _civil_months(tuple(on for year in calendar.civil_years for on in year.months_start_on))


@lru_cache(maxsize=16)
def _civil_months(starts_on: tuple[date, ...]) -> CivilMonths:
    return CivilMonths(starts_on)


def length_days(months: Months, month: int) -> int:
    """Return how many days a month has."""
    if isinstance(months, GregorianMonths):
        return monthrange(month // 12, month % 12 + 1)[1]
    return (months.first(month + 1) - months.first(month)).days


def day_in(months: Months, month: int, day: int) -> date:
    """Return a day of a month by its number, or the month's last day where it has fewer."""
    return months.first(month) + timedelta(days=min(day, length_days(months, month)) - 1)
