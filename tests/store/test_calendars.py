"""Calendars made of the library's holidays and an override that always wins."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from domain.clocks.calendar import Calendar, Weekday
from domain.clocks.messages import Span, Unit
from domain.clocks.reckoning import reckon
from store.calendars import (
    OVERRIDES,
    CalendarNotMade,
    Override,
    materialise,
    provenance,
    read_override,
    written,
)
from store.rulebook import SHIPPED, content_of, publication_of
from store.rules_files import RulesFileError

COUNTRIES = {"iran": "IR", "china": "CN", "uk": "GB", "usa": "US", "germany": "DE"}


def made(name: str, first: int = 2020, last: int = 2028) -> Calendar:
    return materialise(COUNTRIES[name], first, last, read_override(OVERRIDES / f"{name}.toml"))


def override_file(tmp_path: Path, *more: str, name: str = "germany") -> Path:
    path = tmp_path / "override.toml"
    text = (OVERRIDES / f"{name}.toml").read_text(encoding="utf-8")
    path.write_text("\n".join([*more, text]), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", COUNTRIES)
def test_a_shipped_calendar_is_what_the_library_and_its_override_make(name: str) -> None:
    publication = publication_of(SHIPPED / "calendar" / f"{name}.toml")
    shipped = content_of(publication)
    again = made(name, shipped.covers_from_on.year, shipped.covers_until_on.year)
    assert shipped == again
    decided = read_override(OVERRIDES / f"{name}.toml")
    assert publication.source == provenance(COUNTRIES[name], again, decided).source


@pytest.mark.parametrize("name", COUNTRIES)
def test_a_calendar_written_to_a_file_reads_back_the_same(name: str, tmp_path: Path) -> None:
    calendar = made(name)
    origin = provenance(COUNTRIES[name], calendar, read_override(OVERRIDES / f"{name}.toml"))
    path = tmp_path / "calendar" / "again.toml"
    path.parent.mkdir()
    path.write_text(written(calendar, origin, date(2020, 1, 1), "by a test"), encoding="utf-8")
    publication = publication_of(path)
    assert (publication.kind, publication.name) == ("calendar", "again")
    assert content_of(publication) == calendar


def test_iran_rests_on_thursday_and_friday_and_says_which_dates_are_estimates() -> None:
    iran = made("iran")
    assert {one.day for one in iran.week}.isdisjoint({Weekday.THURSDAY, Weekday.FRIDAY})
    by_day = {one.on: one for one in iran.holidays}
    assert by_day[date(2026, 3, 21)].name == "جشن نوروز; عید سعید فطر"
    assert not by_day[date(2027, 3, 21)].estimated
    fitr = by_day[date(2027, 3, 10)]
    assert fitr.estimated
    assert fitr.name == "عید سعید فطر"
    assert not any("تخمینی" in one.name for one in iran.holidays)
    assert all(one.on.weekday() not in (3, 4) for one in iran.holidays)


def test_iran_publishes_its_persian_months_further_than_its_days() -> None:
    iran = made("iran")
    assert (iran.civil_years[0].year, iran.civil_years[-1].year) == (1398, 1407 + 15)
    starts = {one.year: one.months_start_on for one in iran.civil_years}
    assert starts[1404][0] == date(2025, 3, 21)
    assert starts[1405][7] == date(2026, 10, 23)
    lengths = [(b - a).days for a, b in zip(starts[1403], starts[1403][1:], strict=False)]
    assert lengths == [31] * 6 + [30] * 5
    assert (starts[1404][0] - starts[1403][11]).days == 30  # 1403 is a leap year
    assert (starts[1405][0] - starts[1404][11]).days == 29
    new_years = {one.on for one in iran.holidays if "جشن نوروز" in one.name}
    assert new_years
    assert new_years <= {one[0] for one in starts.values()}


def test_a_country_without_months_of_its_own_publishes_none() -> None:
    assert made("china").civil_years == ()


def test_china_works_the_weekend_days_it_announced_and_has_estimates_where_it_did_not_yet() -> None:
    china = made("china")
    by_day = {one.on: one for one in china.special_days}
    assert by_day[date(2026, 2, 14)].name == "调休上班"
    assert by_day[date(2026, 2, 14)].windows == china.week[0].windows
    assert not any(one.on.year > 2026 for one in china.special_days)
    assert all(one.estimated == (one.on.year > 2026) for one in china.holidays)
    started = datetime(2026, 2, 13, 2, tzinfo=UTC)  # a Friday; the Saturday is worked
    due_at = reckon(Span(amount=1, unit=Unit.WORKING_DAYS), started, china).due_at
    assert due_at == datetime(2026, 2, 14, 10, tzinfo=UTC)


def test_a_holiday_moved_over_new_year_is_found_at_either_end() -> None:
    usa = made("usa", 2021, 2021)
    assert date(2021, 12, 31) in {one.on for one in usa.holidays}
    uk = made("uk", 2022, 2022)
    assert date(2022, 1, 3) in {one.on for one in uk.holidays}


def test_an_override_wins_over_the_library(tmp_path: Path) -> None:
    path = override_file(
        tmp_path,
        "remove_holidays = [2026-01-01]",
        'add_holidays = [{ on = 2026-03-02, name = "Founder\'s day" }]',
        'special_days = [{ on = 2026-12-25, name = "stocktaking",'
        ' windows = [{ starts_local = "08:00", ends_local = "10:00" }] }]',
    )
    calendar = materialise("DE", 2026, 2026, read_override(path))
    days = {one.on: one.name for one in calendar.holidays}
    assert date(2026, 1, 1) not in days
    assert days[date(2026, 3, 2)] == "Founder's day"
    assert date(2026, 12, 25) not in days
    assert [one.name for one in calendar.special_days] == ["stocktaking"]


def test_any_country_of_the_library_will_do(tmp_path: Path) -> None:
    path = override_file(tmp_path, 'zone = "Asia/Tokyo"', "# ", name="usa")
    text = path.read_text(encoding="utf-8").replace('zone = "America/New_York"', "")
    path.write_text(text.replace('language = "en_US"', 'language = "ja"'), encoding="utf-8")
    japan = materialise("JP", 2026, 2026, read_override(path))
    assert japan.zone == "Asia/Tokyo"
    assert "元日" in {one.name for one in japan.holidays}


def decided(**changes: object) -> Override:
    fields = {"zone": "Europe/Berlin", "week": made("germany").week} | changes
    return Override(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("country", "first", "last", "override", "said"),
    [
        ("XX", 2026, 2026, decided(), "no country XX"),
        ("DE", 2026, 2025, decided(), "from 2026 to 2025: give 1 to 60 years"),
        ("DE", 1900, 2100, decided(), "give 1 to 60 years"),
        ("DE", 2026, 2026, decided(subdivision="ZZ"), "it knows BB, BE, BW"),
        ("DE", 2026, 2026, decided(language="tlh"), "have no names in tlh; de, en_US"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_fix(
    country: str, first: int, last: int, override: Override, said: str
) -> None:
    with pytest.raises(CalendarNotMade, match=said):
        materialise(country, first, last, override)


def test_a_wrong_override_is_refused_naming_file_line_and_fix(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    text = (OVERRIDES / "germany.toml").read_text(encoding="utf-8")
    path.write_text(text.replace('ends_local = "16:00"', 'ends_local = "07:00"', 2), "utf-8")
    with pytest.raises(RulesFileError, match=r"wrong.toml, line 8: week.0.windows.0.ends_local: a"):
        read_override(path)
