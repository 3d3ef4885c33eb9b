"""The days of a calendar: when each begins and ends and when it is worked, as UTC instants.

A window holds the instants at which the clock on the wall shows a time within it. So a window in
the hour that a change of clocks leaves out has no length, and one in the hour that comes twice has
two pieces. Days follow each other without a gap: one ends when the local date has passed it for
good, and a date that a place skipped (Apia, 2011-12-30) has no length and counts as nothing.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.clocks.calendar import Calendar, Weekday, Window, minutes_of
from domain.clocks.course import Why
from domain.declare import Unacceptable

_CALENDARS_MAX = 64
_DAYS_MAX = 20_000
_REACH = timedelta(hours=26)
_STEP = timedelta(hours=13)
_WEEKDAYS = tuple(Weekday)

Piece = tuple[datetime, datetime]


class CalendarDoesNotCover(Unacceptable, code="clocks.calendar_does_not_cover"):
    """The calendar says nothing of a day that would have to be counted; publish a longer one."""


class Day(NamedTuple):
    """One day: from when to when it lasts, its working time, and why the rest is not worked."""

    begins_at: datetime
    ends_at: datetime
    windows: tuple[Piece, ...]
    why: Why
    name: str | None
    covered: bool

    @property
    def exists(self) -> bool:
        """Tell whether the place had this date at all."""
        return self.begins_at < self.ends_at

    @property
    def closes_at(self) -> datetime:
        """Return when work ends; only for days that are worked."""
        return self.windows[-1][1]


class Days:
    """The days of one calendar by their ordinal, each worked out once."""

    __slots__ = ("_days", "_from", "_holidays", "_special", "_until", "_week", "calendar", "zone")

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.zone = ZoneInfo(calendar.zone)
        week = {working.day: working.windows for working in calendar.week}
        self._week = [_minutes(week.get(day, ())) for day in _WEEKDAYS]
        self._holidays = {holiday.on.toordinal(): holiday.name for holiday in calendar.holidays}
        self._special = {
            special.on.toordinal(): (_minutes(special.windows), special.name)
            for special in calendar.special_days
        }
        self._from = calendar.covers_from_on.toordinal()
        self._until = calendar.covers_until_on.toordinal()
        self._days: dict[int, Day] = {}

    def of(self, ordinal: int) -> Day:
        """Return a day, whether or not the calendar says anything about it."""
        found = self._days.get(ordinal)
        if found is None:
            if len(self._days) >= _DAYS_MAX:
                self._days.clear()
            found = self._days[ordinal] = self._work_out(ordinal)
        return found

    def known(self, ordinal: int) -> Day:
        """Return a day of which the calendar says whether it is worked.

        Raises `CalendarDoesNotCover` where it says nothing.
        """
        found = self._days.get(ordinal)
        if found is None:
            found = self.of(ordinal)
        if not found.covered:
            raise CalendarDoesNotCover(
                on=date.fromordinal(ordinal).isoformat(),
                covers_from_on=self.calendar.covers_from_on.isoformat(),
                covers_until_on=self.calendar.covers_until_on.isoformat(),
            )
        return found

    def at(self, instant: datetime) -> int:
        """Return the ordinal of the day in which an instant lies."""
        ordinal = instant.astimezone(self.zone).toordinal()
        while instant < self.of(ordinal).begins_at:
            ordinal -= 1
        while instant >= self.of(ordinal).ends_at:
            ordinal += 1
        return ordinal

    def worked_after(self, ordinal: int) -> int:
        """Return the first worked day after a day."""
        ordinal += 1
        while not self.known(ordinal).windows:
            ordinal += 1
        return ordinal

    def worked_before(self, ordinal: int) -> int:
        """Return the last worked day before a day."""
        ordinal -= 1
        while not self.known(ordinal).windows:
            ordinal -= 1
        return ordinal

    def instant(self, ordinal: int, since_midnight: timedelta) -> datetime:
        """Return when a day's wall clock first shows a time; a skipped time is the change's."""
        wall = datetime.fromordinal(ordinal) + since_midnight
        for starts_at, ends_at, offset in _steady(self.zone, wall.toordinal()):
            if wall.replace(tzinfo=UTC) - offset < ends_at:
                return max(starts_at, wall.replace(tzinfo=UTC) - offset)
        raise AssertionError("a wall time lies within reach of its day")

    def _work_out(self, ordinal: int) -> Day:
        steady = _steady(self.zone, ordinal)
        midnight = datetime.fromordinal(ordinal).replace(tzinfo=UTC)
        begins_at = _passed(steady, midnight)
        ends_at = _passed(steady, midnight + timedelta(days=1))
        covered = self._from <= ordinal <= self._until
        minutes, why, name = self._hours(ordinal) if covered else ((), Why.OUTSIDE_HOURS, None)
        pieces: list[Piece] = []
        for opens, closes in minutes:
            for starts, ends, offset in steady:
                piece = (
                    max(starts, begins_at, midnight + timedelta(minutes=opens) - offset),
                    min(ends, ends_at, midnight + timedelta(minutes=closes) - offset),
                )
                if piece[0] < piece[1]:
                    pieces.append(piece)
        windows = tuple(_joined(sorted(pieces)))
        if minutes and not windows:
            why = Why.NOT_A_WORKING_DAY
        return Day(begins_at, ends_at, windows, why, name, covered)

    def _hours(self, ordinal: int) -> tuple[tuple[tuple[int, int], ...], Why, str | None]:
        special = self._special.get(ordinal)
        if special is not None:
            minutes, name = special
            return minutes, (Why.OUTSIDE_HOURS if minutes else Why.HOLIDAY), name
        holiday = self._holidays.get(ordinal)
        if holiday is not None:
            return (), Why.HOLIDAY, holiday
        minutes = self._week[(ordinal + 6) % 7]
        return minutes, (Why.OUTSIDE_HOURS if minutes else Why.NOT_A_WORKING_DAY), None


def _minutes(windows: tuple[Window, ...]) -> tuple[tuple[int, int], ...]:
    return tuple((minutes_of(one.starts_local), minutes_of(one.ends_local)) for one in windows)


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """Yield pieces in order, those that touch as one."""
    last: Piece | None = None
    for piece in pieces:
        if last is not None and piece[0] <= last[1]:
            last = (last[0], max(last[1], piece[1]))
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


def _passed(steady: list[tuple[datetime, datetime, timedelta]], local: datetime) -> datetime:
    """Return the instant from which on the wall clock is past a local time for good."""
    return max(
        min(ends_at, local - offset)
        for starts_at, ends_at, offset in steady
        if starts_at < local - offset
    )


def _steady(zone: ZoneInfo, ordinal: int) -> list[tuple[datetime, datetime, timedelta]]:
    """Return stretches around a day in each of which the zone has one offset from UTC."""
    at = datetime.fromordinal(ordinal).replace(tzinfo=UTC) - _REACH
    end = at + 2 * _REACH + timedelta(days=1)
    offset = _offset(zone, at)
    found = []
    starts_at = at
    while at < end:
        ahead = min(at + _STEP, end)
        after = _offset(zone, ahead)
        if after != offset:
            change = _change(zone, at, ahead)
            found.append((starts_at, change, offset))
            starts_at, offset = change, after
        at = ahead
    found.append((starts_at, end, offset))
    return found


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the second at which the offset becomes another between two instants."""
    before = _offset(zone, low)
    second = timedelta(seconds=1)
    while high - low > second:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


_known: dict[int, Days] = {}
_lock = Lock()


def days_of(calendar: Calendar) -> Days:
    """Return the days of a calendar, kept for the calendars used of late."""
    found = _known.get(id(calendar))
    if found is not None and found.calendar is calendar:
        return found
    made = Days(calendar)
    with _lock:
        while len(_known) >= _CALENDARS_MAX:
            _known.pop(next(iter(_known)))
        _known[id(calendar)] = made
    return made
