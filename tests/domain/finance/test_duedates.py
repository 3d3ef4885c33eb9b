"""Due dates by Gregorian and Persian months, at the month's end, and moved to working days."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from domain.clocks.calendar import Calendar, Holiday
from domain.finance import (
    DueDates,
    EndOfMonth,
    MonthsBy,
    MonthsNotCovered,
    NoCivilMonths,
    NoWorkingDay,
    Shift,
    due_dates,
    shifted,
)
from domain.finance.duedates import one_before
from domain.finance.months import civil_months
from store.rulebook import SHIPPED, content_of, publication_of
from tests.domain.clocks.calendars import office

IRAN: Calendar = content_of(publication_of(SHIPPED / "calendar" / "iran.toml"))
PERSIAN = DueDates(months=MonthsBy.CIVIL)


def days(rule: DueDates, first_on: date, count: int, calendar: Calendar | None = None) -> list[str]:
    return [str(each.due_on) for each in due_dates(rule, first_on, count, calendar)]


def jalali(year: int, month: int, day: int) -> date:
    found: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    return found


def test_a_short_month_is_clamped_and_shortens_none_after_it() -> None:
    expected = ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]
    assert days(DueDates(), date(2024, 1, 31), 4) == expected
    assert days(DueDates(), date(2024, 1, 30), 3) == ["2024-01-30", "2024-02-29", "2024-03-30"]


def test_the_last_day_of_a_month_can_mean_the_last_of_every_month() -> None:
    rule = DueDates(end_of_month=EndOfMonth.LAST_DAY)
    assert days(rule, date(2026, 2, 28), 3) == ["2026-02-28", "2026-03-31", "2026-04-30"]
    assert days(rule, date(2026, 2, 27), 3) == ["2026-02-27", "2026-03-27", "2026-04-27"]


def test_instalments_may_fall_due_every_quarter() -> None:
    rule = DueDates(every_months=3)
    assert days(rule, date(2026, 11, 30), 3) == ["2026-11-30", "2027-02-28", "2027-05-30"]
    assert one_before(rule, date(2026, 11, 30)) == date(2026, 8, 30)


def test_persian_months_are_clamped_where_they_have_30_or_29_days() -> None:
    found = due_dates(PERSIAN, jalali(1404, 6, 31), 8, IRAN)
    expected = [
        *(jalali(1404, month, 30) for month in range(7, 12)),
        jalali(1404, 12, 29),
        jalali(1405, 1, 31),
    ]
    assert [each.due_on for each in found] == [jalali(1404, 6, 31), *expected]


@given(st.dates(date(2005, 1, 1), date(2030, 1, 1)), st.integers(1, 60))
def test_persian_due_dates_are_those_of_an_independent_calendar(first_on: date, count: int) -> None:
    start = JalaliDate(first_on)  # type: ignore[no-untyped-call]
    for n, each in enumerate(due_dates(PERSIAN, first_on, count, IRAN)):
        year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
        length = JalaliDate.days_in_month(month + 1, year)
        assert each.due_on == jalali(year, month + 1, min(start.day, length))


@pytest.mark.parametrize(
    ("shift", "due_on"),
    [
        (Shift.NONE, "2026-01-31"),
        (Shift.FOLLOWING, "2026-02-02"),
        (Shift.MODIFIED_FOLLOWING, "2026-01-30"),
        (Shift.PRECEDING, "2026-01-30"),
    ],
)
def test_a_due_date_on_a_free_day_moves_by_its_convention(shift: Shift, due_on: str) -> None:
    calendar = office("Europe/Berlin")  # 2026-01-31 is a Saturday
    [each] = due_dates(DueDates(shift=shift), date(2026, 1, 31), 1, calendar)
    assert str(each.due_on) == due_on
    assert each.nominal_on == date(2026, 1, 31)


def test_a_due_date_on_a_holiday_moves_behind_all_of_them() -> None:
    nowruz = date(2026, 3, 21)
    assert shifted(nowruz, Shift.FOLLOWING, IRAN) == date(2026, 3, 25)
    modified = DueDates(months=MonthsBy.CIVIL, shift=Shift.MODIFIED_FOLLOWING)
    [each] = due_dates(modified, jalali(1404, 12, 29), 1, IRAN)  # a holiday; 1 to 4 Farvardin too
    assert each.due_on == date(2026, 3, 18)


def test_beyond_the_covered_days_weekdays_alone_are_known() -> None:
    friday = date(2031, 7, 4)
    assert shifted(friday, Shift.FOLLOWING, IRAN) == date(2031, 7, 5)
    assert shifted(friday, Shift.PRECEDING, IRAN) == date(2031, 7, 2)


@given(
    st.dates(date(2020, 1, 1), date(2028, 1, 1)),
    st.sampled_from(Shift),
    st.sampled_from(MonthsBy),
    st.sampled_from(EndOfMonth),
    st.integers(1, 6),
)
def test_due_dates_strictly_increase(
    first_on: date, shift: Shift, months: MonthsBy, end: EndOfMonth, every: int
) -> None:
    rule = DueDates(months=months, every_months=every, end_of_month=end, shift=shift)
    found = [each.due_on for each in due_dates(rule, first_on, 24, IRAN)]
    assert all(earlier < later for earlier, later in pairwise(found))


def test_what_the_calendar_does_not_say_is_refused() -> None:
    with pytest.raises(NoCivilMonths):
        due_dates(PERSIAN, date(2026, 1, 1), 1, office("Europe/Berlin"))
    with pytest.raises(MonthsNotCovered):
        due_dates(PERSIAN, date(2043, 3, 1), 24, IRAN)
    with pytest.raises(MonthsNotCovered):
        civil_months(IRAN).place(date(1999, 1, 1))
    first = date(2026, 2, 2)
    closed = tuple(Holiday(on=first + timedelta(days=n), name="shut") for n in range(30))
    with pytest.raises(NoWorkingDay):
        shifted(first, Shift.FOLLOWING, office("Europe/Berlin", holidays=closed))
    with pytest.raises(ValueError, match="working days of a calendar"):
        shifted(first, Shift.FOLLOWING, None)
    with pytest.raises(ValueError, match="need the calendar"):
        due_dates(PERSIAN, first, 1)
    with pytest.raises(ValueError, match="write 1 to 60"):
        DueDates(every_months=0)
