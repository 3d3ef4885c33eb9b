"""Due dates: the same day of each month, by the months and on the days that a product says."""

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum

from domain.clocks.calendar import Calendar, Weekday
from domain.clocks.days import days_of
from domain.declare import Unacceptable, value
from domain.finance.months import GREGORIAN, Months, civil_months, day_in, length_days

_SHIFT_DAYS_MAX = 13
"""Longer than any country rests at a stretch, and short enough that two months never meet."""
_WEEKDAYS = tuple(Weekday)


class NoWorkingDay(Unacceptable, code="finance.no_working_day"):
    """The calendar has no working day near a due date; correct the calendar or do not move it."""


class MonthsBy(StrEnum):
    """Whose months are counted: the Gregorian ones, or those that the calendar publishes."""

    GREGORIAN = "gregorian"
    CIVIL = "civil"


class EndOfMonth(StrEnum):
    """What becomes of a day that a month does not have.

    `clamp`: that month's last day, and the agreed day again in the next (the 31st: 28 February, 31
    March). `last_day`: where the first due date is the last of its month, all of them are.
    """

    CLAMP = "clamp"
    LAST_DAY = "last_day"


class Shift(StrEnum):
    """Where a due date moves that is no working day.

    ISDA 2006 Definitions, section 4.12: `modified_following` is the next working day, unless that
    lies in the next month; then it is the one before.
    """

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    PRECEDING = "preceding"


@value
class DueDates:
    """When instalments fall due, as data of a product."""

    months: MonthsBy = MonthsBy.GREGORIAN
    every_months: int = 1
    end_of_month: EndOfMonth = EndOfMonth.CLAMP
    shift: Shift = Shift.NONE

    def __post_init__(self) -> None:
        """Refuse a span that is no part of a life, with `ValueError`."""
        if not 1 <= self.every_months <= 60:
            raise ValueError(f"every {self.every_months} months: write 1 to 60")


@value
class DueDate:
    """One due date: the day that was agreed, and the day to which it moved."""

    n: int
    nominal_on: date
    due_on: date


def due_dates(
    rule: DueDates, first_on: date, count: int, calendar: Calendar | None = None
) -> tuple[DueDate, ...]:
    """Return `count` due dates from the first on, strictly increasing.

    Each is counted from the first, so a short month shortens none after it. A calendar is needed
    where months are civil or dates move. Raises `NoCivilMonths`, `MonthsNotCovered` and
    `NoWorkingDay`.
    """
    months = months_of(rule, calendar)
    start, day = months.place(first_on)
    if rule.end_of_month is EndOfMonth.LAST_DAY and day == length_days(months, start):
        day = 31
    found = []
    for n in range(count):
        nominal_on = day_in(months, start + n * rule.every_months, day)
        due_on = shifted(nominal_on, rule.shift, calendar, months)
        found.append(DueDate(n=n + 1, nominal_on=nominal_on, due_on=due_on))
    return tuple(found)


def months_of(rule: DueDates, calendar: Calendar | None) -> Months:
    """Return the months that a rule counts by. Raises `NoCivilMonths`."""
    if rule.months is MonthsBy.GREGORIAN:
        return GREGORIAN
    if calendar is None:
        raise ValueError("civil months need the calendar that publishes them")
    return civil_months(calendar)


def one_before(rule: DueDates, first_on: date, calendar: Calendar | None = None) -> date:
    """Return the day one period before the first due date, where no other start is agreed."""
    months = months_of(rule, calendar)
    start, day = months.place(first_on)
    return day_in(months, start - rule.every_months, day)


def shifted(on: date, shift: Shift, calendar: Calendar | None, months: Months = GREGORIAN) -> date:
    """Return a day, or the working day to which it moves. Raises `NoWorkingDay`."""
    if shift is Shift.NONE:
        return on
    if calendar is None:
        raise ValueError("a day moves by the working days of a calendar")
    worked = _worked(calendar)
    if shift is Shift.PRECEDING:
        return _nearest(on, -1, worked)
    following_on = _nearest(on, 1, worked)
    if shift is Shift.MODIFIED_FOLLOWING and months.place(following_on)[0] != months.place(on)[0]:
        return _nearest(on, -1, worked)
    return following_on


def _nearest(on: date, step: int, worked: Callable[[date], bool]) -> date:
    for days in range(_SHIFT_DAYS_MAX + 1):
        found = on + timedelta(days=step * days)
        if worked(found):
            return found
    raise NoWorkingDay(on=on.isoformat())


def _worked(calendar: Calendar) -> Callable[[date], bool]:
    """Return whether a day is worked; of days not covered, its weekday alone says so.

    A contract runs longer than holidays are known, and its due dates are fixed when it is signed.
    """
    week = {one.day for one in calendar.week}
    days = days_of(calendar)

    def worked(on: date) -> bool:
        day = days.of(on.toordinal())
        return bool(day.windows) if day.covered else _WEEKDAYS[on.weekday()] in week

    return worked
