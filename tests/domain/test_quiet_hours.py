"""Quiet hours end when the wall clock says so, also on the days on which it is changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quiet_hours import QuietHours, is_quiet, next_local, quiet_until

MINUTE = timedelta(minutes=1)
BERLIN = "Europe/Berlin"
ZONES = ("Asia/Tehran", "Asia/Shanghai", BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC")


def berlin(*parts: int, fold: int = 0) -> datetime:
    there = datetime(*parts, fold=fold, tzinfo=ZoneInfo(BERLIN))  # type: ignore[misc, arg-type]
    return there.astimezone(UTC)


def hours(starts: str, ends: str, zone: str = BERLIN) -> QuietHours:
    return QuietHours(starts_local=starts, ends_local=ends, zone=zone)


NIGHT = hours("22:00", "07:00")


def test_what_is_not_quiet_waits_for_nothing() -> None:
    noon = berlin(2026, 6, 1, 12)
    assert quiet_until(NIGHT, noon) == noon
    assert quiet_until(None, noon) == noon


def test_a_night_ends_in_the_morning() -> None:
    assert quiet_until(NIGHT, berlin(2026, 6, 1, 23, 30)) == berlin(2026, 6, 2, 7)
    assert quiet_until(NIGHT, berlin(2026, 6, 2, 6, 59)) == berlin(2026, 6, 2, 7)
    assert quiet_until(NIGHT, berlin(2026, 6, 2, 7)) == berlin(2026, 6, 2, 7)


def test_a_night_in_which_the_clock_is_changed_ends_by_the_wall_clock() -> None:
    assert quiet_until(NIGHT, berlin(2026, 3, 28, 23)) == berlin(2026, 3, 29, 7)
    assert berlin(2026, 3, 29, 7) - berlin(2026, 3, 28, 23) == timedelta(hours=7)
    assert quiet_until(NIGHT, berlin(2026, 10, 24, 23)) == berlin(2026, 10, 25, 7)
    assert berlin(2026, 10, 25, 7) - berlin(2026, 10, 24, 23) == timedelta(hours=9)


def test_an_end_that_summer_time_leaves_out_is_the_moment_of_the_change() -> None:
    assert quiet_until(hours("22:00", "02:30"), berlin(2026, 3, 28, 23)) == berlin(2026, 3, 29, 3)


def test_an_end_that_comes_twice_comes_first() -> None:
    found = quiet_until(hours("22:00", "02:30"), berlin(2026, 10, 24, 23))
    assert found == berlin(2026, 10, 25, 2, 30)


@given(
    st.sampled_from(ZONES),
    st.times(),
    st.times(),
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
)
def test_it_is_the_first_minute_that_is_not_quiet(
    zone: str, starts: object, ends: object, at: datetime
) -> None:
    quiet = hours(f"{starts:%H:%M}", f"{ends:%H:%M}", zone)
    if quiet.starts_local == quiet.ends_local:
        return
    at = at.replace(tzinfo=UTC)
    looked_at = at
    while is_quiet(quiet, looked_at):
        looked_at = looked_at.replace(second=0, microsecond=0) + MINUTE
    assert quiet_until(quiet, at) == looked_at


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (berlin(2026, 6, 1, 7, 59), berlin(2026, 6, 1, 8)),
        (berlin(2026, 6, 1, 8), berlin(2026, 6, 2, 8)),
        (berlin(2026, 3, 28, 9), berlin(2026, 3, 29, 8)),
    ],
)
def test_the_next_eight_o_clock(at: datetime, found: datetime) -> None:
    assert next_local(at, "08:00", BERLIN) == found


@given(
    st.sampled_from(ZONES),
    st.times(),
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
)
def test_the_next_time_of_day_is_later_and_soon(zone: str, local: object, at: datetime) -> None:
    at = at.replace(tzinfo=UTC)
    found = next_local(at, f"{local:%H:%M}", zone)
    assert at < found <= at + timedelta(hours=25)
