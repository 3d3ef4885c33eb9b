"""The working calendar: when a place works, as a rule document of materialised days.

Holidays stand in it day by day, whoever worked them out: a later release of a library, or a
government's change of mind, is a new version and alters no due date that was derived before.
"""

from datetime import date
from enum import StrEnum

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


@value
class WorkingDay:
    """The windows of one day of the week, in order."""

    day: Weekday
    windows: tuple[Window, ...]


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


@value
class Calendar:
    """When a place works. Nothing is said of days outside `covers_from_on` to `covers_until_on`.

    `zone` is the IANA time zone in which days begin and windows are read.
    """

    zone: str
    week: tuple[WorkingDay, ...]
    holidays: tuple[Holiday, ...]
    special_days: tuple[SpecialDay, ...]
    covers_from_on: date
    covers_until_on: date
