"""When a span is used up, found by counting minutes: slow, and without any of our arithmetic."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import dropwhile, islice

from domain.clocks.messages import Span, Unit
from tests.domain.clocks.calendars import MINUTE, Case, Minute, minutes, paused


class OneDay:
    """A date with its minutes."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.ends_at = datetime.min.replace(tzinfo=UTC)
        self.opens_at: datetime | None = None
        self.closes_at: datetime | None = None

    def take(self, minute: Minute) -> None:
        self.ends_at = minute.at + MINUTE
        if minute.worked:
            self.opens_at = self.opens_at or minute.at
            self.closes_at = minute.at + MINUTE


def days(case: Case) -> Iterator[OneDay]:
    """Yield the dates from the start's on, each with all its minutes."""
    last: OneDay | None = None
    for minute in minutes(case.calendar, case.started_at - timedelta(hours=50)):
        if last is None or last.on != minute.on:
            if last is not None and last.ends_at > case.started_at:
                yield last
            last = OneDay(minute.on)
        last.take(minute)


def due(span: Span, case: Case) -> datetime | None:
    """Return when a span is used up; None where a pause is open before that."""
    if span.unit in (Unit.HOURS, Unit.WORKING_HOURS, Unit.STARTED_DAYS):
        return _timed(span, case)
    return _daily(span, case)


def _timed(span: Span, case: Case) -> datetime | None:
    at = case.started_at
    if span.from_next_working_day:
        later = islice(days(case), 1, None)
        at = next(day.opens_at for day in later if day.opens_at is not None)
    need = span.amount * 60 * (24 if span.unit is Unit.STARTED_DAYS else 1)
    for minute in minutes(case.calendar, at):
        if _open(case, minute.at):
            return None
        if paused(case.pauses, minute.at):
            continue
        if minute.worked or span.unit is not Unit.WORKING_HOURS:
            need -= 1
            if need == 0:
                return minute.at + MINUTE
    return None


def _daily(span: Span, case: Case) -> datetime | None:
    rest = days(case)
    start = next(rest)
    in_working_days = span.unit in (Unit.WORKING_DAYS, Unit.BUSINESS_CLOSE)
    if span.unit is Unit.BUSINESS_CLOSE:
        while start.closes_at is None:
            start = next(rest)
    elif span.from_next_working_day and not in_working_days:
        rest = dropwhile(lambda day: day.closes_at is None, rest)
    need = span.amount
    for day in rest:
        end = day.closes_at if in_working_days else day.ends_at
        if end is None:
            if _open(case, day.ends_at - MINUTE):
                return None
            continue
        if _open(case, end - MINUTE):
            return None
        if paused(case.pauses, end - MINUTE):
            continue
        need -= 1
        if need == 0:
            return end
    raise AssertionError("days have no end")


def _open(case: Case, at: datetime) -> bool:
    return any(pause.until_at is None and pause.from_at <= at for pause in case.pauses)
