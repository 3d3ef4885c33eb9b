"""Random calendars, starts and pauses, and a counter that goes minute by minute."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from domain.clocks.calendar import (
    Calendar,
    Holiday,
    SpecialDay,
    Weekday,
    Window,
    WorkingDay,
    minutes_of,
)
from domain.clocks.messages import Span, Unit
from domain.clocks.reckoning import Standstill

MINUTE = timedelta(minutes=1)
OFFICE = (("08:00", "12:00"), ("13:00", "17:00"))

NEAR_A_CHANGE = (
    ("Asia/Tehran", date(2022, 3, 21)),
    ("Asia/Tehran", date(2022, 9, 21)),
    ("Asia/Tehran", date(2026, 3, 20)),
    ("Asia/Shanghai", date(1991, 4, 13)),
    ("Asia/Shanghai", date(2026, 2, 14)),
    ("Europe/London", date(2026, 3, 28)),
    ("Europe/London", date(2026, 10, 24)),
    ("America/New_York", date(2026, 3, 7)),
    ("America/New_York", date(2026, 10, 31)),
    ("America/St_Johns", date(2010, 3, 13)),
    ("America/St_Johns", date(2010, 11, 6)),
    ("America/Havana", date(2026, 3, 7)),
    ("Australia/Lord_Howe", date(2026, 4, 4)),
    ("Australia/Lord_Howe", date(2026, 10, 3)),
    ("Pacific/Apia", date(2011, 12, 28)),
    ("Pacific/Kiritimati", date(1994, 12, 30)),
    ("Africa/Casablanca", date(2026, 2, 14)),
    ("Asia/Kathmandu", date(2026, 1, 1)),
)
"""Zones, each with a day shortly before its clocks change (or nothing changes)."""


def windows(*parts: tuple[str, str]) -> tuple[Window, ...]:
    return tuple(Window(starts_local=starts, ends_local=ends) for starts, ends in parts)


def office(zone: str, **changes: object) -> Calendar:
    """Return a calendar worked from Monday to Friday in two halves, 2020 to 2028."""
    fields: dict[str, object] = {
        "zone": zone,
        "week": tuple(WorkingDay(day=day, windows=windows(*OFFICE)) for day in tuple(Weekday)[:5]),
        "holidays": (),
        "special_days": (),
        "covers_from_on": date(2020, 1, 1),
        "covers_until_on": date(2028, 12, 31),
    }
    return Calendar(**(fields | changes))  # type: ignore[arg-type]


def _wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def some_windows(draw: st.DrawFn) -> tuple[Window, ...]:
    """One to three windows in order, at odd minutes, until 24:00 at times."""
    times = st.integers(0, 1440) | st.sampled_from([0, 60, 90, 120, 150, 180, 1380, 1440])
    count = draw(st.integers(1, 3))
    marks = sorted(draw(st.lists(times, min_size=2 * count, max_size=2 * count, unique=True)))
    pairs = zip(marks[::2], marks[1::2], strict=True)
    return windows(*((_wall(starts), _wall(ends)) for starts, ends in pairs))


@dataclass(frozen=True)
class Case:
    """A calendar, a start, and pauses after it."""

    calendar: Calendar
    started_at: datetime
    pauses: tuple[Standstill, ...]


@st.composite
def cases(draw: st.DrawFn, pauses_max: int = 3) -> Case:
    """Draw a calendar, a start near a change of clocks and pauses, all in whole minutes."""
    zone, on = draw(st.sampled_from(NEAR_A_CHANGE))
    week = draw(st.sets(st.sampled_from(Weekday), min_size=2))
    holidays = draw(st.sets(st.integers(0, 12), max_size=3))
    special = draw(st.sets(st.integers(0, 12), max_size=2))
    calendar = Calendar(
        zone=zone,
        week=tuple(
            WorkingDay(day=day, windows=draw(some_windows())) for day in Weekday if day in week
        ),
        holidays=tuple(
            Holiday(on=on + timedelta(days=n), name=f"holiday {n}") for n in sorted(holidays)
        ),
        special_days=tuple(
            SpecialDay(
                on=on + timedelta(days=n),
                windows=draw(some_windows()) if draw(st.booleans()) else (),
                name=f"special {n}",
            )
            for n in sorted(special - holidays)
        ),
        covers_from_on=on - timedelta(days=40),
        covers_until_on=on + timedelta(days=3000),
    )
    start = datetime.combine(on, datetime.min.time(), UTC)
    started_at = start + draw(st.integers(0, 3 * 1440)) * MINUTE
    pauses = []
    for n in range(1, draw(st.integers(0, pauses_max)) + 1):
        from_at = started_at + draw(st.integers(-300, 6 * 1440)) * MINUTE
        length = draw(st.integers(0, 2 * 1440)) * MINUTE
        is_open = draw(st.integers(0, 9)) == 0
        pauses.append(Standstill(n, from_at, None if is_open else from_at + length))
    return Case(calendar, started_at, tuple(pauses))


def spans(amount_max: int = 6) -> st.SearchStrategy[Span]:
    """Draw a span short enough to be counted minute by minute."""
    return st.builds(
        Span,
        amount=st.integers(1, amount_max),
        unit=st.sampled_from([unit for unit in Unit if unit not in (Unit.WEEKS, Unit.MONTHS)]),
        from_next_working_day=st.booleans(),
    )


@dataclass(frozen=True)
class Minute:
    """One minute: its place's date (which never goes back) and whether it is worked."""

    at: datetime
    on: date
    worked: bool


def minutes(calendar: Calendar, from_at: datetime) -> Iterator[Minute]:
    """Yield every minute from an instant on, by looking at the clock on the wall."""
    zone = ZoneInfo(calendar.zone)
    week = {one.day: one.windows for one in calendar.week}
    holidays = {one.on for one in calendar.holidays}
    special = {one.on: one.windows for one in calendar.special_days}
    weekdays = tuple(Weekday)
    at = from_at - timedelta(hours=26)
    latest = date.min
    while True:
        local = at.astimezone(zone)
        latest = max(latest, local.date())
        if at >= from_at:
            on = local.date()
            hours: Sequence[Window] = week.get(weekdays[on.weekday()], ())
            hours = special.get(on, () if on in holidays else hours)
            now = local.hour * 60 + local.minute
            worked = on == latest and any(
                minutes_of(one.starts_local) <= now < minutes_of(one.ends_local) for one in hours
            )
            yield Minute(at, latest, worked)
        at += MINUTE


def paused(pauses: Sequence[Standstill], at: datetime) -> bool:
    """Tell whether the minute that begins at an instant lies in a pause."""
    return any(
        pause.from_at <= at and (pause.until_at is None or at < pause.until_at) for pause in pauses
    )
