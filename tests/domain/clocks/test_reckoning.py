"""Reckoning by example: every unit, changes of clocks, make-up days, pauses, and their reasons."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.clocks.calendar import Holiday, SpecialDay, Weekday, WorkingDay
from domain.clocks.course import Why
from domain.clocks.days import CalendarDoesNotCover
from domain.clocks.messages import Span, Unit
from domain.clocks.reckoning import (
    Standstill,
    before,
    elapsed,
    reckon,
    share_at,
    started_days,
)
from tests.domain.clocks.calendars import office, windows

LONDON = office(
    "Europe/London",
    holidays=(Holiday(on=date(2026, 12, 25), name="Christmas Day"),),
)
TEHRAN = office(
    "Asia/Tehran",
    week=tuple(
        WorkingDay(day=day, windows=windows(("08:00", "16:00")))
        for day in (
            Weekday.SATURDAY,
            Weekday.SUNDAY,
            Weekday.MONDAY,
            Weekday.TUESDAY,
            Weekday.WEDNESDAY,
        )
    ),
)
DAY_AND_NIGHT = tuple(WorkingDay(day=day, windows=windows(("00:00", "24:00"))) for day in Weekday)


def at(text: str, zone: str = "Europe/London") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def span(amount: int, unit: str, next_day: bool = False) -> Span:
    return Span(amount=amount, unit=Unit(unit), from_next_working_day=next_day)


@pytest.mark.parametrize(
    ("wanted", "started", "due"),
    [
        (span(30, "hours"), "2026-11-19 14:30:17", "2026-11-20 20:30:17"),
        (span(8, "working_hours"), "2026-11-19 14:30:17", "2026-11-20 14:30:17"),
        (span(8, "working_hours"), "2026-11-21 09:00", "2026-11-23 17:00"),
        (span(8, "working_hours", True), "2026-11-19 08:00", "2026-11-20 17:00"),
        (span(30, "hours", True), "2026-11-20 08:00", "2026-11-24 14:00"),
        (span(3, "calendar_days"), "2026-11-19 14:30", "2026-11-23 00:00"),
        (span(3, "calendar_days", True), "2026-11-20 14:30", "2026-11-26 00:00"),
        (span(3, "working_days"), "2026-11-19 14:30", "2026-11-24 17:00"),
        (span(3, "working_days", True), "2026-11-19 14:30", "2026-11-24 17:00"),
        (span(1, "working_days"), "2026-11-19 19:30", "2026-11-20 17:00"),
        (span(2, "started_days"), "2026-11-19 14:30", "2026-11-21 14:30"),
        (span(8, "weeks"), "2026-11-19 14:30", "2027-01-15 00:00"),
        (span(1, "months"), "2026-01-31 14:30", "2026-03-01 00:00"),
        (span(14, "months"), "2026-01-15 14:30", "2027-03-16 00:00"),
    ],
)
def test_every_unit_is_due_when_it_says(wanted: Span, started: str, due: str) -> None:
    assert reckon(wanted, at(started), LONDON).due_at == at(due)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-18 10:00", "2026-11-23 17:00"),  # Wednesday: Thursday, Friday, Monday
        ("2026-11-18 23:00", "2026-11-23 17:00"),
        ("2026-11-21 10:00", "2026-11-26 17:00"),  # Saturday counts as received on Monday
        ("2026-11-22 10:00", "2026-11-26 17:00"),
        ("2026-11-23 00:00", "2026-11-26 17:00"),
        ("2026-12-25 10:00", "2026-12-31 17:00"),  # so does a holiday
    ],
)
def test_the_third_business_day_follows_the_day_of_receipt(received: str, due: str) -> None:
    """FCA DISP 1.5: by close of business on the third business day following receipt."""
    assert reckon(span(3, "business_close"), at(received), LONDON).due_at == at(due)


@pytest.mark.parametrize(
    ("hours", "days"), [(0, 0), (1, 1), (23, 1), (24, 1), (25, 2), (120, 5), (121, 6)]
)
def test_each_24_hours_are_a_day_and_so_is_what_is_left_over(hours: int, days: int) -> None:
    """SAMR Order 43: 每满24小时，为1日；余下时间不足24小时的，以1日计."""
    assert started_days(timedelta(hours=hours)) == days


def test_a_repair_takes_more_than_five_days_after_120_hours_parts_on_the_way_left_out() -> None:
    started = at("2026-11-02 09:00")
    transport = Standstill(1, at("2026-11-03 12:00"), at("2026-11-05 15:00"))
    found = reckon(span(5, "started_days"), started, LONDON, [transport])
    assert found.due_at == at("2026-11-09 12:00")
    assert [(one.why, one.days) for one in found.stretches] == [
        (Why.COUNTED, 2),
        (Why.PAUSED, 0),
        (Why.COUNTED, 3),
    ]


def test_reasons_stand_with_every_stretch_that_did_not_count() -> None:
    found = reckon(
        span(8, "working_hours"),
        at("2026-12-24 15:00"),
        LONDON,
        [Standstill(4, at("2026-12-28 09:00"), at("2026-12-28 10:00"))],
    )
    assert found.due_at == at("2026-12-28 16:00")
    assert [(one.why, one.minutes, one.name, one.pause) for one in found.stretches] == [
        (Why.COUNTED, 120, None, None),
        (Why.OUTSIDE_HOURS, 0, None, None),
        (Why.HOLIDAY, 0, "Christmas Day", None),
        (Why.NOT_A_WORKING_DAY, 0, None, None),
        (Why.OUTSIDE_HOURS, 0, None, None),
        (Why.COUNTED, 60, None, None),
        (Why.PAUSED, 0, None, 4),
        (Why.COUNTED, 120, None, None),
        (Why.OUTSIDE_HOURS, 0, None, None),
        (Why.COUNTED, 180, None, None),
    ]


def test_a_day_counts_unless_the_clock_stands_still_when_it_ends() -> None:
    started = at("2026-11-16 10:00")
    within = Standstill(1, at("2026-11-17 09:00"), at("2026-11-17 16:00"))
    over_night = Standstill(1, at("2026-11-17 09:00"), at("2026-11-18 09:00"))
    assert reckon(span(2, "working_days"), started, LONDON, [within]).due_at == at(
        "2026-11-18 17:00"
    )
    found = reckon(span(2, "working_days"), started, LONDON, [over_night])
    assert found.due_at == at("2026-11-19 17:00")
    assert [(one.why, one.days) for one in found.stretches] == [
        (Why.BEFORE_START, 0),
        (Why.PAUSED, 0),
        (Why.COUNTED, 2),
    ]


def test_nobody_knows_the_due_instant_while_a_pause_is_open() -> None:
    started, opened = at("2026-11-16 10:00"), at("2026-11-17 12:00")
    for unit in Unit:
        found = reckon(span(30, unit), started, LONDON, [Standstill(1, opened, None)])
        assert found.due_at is None
        assert found.stretches[-1].until_at == opened
        with pytest.raises(ValueError, match="pause is open"):
            share_at(span(30, unit), started, LONDON, [Standstill(1, opened, None)], 99)


def test_a_pause_that_opens_after_the_due_instant_changes_nothing() -> None:
    started = at("2026-11-16 10:00")
    for unit in Unit:
        without = reckon(span(1, unit), started, LONDON)
        assert without.due_at is not None
        pause = Standstill(1, without.due_at, None)
        assert reckon(span(1, unit), started, LONDON, [pause]) == without


def test_a_make_up_workday_is_worked_and_a_shortened_day_closes_early() -> None:
    saturday = SpecialDay(
        on=date(2026, 11, 21), windows=windows(("09:00", "12:00")), name="make up"
    )
    calendar = office("Asia/Shanghai", special_days=(saturday,))
    started = at("2026-11-20 16:00", "Asia/Shanghai")
    assert reckon(span(1, "working_days"), started, calendar).due_at == at(
        "2026-11-21 12:00", "Asia/Shanghai"
    )
    assert reckon(span(5, "working_hours"), started, calendar).due_at == at(
        "2026-11-23 09:00", "Asia/Shanghai"
    )


def test_a_special_day_without_hours_is_a_day_off_by_its_name() -> None:
    mourning = SpecialDay(on=date(2026, 11, 23), windows=(), name="day of mourning")
    found = reckon(
        span(1, "working_days"),
        at("2026-11-20 10:00"),
        office("Europe/London", special_days=(mourning,)),
    )
    assert found.due_at == at("2026-11-24 17:00")
    assert [one.name for one in found.stretches if one.why is Why.HOLIDAY] == ["day of mourning"]


def test_the_iranian_week_ends_on_thursday_and_friday() -> None:
    started = at("2026-11-18 15:00", "Asia/Tehran")  # a Wednesday
    found = reckon(span(2, "working_hours"), started, TEHRAN)
    assert found.due_at == at("2026-11-21 09:00", "Asia/Tehran")


@pytest.mark.parametrize(
    ("zone", "started", "due"),
    [
        ("Europe/London", "2026-03-28 12:00", "2026-03-29 13:00"),  # an hour is left out
        ("Europe/London", "2026-10-24 12:00", "2026-10-25 11:00"),  # an hour comes twice
        ("Asia/Tehran", "2022-03-21 12:00", "2022-03-22 13:00"),  # at midnight
        ("Asia/Tehran", "2022-09-21 12:00", "2022-09-22 11:00"),
        ("Australia/Lord_Howe", "2026-10-03 12:00", "2026-10-04 12:30"),  # half an hour
        ("Pacific/Apia", "2011-12-29 12:00", "2011-12-31 12:00"),  # a day that was not
    ],
)
def test_a_day_and_night_is_24_hours_whatever_the_clocks_do(
    zone: str, started: str, due: str
) -> None:
    calendar = office(
        zone, week=DAY_AND_NIGHT, covers_from_on=date(2010, 1, 1), covers_until_on=date(2027, 1, 1)
    )
    found = reckon(span(24, "working_hours"), at(started, zone), calendar)
    assert found.due_at == at(due, zone)
    assert found.stretches == reckon(span(24, "hours"), at(started, zone), calendar).stretches


def test_a_date_that_was_skipped_counts_as_no_day() -> None:
    calendar = office("Pacific/Apia", covers_from_on=date(2011, 1, 1))
    started = at("2011-12-28 10:00", "Pacific/Apia")
    found = reckon(span(2, "calendar_days"), started, calendar)
    assert found.due_at == at("2012-01-01 00:00", "Pacific/Apia")
    assert elapsed(Unit.CALENDAR_DAYS, started, found.due_at, calendar) == 3


@pytest.mark.parametrize(
    ("lead", "instant"),
    [
        (span(24, "hours"), "2026-11-22 17:00"),
        (span(2, "working_hours"), "2026-11-23 15:00"),
        (span(9, "working_hours"), "2026-11-20 16:00"),
        (span(1, "working_days"), "2026-11-20 17:00"),
        (span(1, "business_close"), "2026-11-20 17:00"),
        (span(3, "calendar_days"), "2026-11-20 17:00"),
        (span(1, "weeks"), "2026-11-16 17:00"),
        (span(1, "months"), "2026-10-23 17:00"),
        (span(2, "started_days"), "2026-11-21 17:00"),
    ],
)
def test_a_lead_lies_before_the_end(lead: Span, instant: str) -> None:
    assert before(at("2026-11-23 17:00"), lead, LONDON) == at(instant)


def test_a_lead_before_midnight_ends_at_midnight() -> None:
    assert before(at("2026-11-23 00:00"), span(2, "calendar_days"), LONDON) == at(
        "2026-11-21 00:00"
    )
    assert before(at("2026-03-30 00:00"), span(1, "calendar_days"), LONDON) == at(
        "2026-03-29 00:00"
    )


def test_a_share_of_days_is_a_part_of_working_time() -> None:
    started = at("2026-11-16 10:00")
    assert share_at(span(4, "working_days"), started, LONDON, [], 50) == at("2026-11-18 17:00")
    assert share_at(span(2, "working_days"), started, LONDON, [], 75) == at("2026-11-18 12:30")
    assert share_at(span(2, "calendar_days"), started, LONDON, [], 75) == at("2026-11-18 12:00")


def test_a_share_is_not_used_up_within_a_pause() -> None:
    pause = Standstill(1, at("2026-11-18 12:00"), at("2026-11-18 15:00"))
    found = share_at(span(2, "working_days"), at("2026-11-16 10:00"), LONDON, [pause], 75)
    assert found == at("2026-11-18 15:00")


def test_days_that_the_calendar_does_not_cover_are_refused_and_named() -> None:
    with pytest.raises(CalendarDoesNotCover) as caught:
        reckon(span(20, "working_days"), at("2028-12-20 10:00"), LONDON)
    assert caught.value.params == {
        "on": "2029-01-01",
        "covers_from_on": "2020-01-01",
        "covers_until_on": "2028-12-31",
    }
    with pytest.raises(CalendarDoesNotCover):
        reckon(span(1, "working_hours"), at("2019-12-30 10:00"), LONDON)
    assert reckon(span(60, "hours"), at("2035-01-01 10:00"), LONDON).due_at is not None
    assert reckon(span(8, "weeks"), at("2035-01-01 10:00"), LONDON).due_at is not None


def test_a_calendar_that_is_hardly_ever_worked_comes_to_an_end() -> None:
    once = SpecialDay(on=date(2026, 1, 2), windows=windows(("08:00", "09:00")), name="stocktaking")
    calendar = office("Europe/London", week=(), special_days=(once,))
    with pytest.raises(CalendarDoesNotCover):
        reckon(span(2, "working_hours"), at("2026-01-01 10:00"), calendar)


def test_many_stretches_are_taken_together_in_the_middle_and_still_add_up() -> None:
    pause = Standstill(7, at("2026-06-10 10:00"), at("2026-06-12 10:00"))
    found = reckon(span(1200, "working_hours"), at("2026-03-02 08:00"), LONDON, [pause])
    assert len(found.stretches) <= 60
    assert sum(one.minutes for one in found.stretches) == 1200 * 60
    assert [one.pause for one in found.stretches if one.why is Why.PAUSED] == [7]


def test_a_span_without_length_is_an_error_of_whoever_asks() -> None:
    with pytest.raises(ValueError, match="has no length"):
        reckon(span(0, "hours"), datetime(2026, 1, 1, tzinfo=UTC), LONDON)
