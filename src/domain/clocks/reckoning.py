"""How long a clock has run and when it is due: pure arithmetic on calendars.

Two kinds of unit. *Timed* ones (hours, working hours, each started 24 hours) count instants: what
lies in a pause is left out. *Daily* ones (calendar and working days, weeks, months, close of
business) count whole days after the day of the start: a day counts unless the clock stands still
when that day ends. Whatever the unit, dividing a pause in two changes nothing.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from domain.clocks.calendar import Calendar
from domain.clocks.course import Stretch, Why
from domain.clocks.days import Day, Days, days_of
from domain.clocks.messages import Span, Unit
from domain.clocks.stretches import Stretches

_WORKED = (Unit.WORKING_DAYS, Unit.BUSINESS_CLOSE)
_TIMED = (Unit.HOURS, Unit.WORKING_HOURS, Unit.STARTED_DAYS)
_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Standstill:
    """A pause by its number; `until_at` is None while it lasts."""

    n: int
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reckoned:
    """When it is due, None while an open pause keeps that unknown, and what was counted for it."""

    due_at: datetime | None
    stretches: tuple[Stretch, ...]


def reckon(
    span: Span, started_at: datetime, calendar: Calendar, pauses: Sequence[Standstill] = ()
) -> Reckoned:
    """Return when a span that starts at an instant is used up, pauses left out.

    The stretches follow each other from the start to the due instant, or to the open pause. Raises
    `CalendarDoesNotCover` where a day has to be judged that the calendar says nothing of.
    """
    run = _Run(span, started_at, calendar, pauses)
    due_at = run.timed(_length(span)) if span.unit in _TIMED else run.daily(run.days_needed())
    return Reckoned(due_at, run.stretches.done())


def share_at(
    span: Span,
    started_at: datetime,
    calendar: Calendar,
    pauses: Sequence[Standstill],
    percent: int,
) -> datetime:
    """Return when a share (1 to 100 percent) of the span is used up.

    In daily units a part of a day is that part of its working time, or of its 24 hours. Raises
    `ValueError` while an open pause keeps the instant unknown.
    """
    run = _Run(span, started_at, calendar, pauses)
    if span.unit in _TIMED:
        at = run.timed(_length(span) * percent // 100)
    else:
        whole, part = divmod(run.days_needed() * percent, 100)
        at = run.daily(whole + (part > 0))
        if at is not None and part:
            opens_at = run.last_day.windows[0][0] if run.worked else run.last_day.begins_at
            at = run.not_paused(opens_at + (at - opens_at) * part // 100)
    if at is None:
        raise ValueError("a pause is open; nobody knows when that share will be used up")
    return at


def elapsed(unit: Unit, a: datetime, b: datetime, calendar: Calendar) -> timedelta | int:
    """Return how much of a unit lies between two instants: a duration, or a number of days.

    Hours, working hours and started days answer a duration (`started_days` says how many started
    days that is), all others the days that begin in between; weeks and months answer days too.
    It is additive: from a to b and from b to c is from a to c. Negative where b is before a.
    """
    a, b = a.astimezone(UTC), b.astimezone(UTC)
    if unit in (Unit.HOURS, Unit.STARTED_DAYS):
        return b - a
    if b < a:
        return -elapsed(unit, b, a, calendar)
    days = days_of(calendar)
    if unit is Unit.WORKING_HOURS:
        return _worked_between(days, a, b)
    first, last = days.at(a), days.at(b)
    if unit is Unit.WORKING_DAYS:
        return sum(1 for ordinal in range(first + 1, last + 1) if days.known(ordinal).windows)
    if unit is Unit.BUSINESS_CLOSE:
        first, last = _received_on(days, first), _received_on(days, last)
        return sum(1 for ordinal in range(first + 1, last + 1) if days.known(ordinal).windows)
    return _dates_between(days, first, last)


def started_days(used: timedelta) -> int:
    """Return the days of a duration: each 24 hours are one, and what is left over is one too.

    SAMR Order 43, on the time of a single repair: 以小时计算，每满24小时，为1日；余下时间不足
    24小时的，以1日计.
    """
    return -(-used // _DAY)


def before(due_at: datetime, lead: Span, calendar: Calendar) -> datetime:
    """Return the instant that lies a fixed lead before a due instant.

    A lead in days keeps the time on the wall; in working days it does not pass that day's close.
    """
    due_at = due_at.astimezone(UTC)
    days = days_of(calendar)
    match lead.unit:
        case Unit.HOURS | Unit.STARTED_DAYS:
            return due_at - _length(lead)
        case Unit.WORKING_HOURS:
            return _worked_before(days, due_at, _length(lead))
        case Unit.WORKING_DAYS | Unit.BUSINESS_CLOSE:
            ordinal, wall = _day_and_wall(days, due_at)
            for _ in range(lead.amount):
                ordinal = days.worked_before(ordinal)
            return min(days.instant(ordinal, wall), days.known(ordinal).closes_at)
        case Unit.MONTHS:
            ordinal, wall = _day_and_wall(days, due_at)
            return days.instant(_months_on(ordinal, -lead.amount), wall)
        case Unit.CALENDAR_DAYS | Unit.WEEKS:
            ordinal, wall = _day_and_wall(days, due_at)
            back = lead.amount * (7 if lead.unit is Unit.WEEKS else 1)
            return days.instant(ordinal - back, wall)


class _Run:
    """One count from a start: the pauses in order, and the stretches gone through."""

    def __init__(
        self, span: Span, started_at: datetime, calendar: Calendar, pauses: Sequence[Standstill]
    ) -> None:
        if span.amount <= 0:
            raise ValueError(f"a span of {span.amount} {span.unit} has no length")
        self.span = span
        self.days = days_of(calendar)
        self.started_at = started_at.astimezone(UTC)
        self.pauses = _in_order(pauses, self.started_at) if pauses else []
        self.worked = span.unit in _WORKED
        self.stretches = Stretches(span.unit)
        self.last_day: Day

    # -- timed units --

    def timed(self, need: timedelta) -> datetime | None:
        """Return when a duration is used up; None while the pause is open that comes first."""
        add, counted = self.stretches.add, Why.COUNTED
        pauses = iter(self.pauses)
        pause = next(pauses, None)
        for starts_at, until_at, why, name in self._segments():
            at = starts_at
            while at < until_at:
                while pause is not None and pause.until_at is not None and pause.until_at <= at:
                    pause = next(pauses, None)
                if pause is not None and pause.from_at <= at:
                    if pause.until_at is None:
                        return None
                    end = min(until_at, pause.until_at)
                    add(at, end, Why.PAUSED, pause=pause.n)
                    at = end
                    continue
                end = until_at if pause is None else min(until_at, pause.from_at)
                if why is counted:
                    if end - at >= need:
                        add(at, at + need, why, counted=need)
                        return at + need
                    need -= end - at
                    add(at, end, why, counted=end - at)
                else:
                    add(at, end, why, name=name)
                at = end
        raise AssertionError("time has no end")

    def _segments(self) -> Iterator[tuple[datetime, datetime, Why, str | None]]:
        """Yield stretches without end: counted or not, before any pause."""
        at = self.started_at
        ordinal = self.days.at(at)
        if self.span.from_next_working_day:
            ordinal = self.days.worked_after(ordinal)
            opens_at = self.days.known(ordinal).windows[0][0]
            yield at, opens_at, Why.BEFORE_START, None
            at = opens_at
        if self.span.unit is not Unit.WORKING_HOURS:
            yield at, _END_OF_TIME, Why.COUNTED, None
            return
        while True:
            day = self.days.known(ordinal)
            for opens_at, closes_at in day.windows:
                if closes_at <= at:
                    continue
                if opens_at > at:
                    yield at, opens_at, Why.OUTSIDE_HOURS, None
                    at = opens_at
                yield at, closes_at, Why.COUNTED, None
                at = closes_at
            if at < day.ends_at:
                why = Why.OUTSIDE_HOURS if day.windows else day.why
                yield at, day.ends_at, why, None if day.windows else day.name
                at = day.ends_at
            ordinal += 1

    # -- daily units --

    def days_needed(self) -> int:
        """Return how many days the span has; a month has as many as those it leads over."""
        match self.span.unit:
            case Unit.WEEKS:
                return 7 * self.span.amount
            case Unit.MONTHS:
                anchor = self._first_counted() - 1
                target = _months_on(anchor, self.span.amount)
                return _dates_between(self.days, anchor, target)
            case _:
                return self.span.amount

    def _first_counted(self) -> int:
        ordinal = self.days.at(self.started_at)
        if self.span.from_next_working_day and not self.worked:
            return self.days.worked_after(ordinal)
        return ordinal + 1

    def daily(self, need: int) -> datetime | None:
        """Return when so many days have ended; None while the pause is open that comes first."""
        days, add = self.days, self.stretches.add
        ordinal = self._day_of_start()
        pauses = iter(self.pauses)
        pause = next(pauses, None)
        while True:
            ordinal += 1
            day = days.known(ordinal) if self.worked else days.of(ordinal)
            if not day.exists:
                continue
            counts = not self.worked or bool(day.windows)
            ends_at = day.closes_at if self.worked and counts else day.ends_at
            while pause is not None and pause.until_at is not None and pause.until_at < ends_at:
                pause = next(pauses, None)
            if pause is not None and pause.from_at < ends_at:
                if pause.until_at is None:
                    if pause.from_at > day.begins_at:
                        add(day.begins_at, pause.from_at, Why.COUNTED)
                    self.stretches.cut(pause.from_at)
                    return None
                add(day.begins_at, day.ends_at, Why.PAUSED, pause=pause.n)
            elif not counts:
                add(day.begins_at, day.ends_at, day.why, name=day.name)
            elif need > 1:
                need -= 1
                add(day.begins_at, day.ends_at, Why.COUNTED, days=1)
            else:
                self.last_day = day
                add(day.begins_at, ends_at, Why.COUNTED, days=1)
                return ends_at

    def _day_of_start(self) -> int:
        """Go through the days that lead to the first one counted; return the last of them."""
        days, add = self.days, self.stretches.add
        at = self.started_at
        ordinal = days.at(at)
        if not self.worked:
            last = self._first_counted() - 1
            add(at, days.of(last).ends_at, Why.BEFORE_START)
            return last
        last = _received_on(days, ordinal) if self.span.unit is Unit.BUSINESS_CLOSE else ordinal
        for each in range(ordinal, last + 1):
            day = days.known(each)
            if day.exists:
                why = Why.BEFORE_START if day.windows else day.why
                add(max(at, day.begins_at), day.ends_at, why, name=day.name)
        return last

    def not_paused(self, at: datetime) -> datetime | None:
        """Return an instant, or when the pause ends in which it lies; None where that is open."""
        moved = False
        for pause in self.pauses:
            if pause.from_at < at or (moved and pause.from_at == at):
                if pause.until_at is None:
                    return None
                if at < pause.until_at:
                    at, moved = pause.until_at, True
        return at


def _in_order(pauses: Sequence[Standstill], started_at: datetime) -> list[Standstill]:
    """Return pauses as they lie after the start: in order, none of them in another.

    Where several overlap, the time is the lowest number's; an open one ends the list.
    """
    closed: list[tuple[int, datetime, datetime]] = []
    opened: list[tuple[datetime, int]] = []
    for pause in pauses:
        from_at = max(started_at, pause.from_at.astimezone(UTC))
        if pause.until_at is None:
            opened.append((from_at, pause.n))
        elif from_at < (until_at := pause.until_at.astimezone(UTC)):
            closed.append((pause.n, from_at, until_at))
    end = min(opened, default=None)
    if end is not None:
        closed = [(n, start, min(until, end[0])) for n, start, until in closed if start < end[0]]
    found: list[Standstill] = []
    marks = sorted({mark for _, start, until in closed for mark in (start, until)})
    for start, until in pairwise(marks):
        n = min((n for n, first, last in closed if first <= start < last), default=None)
        if n is None:
            continue
        if found and (found[-1].n, found[-1].until_at) == (n, start):
            start = found.pop().from_at
        found.append(Standstill(n, start, until))
    if end is not None:
        found.append(Standstill(end[1], end[0], None))
    return found


def _length(span: Span) -> timedelta:
    return timedelta(hours=span.amount * (24 if span.unit is Unit.STARTED_DAYS else 1))


def _received_on(days: Days, ordinal: int) -> int:
    """Return the business day on which something counts as received (FCA DISP 1.5)."""
    return ordinal if days.known(ordinal).windows else days.worked_after(ordinal)


def _dates_between(days: Days, first: int, last: int) -> int:
    """Return how many dates the place had after one day until another; it may have skipped one."""
    shift = _offset_at(days, last) - _offset_at(days, first)
    if abs(shift) < _DAY / 2:
        return last - first
    return sum(1 for ordinal in range(first + 1, last + 1) if days.of(ordinal).exists)


def _offset_at(days: Days, ordinal: int) -> timedelta:
    offset = days.of(ordinal).begins_at.astimezone(days.zone).utcoffset()
    assert offset is not None
    return offset


def _months_on(ordinal: int, months: int) -> int:
    """Return the same day of the month some months on, or that month's last."""
    on = date.fromordinal(ordinal)
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(on.day, last)).toordinal()


def _day_and_wall(days: Days, at: datetime) -> tuple[int, timedelta]:
    """Return the day that an end belongs to and its time on the wall; midnight is 24:00."""
    local = (at - _MOMENT).astimezone(days.zone).replace(tzinfo=None)
    ordinal = days.at(at - _MOMENT)
    return ordinal, local + _MOMENT - datetime.fromordinal(ordinal)


def _worked_between(days: Days, a: datetime, b: datetime) -> timedelta:
    total = timedelta()
    ordinal = days.at(a)
    while True:
        if days.of(ordinal).begins_at >= b:
            return total
        for opens_at, closes_at in days.known(ordinal).windows:
            if opens_at < b and closes_at > a:
                total += min(closes_at, b) - max(opens_at, a)
        ordinal += 1


def _worked_before(days: Days, at: datetime, need: timedelta) -> datetime:
    ordinal = days.at(at - _MOMENT)
    while True:
        for opens_at, closes_at in reversed(days.known(ordinal).windows):
            end = min(closes_at, at)
            if end - opens_at >= need:
                return end - need
            need -= max(end - opens_at, timedelta())
        ordinal -= 1
