"""The working calendar: when a place works, as a rule document of materialised days.

Holidays stand in it day by day, whoever worked them out: a later release of a library, or a
government's change of mind, is a new version and alters no due date that was derived before.
"""

from datetime import date
from enum import StrEnum

from domain.clocks.checks import (
    Misfit,
    check_each_once,
    check_order,
    check_window,
    check_windows,
    check_zone,
)
from domain.declare import value


class Weekday(StrEnum):
    """The days of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def minutes_of(local: str) -> int:
    """Return the minutes since midnight of a local time written `08:00`; `24:00` is 1440."""
    return int(local[:2]) * 60 + int(local[3:])


@value
class Window:
    """Working time between two local times (`08:00`); the end may be `24:00`."""

    starts_local: str
    ends_local: str

    def __post_init__(self) -> None:
        """Refuse what is no window, with `ValueError`."""
        check_window(self.starts_local, self.ends_local)


@value
class WorkingDay:
    """The windows of one day of the week, in order."""

    day: Weekday
    windows: tuple[Window, ...]

    def __post_init__(self) -> None:
        """Refuse a day without windows or with overlapping ones, with `ValueError`."""
        if not self.windows:
            raise Misfit(f"{self.day} has no window; leave out a day that is not worked", "windows")
        check_windows(_times(self.windows), "windows")


@value
class Holiday:
    """A day that is not worked though its weekday is; the name is the source's."""

    on: date
    name: str
    estimated: bool = False


@value
class SpecialDay:
    """A day with windows of its own: a make-up workday, or a shortened one. It wins over both."""

    on: date
    windows: tuple[Window, ...]
    name: str

    def __post_init__(self) -> None:
        """Refuse overlapping windows, with `ValueError`; none at all is a day off."""
        check_windows(_times(self.windows), "windows")


@value
class CivilYear:
    """A year of the place's own civil calendar, and the Gregorian days its months start on."""

    year: int
    months_start_on: tuple[date, ...]


@value
class Calendar:
    """When a place works. Nothing is said of days outside `covers_from_on` to `covers_until_on`.

    `zone` is the IANA time zone in which days begin and windows are read. `civil_years` are there
    where people agree upon days by another calendar than the Gregorian one (in Iran the Persian);
    they may reach further than the covered days, as contracts do.
    """

    zone: str
    week: tuple[WorkingDay, ...]
    holidays: tuple[Holiday, ...]
    special_days: tuple[SpecialDay, ...]
    covers_from_on: date
    covers_until_on: date
    civil_years: tuple[CivilYear, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a calendar that contradicts itself or is never worked, with `ValueError`."""
        check_zone(self.zone)
        check_order(self.covers_from_on, self.covers_until_on, "the calendar", "covers_until_on")
        check_each_once((working.day for working in self.week), "the weekday", "week")
        check_each_once((holiday.on for holiday in self.holidays), "the holiday", "holidays")
        check_each_once((day.on for day in self.special_days), "the special day", "special_days")
        dated: tuple[tuple[str, tuple[Holiday | SpecialDay, ...]], ...] = (
            ("holidays", self.holidays),
            ("special_days", self.special_days),
        )
        for field, days in dated:
            for number, day in enumerate(days):
                if not self.covers_from_on <= day.on <= self.covers_until_on:
                    message = f"{day.on} lies outside the days that the calendar covers"
                    raise Misfit(f"{message}; extend them or leave it out", field, number, "on")
        if not self.week and not any(day.windows for day in self.special_days):
            raise Misfit("nothing is ever worked; give at least one weekday a window", "week")
        _check_civil_years(self.civil_years)


def _check_civil_years(years: tuple[CivilYear, ...]) -> None:
    """Refuse years that do not follow each other, and months of an impossible length."""
    before: CivilYear | None = None
    last_on: date | None = None
    for number, civil in enumerate(years):
        place = ("civil_years", number)
        if before is not None and civil.year != before.year + 1:
            message = f"the year {civil.year} follows {before.year}; write every year in order"
            raise Misfit(message, *place, "year")
        if not civil.months_start_on:
            raise Misfit(f"the year {civil.year} has no months; write them", *place)
        for on in civil.months_start_on:
            if last_on is not None and not 28 <= (on - last_on).days <= 32:
                message = f"a month from {last_on} to {on} has no possible length"
                raise Misfit(f"{message}; write each month's first day", *place, "months_start_on")
            last_on = on
        before = civil


def _times(windows: tuple[Window, ...]) -> list[tuple[str, str]]:
    return [(window.starts_local, window.ends_local) for window in windows]
