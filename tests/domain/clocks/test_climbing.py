"""When an escalation climbs: by the obligation, by the calendar, and also where it has ended."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.clocks.calendar import Calendar, Weekday, Window, WorkingDay
from domain.clocks.climbing import OUTAGE, climbs_at
from domain.clocks.messages import Span, Unit

SINCE = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
CALENDAR = Calendar(
    zone="UTC",
    week=tuple(
        WorkingDay(day=day, windows=(Window(starts_local="08:00", ends_local="16:00"),))
        for day in Weekday
    ),
    holidays=(),
    special_days=(),
    covers_from_on=SINCE.date() - timedelta(days=30),
    covers_until_on=SINCE.date() + timedelta(days=2),
)
FOUR_HOURS = Span(amount=4, unit=Unit.WORKING_HOURS)


def test_a_rung_that_is_not_left_never_climbs() -> None:
    assert climbs_at(None, SINCE, CALENDAR, SINCE) is None


def test_the_time_of_a_rung_counts_from_the_obligation_however_late_somebody_looked() -> None:
    tomorrow = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
    assert climbs_at(FOUR_HOURS, SINCE, CALENDAR, SINCE) == tomorrow
    assert climbs_at(FOUR_HOURS, SINCE, CALENDAR, SINCE + OUTAGE) == tomorrow


def test_after_an_outage_it_counts_from_when_she_could_be_told() -> None:
    later = SINCE + timedelta(hours=1)
    assert climbs_at(FOUR_HOURS, SINCE, CALENDAR, later) == datetime(2026, 3, 3, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("unit", "plain"),
    [
        (Unit.WORKING_HOURS, timedelta(hours=1)),
        (Unit.WORKING_DAYS, timedelta(days=1)),
        (Unit.BUSINESS_CLOSE, timedelta(days=1)),
    ],
)
def test_where_the_calendar_has_ended_every_hour_counts(unit: Unit, plain: timedelta) -> None:
    beyond = SINCE + timedelta(days=40)
    span = Span(amount=9, unit=unit)
    assert climbs_at(span, beyond, CALENDAR, beyond) == beyond + 9 * plain
